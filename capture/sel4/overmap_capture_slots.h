/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What slots, rights and objects are called in a trace.
 */
#ifndef OVERMAP_CAPTURE_SLOTS_H
#define OVERMAP_CAPTURE_SLOTS_H

/* A slot that has no number. */
#define OVERMAP_NO_SLOT (~0ull)

void overmap_add_slot(struct overmap_line *line, const char *key, unsigned long long slot);
void overmap_add_rights(struct overmap_line *line, seL4_CapRights_t rights);
const char *overmap_object(seL4_Word type, unsigned *bits);

/* A capability that is invoked or passed: its CPtr. From 2^32 on the numbers are those of other CNodes' slots. */
static inline unsigned long long overmap_cptr(unsigned long long cptr)
{
    return cptr < 0x100000000ull ? cptr : OVERMAP_NO_SLOT;
}

/*
 * A slot that a CNode invocation names. In the own CSpace at full depth it is a CPtr; any other one is
 * root * 2^32 + index, so that slots of different CNodes differ, and the same words name the same slot.
 */
static inline unsigned long long overmap_slot(unsigned long long root, unsigned long long index, unsigned depth)
{
    if (root == (unsigned long long)(OVERMAP_CAPTURE_ROOT) && depth == seL4_WordBits) {
        return overmap_cptr(index);
    }
    if (depth < 64) {
        index &= (1ull << depth) - 1;
    }
    return index < 0x100000000ull && root < 0x200000ull ? root << 32 | index : OVERMAP_NO_SLOT;
}

/* The first slot that Untyped_Retype fills: node_offset in the CNode at node_index, node_depth of root. */
static inline unsigned long long overmap_retyped_slot(unsigned long long root, unsigned long long index,
                                                      unsigned long long depth, unsigned long long offset)
{
    if (depth == 0) {
        if (root == (unsigned long long)(OVERMAP_CAPTURE_ROOT)) {
            return overmap_cptr(offset);
        }
        return offset < 0x100000000ull && root < 0x200000ull ? root << 32 | offset : OVERMAP_NO_SLOT;
    }
#ifdef OVERMAP_CAPTURE_LEAF_BITS
    if (root == (unsigned long long)(OVERMAP_CAPTURE_ROOT) && index < 0x100000000ull) {
        return overmap_cptr(index << OVERMAP_CAPTURE_LEAF_BITS | offset);
    }
#endif
    (void)index;
    return OVERMAP_NO_SLOT;
}

OVERMAP_RECORDER void overmap_add_slot(struct overmap_line *line, const char *key, unsigned long long slot)
{
    if (slot == OVERMAP_NO_SLOT) {
        line->broken = 1;
    } else {
        overmap_add_key(line, key, slot);
    }
}

OVERMAP_RECORDER void overmap_add_rights(struct overmap_line *line, seL4_CapRights_t rights)
{
    overmap_add(line, ",\"rights\":\"");
    if (seL4_CapRights_get_capAllowRead(rights)) {
        overmap_add_char(line, 'r');
    }
    if (seL4_CapRights_get_capAllowWrite(rights)) {
        overmap_add_char(line, 'w');
    }
    if (seL4_CapRights_get_capAllowGrant(rights)) {
        overmap_add_char(line, 'g');
    }
    if (seL4_CapRights_get_capAllowGrantReply(rights)) {
        overmap_add_char(line, 'G');
    }
    overmap_add_char(line, '"');
}

/* The object that Untyped_Retype is asked for; 0 for objects that a trace leaves out. */
OVERMAP_RECORDER const char *overmap_object(seL4_Word type, unsigned *bits)
{
    *bits = 0;
#if defined(CONFIG_ARCH_X86)
    if (type == seL4_X86_PageTableObject) return "table";
#if defined(CONFIG_ARCH_X86_64)
    if (type == seL4_X64_PML4Object) return "vspace";
    if (type == seL4_X86_PDPTObject) return "pdpt";
    if (type == seL4_X86_PageDirectoryObject) return "pd";
    if (type == seL4_X64_HugePageObject) *bits = seL4_HugePageBits;
#else
    if (type == seL4_X86_PageDirectoryObject) return "vspace";
#endif
    if (type == seL4_X86_4K) *bits = seL4_PageBits;
    if (type == seL4_X86_LargePageObject) *bits = seL4_LargePageBits;
#elif defined(CONFIG_ARCH_AARCH32)
    if (type == seL4_ARM_PageTableObject) return "table";
    if (type == seL4_ARM_PageDirectoryObject) return "vspace";
    if (type == seL4_ARM_SmallPageObject) *bits = seL4_PageBits;
    if (type == seL4_ARM_LargePageObject) *bits = seL4_LargePageBits;
    if (type == seL4_ARM_SectionObject) *bits = seL4_SectionBits;
    if (type == seL4_ARM_SuperSectionObject) *bits = seL4_SuperSectionBits;
#elif defined(CONFIG_ARCH_AARCH64)
    if (type == seL4_ARM_VSpaceObject) return "vspace";
    if (type == seL4_ARM_PageTableObject) return "table";
#if OVERMAP_OLD_AARCH64
    if (type == seL4_ARM_PageDirectoryObject || type == seL4_ARM_PageUpperDirectoryObject) return "table";
#endif
    if (type == seL4_ARM_SmallPageObject) *bits = seL4_PageBits;
    if (type == seL4_ARM_LargePageObject) *bits = seL4_LargePageBits;
    if (type == seL4_ARM_HugePageObject) *bits = seL4_HugePageBits;
#elif defined(CONFIG_ARCH_RISCV)
    if (type == seL4_RISCV_PageTableObject) return "table";
    if (type == seL4_RISCV_4K_Page) *bits = seL4_PageBits;
    if (type == seL4_RISCV_Mega_Page) *bits = seL4_LargePageBits;
#if defined(CONFIG_PT_LEVELS) && CONFIG_PT_LEVELS > 2
    if (type == seL4_RISCV_Giga_Page) *bits = seL4_HugePageBits;
#endif
#endif
    return *bits == 0 ? (const char *)0 : "page";
}

#endif
