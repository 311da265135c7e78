/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STANDIN_H
#define STANDIN_H

#include <sel4/sel4.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The last invocation, as it reached the kernel. */
struct standin_call {
    const char *name;
    int n;
    seL4_Word arguments[STANDIN_ARGUMENTS];
};
extern struct standin_call standin_last;

/* What the next invocation answers; the one after it answers ok. */
struct standin_answer {
    int error;
    seL4_Word registers[5];
    seL4_Word paddr;
};
extern struct standin_answer standin_next;

#ifdef __cplusplus
}
#endif
#endif
