/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Single calls whose lines a test compares: slots of other CNodes, a second-level CNode, what is not modelled, what is
 * lost. x86_64 with VTX and IOMMU.
 */
#include "standin.h"
#include <stdio.h>

int main(void);
void mapping_put(char c);
void my_lock(void);
void my_unlock(void);

static int locks;
static int depth;

void my_lock(void)
{
    locks++;
    depth++;
}

void my_unlock(void)
{
    depth--;
}

/* A sink that maps a page for itself; that must not be recorded while a line is. */
void mapping_put(char c)
{
    if (c == '\n') {
        seL4_X86_Page_Unmap(500);
    }
    putchar(c);
}

static void quietly(void);

int main(void)
{
    seL4_CapRights_t all = seL4_CapRights_new(1, 1, 1, 1);

    overmap_capture_mark_start("a \"test\"");
    /* In a CNode of its own, by 8 bits of the index. */
    seL4_CNode_Copy(40, 0x105, 8, 2, 20, 64, all);
    seL4_CNode_Move(2, 21, 64, 40, 5, 8);
    seL4_CNode_Rotate(2, 30, 64, 0, 2, 31, 64, 0, 2, 32, 64);
    /* Into CNode 1 of the first level, of 2^10 slots. */
    seL4_Untyped_Retype(9, seL4_X86_4K, 0, 2, 1, 54, 3, 2);
    /* Neither an endpoint nor what failed is recorded. */
    seL4_Untyped_Retype(9, seL4_EndpointObject, 0, 2, 0, 0, 50, 1);
    standin_next.error = seL4_DeleteFirst;
    seL4_CNode_Copy(2, 21, 64, 2, 20, 64, all);
    /* A number above 2^32 is no CPtr of a line, and lost. */
    seL4_X86_Page_Unmap(0x100000000ul);
    seL4_X86_Page_MapEPT(60, 61, 0x1000, all, seL4_X86_Default_VMAttributes);
    seL4_X86_EPTPT_Unmap(62);
    seL4_X86_Page_MapIO(63, 64, all, 0x2000);
    standin_next.error = seL4_InvalidArgument;
    standin_next.registers[0] = ~0ul;
    seL4_X86_PDPT_Map(65, 3, 0xffffffffffffffff, seL4_X86_Default_VMAttributes);
    quietly();
    overmap_capture_mark_end("a \"test\"", 0);
    printf("lost %lu, locks %d, depth %d\n", overmap_capture_lost(), locks, depth);
    return 0;
}

#include "overmap_capture_off.h"

static void quietly(void)
{
    seL4_X86_Page_Unmap(400);
}
