/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A client, in C99 and C++11, that over-maps in several ways. Its capabilities are those of a loader: 3 is the vspace,
 * 20 and up are pages. Tests look for the lines by the remarks on them.
 */
#include "standin.h"
#include "this_arch.h"

#define VSPACE 3
#define ATTRIBUTES ((ARCH(VMAttributes))0)

typedef seL4_Error (*page_map)(seL4_CPtr, seL4_CPtr, seL4_Word, seL4_CapRights_t, ARCH(VMAttributes));

int main(void);
seL4_Error map_elsewhere(seL4_CPtr page, seL4_Word vaddr);

/* Volatile, so that no compiler sees through them. */
static volatile page_map by_name;
static volatile page_map by_address;

#ifdef TABLE_AT_FILE_SCOPE
/* Needs OVERMAP_CAPTURE_SITES other than line. */
static page_map const in_a_table[] = {ARCH(Page_Map), &ARCH(Page_Map)};
#endif

static seL4_Error map_page(seL4_CPtr page, seL4_Word vaddr)
{
    /* A call in the last place, of which compilers make a jump. */
    return ARCH(Page_Map)(page, VSPACE, vaddr, seL4_CapRights_new(0, 0, 1, 1), ATTRIBUTES); /* in a tail */
}

int main(void)
{
    seL4_CapRights_t rights = seL4_CapRights_new(0, 0, 1, 1);
    seL4_Error error;

    ARCH(Page_Map)(20, VSPACE, 0x10000000, rights, ATTRIBUTES); /* first */
    error = ARCH(Page_Map)(21, VSPACE, 0x10000000, rights, ATTRIBUTES); /* direct */
    if (error != seL4_NoError) {
        return 1;
    }
    by_name = ARCH(Page_Map);
    by_address = &ARCH(Page_Map);
    /* Between taking a pointer and calling it there is another call. */
    ARCH(Page_Unmap)(29);
    by_name(22, VSPACE, 0x10000000, rights, ATTRIBUTES); /* by name */
    error = (*by_address)(23, VSPACE, 0x10000000, rights, ATTRIBUTES); /* by address */
    map_page(24, 0x10000000);
    map_elsewhere(25, 0x10000000);
#ifdef TABLE_AT_FILE_SCOPE
    in_a_table[(int)error](26, VSPACE, 0x10000000, rights, ATTRIBUTES); /* by a table */
#endif
    return 0;
}
