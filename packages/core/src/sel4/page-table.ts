import { ASID, OBJECT, VADDR_HI, VADDR_LO } from './capability.ts';
import { Why } from './columns.ts';
import { EXTERNAL_ROOT, type Kernel, SIZE_WORDS, WALK_CACHE } from './kernel.ts';

/**
 * Walk from a root towards an address, down to `level` at most: stops there, or at the first entry that points to no
 * table. Leaves table, index, arena position and level in the kernel's `at*` fields.
 *
 * Source: lookupPTSlot of each architecture.
 *
 * @param root - table handle
 * @param hi - address, high half (signed)
 * @param lo - address, low half (signed)
 * @param level - deepest level to read
 * @returns the link of the entry where the walk stopped
 */
export function walk(k: Kernel, root: number, hi: number, lo: number, level: number): number {
  if (level === k.lastLevel) {
    const cache = k.walkCache;
    const prefix = lo >>> k.prefixShift;
    const line = ((prefix + root) & (WALK_CACHE - 1)) << 3;
    if (cache[line] === root && cache[line + 2] === prefix && cache[line + 1] === hi) {
      const index = (lo >>> 12) & k.leafMask;
      const at = cache[line + 4] + index;
      k.atTable = cache[line + 3];
      k.atIndex = index;
      k.at = at;
      k.atLevel = level;
      if (k.sink !== null) k.sink.walked(level + 1);
      return k.links[at];
    }
  }
  return walkTables(k, root, hi, lo, level);
}

/** The walk itself. */
function walkTables(k: Kernel, root: number, hi: number, lo: number, level: number): number {
  const links = k.links;
  const shift = k.shift;
  const mask = k.indexMask;
  const base = k.tableBase;
  let table = root;
  let l = 0;
  for (;;) {
    const s = shift[l];
    const index = (s >= 32 ? hi >>> (s - 32) : ((hi << 1) << (31 - s)) | (lo >>> s)) & mask[l];
    const at = base[table] + index;
    const link = links[at];
    if (link <= 0 || l === level) {
      k.atTable = table;
      k.atIndex = index;
      k.at = at;
      k.atLevel = l;
      if (l === k.lastLevel) remember(k, root, hi, lo, table);
      if (k.sink !== null) k.sink.walked(l + 1);
      return link;
    }
    table = link;
    l++;
  }
}

function remember(k: Kernel, root: number, hi: number, lo: number, table: number): void {
  const prefix = lo >>> k.prefixShift;
  const line = ((prefix + root) & (WALK_CACHE - 1)) << 3;
  k.walkCache[line] = root;
  k.walkCache[line + 1] = hi;
  k.walkCache[line + 2] = prefix;
  k.walkCache[line + 3] = table;
  k.walkCache[line + 4] = k.tableBase[table];
}

/** Before the first write to a table: give it entries of its own and move `at` there. */
export function ensureEntries(k: Kernel): void {
  if (k.tableBase[k.atTable] === 0) {
    k.allocateEntries(k.atTable);
    k.at = k.tableBase[k.atTable] + k.atIndex;
  }
}

/** The physical address, low half, as it stands in an entry. */
export function encodeLo(k: Kernel, hi: number, lo: number): number {
  return k.addressShift === 0 ? lo : (lo >>> 2) | (hi << 30);
}

/** The physical address, high half, as it stands in an entry. */
export function encodeHi(k: Kernel, hi: number): number {
  return k.addressShift === 0 ? hi : hi >>> 2;
}

/**
 * Whether the entry at an arena position carries a physical address, compared at a page size's precision.
 * The caller has tested that it is a page of that size.
 */
export function entryHolds(k: Kernel, at: number, size: number, paddrHi: number, paddrLo: number): boolean {
  return (
    ((k.entryLo[at] ^ encodeLo(k, paddrHi, paddrLo)) & k.sizes[size * SIZE_WORDS + 3]) === 0 &&
    ((k.entryHi[at] ^ encodeHi(k, paddrHi)) & k.sizes[size * SIZE_WORDS + 4]) === 0
  );
}

/**
 * Point an entry to a table. The entry is at the kernel's `at*` fields and is empty.
 *
 * @param cap - the invoked capability's slot
 */
export function linkTable(k: Kernel, table: number, attr: number, cap: number): void {
  ensureEntries(k);
  const at = k.at;
  const hi = k.tableHiPaddr[table];
  const lo = encodeLo(k, hi, k.tableLoPaddr[table]) | k.tableLo[attr & 7];
  const sink = k.sink;
  if (sink !== null)
    sink.entryWritten(
      at,
      k.atTable,
      k.atIndex,
      k.entryLo[at],
      k.entryHi[at],
      k.links[at],
      lo,
      encodeHi(k, hi),
      table,
      cap,
    );
  k.entryLo[at] = lo;
  k.entryHi[at] = encodeHi(k, hi);
  k.links[at] = table;
  k.tableRefs[table]++;
  k.tableChildren[k.atTable]++;
}

