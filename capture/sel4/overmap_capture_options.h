/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The options of overmap_capture.h, with their defaults, and what the kernel's configuration says about it.
 */
#ifndef OVERMAP_CAPTURE_OPTIONS_H
#define OVERMAP_CAPTURE_OPTIONS_H

/* Shared by all files of a program that are compiled with the header, whichever the linker keeps. */
#define OVERMAP_SHARED __attribute__((weak))
/* Called, never inlined: its return address lies in the code that calls it. */
#define OVERMAP_RECORDER __attribute__((weak, noinline))
/* Inlined even at -O0, so that this return address lies at the client's call. */
#define OVERMAP_WRAPPER static inline __attribute__((always_inline))

#define OVERMAP_JOIN_(a, b) a##b
#define OVERMAP_JOIN(a, b) OVERMAP_JOIN_(a, b)
#define OVERMAP_TEXT_(...) #__VA_ARGS__
#define OVERMAP_TEXT(...) OVERMAP_TEXT_(__VA_ARGS__)

#define OVERMAP_SITES_none 1
#define OVERMAP_SITES_address 2
#define OVERMAP_SITES_line 3
#ifndef OVERMAP_CAPTURE_SITES
#define OVERMAP_CAPTURE_SITES address
#endif
#define OVERMAP_SITES OVERMAP_JOIN(OVERMAP_SITES_, OVERMAP_CAPTURE_SITES)
#if OVERMAP_SITES == 0
#error "OVERMAP_CAPTURE_SITES is address, line or none."
#endif

#if defined(OVERMAP_CAPTURE_PUT) + defined(OVERMAP_CAPTURE_WRITE) + defined(OVERMAP_CAPTURE_RING) > 1
#error "Give one of OVERMAP_CAPTURE_PUT, OVERMAP_CAPTURE_WRITE and OVERMAP_CAPTURE_RING."
#endif
#if defined(OVERMAP_CAPTURE_RING)
#if OVERMAP_CAPTURE_RING < 2048
#error "OVERMAP_CAPTURE_RING is a number of bytes, at least 2048."
#endif
#elif defined(OVERMAP_CAPTURE_WRITE)
void OVERMAP_CAPTURE_WRITE(const char *text, unsigned long length);
#elif defined(OVERMAP_CAPTURE_PUT)
void OVERMAP_CAPTURE_PUT(char c);
#elif defined(CONFIG_PRINTING)
#define OVERMAP_CAPTURE_PUT seL4_DebugPutChar
#else
#error "This kernel prints nothing (CONFIG_PRINTING): name a function by OVERMAP_CAPTURE_PUT or _WRITE, or give OVERMAP_CAPTURE_RING."
#endif

#if defined(OVERMAP_CAPTURE_LOCK) != defined(OVERMAP_CAPTURE_UNLOCK)
#error "OVERMAP_CAPTURE_LOCK and OVERMAP_CAPTURE_UNLOCK go together."
#endif
#ifdef OVERMAP_CAPTURE_LOCK
void OVERMAP_CAPTURE_LOCK(void);
void OVERMAP_CAPTURE_UNLOCK(void);
#endif

#ifndef OVERMAP_CAPTURE_THREAD_LOCAL
#define OVERMAP_CAPTURE_THREAD_LOCAL __thread
#endif
#ifndef OVERMAP_CAPTURE_ROOT
#define OVERMAP_CAPTURE_ROOT seL4_CapInitThreadCNode
#endif
#ifndef OVERMAP_CAPTURE_ROOT_TASK
#define OVERMAP_CAPTURE_ROOT_TASK 0
#endif
#ifndef OVERMAP_CAPTURE_HEADER
#define OVERMAP_CAPTURE_HEADER 1
#endif
#ifndef OVERMAP_CAPTURE_POLICY
#define OVERMAP_CAPTURE_POLICY legacy
#endif
#ifndef OVERMAP_CAPTURE_SOURCE
#define OVERMAP_CAPTURE_SOURCE overmap_capture.h
#endif

#if defined(CONFIG_ARCH_X86_64)
#define OVERMAP_ARCH "x86_64"
#elif defined(CONFIG_ARCH_IA32)
#define OVERMAP_ARCH "ia32"
#elif defined(CONFIG_ARCH_AARCH64)
#define OVERMAP_ARCH "aarch64"
#elif defined(CONFIG_ARCH_AARCH32)
#define OVERMAP_ARCH "aarch32"
#elif defined(CONFIG_ARCH_RISCV64)
#define OVERMAP_ARCH "riscv64"
#elif defined(CONFIG_ARCH_RISCV32)
#define OVERMAP_ARCH "riscv32"
#else
#error "overmap has no model of this architecture."
#endif

/*
 * Until version 12 libsel4 for aarch64 has kinds of tables of their own for the upper levels. There, VSpaceObject is a
 * macro for the topmost of them; afterwards it is an object type, and those are macros.
 */
#if defined(CONFIG_ARCH_AARCH64) && defined(seL4_ARM_VSpaceObject)
#define OVERMAP_OLD_AARCH64 1
#else
#define OVERMAP_OLD_AARCH64 0
#endif
#if defined(CONFIG_ARM_HYPERVISOR_SUPPORT) && defined(CONFIG_ARM_PA_SIZE_BITS_40)
#define OVERMAP_UPPER_DIRECTORY 0 /* it is the vspace there */
#else
#define OVERMAP_UPPER_DIRECTORY 1
#endif

#endif
