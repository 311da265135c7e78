import { VmRights } from './arch/descriptor.ts';
import * as cap from './capability.ts';
import { Why } from './columns.ts';
import type { Kernel } from './kernel.ts';
import { maintainMap, maintainUnmap } from './maintenance.ts';
import { encodeHi, encodeLo, ensureEntries, entryHolds, walk } from './page-table.ts';

// A module's own constants are folded by V8, imported ones are not.
const { ASID, CAP_WORDS, OBJECT, OBJECT_HI, RIGHTS_MASK, RIGHTS_OF, RIGHTS_SHIFT, SIZE_MASK, SIZE_SHIFT, UNSURE, VADDR_HI, VADDR_LO } = cap;
const { no_vspace: NO_VSPACE, no_entry: NO_ENTRY, other_entry: OTHER_ENTRY } = Why;

/**
 * Write the mapping that `checkMap` has resolved (in the `at*` fields) and record it in the invoked capability.
 * Rights are the capability's, reduced by the letters asked for. A RISC-V page without rights and execute-never is
 * written as an invalid entry, while its capability counts as mapped.
 *
 * Source: performX86PageInvocationMap…, performPageInvocationMap (arm, riscv), makeUser*.
 *
 * @param c - offset of the invoked frame capability
 * @param v - offset of the vspace capability
 */
export function performMap(k: Kernel, c: number, v: number, hi: number, lo: number, letters: number, attr: number): void {
  ensureEntries(k);
  const caps = k.caps;
  const w = caps[c];
  const size = (w >> SIZE_SHIFT) & SIZE_MASK;
  const held = (w >> RIGHTS_SHIFT) & RIGHTS_MASK;
  const flags = (size * 3 + RIGHTS_OF[held * 16 + letters]) * 8 + (attr & 7);
  const flagsLo = k.leafLo[flags];
  const flagsHi = k.leafHi[flags];
  const paddrHi = caps[c + OBJECT_HI];
  const paddrLo = caps[c + OBJECT];
  const entries = k.sizeEntries[size];
  const at = k.at;
  const wasValid = k.links[at] < 0;
  if (flagsLo === 0) writeEntry(k, at, k.atIndex, 0, 0, 0, c);
  else {
    const newHi = encodeHi(k, paddrHi) | flagsHi;
    let newLo = encodeLo(k, paddrHi, paddrLo) | flagsLo;
    writeEntry(k, at, k.atIndex, newLo, newHi, -(size + 1), c);
    if (entries > 1) {
      const step = k.contiguousIncrements ? 1 << k.shift[k.atLevel] : 0;
      for (let i = 1; i < entries; i++) {
        newLo = (newLo + step) | 0;
        writeEntry(k, at + i, k.atIndex + i, newLo, newHi, -(size + 1), c);
      }
    }
  }
  caps[c] = w & ~UNSURE;
  caps[c + ASID] = caps[v + ASID];
  caps[c + VADDR_LO] = lo;
  caps[c + VADDR_HI] = hi;
  if (k.sink !== null) maintainMap(k, entries, wasValid);
}

function writeEntry(k: Kernel, at: number, index: number, lo: number, hi: number, link: number, c: number): void {
  const sink = k.sink;
  if (sink !== null)
    sink.entryWritten(at, k.atTable, index, k.entryLo[at], k.entryHi[at], k.links[at], lo, hi, link, c / CAP_WORDS);
  k.entryLo[at] = lo;
  k.entryHi[at] = hi;
  k.links[at] = link;
}

/**
 * Page_Unmap: clear the entry if it is a page of this size that holds this frame, whichever capability made it, and
 * forget the mapping in any case. Never fails. Sets `cleared`.
 *
 * @param c - offset of the invoked frame capability
 */
export function performUnmap(k: Kernel, c: number): void {
  const caps = k.caps;
  if (caps[c + ASID] === 0) k.cleared = -1;
  else {
    clearPage(k, c);
    caps[c + ASID] = 0;
    caps[c + VADDR_LO] = 0;
    caps[c + VADDR_HI] = 0;
  }
  caps[c] = caps[c] & ~UNSURE;
}

/**
 * unmapPage: by ASID, address, size and physical address of the capability's own record; for a large page of aarch32
 * only the first entry is compared. Sets `cleared` and, where nothing was cleared, why.
 *
 * Source: unmapPage (riscv 555, arm/64 1136, arm/32 1325, x86 715).
 *
 * @param c - offset of a mapped frame capability
 */
export function clearPage(k: Kernel, c: number): void {
  const caps = k.caps;
  k.cleared = 0;
  const root = k.asidRoots[caps[c + ASID]];
  if (root === 0) {
    k.clearedWhy = NO_VSPACE;
    return;
  }
  const size = (caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const level = k.sizeLevel[size];
  const link = walk(k, root, caps[c + VADDR_HI], caps[c + VADDR_LO], level);
  if (link === 0 || k.atLevel !== level) {
    k.clearedWhy = NO_ENTRY;
    return;
  }
  const at = k.at;
  if (link !== -(size + 1) || !entryHolds(k, at, size, caps[c + OBJECT_HI], caps[c + OBJECT])) {
    k.clearedWhy = OTHER_ENTRY;
    k.foundLo = k.entryLo[at];
    k.foundHi = k.entryHi[at];
    return;
  }
  const entries = k.sizeEntries[size];
  for (let i = 0; i < entries; i++) writeEntry(k, at + i, k.atIndex + i, 0, 0, 0, c);
  k.cleared = 1;
  if (k.sink !== null) maintainUnmap(k, entries);
}

/** Whether mapping this capability (offset) with these letters and attributes writes an invalid entry (RISC-V). */
export function writesInvalidEntry(k: Kernel, c: number, letters: number, attr: number): boolean {
  const w = k.caps[c];
  const rights = RIGHTS_OF[((w >> RIGHTS_SHIFT) & RIGHTS_MASK) * 16 + letters];
  return rights === VmRights.kernelOnly && k.leafLo[(((w >> SIZE_SHIFT) & SIZE_MASK) * 3 + rights) * 8 + (attr & 7)] === 0;
}
