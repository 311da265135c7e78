import { Family } from './arch/descriptor.ts';
import {
  ASID,
  CAP_WORDS,
  CapType,
  MAPPED,
  NEXT,
  OBJECT,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from './capability.ts';
import type { Kernel } from './kernel.ts';
import { maintainTableMap, maintainTableUnlink, maintainZero } from './maintenance.ts';
import {
  DELETE_FIRST,
  ILLEGAL_OPERATION,
  INVALID_ROOT,
  invalidArgument,
  invalidCapability,
  missingCapability,
  OK,
  REVOKE_FIRST,
} from './outcome.ts';
import { clearTable, linkTable, unmapTableEntry, walk } from './page-table.ts';

const IC0 = invalidCapability(0);
const IC1 = invalidCapability(1);
const IA0 = invalidArgument(0);

/**
 * Check a PageTable_Map (x86 also PageDirectory_Map and PDPT_Map). Attributes are never wrong, and no address is
 * misaligned: it is rounded down to what the entry covers.
 *
 * Source: decodeRISCVPageTableInvocation (683), arm/64 decodeARMPageTableInvocation (1519), arm/32 (2111),
 * decodeX86PageTableInvocation (1140), decodeX64PageDirectoryInvocation (1134), decodeX64PDPTInvocation (1298).
 *
 * @param c - offset of the invoked capability
 * @param v - offset of the vspace capability
 * @returns the packed outcome; after `OK` the `at*` fields name the empty entry
 */
export function checkMapTable(k: Kernel, c: number, v: number, hi: number, lo: number): number {
  const w = k.caps[c];
  const type = w & TYPE_MASK;
  if (type !== CapType.table) return type === CapType.empty ? IC0 : ILLEGAL_OPERATION;
  if ((w & MAPPED) !== 0) return IC0;
  if (!k.isVspaceArgument(v)) return IC1;
  const parentLevel = (w >> SIZE_SHIFT) & SIZE_MASK;
  const x86 = k.family === Family.x86;
  if (x86) {
    const span = k.shift[parentLevel];
    if (span >= 32) {
      lo = 0;
      hi = (hi >> (span - 32)) << (span - 32);
    } else lo = (lo >> span) << span;
  }
  // x86 and aarch64 compare with `>`, the others with `>=`.
  const inclusive = x86 || k.family === Family.aarch64;
  const atTop = inclusive ? lo >>> 0 > k.topLo >>> 0 : lo >>> 0 >= k.topLo >>> 0;
  if (hi === k.topHi ? atTop : hi >>> 0 > k.topHi >>> 0) return IA0;
  const root = k.rootOf(k.caps[v + ASID]);
  if (root === 0) return INVALID_ROOT;
  if (root !== k.caps[v + OBJECT]) return IC1;
  if (x86) {
    const link = walk(k, root, hi, lo, parentLevel);
    if (k.atLevel !== parentLevel) return missingCapability(k.shift[k.atLevel], false);
    return link !== 0 || (k.kernelFirstIndex >= 0 && k.atIndex >= k.kernelFirstIndex) ? DELETE_FIRST : OK;
  }
  if (k.family === Family.aarch32) return walk(k, root, hi, lo, 0) !== 0 ? DELETE_FIRST : OK;
  // One object for every level: it goes where the walk finds nothing.
  return walk(k, root, hi, lo, k.lastLevel) !== 0 || k.atLevel === k.lastLevel ? DELETE_FIRST : OK;
}

/** Link the table where `checkMapTable` has resolved, and record it in the capability. */
export function performMapTable(k: Kernel, c: number, v: number, hi: number, lo: number, attr: number): void {
  const caps = k.caps;
  linkTable(k, caps[c + OBJECT], attr, c / CAP_WORDS);
  const span = k.shift[k.atLevel];
  caps[c] = caps[c] | MAPPED;
  caps[c + ASID] = caps[v + ASID];
  caps[c + VADDR_LO] = span >= 32 ? 0 : (lo >> span) << span;
  caps[c + VADDR_HI] = span >= 32 ? (hi >> (span - 32)) << (span - 32) : hi;
  if (k.sink !== null) maintainTableMap(k);
}

/**
 * Check a PageTable_Unmap: refused while other capabilities of the table exist, and on RISC-V while it is the root of
 * an ASID.
 */
export function checkUnmapTable(k: Kernel, c: number): number {
  const caps = k.caps;
  const w = caps[c];
  const type = w & TYPE_MASK;
  if (type !== CapType.table) return type === CapType.empty ? IC0 : ILLEGAL_OPERATION;
  if (caps[c + NEXT] !== c) return REVOKE_FIRST;
  if (k.family === Family.riscv && (w & MAPPED) !== 0 && k.rootOf(caps[c + ASID]) === caps[c + OBJECT])
    return REVOKE_FIRST;
  return OK;
}

/**
 * PageTable_Unmap: clear the entry if it still points to this table, zero the table's memory in every case, and
 * forget the mapping. What is below is not visited: frames there become stale, lower tables stay mapped in their
 * capabilities. Sets `cleared`.
 */
export function performUnmapTable(k: Kernel, c: number): void {
  const caps = k.caps;
  if ((caps[c] & MAPPED) === 0) {
    k.cleared = -1;
    return;
  }
  unlinkMapped(k, c);
  const cleared = k.cleared;
  const table = caps[c + OBJECT];
  clearTable(k, table);
  if (k.sink !== null) maintainZero(k, 2 ** k.arch.tables[0].objectBits);
  caps[c] = caps[c] & ~MAPPED;
  k.cleared = cleared;
}

/**
 * Take a mapped table out of its tree, if its entry still points to it: the part that unmap and deletion share.
 *
 * @param c - offset of a mapped table capability
 */
export function unlinkMapped(k: Kernel, c: number): void {
  if (!unmapTableEntry(k, c) || k.sink === null) return;
  const table = k.caps[c + OBJECT];
  let pages = -1;
  if (k.family === Family.x86 && k.atLevel === k.lastLevel - 1) {
    pages = 0;
    const base = k.tableBase[table];
    if (base !== 0) for (let i = 0; i < k.tableEntries[table]; i++) if (k.links[base + i] < 0) pages++;
  }
  maintainTableUnlink(k, pages);
}
