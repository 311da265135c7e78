import { type Architecture, Family, type KernelConfig, word } from './descriptor.ts';
import { riscvLeaf, riscvTable } from './riscv.ts';

/**
 * riscv32 with sv32: two levels of 1,024 entries, pages of 4 KiB and 4 MiB.
 *
 * ```text
 *  31         22 21         12 11          0
 * +-------------+-------------+-------------+
 * |   VPN[1]    |   VPN[0]    |   offset    |
 * +-------------+-------------+-------------+
 * ```
 * User addresses end at 0x80000000, compared with `>=` against the last byte.
 * Source: src/arch/riscv/kernel/vspace.c lookupPTSlot (392).
 * @throws RangeError for another number of levels than two
 */
export function riscv32(config: KernelConfig): Architecture {
  if ((config.ptLevels ?? 2) !== 2)
    throw new RangeError(`riscv32 has 2 page-table levels (sv32), not ${config.ptLevels}`);
  return {
    name: 'riscv32',
    variant: 'riscv32 sv32',
    family: Family.riscv,
    wordBits: 32,
    levels: [
      { shift: 22, indexBits: 10 },
      { shift: 12, indexBits: 10 },
    ],
    sizes: [
      { bits: 12, level: 1, entries: 1, addressMask: word(0x3fffff, 0xfffffc00), leaf: riscvLeaf },
      { bits: 22, level: 0, entries: 1, addressMask: word(0x3fffff, 0xfff00000), leaf: riscvLeaf },
    ],
    tables: [{ obj: 'table', parentLevel: -1, objectBits: 12, indexBits: 10 }],
    vspaceBits: 12,
    userTop: config.userTop ?? word(0, 0x80000000),
    asidLowBits: 4,
    asidHighBits: 5,
    addressShift: 2,
    contiguousIncrements: false,
    table: riscvTable,
    kernelFirstIndex: -1,
  };
}
