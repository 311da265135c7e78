import { VmRights, word, type Word } from './descriptor.ts';

/**
 * Flag bits of an x86 entry, the same in ia32 and x86_64.
 *
 * ```text
 *  63  62      52 51         12 11  9  8   7   6   5   4    3   2   1   0
 * +---+----------+-------------+-----+---+---+---+---+----+----+---+---+---+
 * |XD |    0     |   address   | avl | G |PAT| D | A |PCD |PWT |US |RW | P |   4 KiB page
 * +---+----------+-------------+-----+---+---+---+---+----+----+---+---+---+
 *                       12 = PAT           PS                                  large page: PS = 1, PAT in bit 12
 * ```
 * XD is never set: every page is executable. A and D read as 0 in traces.
 * Source: src/arch/x86/64/kernel/vspace.c makeUserPTE… (832–971), 32/kernel/vspace.c (505–571).
 */
const RIGHTS = [3, 5, 7];

/** attr bit 0 → PWT, bit 1 → PCD. */
const cacheBits = (attr: number): number => ((attr & 1) << 3) | ((attr & 2) << 3);

/** Rights without read are "kernel only": present, writable, supervisor. */
const base = (rights: number, attr: number): number =>
  (RIGHTS[rights] ?? RIGHTS[VmRights.kernelOnly]) | cacheBits(attr);

/** A 4 KiB page: PAT in bit 7. */
export const x86Small = (rights: number, attr: number): Word => word(0, base(rights, attr) | ((attr & 4) << 5));
/** A 2 MiB or 4 MiB page: PS, PAT in bit 12. */
export const x86Large = (rights: number, attr: number): Word => word(0, base(rights, attr) | 0x80 | ((attr & 4) << 10));
/** A 1 GiB page: PS; the PAT attribute is ignored. */
export const x86Huge = (rights: number, attr: number): Word => word(0, base(rights, attr) | 0x80);
/** A table: present, writable, user, and the cache bits of the map_table call. */
export const x86Table = (attr: number): Word => word(0, 7 | cacheBits(attr));
