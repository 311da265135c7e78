import { type Architecture, Family, type KernelConfig, type Word, word } from './descriptor.ts';

/**
 * Attribute bits: attr bit 0 cacheable, bit 1 parity, bit 2 execute-never.
 * Cacheable: TEX 5, B 1, S 0 (1 in SMP builds); uncached: TEX 0, B 0, S 1. AP: kernel only 1, read 2, read-write 3.
 */
const AP = [1, 2, 3];
const tex = (attr: number): number => (attr & 1 ? 5 : 0);
const buffered = (attr: number): number => (attr & 1 ? 1 << 2 : 0);
const executeNever = (attr: number): number => (attr & 4 ? 1 : 0);

/**
 * aarch32 with short descriptors: a page directory of 4,096 entries of 1 MiB, page tables of 256 entries of 4 KiB.
 *
 * ```text
 *  31           20 19       12 11          0
 * +---------------+-----------+-------------+
 * |    PD index   |  PT index |   offset    |
 * +---------------+-----------+-------------+
 *
 * small page   31         12 11 10  9  8   6 5  4 3 2 1  0
 *             |   address   |nG|S |APX| TEX | AP |C|B|1|XN|
 * large page   31     16 15 14 12 11 10  9  8 6 5  4 3 2 1 0
 *             | address |XN| TEX |nG|S |APX| 0 | AP |C|B|0|1|          the same word 16 times
 * section      31     20 19 18 17 16 15 14 12 11 10 9 8    5  4 3 2 1 0
 *             | address | 0|16M|nG|S|APX| TEX | AP |P|domain|XN|C|B|1|0|   a supersection: the same word 16 times
 * table        31       10  9 8      2 1 0
 *             |  address  |P |   0    |0|1|
 * ```
 * Large pages (64 KiB) and supersections (16 MiB) fill 16 entries.
 * The end of the user range depends on the platform; the recordings' platform has 0xa0000000.
 * Source: src/arch/arm/32/kernel/vspace.c makeUserPTE (794), makeUserPDE (916).
 */
export function aarch32(config: KernelConfig): Architecture {
  const smp = config.smp === true;
  const shared = (attr: number): number => ((attr & 1) === 0 || smp ? 1 : 0);
  const small = (rights: number, attr: number): Word =>
    word(
      0,
      (1 << 11) | (shared(attr) << 10) | (tex(attr) << 6) | (AP[rights] << 4) | buffered(attr) | 2 | executeNever(attr),
    );
  const large = (rights: number, attr: number): Word =>
    word(
      0,
      (executeNever(attr) << 15) |
        (tex(attr) << 12) |
        (1 << 11) |
        (shared(attr) << 10) |
        (AP[rights] << 4) |
        buffered(attr) |
        1,
    );
  const section = (rights: number, attr: number): Word =>
    word(
      0,
      (1 << 17) |
        (shared(attr) << 16) |
        (tex(attr) << 12) |
        (AP[rights] << 10) |
        ((attr & 2) << 8) |
        (executeNever(attr) << 4) |
        buffered(attr) |
        2,
    );
  const superSection = (rights: number, attr: number): Word => word(0, section(rights, attr).lo | (1 << 18));
  return {
    name: 'aarch32',
    variant: 'aarch32',
    family: Family.aarch32,
    wordBits: 32,
    levels: [
      { shift: 20, indexBits: 12 },
      { shift: 12, indexBits: 8 },
    ],
    sizes: [
      { bits: 12, level: 1, entries: 1, addressMask: word(0xffff, 0xfffff000), leaf: small },
      { bits: 16, level: 1, entries: 16, addressMask: word(0xffff, 0xffff0000), leaf: large },
      { bits: 20, level: 0, entries: 1, addressMask: word(0xffff, 0xfff00000), leaf: section },
      { bits: 24, level: 0, entries: 16, addressMask: word(0xffff, 0xff000000), leaf: superSection },
    ],
    tables: [{ obj: 'table', parentLevel: 0, objectBits: 10, indexBits: 8 }],
    vspaceBits: 14,
    userTop: config.userTop ?? word(0, 0xa0000000),
    asidLowBits: 10,
    asidHighBits: 7,
    addressShift: 0,
    contiguousIncrements: false,
    table: (attr) => word(0, ((attr & 2) << 8) | 1),
    kernelFirstIndex: -1,
  };
}
