/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The records themselves. Every recorder is called by a wrapper, directly, so that its return address is the site.
 */
#ifndef OVERMAP_CAPTURE_KINDS_H
#define OVERMAP_CAPTURE_KINDS_H

#define OVERMAP_AT __builtin_return_address(0)

void overmap_page_map(const struct overmap_call *call, seL4_CPtr page, seL4_CPtr vspace, seL4_Word vaddr,
                      seL4_CapRights_t rights, seL4_Word attr, int error);
void overmap_table_map(const struct overmap_call *call, seL4_CPtr table, seL4_CPtr vspace, seL4_Word vaddr,
                       seL4_Word attr, int error);
void overmap_one(const struct overmap_call *call, const char *op, seL4_CPtr cap, int error);
void overmap_slot_op(const struct overmap_call *call, const char *op, seL4_CPtr root, seL4_Word index, unsigned depth,
                     int error);
void overmap_got_address(const struct overmap_call *call, seL4_CPtr page, int error, seL4_Word paddr);
void overmap_pool_made(const struct overmap_call *call, seL4_CPtr root, seL4_Word index, unsigned depth, int error);
void overmap_assigned(const struct overmap_call *call, seL4_CPtr pool, seL4_CPtr vspace, int error);
void overmap_retyped(const struct overmap_call *call, seL4_Word type, seL4_CPtr root, seL4_Word index, seL4_Word depth,
                     seL4_Word offset, seL4_Word n, int error);
void overmap_derived(const struct overmap_call *call, const char *op, unsigned long long to, unsigned long long from,
                     const seL4_CapRights_t *rights, const seL4_Word *badge, int error);
void overmap_rotated(const struct overmap_call *call, unsigned long long to, unsigned long long pivot,
                     unsigned long long from, int error);
void overmap_other(const struct overmap_call *call, const char *name, seL4_CPtr cap, int has_vaddr, seL4_Word vaddr,
                   int error);

OVERMAP_RECORDER void overmap_page_map(const struct overmap_call *call, seL4_CPtr page, seL4_CPtr vspace,
                                       seL4_Word vaddr, seL4_CapRights_t rights, seL4_Word attr, int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, "map");
    overmap_add_slot(&event.line, "cap", overmap_cptr(page));
    overmap_add_slot(&event.line, "vspace", overmap_cptr(vspace));
    overmap_add_address(&event.line, "vaddr", vaddr);
    overmap_add_rights(&event.line, rights);
    /* The kernel looks at the low half only. */
    overmap_add_key(&event.line, "attr", attr & 0xffffffff);
    overmap_result(&event, error);
    overmap_close(&event, 1);
}

OVERMAP_RECORDER void overmap_table_map(const struct overmap_call *call, seL4_CPtr table, seL4_CPtr vspace,
                                        seL4_Word vaddr, seL4_Word attr, int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, "map_table");
    overmap_add_slot(&event.line, "cap", overmap_cptr(table));
    overmap_add_slot(&event.line, "vspace", overmap_cptr(vspace));
    overmap_add_address(&event.line, "vaddr", vaddr);
    overmap_add_key(&event.line, "attr", attr & 0xffffffff);
    overmap_result(&event, error);
    overmap_close(&event, 1);
}

/* An invocation of a page or a table that has no arguments. */
OVERMAP_RECORDER void overmap_one(const struct overmap_call *call, const char *op, seL4_CPtr cap, int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, op);
    overmap_add_slot(&event.line, "cap", overmap_cptr(cap));
    overmap_result(&event, error);
    overmap_close(&event, 1);
}

/* CNode_Delete and CNode_Revoke. A failed one changes nothing: what may have made it fail is not modelled. */
OVERMAP_RECORDER void overmap_slot_op(const struct overmap_call *call, const char *op, seL4_CPtr root,
                                      seL4_Word index, unsigned depth, int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, op);
    overmap_add_slot(&event.line, "cap", overmap_slot(root, index, depth));
    overmap_result(&event, error);
    overmap_close(&event, error == (int)seL4_NoError);
}

OVERMAP_RECORDER void overmap_got_address(const struct overmap_call *call, seL4_CPtr page, int error, seL4_Word paddr)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, "address");
    overmap_add_slot(&event.line, "cap", overmap_cptr(page));
    overmap_result(&event, error);
    if (error == (int)seL4_NoError) {
        overmap_add_address(&event.line, "paddr", paddr);
    }
    overmap_close(&event, 1);
}

