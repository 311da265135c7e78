/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The wrappers: overmap_NAME for each invocation NAME, with the same type. Their number and order of arguments are
 * those of libsel4 since version 11.
 */
#ifndef OVERMAP_CAPTURE_CALLS_H
#define OVERMAP_CAPTURE_CALLS_H

/* Every wrapper is this: note the call, make it, record it. */
#define OVERMAP_AROUND(Result, invocation, recording)     \
    {                                                     \
        struct overmap_call call;                         \
        Result result;                                    \
        overmap_enter(&call, __builtin_return_address(0)); \
        result = invocation;                              \
        recording;                                        \
        return result;                                    \
    }

#define OVERMAP_WRAP_PAGE_MAP(name, Attributes)                                                                       \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr page, seL4_CPtr vspace, seL4_Word vaddr,                      \
                                              seL4_CapRights_t rights, Attributes attr)                               \
    OVERMAP_AROUND(seL4_Error, name(page, vspace, vaddr, rights, attr),                                               \
                   overmap_page_map(&call, page, vspace, vaddr, rights, (seL4_Word)attr, (int)result))

#define OVERMAP_WRAP_TABLE_MAP(name, Attributes)                                                                      \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr table, seL4_CPtr vspace, seL4_Word vaddr, Attributes attr)    \
    OVERMAP_AROUND(seL4_Error, name(table, vspace, vaddr, attr),                                                      \
                   overmap_table_map(&call, table, vspace, vaddr, (seL4_Word)attr, (int)result))

#define OVERMAP_WRAP_ONE(name, op)                                                                                    \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr cap)                                                          \
    OVERMAP_AROUND(seL4_Error, name(cap), overmap_one(&call, op, cap, (int)result))

#define OVERMAP_WRAP_GET_ADDRESS(name)                                                                                \
    OVERMAP_WRAPPER name##_t overmap_##name(seL4_CPtr page)                                                           \
    OVERMAP_AROUND(name##_t, name(page), overmap_got_address(&call, page, result.error, result.paddr))

#define OVERMAP_WRAP_MAKE_POOL(name)                                                                                  \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr control, seL4_Untyped untyped, seL4_CNode root,               \
                                              seL4_Word index, seL4_Uint8 depth)                                      \
    OVERMAP_AROUND(seL4_Error, name(control, untyped, root, index, depth),                                            \
                   overmap_pool_made(&call, root, index, depth, (int)result))

#define OVERMAP_WRAP_ASSIGN(name)                                                                                     \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr pool, seL4_CPtr vspace)                                       \
    OVERMAP_AROUND(seL4_Error, name(pool, vspace), overmap_assigned(&call, pool, vspace, (int)result))

