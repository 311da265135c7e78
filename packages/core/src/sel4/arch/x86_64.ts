import { type Architecture, Family, type KernelConfig, word } from './descriptor.ts';
import { x86Huge, x86Large, x86Small, x86Table } from './x86.ts';

/**
 * x86_64, four levels.
 *
 * ```text
 *  63       48 47      39 38      30 29      21 20      12 11       0
 * +-----------+----------+----------+----------+----------+----------+
 * |     0     |   PML4   |   PDPT   |    PD    |    PT    |  offset  |
 * +-----------+----------+----------+----------+----------+----------+
 * ```
 * The kernel's limit is 0x7fffffffffff, compared with `>` against the address and against address + size: the
 * topmost page of each size can never be mapped.
 * Source: src/arch/x86/64/kernel/vspace.c; USER_TOP in include/arch/x86/arch/64/mode/hardware.h.
 */
export function x8664(config: KernelConfig): Architecture {
  return {
    name: 'x86_64',
    variant: 'x86_64',
    family: Family.x86,
    wordBits: 64,
    levels: [
      { shift: 39, indexBits: 9 },
      { shift: 30, indexBits: 9 },
      { shift: 21, indexBits: 9 },
      { shift: 12, indexBits: 9 },
    ],
    sizes: [
      { bits: 12, level: 3, entries: 1, addressMask: word(0x7ffff, 0xfffff000), leaf: x86Small },
      { bits: 21, level: 2, entries: 1, addressMask: word(0x7ffff, 0xffe00000), leaf: x86Large },
      { bits: 30, level: 1, entries: 1, addressMask: word(0x7ffff, 0xc0000000), leaf: x86Huge },
    ],
    tables: [
      { obj: 'table', parentLevel: 2, objectBits: 12, indexBits: 9 },
      { obj: 'pd', parentLevel: 1, objectBits: 12, indexBits: 9 },
      { obj: 'pdpt', parentLevel: 0, objectBits: 12, indexBits: 9 },
    ],
    vspaceBits: 12,
    userTop: config.userTop ?? word(0x7fff, 0xffffffff),
    asidLowBits: 9,
    asidHighBits: 3,
    addressShift: 0,
    contiguousIncrements: false,
    table: x86Table,
    kernelFirstIndex: -1,
  };
}
