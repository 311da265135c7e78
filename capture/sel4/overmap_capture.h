/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Records the mapping invocations of an seL4 client as a trace that overmap reads. Add it to a build, in front of
 * everything else, so that libraries which are compiled with it are recorded, too:
 *
 *     -include overmap_capture.h -I …/capture/sel4
 *
 * Options, all by -D; docs/guide-capture.md says more:
 *
 *   OVERMAP_CAPTURE         0 = nothing at all: not a byte of code or data [1]
 *   where the lines go, one of
 *   OVERMAP_CAPTURE_PUT     name of a `void f(char)` [seL4_DebugPutChar]
 *   OVERMAP_CAPTURE_WRITE   name of a `void f(const char *text, unsigned long length)`: one call for each whole line
 *   OVERMAP_CAPTURE_RING    bytes of a ring buffer, which overmap_capture_drain() empties
 *   what is said
 *   OVERMAP_CAPTURE_SITES   call sites: address = by return address, line = by file and line, none [address]
 *   OVERMAP_CAPTURE_POLICY  what the kernel does with over-maps: legacy or strict [legacy]
 *   OVERMAP_CAPTURE_SOURCE  free text of the header, without quotes [overmap_capture.h]
 *   OVERMAP_CAPTURE_HEADER  0 = another component of the same log writes the header [1]
 *   OVERMAP_CAPTURE_CSPACE  name of this CSpace, without quotes, where several components share a log [none]
 *   OVERMAP_CAPTURE_THREAD  an expression: number of the calling thread [none]
 *   about the system
 *   OVERMAP_CAPTURE_ROOT    CPtr of the client's own root CNode [seL4_CapInitThreadCNode]
 *   OVERMAP_CAPTURE_ROOT_TASK  1 = this is the root task, recorded from its start [0]
 *   OVERMAP_CAPTURE_LEAF_BITS  in a CSpace of two levels: log2 of the slots of a second-level CNode [none]
 *   OVERMAP_CAPTURE_LOCK, OVERMAP_CAPTURE_UNLOCK  names of two `void f(void)`, called around each invocation [none]
 *   OVERMAP_CAPTURE_THREAD_LOCAL  storage class of what each thread has for itself, may be empty [__thread]
 *
 * Needs GCC or Clang, and ELF. C99 or C++11; no libc, no allocation, no floating point.
 */
#ifndef OVERMAP_CAPTURE_H
#define OVERMAP_CAPTURE_H

#ifndef OVERMAP_CAPTURE
#define OVERMAP_CAPTURE 1
#endif

#if !defined(__ASSEMBLER__) /* -include reaches files of assembly as well */

#if OVERMAP_CAPTURE

#ifdef __cplusplus
extern "C" {
#endif

/* All of libsel4's own uses of the names must be behind us before the names become macros. */
#include <sel4/sel4.h>

#include "overmap_capture_options.h"
#include "overmap_capture_line.h"
#include "overmap_capture_sink.h"
#include "overmap_capture_record.h"
#include "overmap_capture_calls.h"

#ifdef __cplusplus
}
#endif

#include "overmap_capture_on.h"

#else

#define overmap_capture_begin() ((void)0)
#define overmap_capture_mark_start(name) ((void)(name))
#define overmap_capture_mark_end(name, passed) ((void)(name), (void)(passed))
#define overmap_capture_lost() 0ul
#define overmap_capture_drain(to, size) ((void)(to), (void)(size), 0ul)

#endif
#endif /* __ASSEMBLER__ */
#endif /* OVERMAP_CAPTURE_H */
