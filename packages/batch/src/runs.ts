import {
  ASID as ASID_,
  CAP_WORDS as CAP_WORDS_,
  type Kernel,
  OBJECT as OBJECT_,
  OBJECT_HI as OBJECT_HI_,
  RIGHTS_MASK,
  RIGHTS_OF,
  RIGHTS_SHIFT,
  VADDR_HI as VADDR_HI_,
  VADDR_LO as VADDR_LO_,
} from '@overmap/core';

// A module's own constants are folded by V8, imported ones are not.
const [ASID, CAP_WORDS, OBJECT, OBJECT_HI, VADDR_HI, VADDR_LO] = [
  ASID_,
  CAP_WORDS_,
  OBJECT_,
  OBJECT_HI_,
  VADDR_HI_,
  VADDR_LO_,
];

/*
 * Pages of one size in one table, one behind the other, from capabilities in slots one behind the other: what a window
 * is nearly always. They are done in one loop over typed arrays, without a call for a page, as far as they are of the
 * plainest kind; the first other one ends the loop and is the general step's.
 *
 * The loops keep few values alive, since each typed array takes two registers: what is filled with one word is filled
 * behind the loop, the capabilities' first words (type, size, rights) are all the same, and a journal is no business
 * of the loop (7.2 instead of 10.4 ns a page).
 *
 * Only for sizes that fill one entry. The engine has just done the page before the first, in the same table, with all
 * its checks: vspace, ASID, alignment and level hold for the rest.
 */

/** A run: what does not change from page to page. */
export interface Run {
  /** Index of the pages' size. */
  size: number;
  /** First word of their capabilities; certain, in a partial trace too. */
  word: number;
  asid: number;
  /** High half of all their addresses, low half of the first. */
  hi: number;
  lo: number;
  /** Table, index in it and position of the first entry. */
  table: number;
  index: number;
  at: number;
  /** Most pages that there are. */
  most: number;
  letters: number;
  attr: number;
}

/**
 * Map unmapped frames to empty places.
 *
 * @param c - offset of the first capability
 * @returns how many pages were done
 */
export function mapFresh(k: Kernel, run: Run, c: number): number {
  const { asid, hi, word } = run;
  const caps = k.caps;
  const entryLo = k.entryLo;
  const entryHi = k.entryHi;
  const links = k.links;
  const flags = flagsOf(run);
  const flagsLo = k.leafLo[flags];
  const flagsHi = k.leafHi[flags];
  // RISC-V: no rights and execute-never make no valid entry.
  if (flagsLo === 0) return 0;
  const leaf = -(run.size + 1);
  const step = 1 << k.sizeBits[run.size];
  const shift = k.addressShift;
  const carry = shift === 0 ? 0 : -1;
  const end = run.at + run.most;
  let at = run.at;
  let lo = run.lo;
  for (; at < end; at++) {
    if (caps[c] !== word || caps[c + ASID] !== 0 || links[at] !== 0) break;
    const paddrHi = caps[c + OBJECT_HI];
    entryLo[at] = (caps[c + OBJECT] >>> shift) | ((paddrHi << 30) & carry) | flagsLo;
    entryHi[at] = (paddrHi >>> shift) | flagsHi;
    caps[c + ASID] = asid;
    caps[c + VADDR_LO] = lo;
    caps[c + VADDR_HI] = hi;
    lo = (lo + step) | 0;
    c += CAP_WORDS;
  }
  links.fill(leaf, run.at, at);
  return at - run.at;
}

/**
 * Map again, with other rights and attributes, frames that record these addresses and whose places hold them: the
 * loop of protect, and of a map that comes again.
 *
 * @param c - offset of the first capability
 * @returns how many pages were done
 */
export function mapHeld(k: Kernel, run: Run, c: number): number {
  const { asid, hi, size, word } = run;
  const caps = k.caps;
  const entryLo = k.entryLo;
  const entryHi = k.entryHi;
  const links = k.links;
  const leaf = -(size + 1);
  const step = 1 << k.sizeBits[size];
  const flags = flagsOf(run);
  const flagsLo = k.leafLo[flags];
  const flagsHi = k.leafHi[flags];
  if (flagsLo === 0) return 0;
  const shift = k.addressShift;
  const carry = shift === 0 ? 0 : -1;
  const maskLo = k.addressMaskLo[size];
  const maskHi = k.addressMaskHi[size];
  const end = run.at + run.most;
  let at = run.at;
  let lo = run.lo;
  for (; at < end; at++) {
    if (caps[c] !== word || caps[c + ASID] !== asid || links[at] !== leaf) break;
    if (caps[c + VADDR_LO] !== lo || caps[c + VADDR_HI] !== hi) break;
    const paddrHi = caps[c + OBJECT_HI];
    const wordLo = (caps[c + OBJECT] >>> shift) | ((paddrHi << 30) & carry);
    const wordHi = paddrHi >>> shift;
    if (((entryLo[at] ^ wordLo) & maskLo) !== 0 || ((entryHi[at] ^ wordHi) & maskHi) !== 0) break;
    entryLo[at] = wordLo | flagsLo;
    entryHi[at] = wordHi | flagsHi;
    lo = (lo + step) | 0;
    c += CAP_WORDS;
  }
  return at - run.at;
}

/**
 * Unmap frames that record these addresses and whose places hold them.
 *
 * @param c - offset of the first capability
 * @returns how many pages were done
 */
export function clearHeld(k: Kernel, run: Run, c: number): number {
  const { asid, hi, size, word } = run;
  const caps = k.caps;
  const entryLo = k.entryLo;
  const entryHi = k.entryHi;
  const links = k.links;
  const leaf = -(size + 1);
  const step = 1 << k.sizeBits[size];
  const shift = k.addressShift;
  const carry = shift === 0 ? 0 : -1;
  const maskLo = k.addressMaskLo[size];
  const maskHi = k.addressMaskHi[size];
  const end = run.at + run.most;
  let at = run.at;
  let lo = run.lo;
  for (; at < end; at++) {
    if (caps[c] !== word || caps[c + ASID] !== asid || links[at] !== leaf) break;
    if (caps[c + VADDR_LO] !== lo || caps[c + VADDR_HI] !== hi) break;
    const paddrHi = caps[c + OBJECT_HI];
    const wordLo = (caps[c + OBJECT] >>> shift) | ((paddrHi << 30) & carry);
    if (((entryLo[at] ^ wordLo) & maskLo) !== 0 || ((entryHi[at] ^ (paddrHi >>> shift)) & maskHi) !== 0) break;
    caps[c + ASID] = 0;
    caps[c + VADDR_LO] = 0;
    caps[c + VADDR_HI] = 0;
    lo = (lo + step) | 0;
    c += CAP_WORDS;
  }
  entryLo.fill(0, run.at, at);
  entryHi.fill(0, run.at, at);
  links.fill(0, run.at, at);
  return at - run.at;
}

/** Where the kernel has the entry of the run's pages without their addresses. */
const flagsOf = (run: Run): number =>
  (run.size * 3 + RIGHTS_OF[((run.word >> RIGHTS_SHIFT) & RIGHTS_MASK) * 16 + run.letters]) * 8 + (run.attr & 7);
