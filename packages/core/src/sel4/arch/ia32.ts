import { type Architecture, Family, type KernelConfig, word } from './descriptor.ts';
import { x86Large, x86Small, x86Table } from './x86.ts';

/**
 * ia32 without PAE: a page directory of 1,024 entries of 4 MiB, page tables of 1,024 pages.
 *
 * ```text
 *  31         22 21         12 11          0
 * +-------------+-------------+-------------+
 * |   PD index  |   PT index  |   offset    |
 * +-------------+-------------+-------------+
 * ```
 * User addresses end at 0xe0000000, compared with `>` (so a table exactly there meets a kernel entry).
 * Source: src/arch/x86/32/kernel/vspace.c, include/arch/x86/arch/32/mode/hardware.h.
 */
export function ia32(config: KernelConfig): Architecture {
  const userTop = config.userTop ?? word(0, 0xe0000000);
  return {
    name: 'ia32',
    variant: 'ia32',
    family: Family.x86,
    wordBits: 32,
    levels: [
      { shift: 22, indexBits: 10 },
      { shift: 12, indexBits: 10 },
    ],
    sizes: [
      { bits: 12, level: 1, entries: 1, addressMask: word(0xffff, 0xfffff000), leaf: x86Small },
      { bits: 22, level: 0, entries: 1, addressMask: word(0xffff, 0xffc00000), leaf: x86Large },
    ],
    tables: [{ obj: 'table', parentLevel: 0, objectBits: 12, indexBits: 10 }],
    vspaceBits: 12,
    userTop,
    asidLowBits: 10,
    asidHighBits: 2,
    addressShift: 0,
    contiguousIncrements: false,
    table: x86Table,
    kernelFirstIndex: userTop.lo >>> 22,
  };
}
