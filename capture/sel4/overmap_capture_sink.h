/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the lines go, and what all recorded files of a program share.
 */
#ifndef OVERMAP_CAPTURE_SINK_H
#define OVERMAP_CAPTURE_SINK_H

/* Message registers that libsel4 leaves behind a failed invocation, and the caller may read. */
#define OVERMAP_REGISTERS 5

struct overmap_state {
    /* The header has been written. */
    int begun;
    /* Number of the next record, from 1. */
    unsigned long long seq;
    /* Events that were not recorded, and how many of them a line of the log has told. */
    unsigned long lost;
    unsigned long told;
};
OVERMAP_SHARED struct overmap_state overmap_state;

/* What each thread has for itself. */
struct overmap_thread {
    /* A line is being recorded: what the user's own functions invoke meanwhile is not. */
    int busy;
    /* The site of the call that is about to be made; 0 = none is known. */
    const char *file;
    const char *function;
    unsigned line;
};
OVERMAP_SHARED OVERMAP_CAPTURE_THREAD_LOCAL struct overmap_thread overmap_thread;

void overmap_mark(const char *name, const char *rest);

void overmap_here(const char *file, unsigned line, const char *function);
void overmap_tell_lost(void);
void overmap_put(const struct overmap_line *line);
void overmap_capture_begin(void);
void overmap_capture_mark_start(const char *name);
void overmap_capture_mark_end(const char *name, int passed);
unsigned long overmap_capture_lost(void);

/* With OVERMAP_CAPTURE_SITES=line each use of an invocation's name comes here first. */
OVERMAP_RECORDER void overmap_here(const char *file, unsigned line, const char *function)
{
    overmap_thread.file = file;
    overmap_thread.line = line;
    overmap_thread.function = function;
}

#ifdef OVERMAP_CAPTURE_RING

struct overmap_ring {
    /* Where the next byte is written, and read. They are the same when the ring is empty. */
    unsigned long in;
    unsigned long out;
    char bytes[OVERMAP_CAPTURE_RING];
};
OVERMAP_SHARED struct overmap_ring overmap_ring;

unsigned long overmap_capture_drain(char *to, unsigned long size);

/*
 * Takes recorded bytes out of the ring, oldest first. May run in another thread than what is recorded, one at a time.
 * Returns how many bytes were copied, at most size; 0 = there are none.
 */
OVERMAP_RECORDER unsigned long overmap_capture_drain(char *to, unsigned long size)
{
    unsigned long in = __atomic_load_n(&overmap_ring.in, __ATOMIC_ACQUIRE);
    unsigned long out = overmap_ring.out;
    unsigned long n = 0;

    for (; n < size && out != in; n++) {
        to[n] = overmap_ring.bytes[out];
        out = out + 1 == OVERMAP_CAPTURE_RING ? 0 : out + 1;
    }
    __atomic_store_n(&overmap_ring.out, out, __ATOMIC_RELEASE);
    return n;
}

/* A whole line or, where there is no room, nothing. */
static inline int overmap_put_bytes(const char *text, unsigned long length)
{
    unsigned long out = __atomic_load_n(&overmap_ring.out, __ATOMIC_ACQUIRE);
    unsigned long in = overmap_ring.in;
    unsigned long used = in >= out ? in - out : in + OVERMAP_CAPTURE_RING - out;
    unsigned long n;

    if (length > OVERMAP_CAPTURE_RING - 1 - used) {
        return 0;
    }
    for (n = 0; n < length; n++) {
        overmap_ring.bytes[in] = text[n];
        in = in + 1 == OVERMAP_CAPTURE_RING ? 0 : in + 1;
    }
    __atomic_store_n(&overmap_ring.in, in, __ATOMIC_RELEASE);
    return 1;
}

#else

static inline int overmap_put_bytes(const char *text, unsigned long length)
{
#ifdef OVERMAP_CAPTURE_WRITE
    OVERMAP_CAPTURE_WRITE(text, length);
#else
    unsigned long n;
    for (n = 0; n < length; n++) {
        OVERMAP_CAPTURE_PUT(text[n]);
    }
#endif
    return 1;
}

#endif

/* Says how many events are missing, in a line that is no record. */
OVERMAP_RECORDER void overmap_tell_lost(void)
{
    unsigned long lost = overmap_state.lost;
    struct overmap_line line;

    line.length = 0;
    line.broken = 0;
    overmap_add(&line, "overmap: not recorded so far: ");
    overmap_add_number(&line, lost);
    overmap_add_char(&line, '\n');
    if (overmap_put_bytes(line.text, line.length)) {
        overmap_state.told = lost;
    }
}