OVERMAP_RECORDER void overmap_pool_made(const struct overmap_call *call, seL4_CPtr root, seL4_Word index,
                                        unsigned depth, int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, "make_pool");
    if (error == (int)seL4_NoError) {
        overmap_add_slot(&event.line, "cap", overmap_slot(root, index, depth));
    } else {
        overmap_add(&event.line, ",\"cap\":null");
    }
    overmap_result(&event, error);
    overmap_close(&event, 1);
}

OVERMAP_RECORDER void overmap_assigned(const struct overmap_call *call, seL4_CPtr pool, seL4_CPtr vspace, int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, "assign");
    overmap_add_slot(&event.line, "pool", overmap_cptr(pool));
    overmap_add_slot(&event.line, "vspace", overmap_cptr(vspace));
    overmap_result(&event, error);
    overmap_close(&event, 1);
}

/* Untyped_Retype to pages, tables and vspaces, if it succeeded. Into a CNode whose slots have no number: nothing. */
OVERMAP_RECORDER void overmap_retyped(const struct overmap_call *call, seL4_Word type, seL4_CPtr root,
                                      seL4_Word index, seL4_Word depth, seL4_Word offset, seL4_Word n, int error)
{
    struct overmap_event event;
    unsigned bits;
    const char *object = overmap_object(type, &bits);
    unsigned long long slot = overmap_retyped_slot(root, index, depth, offset);
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, "retype");
    if (object) {
        overmap_add(&event.line, ",\"obj\":\"");
        overmap_add(&event.line, object);
        overmap_add_char(&event.line, '"');
        if (bits != 0) {
            overmap_add_key(&event.line, "bits", bits);
        }
        overmap_add_slot(&event.line, "cap", slot);
        overmap_add_key(&event.line, "n", n);
        overmap_result(&event, error);
    }
    overmap_close(&event, object && slot != OVERMAP_NO_SLOT && error == (int)seL4_NoError);
}

/* CNode_Copy, Mint, Move and Mutate that succeeded. */
OVERMAP_RECORDER void overmap_derived(const struct overmap_call *call, const char *op, unsigned long long to,
                                      unsigned long long from, const seL4_CapRights_t *rights, const seL4_Word *badge,
                                      int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, op);
    overmap_add_slot(&event.line, "src", from);
    overmap_add_slot(&event.line, "cap", to);
    if (rights) {
        overmap_add_rights(&event.line, *rights);
    }
    if (badge) {
        /* What it is does not matter to a page; a larger number does not fit. */
        overmap_add_key(&event.line, "badge", *badge & OVERMAP_MOST_NUMBER);
    }
    overmap_result(&event, error);
    overmap_close(&event, error == (int)seL4_NoError);
}

/* CNode_Rotate that succeeded: a swap where source and destination are one slot, and two moves otherwise. */
OVERMAP_RECORDER void overmap_rotated(const struct overmap_call *call, unsigned long long to,
                                      unsigned long long pivot, unsigned long long from, int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, to == from ? "swap" : "move");
    if (to == from) {
        overmap_add_slot(&event.line, "cap", from);
        overmap_add_slot(&event.line, "with", pivot);
        overmap_result(&event, error);
    } else {
        overmap_add_slot(&event.line, "src", pivot);
        overmap_add_slot(&event.line, "cap", to);
        overmap_result(&event, error);
        if (error == (int)seL4_NoError) {
            overmap_end_line(&event);
        }
        overmap_start_line(&event.line, "op", "move");
        overmap_add_slot(&event.line, "src", from);
        overmap_add_slot(&event.line, "cap", pivot);
        overmap_result(&event, error);
    }
    overmap_close(&event, error == (int)seL4_NoError);
}

/* An invocation that is not modelled. */
OVERMAP_RECORDER void overmap_other(const struct overmap_call *call, const char *name, seL4_CPtr cap, int has_vaddr,
                                    seL4_Word vaddr, int error)
{
    struct overmap_event event;
    if (call->nested) return;
    overmap_open(&event, call, OVERMAP_AT, "other");
    overmap_add(&event.line, ",\"name\":");
    overmap_add_text(&event.line, name, OVERMAP_NAME);
    overmap_add_slot(&event.line, "cap", overmap_cptr(cap));
    if (has_vaddr) {
        overmap_add_address(&event.line, "vaddr", vaddr);
    }
    overmap_result(&event, error);
    overmap_close(&event, 1);
}

#endif
