/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel behind the stand-in: it answers what it was told to, once, and ok otherwise, and keeps the call.
 */
#include "standin.h"
#include <stdio.h>

static seL4_IPCBuffer buffer;
seL4_IPCBuffer *standin_buffer = &buffer;
struct standin_call standin_last;
struct standin_answer standin_next;

int standin_invoke(const char *name, int n, const seL4_Word *arguments, seL4_Word *result)
{
    int i;
    int error = standin_next.error;

    standin_last.name = name;
    standin_last.n = n;
    for (i = 0; i < n; i++) {
        standin_last.arguments[i] = arguments[i];
    }
    /* As in libsel4: after an error the message registers stand in the buffer. */
    for (i = 0; error != 0 && i < 5; i++) {
        buffer.msg[i] = standin_next.registers[i];
    }
    if (result) {
        *result = standin_next.paddr;
    }
    standin_next.error = 0;
    return error;
}

void seL4_DebugPutChar(char c)
{
    putchar(c);
}
