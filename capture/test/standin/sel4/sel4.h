/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A stand-in for libsel4, so that the recorder can be compiled and run on a computer without seL4: the types and
 * constants that it needs, an IPC buffer, and invocations that pass their arguments on to standin_invoke.
 * The architecture is chosen by the same macros as in a kernel's configuration.
 */
#ifndef STANDIN_SEL4_H
#define STANDIN_SEL4_H

typedef unsigned long seL4_Word;
typedef unsigned char seL4_Uint8;
typedef seL4_Word seL4_CPtr;
typedef seL4_CPtr seL4_CNode;
typedef seL4_CPtr seL4_Untyped;

typedef enum {
    seL4_NoError = 0,
    seL4_InvalidArgument,
    seL4_InvalidCapability,
    seL4_IllegalOperation,
    seL4_RangeError,
    seL4_AlignmentError,
    seL4_FailedLookup,
    seL4_TruncatedMessage,
    seL4_DeleteFirst,
    seL4_RevokeFirst,
    seL4_NotEnoughMemory,
    seL4_NumErrors
} seL4_Error;

typedef struct {
    seL4_Word words[1];
} seL4_CapRights_t;

static inline seL4_CapRights_t seL4_CapRights_new(int grant_reply, int grant, int read, int write)
{
    seL4_CapRights_t rights;
    rights.words[0] = (seL4_Word)(grant_reply << 3 | grant << 2 | read << 1 | write);
    return rights;
}
static inline seL4_Word seL4_CapRights_get_capAllowGrantReply(seL4_CapRights_t r) { return r.words[0] >> 3 & 1; }
static inline seL4_Word seL4_CapRights_get_capAllowGrant(seL4_CapRights_t r) { return r.words[0] >> 2 & 1; }
static inline seL4_Word seL4_CapRights_get_capAllowRead(seL4_CapRights_t r) { return r.words[0] >> 1 & 1; }
static inline seL4_Word seL4_CapRights_get_capAllowWrite(seL4_CapRights_t r) { return r.words[0] & 1; }

#define seL4_WordBits 64
#define seL4_PageBits 12

enum { seL4_CapInitThreadCNode = 2, seL4_CapInitThreadVSpace = 3 };
#ifdef STANDIN_ASID_POOL
enum { seL4_CapInitThreadASIDPool = STANDIN_ASID_POOL };
#else
enum { seL4_CapInitThreadASIDPool = 6 };
#endif

/* The message registers, and what an invocation answers. */
typedef struct {
    seL4_Word msg[120];
} seL4_IPCBuffer;
extern seL4_IPCBuffer *standin_buffer;
static inline seL4_IPCBuffer *seL4_GetIPCBuffer(void) { return standin_buffer; }
static inline seL4_Word seL4_GetMR(int i) { return standin_buffer->msg[i]; }
static inline void seL4_SetMR(int i, seL4_Word value) { standin_buffer->msg[i] = value; }

#ifdef CONFIG_PRINTING
void seL4_DebugPutChar(char c);
#endif

#define STANDIN_ARGUMENTS 11
/* Up to 11 arguments, the service first. Returns the error; on one, the message registers are those of the kernel. */
int standin_invoke(const char *name, int n, const seL4_Word *arguments, seL4_Word *result);

/* libsel4's invocations are inline or weak, as its configuration says. */
#ifdef STANDIN_WEAK
#define LIBSEL4_INLINE __attribute__((noinline, unused, weak))
#else
#define LIBSEL4_INLINE static inline
#endif

#define STANDIN_CALL(name, ...)                                                            \
    {                                                                                      \
        const seL4_Word arguments[] = {__VA_ARGS__};                                       \
        return (seL4_Error)standin_invoke(name, (int)(sizeof arguments / sizeof *arguments), arguments, \
                                          (seL4_Word *)0);                                 \
    }

