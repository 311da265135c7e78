/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One function for each kind of record. A wrapper calls overmap_enter, makes the invocation, and calls the recorder,
 * which leaves the message registers as libsel4 left them.
 */
#ifndef OVERMAP_CAPTURE_RECORD_H
#define OVERMAP_CAPTURE_RECORD_H

struct overmap_call {
    /* Return address of the wrapper: the client's call, where the wrapper was called by a pointer. */
    const void *from;
    const char *file;
    const char *function;
    unsigned line;
    /* It is made by the user's own functions while a line is recorded. */
    int nested;
};

/* An event under construction. */
struct overmap_event {
    const struct overmap_call *call;
    /* Where the recorder was called: in the client's code, where the wrapper was inlined. */
    const void *at;
    seL4_Word registers[OVERMAP_REGISTERS];
    struct overmap_line line;
};

void overmap_add_site(struct overmap_event *event);
void overmap_add_lookup(struct overmap_event *event);

void overmap_enter(struct overmap_call *call, const void *from);
void overmap_open(struct overmap_event *event, const struct overmap_call *call, const void *at, const char *op);
void overmap_end_line(struct overmap_event *event);
void overmap_close(struct overmap_event *event, int known);
void overmap_result(struct overmap_event *event, int error);

/* Before an invocation. */
OVERMAP_RECORDER void overmap_enter(struct overmap_call *call, const void *from)
{
    struct overmap_thread *thread = &overmap_thread;

    call->from = from;
    call->file = thread->file;
    call->line = thread->line;
    call->function = thread->function;
    thread->file = (const char *)0;
    call->nested = thread->busy;
    if (thread->busy) {
        overmap_state.lost++;
        return;
    }
    overmap_lock();
}

/* After an invocation that was not nested. */
OVERMAP_RECORDER void overmap_open(struct overmap_event *event, const struct overmap_call *call, const void *at,
                                   const char *op)
{
    int i;

    event->call = call;
    event->at = at;
    /* A thread without a buffer can make invocations that pass no capability. */
    for (i = 0; i < OVERMAP_REGISTERS; i++) {
        event->registers[i] = seL4_GetIPCBuffer() ? seL4_GetMR(i) : 0;
    }
    overmap_capture_begin();
    overmap_start_line(&event->line, "op", op);
}

OVERMAP_RECORDER void overmap_add_site(struct overmap_event *event)
{
    struct overmap_line *line = &event->line;
    const struct overmap_call *call = event->call;

    if (call->file) {
        const char *file = call->file;
        unsigned long length = 0;
        while (file[length] != '\0') {
            length++;
        }
        overmap_add(line, ",\"site\":{\"file\":");
        overmap_add_text(line, length > OVERMAP_FILE ? file + length - OVERMAP_FILE : file, OVERMAP_FILE);
        overmap_add_key(line, "line", call->line);
        overmap_add(line, ",\"function\":");
        overmap_add_text(line, call->function, OVERMAP_NAME);
    } else {
#if OVERMAP_SITES == OVERMAP_SITES_none
        return;
#else
        overmap_add(line, ",\"site\":{\"file\":");
        overmap_add_hex(line, (unsigned long)event->at);
        overmap_add(line, ",\"line\":0");
        overmap_add_address(line, "from", (unsigned long)call->from);
#endif
    }
    overmap_add_char(line, '}');
}

/* What every record has at its end. */
OVERMAP_RECORDER void overmap_end_line(struct overmap_event *event)
{
    struct overmap_line *line = &event->line;

    overmap_add_key(line, "seq", ++overmap_state.seq);
#ifdef OVERMAP_CAPTURE_THREAD
    overmap_add_key(line, "thread", (unsigned long long)(OVERMAP_CAPTURE_THREAD));
#endif
#ifdef OVERMAP_CAPTURE_CSPACE
    overmap_add(line, ",\"cspace\":");
    overmap_add_text(line, OVERMAP_TEXT(OVERMAP_CAPTURE_CSPACE), OVERMAP_NAME);
#endif
    overmap_add_site(event);
    overmap_add(line, "}\n");
    overmap_put(line);
}

/* The invocation is over; its line is put if enough is known for one. */
OVERMAP_RECORDER void overmap_close(struct overmap_event *event, int known)
{
    int i;

    if (known) {
        overmap_end_line(event);
    }
    overmap_unlock();
    /* The user's own functions may have sent messages. */
    for (i = 0; i < OVERMAP_REGISTERS && seL4_GetIPCBuffer(); i++) {
        seL4_SetMR(i, event->registers[i]);
    }
}

/* Numbers above 2^53 - 1 do not fit into a trace: then the detail is left out. */
static inline int overmap_fits(unsigned long long number)
{
    return number <= OVERMAP_MOST_NUMBER;
}

OVERMAP_RECORDER void overmap_add_lookup(struct overmap_event *event)
{
    static const char *const types[] = {"invalid_root", "missing_capability", "depth_mismatch", "guard_mismatch"};
    const seL4_Word *registers = event->registers;
    struct overmap_line *line = &event->line;

    if (registers[1] < 1 || registers[1] > 4 || registers[2] > 0xfff) {
        return;
    }
    overmap_add(line, ",\"lookup\":{\"failedForSource\":");
    overmap_add(line, registers[0] ? "true,\"type\":\"" : "false,\"type\":\"");
    overmap_add(line, types[registers[1] - 1]);
    overmap_add_char(line, '"');
    if (registers[1] != 1) {
        overmap_add_key(line, "bits", registers[2]);
    }
    overmap_add_char(line, '}');
}

/* "ret", and the details that the kernel put into the message registers. */
OVERMAP_RECORDER void overmap_result(struct overmap_event *event, int error)
{
    static const char *const names[] = {
        "ok",           "InvalidArgument",  "InvalidCapability", "IllegalOperation", "RangeError",     "AlignmentError",
        "FailedLookup", "TruncatedMessage", "DeleteFirst",       "RevokeFirst",      "NotEnoughMemory",
    };
    const seL4_Word *registers = event->registers;
    struct overmap_line *line = &event->line;

    if (error < 0 || error > (int)seL4_NotEnoughMemory) {
        line->broken = 1;
        return;
    }
    overmap_add(line, ",\"ret\":\"");
    overmap_add(line, names[error]);
    overmap_add_char(line, '"');
    if (!seL4_GetIPCBuffer()) {
        return;
    }
    switch (error) {
    case seL4_InvalidArgument:
    case seL4_InvalidCapability:
        if (overmap_fits(registers[0])) {
            overmap_add_key(line, "arg", registers[0]);
        }
        break;
    case seL4_RangeError:
        if (overmap_fits(registers[0]) && overmap_fits(registers[1])) {
            overmap_add_key(line, "min", registers[0]);
            overmap_add_key(line, "max", registers[1]);
        }
        break;
    case seL4_FailedLookup:
        overmap_add_lookup(event);
        break;
    case seL4_NotEnoughMemory:
        if (overmap_fits(registers[0])) {
            overmap_add_key(line, "avail", registers[0]);
        }
        break;
    default:
        break;
    }
}

#include "overmap_capture_slots.h"
#include "overmap_capture_kinds.h"

#endif