/* What is counted and not modelled. */
#define OVERMAP_WRAP_OTHER_ONE(name)                                                                                  \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr cap)                                                          \
    OVERMAP_AROUND(seL4_Error, name(cap), overmap_other(&call, #name, cap, 0, 0, (int)result))

#define OVERMAP_WRAP_OTHER_ASSIGN(name)                                                                               \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr cap, seL4_CPtr space)                                         \
    OVERMAP_AROUND(seL4_Error, name(cap, space), overmap_other(&call, #name, cap, 0, 0, (int)result))

#define OVERMAP_WRAP_OTHER_TABLE(name)                                                                                \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr table, seL4_CPtr space, seL4_Word address)                    \
    OVERMAP_AROUND(seL4_Error, name(table, space, address),                                                           \
                   overmap_other(&call, #name, table, 1, address, (int)result))

#define OVERMAP_WRAP_OTHER_IO(name)                                                                                   \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr page, seL4_CPtr space, seL4_CapRights_t rights,               \
                                              seL4_Word address)                                                      \
    OVERMAP_AROUND(seL4_Error, name(page, space, rights, address),                                                    \
                   overmap_other(&call, #name, page, 1, address, (int)result))

#define OVERMAP_WRAP_OTHER_EPT_TABLE(name, Attributes)                                                                \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr table, seL4_CPtr space, seL4_Word address, Attributes attr)   \
    OVERMAP_AROUND(seL4_Error, name(table, space, address, attr),                                                     \
                   overmap_other(&call, #name, table, 1, address, (int)result))

#define OVERMAP_WRAP_OTHER_EPT(name, Attributes)                                                                      \
    OVERMAP_WRAPPER seL4_Error overmap_##name(seL4_CPtr page, seL4_CPtr space, seL4_Word address,                     \
                                              seL4_CapRights_t rights, Attributes attr)                               \
    OVERMAP_AROUND(seL4_Error, name(page, space, address, rights, attr),                                              \
                   overmap_other(&call, #name, page, 1, address, (int)result))

/* Which invocations there are depends on the architecture, the kernel's configuration and libsel4's age. */
#if defined(CONFIG_ARCH_X86)
OVERMAP_WRAP_PAGE_MAP(seL4_X86_Page_Map, seL4_X86_VMAttributes)
OVERMAP_WRAP_ONE(seL4_X86_Page_Unmap, "unmap")
OVERMAP_WRAP_GET_ADDRESS(seL4_X86_Page_GetAddress)
OVERMAP_WRAP_TABLE_MAP(seL4_X86_PageTable_Map, seL4_X86_VMAttributes)
OVERMAP_WRAP_ONE(seL4_X86_PageTable_Unmap, "unmap_table")
OVERMAP_WRAP_TABLE_MAP(seL4_X86_PageDirectory_Map, seL4_X86_VMAttributes)
OVERMAP_WRAP_ONE(seL4_X86_PageDirectory_Unmap, "unmap_table")
#if defined(CONFIG_ARCH_X86_64)
OVERMAP_WRAP_TABLE_MAP(seL4_X86_PDPT_Map, seL4_X86_VMAttributes)
OVERMAP_WRAP_ONE(seL4_X86_PDPT_Unmap, "unmap_table")
#endif
OVERMAP_WRAP_MAKE_POOL(seL4_X86_ASIDControl_MakePool)
OVERMAP_WRAP_ASSIGN(seL4_X86_ASIDPool_Assign)
#if defined(CONFIG_IOMMU)
OVERMAP_WRAP_OTHER_IO(seL4_X86_Page_MapIO)
OVERMAP_WRAP_OTHER_TABLE(seL4_X86_IOPageTable_Map)
OVERMAP_WRAP_OTHER_ONE(seL4_X86_IOPageTable_Unmap)
#endif
#if defined(CONFIG_VTX)
OVERMAP_WRAP_OTHER_EPT(seL4_X86_Page_MapEPT, seL4_X86_VMAttributes)
OVERMAP_WRAP_OTHER_EPT_TABLE(seL4_X86_EPTPDPT_Map, seL4_X86_VMAttributes)
OVERMAP_WRAP_OTHER_ONE(seL4_X86_EPTPDPT_Unmap)
OVERMAP_WRAP_OTHER_EPT_TABLE(seL4_X86_EPTPD_Map, seL4_X86_VMAttributes)
OVERMAP_WRAP_OTHER_ONE(seL4_X86_EPTPD_Unmap)
OVERMAP_WRAP_OTHER_EPT_TABLE(seL4_X86_EPTPT_Map, seL4_X86_VMAttributes)
OVERMAP_WRAP_OTHER_ONE(seL4_X86_EPTPT_Unmap)
#endif
#elif defined(CONFIG_ARCH_ARM)
OVERMAP_WRAP_PAGE_MAP(seL4_ARM_Page_Map, seL4_ARM_VMAttributes)
OVERMAP_WRAP_ONE(seL4_ARM_Page_Unmap, "unmap")
OVERMAP_WRAP_GET_ADDRESS(seL4_ARM_Page_GetAddress)
OVERMAP_WRAP_TABLE_MAP(seL4_ARM_PageTable_Map, seL4_ARM_VMAttributes)
OVERMAP_WRAP_ONE(seL4_ARM_PageTable_Unmap, "unmap_table")
#if OVERMAP_OLD_AARCH64
OVERMAP_WRAP_TABLE_MAP(seL4_ARM_PageDirectory_Map, seL4_ARM_VMAttributes)
OVERMAP_WRAP_ONE(seL4_ARM_PageDirectory_Unmap, "unmap_table")
#if OVERMAP_UPPER_DIRECTORY
OVERMAP_WRAP_TABLE_MAP(seL4_ARM_PageUpperDirectory_Map, seL4_ARM_VMAttributes)
OVERMAP_WRAP_ONE(seL4_ARM_PageUpperDirectory_Unmap, "unmap_table")
#endif
#endif
OVERMAP_WRAP_MAKE_POOL(seL4_ARM_ASIDControl_MakePool)
OVERMAP_WRAP_ASSIGN(seL4_ARM_ASIDPool_Assign)
#if defined(CONFIG_TK1_SMMU)
OVERMAP_WRAP_OTHER_IO(seL4_ARM_Page_MapIO)
OVERMAP_WRAP_OTHER_TABLE(seL4_ARM_IOPageTable_Map)
OVERMAP_WRAP_OTHER_ONE(seL4_ARM_IOPageTable_Unmap)
#endif
#if defined(CONFIG_ARM_SMMU)
OVERMAP_WRAP_OTHER_ASSIGN(seL4_ARM_CB_AssignVspace)
OVERMAP_WRAP_OTHER_ONE(seL4_ARM_CB_UnassignVspace)
#endif
#elif defined(CONFIG_ARCH_RISCV)
OVERMAP_WRAP_PAGE_MAP(seL4_RISCV_Page_Map, seL4_RISCV_VMAttributes)
OVERMAP_WRAP_ONE(seL4_RISCV_Page_Unmap, "unmap")
OVERMAP_WRAP_GET_ADDRESS(seL4_RISCV_Page_GetAddress)
OVERMAP_WRAP_TABLE_MAP(seL4_RISCV_PageTable_Map, seL4_RISCV_VMAttributes)
OVERMAP_WRAP_ONE(seL4_RISCV_PageTable_Unmap, "unmap_table")
OVERMAP_WRAP_MAKE_POOL(seL4_RISCV_ASIDControl_MakePool)
OVERMAP_WRAP_ASSIGN(seL4_RISCV_ASIDPool_Assign)
#endif

OVERMAP_WRAPPER seL4_Error overmap_seL4_Untyped_Retype(seL4_Untyped untyped, seL4_Word type, seL4_Word size_bits,
                                                       seL4_CNode root, seL4_Word index, seL4_Word depth,
                                                       seL4_Word offset, seL4_Word n)
OVERMAP_AROUND(seL4_Error, seL4_Untyped_Retype(untyped, type, size_bits, root, index, depth, offset, n),
               overmap_retyped(&call, type, root, index, depth, offset, n, (int)result))

OVERMAP_WRAPPER seL4_Error overmap_seL4_CNode_Copy(seL4_CNode to_root, seL4_Word to, seL4_Uint8 to_depth,
                                                   seL4_CNode from_root, seL4_Word from, seL4_Uint8 from_depth,
                                                   seL4_CapRights_t rights)
OVERMAP_AROUND(seL4_Error, seL4_CNode_Copy(to_root, to, to_depth, from_root, from, from_depth, rights),
               overmap_derived(&call, "copy", overmap_slot(to_root, to, to_depth),
                               overmap_slot(from_root, from, from_depth), &rights, (const seL4_Word *)0, (int)result))

OVERMAP_WRAPPER seL4_Error overmap_seL4_CNode_Mint(seL4_CNode to_root, seL4_Word to, seL4_Uint8 to_depth,
                                                   seL4_CNode from_root, seL4_Word from, seL4_Uint8 from_depth,
                                                   seL4_CapRights_t rights, seL4_Word badge)
OVERMAP_AROUND(seL4_Error, seL4_CNode_Mint(to_root, to, to_depth, from_root, from, from_depth, rights, badge),
               overmap_derived(&call, "mint", overmap_slot(to_root, to, to_depth),
                               overmap_slot(from_root, from, from_depth), &rights, &badge, (int)result))

OVERMAP_WRAPPER seL4_Error overmap_seL4_CNode_Move(seL4_CNode to_root, seL4_Word to, seL4_Uint8 to_depth,
                                                   seL4_CNode from_root, seL4_Word from, seL4_Uint8 from_depth)
OVERMAP_AROUND(seL4_Error, seL4_CNode_Move(to_root, to, to_depth, from_root, from, from_depth),
               overmap_derived(&call, "move", overmap_slot(to_root, to, to_depth),
                               overmap_slot(from_root, from, from_depth), (const seL4_CapRights_t *)0,
                               (const seL4_Word *)0, (int)result))

/* Of the capabilities that a trace knows, none changes by the new badge or guard. */
OVERMAP_WRAPPER seL4_Error overmap_seL4_CNode_Mutate(seL4_CNode to_root, seL4_Word to, seL4_Uint8 to_depth,
                                                     seL4_CNode from_root, seL4_Word from, seL4_Uint8 from_depth,
                                                     seL4_Word badge)
OVERMAP_AROUND(seL4_Error, seL4_CNode_Mutate(to_root, to, to_depth, from_root, from, from_depth, badge),
               overmap_derived(&call, "move", overmap_slot(to_root, to, to_depth),
                               overmap_slot(from_root, from, from_depth), (const seL4_CapRights_t *)0,
                               (const seL4_Word *)0, (int)result))

OVERMAP_WRAPPER seL4_Error overmap_seL4_CNode_Rotate(seL4_CNode to_root, seL4_Word to, seL4_Uint8 to_depth,
                                                     seL4_Word to_badge, seL4_CNode pivot_root, seL4_Word pivot,
                                                     seL4_Uint8 pivot_depth, seL4_Word pivot_badge,
                                                     seL4_CNode from_root, seL4_Word from, seL4_Uint8 from_depth)
OVERMAP_AROUND(seL4_Error,
               seL4_CNode_Rotate(to_root, to, to_depth, to_badge, pivot_root, pivot, pivot_depth, pivot_badge,
                                 from_root, from, from_depth),
               overmap_rotated(&call, overmap_slot(to_root, to, to_depth),
                               overmap_slot(pivot_root, pivot, pivot_depth),
                               overmap_slot(from_root, from, from_depth), (int)result))

OVERMAP_WRAPPER seL4_Error overmap_seL4_CNode_Delete(seL4_CNode root, seL4_Word index, seL4_Uint8 depth)
OVERMAP_AROUND(seL4_Error, seL4_CNode_Delete(root, index, depth),
               overmap_slot_op(&call, "delete", root, index, depth, (int)result))

OVERMAP_WRAPPER seL4_Error overmap_seL4_CNode_Revoke(seL4_CNode root, seL4_Word index, seL4_Uint8 depth)
OVERMAP_AROUND(seL4_Error, seL4_CNode_Revoke(root, index, depth),
               overmap_slot_op(&call, "revoke", root, index, depth, (int)result))

#endif
