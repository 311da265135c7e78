import { type Architecture, Family, type KernelConfig, type PageSize, word } from './descriptor.ts';

/**
 * aarch32 hypervisor builds (LPAE stage 2): a directory of 2,048 entries of 2 MiB, page tables of 512 entries.
 *
 * ```text
 *  63    55  54 53 52  51   40 39        12 11 10  9 8 7   6 5        2 1   0
 * +--------+---+--+---+-------+------------+--+--+----+-----+----------+-----+
 * |    0   |XN | 0|ctg|   0   |  address   | 0|AF| SH | HAP | MemAttr  |type |
 * +--------+---+--+---+-------+------------+--+--+----+-----+----------+-----+
 * ```
 * type 3 in a page table, 1 for a 2 MiB or 32 MiB section. `ctg` (contiguous) marks the 16 entries of a 64 KiB page
 * or a 32 MiB supersection, each with the address of its own piece. HAP: none 0, read 1, read-write 3.
 * MemAttr 15 = normal memory, 0 = device.
 * Source: src/arch/arm/32/kernel/vspace.c makeUserPTE, makeUserPDE under CONFIG_ARM_HYPERVISOR_SUPPORT.
 */
export function aarch32Hyp(config: KernelConfig): Architecture {
  const HAP = [0, 1, 3];
  const leaf =
    (type: number, contiguous: boolean): PageSize['leaf'] =>
    (rights, attr) =>
      word(
        ((attr & 4) << 20) | (contiguous ? 1 << 20 : 0),
        (1 << 10) | (HAP[rights] << 6) | (attr & 1 ? 15 << 2 : 0) | type,
      );
  const addressMask = word(0xffff, 0xfffff000);
  return {
    name: 'aarch32',
    variant: 'aarch32 hyp',
    family: Family.aarch32,
    wordBits: 32,
    levels: [
      { shift: 21, indexBits: 11 },
      { shift: 12, indexBits: 9 },
    ],
    sizes: [
      { bits: 12, level: 1, entries: 1, addressMask, leaf: leaf(3, false) },
      { bits: 16, level: 1, entries: 16, addressMask, leaf: leaf(3, true) },
      { bits: 21, level: 0, entries: 1, addressMask, leaf: leaf(1, false) },
      { bits: 25, level: 0, entries: 16, addressMask, leaf: leaf(1, true) },
    ],
    tables: [{ obj: 'table', parentLevel: 0, objectBits: 12, indexBits: 9 }],
    vspaceBits: 14,
    userTop: config.userTop ?? word(0, 0xe0000000),
    asidLowBits: 10,
    asidHighBits: 7,
    addressShift: 0,
    contiguousIncrements: true,
    table: () => word(0, 3),
    kernelFirstIndex: -1,
  };
}
