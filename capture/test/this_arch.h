/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ARCH(Page_Map) is the invocation of the architecture that this is compiled for. Expands late, so that a macro of
 * the recorder's is expanded, too.
 */
#ifndef THIS_ARCH_H
#define THIS_ARCH_H

#if defined(CONFIG_ARCH_X86)
#define ARCH(name) seL4_X86_##name
#elif defined(CONFIG_ARCH_ARM)
#define ARCH(name) seL4_ARM_##name
#else
#define ARCH(name) seL4_RISCV_##name
#endif

#endif