#define STANDIN_1(name)                       \
    LIBSEL4_INLINE seL4_Error name(seL4_CPtr s) \
    STANDIN_CALL(#name, s)
#define STANDIN_2(name)                                    \
    LIBSEL4_INLINE seL4_Error name(seL4_CPtr s, seL4_CPtr a) \
    STANDIN_CALL(#name, s, a)
#define STANDIN_TABLE(name, Attr)                                                  \
    LIBSEL4_INLINE seL4_Error name(seL4_CPtr s, seL4_CPtr v, seL4_Word a, Attr attr) \
    STANDIN_CALL(#name, s, v, a, (seL4_Word)attr)
#define STANDIN_PAGE(name, Attr)                                                                          \
    LIBSEL4_INLINE seL4_Error name(seL4_CPtr s, seL4_CPtr v, seL4_Word a, seL4_CapRights_t r, Attr attr)    \
    STANDIN_CALL(#name, s, v, a, r.words[0], (seL4_Word)attr)
#define STANDIN_POOL(name)                                                                                       \
    LIBSEL4_INLINE seL4_Error name(seL4_CPtr s, seL4_Untyped u, seL4_CNode root, seL4_Word i, seL4_Uint8 d)        \
    STANDIN_CALL(#name, s, u, root, i, d)
#define STANDIN_IO_TABLE(name)                                          \
    LIBSEL4_INLINE seL4_Error name(seL4_CPtr s, seL4_CPtr io, seL4_Word a) \
    STANDIN_CALL(#name, s, io, a)
#define STANDIN_IO_PAGE(name)                                                                \
    LIBSEL4_INLINE seL4_Error name(seL4_CPtr s, seL4_CPtr io, seL4_CapRights_t r, seL4_Word a) \
    STANDIN_CALL(#name, s, io, r.words[0], a)
#define STANDIN_ADDRESS(name)                                                            \
    struct name {                                                                        \
        int error;                                                                       \
        seL4_Word paddr;                                                                 \
    };                                                                                   \
    typedef struct name name##_t;                                                        \
    LIBSEL4_INLINE name##_t name(seL4_CPtr s)                                            \
    {                                                                                    \
        name##_t result;                                                                 \
        result.paddr = 0;                                                                \
        result.error = standin_invoke(#name, 1, &s, &result.paddr);                      \
        return result;                                                                   \
    }

enum { seL4_UntypedObject, seL4_TCBObject, seL4_EndpointObject, seL4_NotificationObject, seL4_CapTableObject };
#define seL4_NonArchObjectTypeCount 5

#if defined(CONFIG_ARCH_X86)

typedef enum { seL4_X86_Default_VMAttributes = 0, standin_x86_attributes = 0x7fffffff } seL4_X86_VMAttributes;
#ifdef CONFIG_ARCH_X86_64
#define seL4_LargePageBits 21
#define seL4_HugePageBits 30
#else
#define seL4_LargePageBits 22
#endif
enum {
#ifdef CONFIG_ARCH_X86_64
    seL4_X86_PDPTObject = seL4_NonArchObjectTypeCount,
    seL4_X64_PML4Object,
    seL4_X64_HugePageObject,
    seL4_X86_4K,
#else
    seL4_X86_4K = seL4_NonArchObjectTypeCount,
#endif
    seL4_X86_LargePageObject,
    seL4_X86_PageTableObject,
    seL4_X86_PageDirectoryObject
};
STANDIN_PAGE(seL4_X86_Page_Map, seL4_X86_VMAttributes)
STANDIN_1(seL4_X86_Page_Unmap)
STANDIN_ADDRESS(seL4_X86_Page_GetAddress)
STANDIN_TABLE(seL4_X86_PageTable_Map, seL4_X86_VMAttributes)
STANDIN_1(seL4_X86_PageTable_Unmap)
STANDIN_TABLE(seL4_X86_PageDirectory_Map, seL4_X86_VMAttributes)
STANDIN_1(seL4_X86_PageDirectory_Unmap)
#ifdef CONFIG_ARCH_X86_64
STANDIN_TABLE(seL4_X86_PDPT_Map, seL4_X86_VMAttributes)
STANDIN_1(seL4_X86_PDPT_Unmap)
#endif
STANDIN_POOL(seL4_X86_ASIDControl_MakePool)
STANDIN_2(seL4_X86_ASIDPool_Assign)
#ifdef CONFIG_IOMMU
STANDIN_IO_PAGE(seL4_X86_Page_MapIO)
STANDIN_IO_TABLE(seL4_X86_IOPageTable_Map)
STANDIN_1(seL4_X86_IOPageTable_Unmap)
#endif
#ifdef CONFIG_VTX
STANDIN_PAGE(seL4_X86_Page_MapEPT, seL4_X86_VMAttributes)
STANDIN_TABLE(seL4_X86_EPTPDPT_Map, seL4_X86_VMAttributes)
STANDIN_1(seL4_X86_EPTPDPT_Unmap)
STANDIN_TABLE(seL4_X86_EPTPD_Map, seL4_X86_VMAttributes)
STANDIN_1(seL4_X86_EPTPD_Unmap)
STANDIN_TABLE(seL4_X86_EPTPT_Map, seL4_X86_VMAttributes)
STANDIN_1(seL4_X86_EPTPT_Unmap)
#endif

#elif defined(CONFIG_ARCH_ARM)

typedef enum { seL4_ARM_Default_VMAttributes = 3, standin_arm_attributes = 0x7fffffff } seL4_ARM_VMAttributes;
#ifdef CONFIG_ARCH_AARCH64
#define seL4_LargePageBits 21
#define seL4_HugePageBits 30
enum {
    seL4_ARM_HugePageObject = seL4_NonArchObjectTypeCount,
#ifdef STANDIN_OLD
    seL4_ARM_PageUpperDirectoryObject,
    seL4_ARM_PageGlobalDirectoryObject,
    seL4_ARM_PageDirectoryObject,
#define seL4_ARM_VSpaceObject seL4_ARM_PageGlobalDirectoryObject
#else
    seL4_ARM_VSpaceObject,
#endif
    seL4_ARM_SmallPageObject,
    seL4_ARM_LargePageObject,
    seL4_ARM_PageTableObject
};
#else
#define seL4_LargePageBits 16
#ifdef CONFIG_ARM_HYPERVISOR_SUPPORT
#define seL4_SectionBits 21
#define seL4_SuperSectionBits 25
#define seL4_UserTop 0xe0000000
#else
#define seL4_SectionBits 20
#define seL4_SuperSectionBits 24
#define seL4_UserTop 0xa0000000
#endif
enum {
    seL4_ARM_PageDirectoryObject = seL4_NonArchObjectTypeCount,
    seL4_ARM_SmallPageObject,
    seL4_ARM_LargePageObject,
    seL4_ARM_SectionObject,
    seL4_ARM_SuperSectionObject,
    seL4_ARM_PageTableObject
};
#endif
STANDIN_PAGE(seL4_ARM_Page_Map, seL4_ARM_VMAttributes)
STANDIN_1(seL4_ARM_Page_Unmap)
STANDIN_ADDRESS(seL4_ARM_Page_GetAddress)
STANDIN_TABLE(seL4_ARM_PageTable_Map, seL4_ARM_VMAttributes)
STANDIN_1(seL4_ARM_PageTable_Unmap)
#ifdef STANDIN_OLD
STANDIN_TABLE(seL4_ARM_PageDirectory_Map, seL4_ARM_VMAttributes)
STANDIN_1(seL4_ARM_PageDirectory_Unmap)
STANDIN_TABLE(seL4_ARM_PageUpperDirectory_Map, seL4_ARM_VMAttributes)
STANDIN_1(seL4_ARM_PageUpperDirectory_Unmap)
#endif
STANDIN_POOL(seL4_ARM_ASIDControl_MakePool)
STANDIN_2(seL4_ARM_ASIDPool_Assign)
#ifdef CONFIG_TK1_SMMU
STANDIN_IO_PAGE(seL4_ARM_Page_MapIO)
STANDIN_IO_TABLE(seL4_ARM_IOPageTable_Map)
STANDIN_1(seL4_ARM_IOPageTable_Unmap)
#endif
#ifdef CONFIG_ARM_SMMU
STANDIN_2(seL4_ARM_CB_AssignVspace)
STANDIN_1(seL4_ARM_CB_UnassignVspace)
#endif

#elif defined(CONFIG_ARCH_RISCV)

typedef enum { seL4_RISCV_Default_VMAttributes = 0, standin_riscv_attributes = 0x7fffffff } seL4_RISCV_VMAttributes;
#ifdef CONFIG_ARCH_RISCV64
#define seL4_LargePageBits 21
#define seL4_HugePageBits 30
#else
#define seL4_LargePageBits 22
#endif
enum {
#ifdef CONFIG_ARCH_RISCV64
    seL4_RISCV_Giga_Page = seL4_NonArchObjectTypeCount,
    seL4_RISCV_4K_Page,
#else
    seL4_RISCV_4K_Page = seL4_NonArchObjectTypeCount,
#endif
    seL4_RISCV_Mega_Page,
    seL4_RISCV_PageTableObject
};
STANDIN_PAGE(seL4_RISCV_Page_Map, seL4_RISCV_VMAttributes)
STANDIN_1(seL4_RISCV_Page_Unmap)
STANDIN_ADDRESS(seL4_RISCV_Page_GetAddress)
STANDIN_TABLE(seL4_RISCV_PageTable_Map, seL4_RISCV_VMAttributes)
STANDIN_1(seL4_RISCV_PageTable_Unmap)
STANDIN_POOL(seL4_RISCV_ASIDControl_MakePool)
STANDIN_2(seL4_RISCV_ASIDPool_Assign)

#endif

LIBSEL4_INLINE seL4_Error seL4_Untyped_Retype(seL4_Untyped s, seL4_Word type, seL4_Word bits, seL4_CNode root,
                                              seL4_Word i, seL4_Word d, seL4_Word offset, seL4_Word n)
STANDIN_CALL("seL4_Untyped_Retype", s, type, bits, root, i, d, offset, n)
LIBSEL4_INLINE seL4_Error seL4_CNode_Copy(seL4_CNode s, seL4_Word i, seL4_Uint8 d, seL4_CNode root, seL4_Word from,
                                          seL4_Uint8 from_d, seL4_CapRights_t r)
STANDIN_CALL("seL4_CNode_Copy", s, i, d, root, from, from_d, r.words[0])
LIBSEL4_INLINE seL4_Error seL4_CNode_Mint(seL4_CNode s, seL4_Word i, seL4_Uint8 d, seL4_CNode root, seL4_Word from,
                                          seL4_Uint8 from_d, seL4_CapRights_t r, seL4_Word badge)
STANDIN_CALL("seL4_CNode_Mint", s, i, d, root, from, from_d, r.words[0], badge)
LIBSEL4_INLINE seL4_Error seL4_CNode_Move(seL4_CNode s, seL4_Word i, seL4_Uint8 d, seL4_CNode root, seL4_Word from,
                                          seL4_Uint8 from_d)
STANDIN_CALL("seL4_CNode_Move", s, i, d, root, from, from_d)
LIBSEL4_INLINE seL4_Error seL4_CNode_Mutate(seL4_CNode s, seL4_Word i, seL4_Uint8 d, seL4_CNode root, seL4_Word from,
                                            seL4_Uint8 from_d, seL4_Word badge)
STANDIN_CALL("seL4_CNode_Mutate", s, i, d, root, from, from_d, badge)
LIBSEL4_INLINE seL4_Error seL4_CNode_Rotate(seL4_CNode s, seL4_Word i, seL4_Uint8 d, seL4_Word badge, seL4_CNode pivot,
                                            seL4_Word pivot_i, seL4_Uint8 pivot_d, seL4_Word pivot_badge,
                                            seL4_CNode root, seL4_Word from, seL4_Uint8 from_d)
STANDIN_CALL("seL4_CNode_Rotate", s, i, d, badge, pivot, pivot_i, pivot_d, pivot_badge, root, from, from_d)
LIBSEL4_INLINE seL4_Error seL4_CNode_Delete(seL4_CNode s, seL4_Word i, seL4_Uint8 d)
STANDIN_CALL("seL4_CNode_Delete", s, i, d)
LIBSEL4_INLINE seL4_Error seL4_CNode_Revoke(seL4_CNode s, seL4_Word i, seL4_Uint8 d)
STANDIN_CALL("seL4_CNode_Revoke", s, i, d)

#endif