/** Empty the entry at the kernel's `at*` fields, which points to a table. */
export function unlinkTable(k: Kernel, cap: number): void {
  const at = k.at;
  const child = k.links[at];
  const sink = k.sink;
  if (sink !== null) sink.entryWritten(at, k.atTable, k.atIndex, k.entryLo[at], k.entryHi[at], child, 0, 0, 0, cap);
  k.entryLo[at] = 0;
  k.entryHi[at] = 0;
  k.links[at] = 0;
  k.tableChildren[k.atTable]--;
  k.walkCache.fill(0);
  dropReference(k, child);
}

function dropReference(k: Kernel, table: number): void {
  if (--k.tableRefs[table] === 0 && k.tableAlive[table] === 0) freeTable(k, table);
}

/** Zero a table's memory, as an unmap does. Tables below stay mapped in their capabilities, and frames know nothing. */
export function clearTable(k: Kernel, table: number): void {
  const base = k.tableBase[table];
  if (base === 0) return;
  const entries = k.tableEntries[table];
  if (k.tableChildren[table] > 0) {
    k.tableChildren[table] = 0;
    k.walkCache.fill(0);
    for (let at = base; at < base + entries; at++) {
      const child = k.links[at];
      k.links[at] = 0;
      if (child > 0) dropReference(k, child);
    }
  }
  k.entryLo.fill(0, base, base + entries);
  k.entryHi.fill(0, base, base + entries);
  k.links.fill(0, base, base + entries);
  if (k.sink !== null) k.sink.tableCleared(table, base, entries);
}

/** Give a table's memory back; no capability and no entry names it any more. */
function freeTable(k: Kernel, table: number): void {
  if (table === EXTERNAL_ROOT) return;
  const base = k.tableBase[table];
  if (base !== 0) {
    clearTable(k, table);
    const entries = k.tableEntries[table];
    const free = k.freeBases.get(entries);
    if (free === undefined) k.freeBases.set(entries, [base]);
    else free.push(base);
    k.tableBase[table] = 0;
  }
  k.freeHandles.push(table);
}

/**
 * The last capability to a table is gone. Its memory stays as it is while an entry still points to it (a table of a
 * tree whose ASID is dead), and is freed with the last such entry.
 */
export function releaseTable(k: Kernel, table: number): void {
  k.tableAlive[table] = 0;
  if (k.tableRefs[table] === 0) freeTable(k, table);
}

/**
 * Empty the entry that maps a table, if it still points to this table: the common part of PageTable_Unmap and of a
 * table's finalisation. Sets `cleared`.
 *
 * Source: unmapPageTable (riscv 506, arm/64 1106, arm/32 1177, x86 767), unmapPageDirectory, unmapPDPT.
 *
 * @param c - offset of a mapped table capability
 */
export function unmapTableEntry(k: Kernel, c: number): boolean {
  const caps = k.caps;
  const table = caps[c + OBJECT];
  const root = k.rootOf(caps[c + ASID]);
  k.cleared = 0;
  if (root === 0) {
    k.clearedWhy = Why.no_vspace;
    return false;
  }
  const hi = caps[c + VADDR_HI];
  const lo = caps[c + VADDR_LO];
  let link = walk(k, root, hi, lo, 0);
  for (let level = 1; link > 0 && link !== table && level <= k.lastLevel; level++)
    link = walkFrom(k, hi, lo, level, link);
  if (link !== table) {
    if (link === 0) k.clearedWhy = Why.no_entry;
    else {
      k.clearedWhy = Why.other_entry;
      k.foundLo = k.entryLo[k.at];
      k.foundHi = k.entryHi[k.at];
    }
    return false;
  }
  unlinkTable(k, c >>> 3);
  k.cleared = 1;
  return true;
}

/** One more level of a walk, from a table that stands at that level. */
function walkFrom(k: Kernel, hi: number, lo: number, level: number, table: number): number {
  const s = k.shift[level];
  const index = (s >= 32 ? hi >>> (s - 32) : ((hi << 1) << (31 - s)) | (lo >>> s)) & k.indexMask[level];
  k.atTable = table;
  k.atIndex = index;
  k.at = k.tableBase[table] + index;
  k.atLevel = level;
  if (k.sink !== null) k.sink.walked(1);
  return k.links[k.at];
}
