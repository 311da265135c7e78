import {
  ASID,
  CAP_WORDS,
  CapType,
  type Columns,
  holdsFrame,
  isStale,
  type Kernel,
  MAPPED,
  OBJECT,
  Op,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
  walk,
} from '@overmap/core';

const TYPES = Object.keys(CapType);

/** What a Page_Map's checks can see of a state, without the addresses and numbers themselves. */
export interface MapSituation {
  /** The invoked slot's type, with a frame's size: "frame 12". */
  readonly cap: string;
  /** What the vspace argument is: usable, or why not. */
  readonly vspace: 'ok' | 'no vspace' | 'not assigned' | 'its ASID is free' | "its ASID is another root's";
  readonly misaligned: boolean;
  /** How the address, its last byte and the byte behind lie to the limit: -1, 0, 1; "w" = the sum wraps. */
  readonly limit: string;
  /** What the capability records. */
  readonly record: 'nothing' | 'here' | 'another address' | 'another vspace' | 'another vspace and address';
  /** The record's place does not hold the frame. */
  readonly stale: boolean;
  /** Where a walk to the page's level ends, and what is there. */
  readonly place: string;
  /** The page that is there holds the invoked frame. */
  readonly holds: boolean;
}

/** The situation of the Page_Map in a row. Moves the kernel's `at*` fields. */
export function mapSituation(k: Kernel, columns: Columns, row: number): MapSituation {
  const c = columns.cap[row] * CAP_WORDS;
  const v = columns.vspace[row] * CAP_WORDS;
  const [hi, lo] = [columns.vaddrHi[row], columns.vaddrLo[row]];
  const type = k.caps[c] & TYPE_MASK;
  const frame = type === CapType.frame;
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const bits = frame ? k.sizeBits[size] : 12;
  const asid = k.caps[v + ASID];
  const root = k.caps[v + OBJECT];
  const usable = (k.caps[v] & (TYPE_MASK | MAPPED)) === k.vspaceWord;
  const vspace = !usable
    ? (k.caps[v] & TYPE_MASK) === (k.vspaceWord & TYPE_MASK)
      ? 'not assigned'
      : 'no vspace'
    : k.asidRoots[asid] === root
      ? 'ok'
      : k.asidRoots[asid] === 0
        ? 'its ASID is free'
        : "its ASID is another root's";
  const here = { place: '', holds: false };
  if (frame && vspace === 'ok') Object.assign(here, placeOf(k, c, size, root, hi, lo));
  const recorded = frame ? k.caps[c + ASID] : 0;
  const sameAddress = k.caps[c + VADDR_LO] === lo && k.caps[c + VADDR_HI] === hi;
  return {
    cap: frame ? `frame ${bits}` : (TYPES[type] ?? ''),
    vspace,
    misaligned: (lo & ((1 << bits) - 1)) !== 0,
    limit: limitOf(k, hi, lo, bits),
    record:
      recorded === 0
        ? 'nothing'
        : recorded === asid
          ? sameAddress
            ? 'here'
            : 'another address'
          : sameAddress
            ? 'another vspace'
            : 'another vspace and address',
    stale: frame && isStale(k, c),
    ...here,
  };
}

/** A situation as one text. */
export const sayMapSituation = (s: MapSituation): string =>
  `${s.cap}; vspace: ${s.vspace}; ${s.misaligned ? 'misaligned' : 'aligned'}; limit ${s.limit}; records ${s.record}${s.stale ? ', stale' : ''}; place: ${s.place}${s.holds ? ', holds it' : ''}`;

function placeOf(
  k: Kernel,
  c: number,
  size: number,
  root: number,
  hi: number,
  lo: number,
): { place: string; holds: boolean } {
  const deepest = walk(k, root, hi, lo, k.lastLevel);
  const stop = `stops at level ${k.atLevel}: ${linkName(k, deepest)}`;
  const level = k.sizeLevel[size];
  const link = walk(k, root, hi, lo, level);
  if (k.atLevel !== level) return { place: stop, holds: false };
  let place = link > 0 ? `a table; ${stop}` : linkName(k, link);
  const entries = k.sizeEntries[size];
  if (entries > 1) {
    // Which of the entries are taken counts: a large page has them all, smaller pages any.
    const kinds = Array.from({ length: entries }, (_, i) => linkName(k, k.links[k.at + i]));
    place += `, ${new Set(kinds).size === 1 ? 'all alike' : `${kinds.filter((kind) => kind !== 'empty').length === 1 ? 'one' : 'some'} taken, at ${kinds.findIndex((kind) => kind !== 'empty')}`}`;
  }
  return { place, holds: holdsFrame(k, c, size) };
}

function linkName(k: Kernel, link: number): string {
  if (link === 0) return 'empty';
  return link > 0 ? 'a table' : `a page of ${k.sizeBits[-link - 1]}`;
}

function limitOf(k: Kernel, hi: number, lo: number, bits: number): string {
  const mask = k.wordBits === 64 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  const wide = (h: number, l: number): bigint => (BigInt(h >>> 0) << 32n) | BigInt(l >>> 0);
  const top = wide(k.topHi, k.topLo);
  const address = wide(hi, lo);
  const side = (sum: bigint): string => {
    const wrapped = sum & mask;
    return `${wrapped < top ? '-' : wrapped === top ? '0' : '+'}${sum === wrapped ? '' : 'w'}`;
  };
  const bytes = 1n << BigInt(bits);
  return `${side(address)} ${side(address + bytes - 1n)} ${side(address + bytes)}`;
}

/** What an invocation other than Page_Map can see: coarser, and enough to tell vectors apart. */
export function otherSituation(k: Kernel, columns: Columns, row: number): string {
  const c = columns.cap[row] * CAP_WORDS;
  const word = k.caps[c];
  const type = word & TYPE_MASK;
  const kind = TYPES[type] ?? '';
  if (type === CapType.table)
    return `${kind} ${(word & MAPPED) === 0 ? 'not mapped' : 'mapped'} (${(word >> SIZE_SHIFT) & SIZE_MASK})`;
  if (columns.op[row] !== Op.unmap || type !== CapType.frame) return kind;
  const size = (word >> SIZE_SHIFT) & SIZE_MASK;
  const asid = k.caps[c + ASID];
  if (asid === 0) return `${kind} ${k.sizeBits[size]}, mapped nowhere`;
  const root = k.rootOf(asid);
  if (root === 0) return `${kind} ${k.sizeBits[size]}, its ASID is free`;
  const { place, holds } = placeOf(k, c, size, root, k.caps[c + VADDR_HI], k.caps[c + VADDR_LO]);
  return `${kind} ${k.sizeBits[size]}; place: ${place}${holds ? ', holds it' : ''}`;
}
