import type { Configuration } from './configurations.ts';

/*
 * Entries a second time, as sums of bits in BigInt straight from the manuals' tables.
 */

/** Effective rights by name. */
export type Rights = 'none' | 'r' | 'rw';

const bit = (n: number, set: boolean): bigint => (set ? 1n << BigInt(n) : 0n);
const field = (shift: number, value: number): bigint => BigInt(value) << BigInt(shift);
const pick = (rights: Rights, none: number, r: number, rw: number): number => ({ none, r, rw })[rights];

/** maskVMRights: what `asked` letters leave of what the capability holds. */
export function masked(held: Rights, asked: string): Rights {
  if (held === 'none' || !asked.includes('r')) return 'none';
  return held === 'rw' && asked.includes('w') ? 'rw' : 'r';
}

/** The entries that a page fills, each at its index; 0n is an empty entry. */
export function pageWords(c: Configuration, bits: number, rights: Rights, attr: number, paddr: bigint): bigint[] {
  const kind = c.pages.find((p) => p.bits === bits);
  if (kind === undefined) throw new RangeError(`${c.name} has no pages of 2^${bits} bytes`);
  return Array.from({ length: kind.entries }, (_, i) => {
    // Short descriptors repeat one word; LPAE gives each entry the address of its own piece.
    const piece = c.config.hyp === true ? paddr + (BigInt(i) << BigInt(kind.shift)) : paddr;
    return pageWord(c, bits, rights, attr, piece);
  });
}

function pageWord(c: Configuration, bits: number, rights: Rights, attr: number, paddr: bigint): bigint {
  const low = (attr & 1) !== 0;
  const middle = (attr & 2) !== 0;
  const high = (attr & 4) !== 0;
  const hyp = c.config.hyp === true;
  const smp = c.config.smp === true;
  switch (c.family) {
    case 'x86': {
      const pat = bits === 12 ? bit(7, high) : bits === 30 ? 0n : bit(12, high);
      return paddr | field(0, pick(rights, 3, 5, 7)) | bit(3, low) | bit(4, middle) | pat | bit(7, bits > 12);
    }
    case 'aarch64': {
      const kind = field(0, bits === 12 ? 3 : 1) | bit(58, bits === 12) | bit(10, true) | bit(54, high);
      const shared = field(8, smp && low ? 3 : 0);
      const access = hyp
        ? field(2, low ? 15 : 0) | field(6, pick(rights, 0, 1, 3))
        : field(2, low ? 4 : 0) | field(6, pick(rights, 0, 3, 1)) | bit(11, true);
      return paddr | kind | shared | access;
    }
    case 'aarch32':
      return hyp ? lpaeWord(bits, rights, attr, paddr) : shortWord(bits, rights, attr, paddr, smp);
    case 'riscv': {
      if (rights === 'none' && low) return 0n;
      return (
        ((paddr >> 12n) << 10n) | bit(4, true) | bit(3, !low) | bit(2, rights === 'rw') | bit(1, rights !== 'none') | 1n
      );
    }
  }
}

function shortWord(bits: number, rights: Rights, attr: number, paddr: bigint, smp: boolean): bigint {
  const cacheable = (attr & 1) !== 0;
  const never = (attr & 4) !== 0;
  const shared = !cacheable || smp;
  const ap = pick(rights, 1, 2, 3);
  const tex = cacheable ? 5 : 0;
  const buffered = bit(2, cacheable);
  switch (bits) {
    case 12:
      return (
        paddr | bit(11, true) | bit(10, shared) | field(6, tex) | field(4, ap) | buffered | bit(1, true) | bit(0, never)
      );
    case 16:
      return paddr | bit(15, never) | field(12, tex) | bit(11, true) | bit(10, shared) | field(4, ap) | buffered | 1n;
    default:
      return (
        paddr |
        bit(18, bits === 24) |
        bit(17, true) |
        bit(16, shared) |
        field(12, tex) |
        field(10, ap) |
        (bit(9, (attr & 2) !== 0) | bit(4, never) | buffered | 2n)
      );
  }
}

function lpaeWord(bits: number, rights: Rights, attr: number, paddr: bigint): bigint {
  const contiguous = bits === 16 || bits === 25;
  const memory = field(2, (attr & 1) !== 0 ? 15 : 0);
  const kind = field(0, bits <= 16 ? 3 : 1);
  return (
    paddr |
    bit(54, (attr & 4) !== 0) |
    bit(52, contiguous) |
    bit(10, true) |
    field(6, pick(rights, 0, 1, 3)) |
    memory |
    kind
  );
}

/** The entry that points to a table. */
export function tableWord(c: Configuration, attr: number, paddr: bigint): bigint {
  switch (c.family) {
    case 'x86':
      return paddr | 7n | bit(3, (attr & 1) !== 0) | bit(4, (attr & 2) !== 0);
    case 'aarch64':
      return paddr | 3n;
    case 'aarch32':
      return c.config.hyp === true ? paddr | 3n : paddr | bit(9, (attr & 2) !== 0) | 1n;
    case 'riscv':
      return ((paddr >> 12n) << 10n) | 1n;
  }
}
