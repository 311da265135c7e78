/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * From here on, the names of libsel4's invocations are those of their wrappers. They are macros without arguments, so
 * that `&seL4_ARM_Page_Map` and pointers to functions get the wrappers, too. The opposite: overmap_capture_off.h
 */
#if OVERMAP_SITES == OVERMAP_SITES_line
/* The place is noted where the name is evaluated; * makes a function of the pointer again, so that & can be applied. */
#define OVERMAP_NAMED(wrapper) (*(overmap_here(__FILE__, __LINE__, __func__), wrapper))
#else
#define OVERMAP_NAMED(wrapper) wrapper
#endif

#if defined(CONFIG_ARCH_X86)
#define seL4_X86_Page_Map OVERMAP_NAMED(overmap_seL4_X86_Page_Map)
#define seL4_X86_Page_Unmap OVERMAP_NAMED(overmap_seL4_X86_Page_Unmap)
#define seL4_X86_Page_GetAddress OVERMAP_NAMED(overmap_seL4_X86_Page_GetAddress)
#define seL4_X86_PageTable_Map OVERMAP_NAMED(overmap_seL4_X86_PageTable_Map)
#define seL4_X86_PageTable_Unmap OVERMAP_NAMED(overmap_seL4_X86_PageTable_Unmap)
#define seL4_X86_PageDirectory_Map OVERMAP_NAMED(overmap_seL4_X86_PageDirectory_Map)
#define seL4_X86_PageDirectory_Unmap OVERMAP_NAMED(overmap_seL4_X86_PageDirectory_Unmap)
#define seL4_X86_ASIDControl_MakePool OVERMAP_NAMED(overmap_seL4_X86_ASIDControl_MakePool)
#define seL4_X86_ASIDPool_Assign OVERMAP_NAMED(overmap_seL4_X86_ASIDPool_Assign)
#endif
#if defined(CONFIG_ARCH_X86_64)
#define seL4_X86_PDPT_Map OVERMAP_NAMED(overmap_seL4_X86_PDPT_Map)
#define seL4_X86_PDPT_Unmap OVERMAP_NAMED(overmap_seL4_X86_PDPT_Unmap)
#endif
#if defined(CONFIG_ARCH_X86) && defined(CONFIG_IOMMU)
#define seL4_X86_Page_MapIO OVERMAP_NAMED(overmap_seL4_X86_Page_MapIO)
#define seL4_X86_IOPageTable_Map OVERMAP_NAMED(overmap_seL4_X86_IOPageTable_Map)
#define seL4_X86_IOPageTable_Unmap OVERMAP_NAMED(overmap_seL4_X86_IOPageTable_Unmap)
#endif
#if defined(CONFIG_ARCH_X86) && defined(CONFIG_VTX)
#define seL4_X86_Page_MapEPT OVERMAP_NAMED(overmap_seL4_X86_Page_MapEPT)
#define seL4_X86_EPTPDPT_Map OVERMAP_NAMED(overmap_seL4_X86_EPTPDPT_Map)
#define seL4_X86_EPTPDPT_Unmap OVERMAP_NAMED(overmap_seL4_X86_EPTPDPT_Unmap)
#define seL4_X86_EPTPD_Map OVERMAP_NAMED(overmap_seL4_X86_EPTPD_Map)
#define seL4_X86_EPTPD_Unmap OVERMAP_NAMED(overmap_seL4_X86_EPTPD_Unmap)
#define seL4_X86_EPTPT_Map OVERMAP_NAMED(overmap_seL4_X86_EPTPT_Map)
#define seL4_X86_EPTPT_Unmap OVERMAP_NAMED(overmap_seL4_X86_EPTPT_Unmap)
#endif
#if defined(CONFIG_ARCH_ARM)
#define seL4_ARM_Page_Map OVERMAP_NAMED(overmap_seL4_ARM_Page_Map)
#define seL4_ARM_Page_Unmap OVERMAP_NAMED(overmap_seL4_ARM_Page_Unmap)
#define seL4_ARM_Page_GetAddress OVERMAP_NAMED(overmap_seL4_ARM_Page_GetAddress)
#define seL4_ARM_PageTable_Map OVERMAP_NAMED(overmap_seL4_ARM_PageTable_Map)
#define seL4_ARM_PageTable_Unmap OVERMAP_NAMED(overmap_seL4_ARM_PageTable_Unmap)
#define seL4_ARM_ASIDControl_MakePool OVERMAP_NAMED(overmap_seL4_ARM_ASIDControl_MakePool)
#define seL4_ARM_ASIDPool_Assign OVERMAP_NAMED(overmap_seL4_ARM_ASIDPool_Assign)
#endif
#if OVERMAP_OLD_AARCH64
#define seL4_ARM_PageDirectory_Map OVERMAP_NAMED(overmap_seL4_ARM_PageDirectory_Map)
#define seL4_ARM_PageDirectory_Unmap OVERMAP_NAMED(overmap_seL4_ARM_PageDirectory_Unmap)
#endif
#if OVERMAP_OLD_AARCH64 && OVERMAP_UPPER_DIRECTORY
#define seL4_ARM_PageUpperDirectory_Map OVERMAP_NAMED(overmap_seL4_ARM_PageUpperDirectory_Map)
#define seL4_ARM_PageUpperDirectory_Unmap OVERMAP_NAMED(overmap_seL4_ARM_PageUpperDirectory_Unmap)
#endif
#if defined(CONFIG_ARCH_ARM) && defined(CONFIG_TK1_SMMU)
#define seL4_ARM_Page_MapIO OVERMAP_NAMED(overmap_seL4_ARM_Page_MapIO)
#define seL4_ARM_IOPageTable_Map OVERMAP_NAMED(overmap_seL4_ARM_IOPageTable_Map)
#define seL4_ARM_IOPageTable_Unmap OVERMAP_NAMED(overmap_seL4_ARM_IOPageTable_Unmap)
#endif
#if defined(CONFIG_ARCH_ARM) && defined(CONFIG_ARM_SMMU)
#define seL4_ARM_CB_AssignVspace OVERMAP_NAMED(overmap_seL4_ARM_CB_AssignVspace)
#define seL4_ARM_CB_UnassignVspace OVERMAP_NAMED(overmap_seL4_ARM_CB_UnassignVspace)
#endif
#if defined(CONFIG_ARCH_RISCV)
#define seL4_RISCV_Page_Map OVERMAP_NAMED(overmap_seL4_RISCV_Page_Map)
#define seL4_RISCV_Page_Unmap OVERMAP_NAMED(overmap_seL4_RISCV_Page_Unmap)
#define seL4_RISCV_Page_GetAddress OVERMAP_NAMED(overmap_seL4_RISCV_Page_GetAddress)
#define seL4_RISCV_PageTable_Map OVERMAP_NAMED(overmap_seL4_RISCV_PageTable_Map)
#define seL4_RISCV_PageTable_Unmap OVERMAP_NAMED(overmap_seL4_RISCV_PageTable_Unmap)
#define seL4_RISCV_ASIDControl_MakePool OVERMAP_NAMED(overmap_seL4_RISCV_ASIDControl_MakePool)
#define seL4_RISCV_ASIDPool_Assign OVERMAP_NAMED(overmap_seL4_RISCV_ASIDPool_Assign)
#endif
#define seL4_Untyped_Retype OVERMAP_NAMED(overmap_seL4_Untyped_Retype)
#define seL4_CNode_Copy OVERMAP_NAMED(overmap_seL4_CNode_Copy)
#define seL4_CNode_Mint OVERMAP_NAMED(overmap_seL4_CNode_Mint)
#define seL4_CNode_Move OVERMAP_NAMED(overmap_seL4_CNode_Move)
#define seL4_CNode_Mutate OVERMAP_NAMED(overmap_seL4_CNode_Mutate)
#define seL4_CNode_Rotate OVERMAP_NAMED(overmap_seL4_CNode_Rotate)
#define seL4_CNode_Delete OVERMAP_NAMED(overmap_seL4_CNode_Delete)
#define seL4_CNode_Revoke OVERMAP_NAMED(overmap_seL4_CNode_Revoke)