/* Puts a line; one that is broken, or finds no room, counts as lost. */
OVERMAP_RECORDER void overmap_put(const struct overmap_line *line)
{
    if (line->broken) {
        overmap_state.lost++;
        return;
    }
    if (overmap_state.lost != overmap_state.told) {
        overmap_tell_lost();
    }
    if (!overmap_put_bytes(line->text, line->length)) {
        overmap_state.lost++;
    }
}

/* What is invoked until overmap_unlock is not recorded, and in a program with a lock no other thread records. */
static inline void overmap_lock(void)
{
    overmap_thread.busy = 1;
#ifdef OVERMAP_CAPTURE_LOCK
    OVERMAP_CAPTURE_LOCK();
#endif
}

static inline void overmap_unlock(void)
{
#ifdef OVERMAP_CAPTURE_UNLOCK
    OVERMAP_CAPTURE_UNLOCK();
#endif
    overmap_thread.busy = 0;
}

/* How many events were not recorded: the ring was full, a slot has no number, or the user's own functions mapped. */
OVERMAP_RECORDER unsigned long overmap_capture_lost(void)
{
    return overmap_state.lost;
}

/*
 * Writes the header, if it has not been written. The first event does so itself; call this where the header has to
 * stand at a certain place of a log.
 */
OVERMAP_RECORDER void overmap_capture_begin(void)
{
#if OVERMAP_CAPTURE_HEADER
    struct overmap_line line;

    if (overmap_state.begun) {
        return;
    }
    overmap_state.begun = 1;
    overmap_start_line(&line, "trace", "overmap");
    overmap_add(&line, ",\"version\":2,\"system\":\"sel4\",\"arch\":\"" OVERMAP_ARCH "\"");
    overmap_add(&line, ",\"policy\":\"" OVERMAP_TEXT(OVERMAP_CAPTURE_POLICY) "\",\"source\":");
    overmap_add_text(&line, OVERMAP_TEXT(OVERMAP_CAPTURE_SOURCE), 200);
    overmap_add(&line, ",\"config\":{\"smp\":");
#if defined(CONFIG_MAX_NUM_NODES) && CONFIG_MAX_NUM_NODES > 1
    overmap_add(&line, "true");
#else
    overmap_add(&line, "false");
#endif
#if OVERMAP_CAPTURE_ROOT_TASK
    overmap_add_key(&line, "asidPool", seL4_CapInitThreadASIDPool);
#endif
#if defined(CONFIG_ARM_HYPERVISOR_SUPPORT)
    overmap_add(&line, ",\"hyp\":true");
#if defined(CONFIG_ARM_PA_SIZE_BITS_44)
    overmap_add(&line, ",\"paBits\":44");
#endif
#endif
#if defined(CONFIG_ARCH_AARCH32) && defined(seL4_UserTop)
    overmap_add_address(&line, "userTop", seL4_UserTop);
#endif
#if defined(CONFIG_ARCH_RISCV) && defined(CONFIG_PT_LEVELS)
    overmap_add_key(&line, "ptLevels", CONFIG_PT_LEVELS);
#endif
#if defined(CONFIG_HUGE_PAGE)
    overmap_add(&line, ",\"hugePage\":true");
#endif
#if defined(CONFIG_SUPPORT_PCID)
    overmap_add(&line, ",\"pcid\":true");
#endif
    overmap_add(&line, "}}\n");
    overmap_put(&line);
#endif
}

OVERMAP_RECORDER void overmap_mark(const char *name, const char *rest)
{
    struct overmap_line line;

    overmap_lock();
    overmap_capture_begin();
    overmap_start_line(&line, "op", "mark");
    overmap_add(&line, ",\"name\":");
    overmap_add_text(&line, name, OVERMAP_NAME);
    overmap_add(&line, rest);
    overmap_put(&line);
    overmap_unlock();
}

/* A test or a phase begins: findings name it. */
OVERMAP_RECORDER void overmap_capture_mark_start(const char *name)
{
    overmap_mark(name, ",\"at\":\"start\"}\n");
}

OVERMAP_RECORDER void overmap_capture_mark_end(const char *name, int passed)
{
    overmap_mark(name, passed ? ",\"at\":\"end\",\"result\":\"passed\"}\n" : ",\"at\":\"end\",\"result\":\"failed\"}\n");
}

#endif
