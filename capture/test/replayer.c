/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A client that does what standard input says, and whose kernel answers what standard input says: a recording that
 * is played through the recorder. Each line: OPERATION ARGUMENTS… ANSWER REGISTERS×5 PADDR, numbers in hex.
 * It ends with 1, and a sentence, where the wrapper did not pass on what it was given, or changed what came back.
 */
#include "standin.h"
#include "this_arch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTR(word) ((ARCH(VMAttributes))(word))
#define OWN seL4_CapInitThreadCNode, /* a slot */
#define FULL seL4_WordBits

int main(void);
void careless_put(char c);

/* As if it had sent a message for each character. */
void careless_put(char c)
{
    int i;
    putchar(c);
    for (i = 0; i < 120; i++) {
        seL4_SetMR(i, 0xdeadbeef);
    }
}

static unsigned long line_number;

static void fail(const char *what)
{
    fprintf(stderr, "line %lu: %s\n", line_number, what);
    exit(1);
}

static seL4_Word number(void)
{
    unsigned long value;
    if (scanf("%lx", &value) != 1) {
        fail("a number is missing");
    }
    return value;
}

static void expect_call(const char *method, int n, const seL4_Word *arguments)
{
    const char *name = standin_last.name;
    unsigned long length = strlen(name);
    int i;

    if (length < strlen(method) || strcmp(name + length - strlen(method), method) != 0) {
        fail(name);
    }
    if (standin_last.n != n) {
        fail("another number of arguments");
    }
    for (i = 0; i < n; i++) {
        if (standin_last.arguments[i] != arguments[i]) {
            fail("another argument");
        }
    }
    standin_last.name = "none";
}

static seL4_Word object_type(const char *object, seL4_Word bits)
{
#if defined(CONFIG_ARCH_X86_64)
    if (strcmp(object, "vspace") == 0) return seL4_X64_PML4Object;
    if (strcmp(object, "pdpt") == 0) return seL4_X86_PDPTObject;
    if (strcmp(object, "pd") == 0) return seL4_X86_PageDirectoryObject;
    if (strcmp(object, "table") == 0) return seL4_X86_PageTableObject;
    if (bits == 30) return seL4_X64_HugePageObject;
    return bits == 21 ? seL4_X86_LargePageObject : seL4_X86_4K;
#elif defined(CONFIG_ARCH_IA32)
    if (strcmp(object, "vspace") == 0) return seL4_X86_PageDirectoryObject;
    if (strcmp(object, "table") == 0) return seL4_X86_PageTableObject;
    return bits == 22 ? seL4_X86_LargePageObject : seL4_X86_4K;
#elif defined(CONFIG_ARCH_AARCH32)
    if (strcmp(object, "vspace") == 0) return seL4_ARM_PageDirectoryObject;
    if (strcmp(object, "table") == 0) return seL4_ARM_PageTableObject;
    if (bits == 24 || bits == 25) return seL4_ARM_SuperSectionObject;
    if (bits == 20 || bits == 21) return seL4_ARM_SectionObject;
    return bits == 16 ? seL4_ARM_LargePageObject : seL4_ARM_SmallPageObject;
#elif defined(CONFIG_ARCH_AARCH64)
    if (strcmp(object, "vspace") == 0) return seL4_ARM_VSpaceObject;
    if (strcmp(object, "table") == 0) return seL4_ARM_PageTableObject;
    if (bits == 30) return seL4_ARM_HugePageObject;
    return bits == 21 ? seL4_ARM_LargePageObject : seL4_ARM_SmallPageObject;
#else
    if (strcmp(object, "table") == 0 || strcmp(object, "vspace") == 0) return seL4_RISCV_PageTableObject;
#if defined(CONFIG_ARCH_RISCV64)
    if (bits == 30) return seL4_RISCV_Giga_Page;
#endif
    return bits > 12 ? seL4_RISCV_Mega_Page : seL4_RISCV_4K_Page;
#endif
}

/* The answer of the next invocation, and what the client must see of it. */
static void read_answer(struct standin_answer *answer)
{
    int i;
    answer->error = (int)number();
    for (i = 0; i < 5; i++) {
        answer->registers[i] = number();
    }
    answer->paddr = number();
    standin_next = *answer;
}

static seL4_CapRights_t rights_of(seL4_Word word)
{
    seL4_CapRights_t rights;
    rights.words[0] = word;
    return rights;
}

