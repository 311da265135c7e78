/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A file that includes this makes its invocations without a record, from here on. Back: overmap_capture_on.h
 */
#undef OVERMAP_NAMED

#if defined(CONFIG_ARCH_X86)
#undef seL4_X86_Page_Map
#undef seL4_X86_Page_Unmap
#undef seL4_X86_Page_GetAddress
#undef seL4_X86_PageTable_Map
#undef seL4_X86_PageTable_Unmap
#undef seL4_X86_PageDirectory_Map
#undef seL4_X86_PageDirectory_Unmap
#undef seL4_X86_ASIDControl_MakePool
#undef seL4_X86_ASIDPool_Assign
#endif
#if defined(CONFIG_ARCH_X86_64)
#undef seL4_X86_PDPT_Map
#undef seL4_X86_PDPT_Unmap
#endif
#if defined(CONFIG_ARCH_X86) && defined(CONFIG_IOMMU)
#undef seL4_X86_Page_MapIO
#undef seL4_X86_IOPageTable_Map
#undef seL4_X86_IOPageTable_Unmap
#endif
#if defined(CONFIG_ARCH_X86) && defined(CONFIG_VTX)
#undef seL4_X86_Page_MapEPT
#undef seL4_X86_EPTPDPT_Map
#undef seL4_X86_EPTPDPT_Unmap
#undef seL4_X86_EPTPD_Map
#undef seL4_X86_EPTPD_Unmap
#undef seL4_X86_EPTPT_Map
#undef seL4_X86_EPTPT_Unmap
#endif
#if defined(CONFIG_ARCH_ARM)
#undef seL4_ARM_Page_Map
#undef seL4_ARM_Page_Unmap
#undef seL4_ARM_Page_GetAddress
#undef seL4_ARM_PageTable_Map
#undef seL4_ARM_PageTable_Unmap
#undef seL4_ARM_ASIDControl_MakePool
#undef seL4_ARM_ASIDPool_Assign
#endif
#if OVERMAP_OLD_AARCH64
#undef seL4_ARM_PageDirectory_Map
#undef seL4_ARM_PageDirectory_Unmap
#endif
#if OVERMAP_OLD_AARCH64 && OVERMAP_UPPER_DIRECTORY
#undef seL4_ARM_PageUpperDirectory_Map
#undef seL4_ARM_PageUpperDirectory_Unmap
#endif
#if defined(CONFIG_ARCH_ARM) && defined(CONFIG_TK1_SMMU)
#undef seL4_ARM_Page_MapIO
#undef seL4_ARM_IOPageTable_Map
#undef seL4_ARM_IOPageTable_Unmap
#endif
#if defined(CONFIG_ARCH_ARM) && defined(CONFIG_ARM_SMMU)
#undef seL4_ARM_CB_AssignVspace
#undef seL4_ARM_CB_UnassignVspace
#endif
#if defined(CONFIG_ARCH_RISCV)
#undef seL4_RISCV_Page_Map
#undef seL4_RISCV_Page_Unmap
#undef seL4_RISCV_Page_GetAddress
#undef seL4_RISCV_PageTable_Map
#undef seL4_RISCV_PageTable_Unmap
#undef seL4_RISCV_ASIDControl_MakePool
#undef seL4_RISCV_ASIDPool_Assign
#endif
#undef seL4_Untyped_Retype
#undef seL4_CNode_Copy
#undef seL4_CNode_Mint
#undef seL4_CNode_Move
#undef seL4_CNode_Mutate
#undef seL4_CNode_Rotate
#undef seL4_CNode_Delete
#undef seL4_CNode_Revoke
