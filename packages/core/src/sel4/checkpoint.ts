import type { Kernel } from './kernel.ts';

/**
 * Visit every valid entry below a root in address order, tables included.
 *
 * @param root - table handle
 * @param visit - called with the address (hi, lo, signed halves), log2 of the bytes that the entry covers at its
 *   level, the raw entry (hi, lo) and its link: positive for a table, negative for a page. Tables come before what
 *   is in them.
 */
export function visitEntries(
  k: Kernel,
  root: number,
  visit: (vaddrHi: number, vaddrLo: number, bits: number, entryHi: number, entryLo: number, link: number) => void,
): void {
  visitTable(k, root, 0, 0, 0, visit);
}

function visitTable(
  k: Kernel,
  table: number,
  level: number,
  hi: number,
  lo: number,
  visit: Parameters<typeof visitEntries>[2],
): void {
  const base = k.tableBase[table];
  if (base === 0) return;
  const shift = k.shift[level];
  const entries = Math.min(k.tableEntries[table], k.indexMask[level] + 1);
  for (let index = 0; index < entries; index++) {
    const link = k.links[base + index];
    if (link === 0) continue;
    // index * 2^shift as two halves; the index has at most 12 bits.
    const vHi = hi | (shift >= 32 ? index << (shift - 32) : (index >>> 1) >>> (31 - shift));
    const vLo = lo | (shift >= 32 ? 0 : index << shift);
    visit(vHi, vLo, shift, k.entryHi[base + index], k.entryLo[base + index], link);
    if (link > 0 && level < k.lastLevel) visitTable(k, link, level + 1, vHi, vLo, visit);
  }
}
