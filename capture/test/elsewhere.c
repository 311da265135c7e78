/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A library of the client, compiled with the same -include.
 */
#include "standin.h"
#include "this_arch.h"

seL4_Error map_elsewhere(seL4_CPtr page, seL4_Word vaddr);
seL4_Error map_elsewhere(seL4_CPtr page, seL4_Word vaddr)
{
    seL4_Error error =
        ARCH(Page_Map)(page, 3, vaddr, seL4_CapRights_new(0, 0, 1, 1), (ARCH(VMAttributes))0); /* in a library */
    if (error == seL4_DeleteFirst) {
        ARCH(Page_Unmap)(page);
    }
    return error;
}
