import { type Architecture, Family, type KernelConfig, word } from './descriptor.ts';
import { riscvLeaf, riscvTable } from './riscv.ts';

/**
 * riscv64 with sv39.
 *
 * ```text
 *  63      39 38      30 29      21 20      12 11       0
 * +----------+----------+----------+----------+----------+
 * |  sign    |  VPN[2]  |  VPN[1]  |  VPN[0]  |  offset  |
 * +----------+----------+----------+----------+----------+
 * ```
 * User addresses end at 0x3ffffff000, compared with `>=` against the last byte.
 * Source: src/arch/riscv/kernel/vspace.c lookupPTSlot (392).
 * @throws RangeError for another number of levels than three
 */
export function riscv64(config: KernelConfig): Architecture {
  if ((config.ptLevels ?? 3) !== 3)
    throw new RangeError(`riscv64 is modelled with 3 page-table levels (sv39), not ${config.ptLevels}`);
  return {
    name: 'riscv64',
    variant: 'riscv64 sv39',
    family: Family.riscv,
    wordBits: 64,
    levels: [
      { shift: 30, indexBits: 9 },
      { shift: 21, indexBits: 9 },
      { shift: 12, indexBits: 9 },
    ],
    sizes: [
      { bits: 12, level: 2, entries: 1, addressMask: word(0x3fffff, 0xfffffc00), leaf: riscvLeaf },
      { bits: 21, level: 1, entries: 1, addressMask: word(0x3fffff, 0xfff80000), leaf: riscvLeaf },
      { bits: 30, level: 0, entries: 1, addressMask: word(0x3fffff, 0xf0000000), leaf: riscvLeaf },
    ],
    tables: [{ obj: 'table', parentLevel: -1, objectBits: 12, indexBits: 9 }],
    vspaceBits: 12,
    userTop: config.userTop ?? word(0x3f, 0xfffff000),
    asidLowBits: 9,
    asidHighBits: 7,
    addressShift: 2,
    contiguousIncrements: false,
    table: riscvTable,
    kernelFirstIndex: -1,
  };
}