int main(void)
{
    char op[32];
    char object[32];
    seL4_Word a[STANDIN_ARGUMENTS];
    struct standin_answer answer;
    int error;
    int i;

    for (line_number = 1; scanf("%31s", op) == 1; line_number++) {
        memset(a, 0, sizeof a);
        if (strcmp(op, "map") == 0) {
            for (i = 0; i < 5; i++) a[i] = number();
            read_answer(&answer);
            error = (int)ARCH(Page_Map)(a[0], a[1], a[2], rights_of(a[3]), ATTR(a[4]));
            expect_call("_Page_Map", 5, a);
        } else if (strcmp(op, "map_table") == 0) {
            for (i = 0; i < 4; i++) a[i] = number();
            read_answer(&answer);
#if defined(CONFIG_ARCH_X86)
            if (line_number % 2) {
                error = (int)seL4_X86_PageDirectory_Map(a[0], a[1], a[2], ATTR(a[3]));
                expect_call("_PageDirectory_Map", 4, a);
            } else
#endif
            {
                error = (int)ARCH(PageTable_Map)(a[0], a[1], a[2], ATTR(a[3]));
                expect_call("_PageTable_Map", 4, a);
            }
        } else if (strcmp(op, "unmap") == 0) {
            a[0] = number();
            read_answer(&answer);
            error = (int)ARCH(Page_Unmap)(a[0]);
            expect_call("_Page_Unmap", 1, a);
        } else if (strcmp(op, "unmap_table") == 0) {
            a[0] = number();
            read_answer(&answer);
            error = (int)ARCH(PageTable_Unmap)(a[0]);
            expect_call("_PageTable_Unmap", 1, a);
        } else if (strcmp(op, "address") == 0) {
            ARCH(Page_GetAddress_t) got;
            a[0] = number();
            read_answer(&answer);
            got = ARCH(Page_GetAddress)(a[0]);
            error = got.error;
            if (got.paddr != answer.paddr) fail("another physical address");
            expect_call("_Page_GetAddress", 1, a);
        } else if (strcmp(op, "copy") == 0 || strcmp(op, "mint") == 0) {
            seL4_Word from = number(), to = number(), rights = number(), badge = number();
            seL4_Word sent[] = {seL4_CapInitThreadCNode, 0, FULL, seL4_CapInitThreadCNode, 0, FULL, 0, 0};
            sent[1] = to;
            sent[4] = from;
            sent[6] = rights;
            sent[7] = badge;
            read_answer(&answer);
            if (op[0] == 'c') {
                error = (int)seL4_CNode_Copy(OWN to, FULL, OWN from, FULL, rights_of(rights));
                expect_call("seL4_CNode_Copy", 7, sent);
            } else {
                error = (int)seL4_CNode_Mint(OWN to, FULL, OWN from, FULL, rights_of(rights), badge);
                expect_call("seL4_CNode_Mint", 8, sent);
            }
        } else if (strcmp(op, "move") == 0) {
            seL4_Word from = number(), to = number();
            seL4_Word sent[] = {seL4_CapInitThreadCNode, 0, FULL, seL4_CapInitThreadCNode, 0, FULL, 77};
            sent[1] = to;
            sent[4] = from;
            read_answer(&answer);
            if (line_number % 2) {
                error = (int)seL4_CNode_Mutate(OWN to, FULL, OWN from, FULL, 77);
                expect_call("seL4_CNode_Mutate", 7, sent);
            } else {
                error = (int)seL4_CNode_Move(OWN to, FULL, OWN from, FULL);
                expect_call("seL4_CNode_Move", 6, sent);
            }
        } else if (strcmp(op, "swap") == 0) {
            seL4_Word slot = number(), pivot = number();
            seL4_Word sent[] = {2, 0, FULL, 5, 2, 0, FULL, 6, 2, 0, FULL};
            sent[1] = slot;
            sent[5] = pivot;
            sent[9] = slot;
            read_answer(&answer);
            error = (int)seL4_CNode_Rotate(OWN slot, FULL, 5, OWN pivot, FULL, 6, OWN slot, FULL);
            expect_call("seL4_CNode_Rotate", 11, sent);
        } else if (strcmp(op, "delete") == 0 || strcmp(op, "revoke") == 0) {
            a[0] = seL4_CapInitThreadCNode;
            a[1] = number();
            a[2] = FULL;
            read_answer(&answer);
            error = (int)(op[0] == 'd' ? seL4_CNode_Delete(OWN a[1], FULL) : seL4_CNode_Revoke(OWN a[1], FULL));
            expect_call(op[0] == 'd' ? "seL4_CNode_Delete" : "seL4_CNode_Revoke", 3, a);
        } else if (strcmp(op, "retype") == 0) {
            if (scanf("%31s", object) != 1) fail("an object is missing");
            a[0] = 99;
            a[1] = object_type(object, number());
            a[3] = seL4_CapInitThreadCNode;
            a[6] = number();
            a[7] = number();
            read_answer(&answer);
            error = (int)seL4_Untyped_Retype(99, a[1], 0, a[3], 0, 0, a[6], a[7]);
            expect_call("seL4_Untyped_Retype", 8, a);
        } else if (strcmp(op, "make_pool") == 0) {
            a[0] = 4;
            a[1] = 99;
            a[2] = seL4_CapInitThreadCNode;
            a[3] = number();
            a[4] = FULL;
            read_answer(&answer);
            error = (int)ARCH(ASIDControl_MakePool)(4, 99, OWN a[3], FULL);
            expect_call("_ASIDControl_MakePool", 5, a);
        } else if (strcmp(op, "assign") == 0) {
            a[0] = number();
            a[1] = number();
            read_answer(&answer);
            error = (int)ARCH(ASIDPool_Assign)(a[0], a[1]);
            expect_call("_ASIDPool_Assign", 2, a);
        } else {
            fail(op);
            return 1;
        }
        if (error != answer.error) fail("another result");
        for (i = 0; error != 0 && i < 5; i++) {
            if (seL4_GetMR(i) != answer.registers[i]) fail("a message register was changed");
        }
    }
    return 0;
}
