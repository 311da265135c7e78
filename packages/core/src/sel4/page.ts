import { VmRights } from './arch/descriptor.ts';
import {
  ASID,
  CAP_WORDS,
  OBJECT,
  OBJECT_HI,
  RIGHTS_MASK,
  RIGHTS_OF,
  RIGHTS_SHIFT,
  SIZE_FIELD,
  SIZE_MASK,
  SIZE_SHIFT,
  UNSURE,
  VADDR_HI,
  VADDR_LO,
} from './capability.ts';
import { NO_ENTRY, NO_VSPACE, OTHER_ENTRY } from './columns.ts';
import type { Kernel } from './kernel.ts';
import { maintainMap, maintainUnmap } from './maintenance.ts';
import { encodeHi, encodeLo, ensureEntries, walk } from './page-table.ts';

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
export function performMap(
  k: Kernel,
  c: number,
  v: number,
  hi: number,
  lo: number,
  letters: number,
  attr: number,
): void {
  if (k.at < k.zeros) ensureEntries(k);
  const caps = k.caps;
  const w = caps[c];
  const size = w & SIZE_FIELD;
  const flags = ((((size >> 3) * 3 + ((w >> RIGHTS_SHIFT) & RIGHTS_MASK)) * 16 + letters) * 8 + (attr & 7)) * 2;
  const flagsLo = k.leaf[flags];
  const entries = k.sizes[size + 2];
  const at = k.at;
  if (k.sink !== null || entries !== 1 || flagsLo === 0) writePage(k, c, flagsLo, k.leaf[flags + 1], entries);
  else {
    // The common case once more, without calls: see check-map.ts.
    const paddrHi = caps[c + OBJECT_HI];
    const paddrLo = caps[c + OBJECT];
    const shifted = k.addressShift !== 0;
    k.entryLo[at] = (shifted ? (paddrLo >>> 2) | (paddrHi << 30) : paddrLo) | flagsLo;
    k.entryHi[at] = (shifted ? paddrHi >>> 2 : paddrHi) | k.leaf[flags + 1];
    k.links[at] = -(size >> 3) - 1;
  }
  caps[c] = w & ~UNSURE;
  caps[c + ASID] = caps[v + ASID];
  caps[c + VADDR_LO] = lo;
  caps[c + VADDR_HI] = hi;
}

/** Write all entries of a page, and tell the sink. */
function writePage(k: Kernel, c: number, flagsLo: number, flagsHi: number, entries: number): void {
  const caps = k.caps;
  const paddrHi = caps[c + OBJECT_HI];
  const wasValid = k.links[k.at] < 0;
  if (flagsLo === 0) writeEntry(k, 0, 0, 0, 0, c);
  else {
    const hi = encodeHi(k, paddrHi) | flagsHi;
    const lo = encodeLo(k, paddrHi, caps[c + OBJECT]) | flagsLo;
    const step = k.contiguousIncrements ? 1 << k.shift[k.atLevel] : 0;
    const link = -((caps[c] >> SIZE_SHIFT) & SIZE_MASK) - 1;
    for (let i = 0; i < entries; i++) writeEntry(k, i, (lo + i * step) | 0, hi, link, c);
  }
  maintainMap(k, entries, wasValid);
}

/** Write the entry `i` behind the kernel's `at`, and tell the sink. */
function writeEntry(k: Kernel, i: number, lo: number, hi: number, link: number, c: number): void {
  const at = k.at + i;
  const sink = k.sink;
  if (sink !== null)
    sink.entryWritten(
      at,
      k.atTable,
      k.atIndex + i,
      k.entryLo[at],
      k.entryHi[at],
      k.links[at],
      lo,
      hi,
      link,
      c / CAP_WORDS,
    );
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
  caps[c] &= ~UNSURE;
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
  const size = caps[c] & SIZE_FIELD;
  const level = k.sizes[size + 1];
  const link = walk(k, root, caps[c + VADDR_HI], caps[c + VADDR_LO], level);
  if (link === 0 || k.atLevel !== level) {
    k.clearedWhy = NO_ENTRY;
    return;
  }
  const at = k.at;
  const paddrHi = caps[c + OBJECT_HI];
  const paddrLo = caps[c + OBJECT];
  const shifted = k.addressShift !== 0;
  if (
    link !== -(size >> 3) - 1 ||
    ((k.entryLo[at] ^ (shifted ? (paddrLo >>> 2) | (paddrHi << 30) : paddrLo)) & k.sizes[size + 3]) !== 0 ||
    ((k.entryHi[at] ^ (shifted ? paddrHi >>> 2 : paddrHi)) & k.sizes[size + 4]) !== 0
  ) {
    k.clearedWhy = OTHER_ENTRY;
    k.foundLo = k.entryLo[at];
    k.foundHi = k.entryHi[at];
    return;
  }
  k.cleared = 1;
  const entries = k.sizes[size + 2];
  if (k.sink !== null || entries !== 1) {
    for (let i = 0; i < entries; i++) writeEntry(k, i, 0, 0, 0, c);
    maintainUnmap(k, entries);
    return;
  }
  k.entryLo[at] = 0;
  k.entryHi[at] = 0;
  k.links[at] = 0;
}

/** Whether mapping this capability (offset) with these letters and attributes writes an invalid entry (RISC-V). */
export function writesInvalidEntry(k: Kernel, c: number, letters: number, attr: number): boolean {
  const w = k.caps[c];
  const rights = RIGHTS_OF[((w >> RIGHTS_SHIFT) & RIGHTS_MASK) * 16 + letters];
  return (
    rights === VmRights.kernelOnly && k.leafLo[(((w >> SIZE_SHIFT) & SIZE_MASK) * 3 + rights) * 8 + (attr & 7)] === 0
  );
}
