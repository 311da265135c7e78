import { type Kernel, visitEntries } from '@overmap/core';
import { hex } from './words.ts';

/**
 * The first difference between the mappings of two kernels, found by walking everything: every vspace that has an ASID,
 * address by address with frame, size, rights and attributes, then every table.
 *
 * @returns a sentence, or null when there is none
 */
export function mappingDifference(recorded: Kernel, migrated: Kernel): string | null {
  const asids = Math.max(recorded.asidRoots.length, migrated.asidRoots.length);
  for (let asid = 0; asid < asids; asid++) {
    const [x, y] = [recorded.asidRoots[asid] ?? 0, migrated.asidRoots[asid] ?? 0];
    if ((x === 0) !== (y === 0)) return `ASID ${asid} has a vspace in one of the two only`;
    if (x === 0) continue;
    const [a, b] = [entriesOf(recorded, x), entriesOf(migrated, y)];
    for (const [place, entry] of a) {
      const other = b.get(place);
      if (other !== entry) return `ASID ${asid}, address ${place}: recorded ${entry}, migrated ${other ?? 'nothing'}`;
    }
    for (const [place, entry] of b)
      if (!a.has(place)) return `ASID ${asid}, address ${place}: recorded nothing, migrated ${entry}`;
  }
  for (let table = 1; table < Math.max(recorded.tableCount, migrated.tableCount); table++) {
    const [x, y] = [recorded.tableBase[table], migrated.tableBase[table]];
    const entries = Math.max(
      x === 0 ? 0 : recorded.tableEntries[table],
      y === 0 || y === undefined ? 0 : migrated.tableEntries[table],
    );
    for (let i = 0; i < entries; i++)
      if (
        recorded.links[x + i] !== migrated.links[y + i] ||
        recorded.entryLo[x + i] !== migrated.entryLo[y + i] ||
        recorded.entryHi[x + i] !== migrated.entryHi[y + i]
      )
        return `entry ${i} of table ${table} differs`;
  }
  return null;
}

/** "0x1000, 12 bits" → what is there. */
function entriesOf(k: Kernel, root: number): Map<string, string> {
  const entries = new Map<string, string>();
  visitEntries(k, root, (vHi, vLo, bits, hi, lo, link) => {
    const kind = link > 0 ? `table ${link}` : `page of 2^${k.sizeBits[-link - 1]}`;
    entries.set(`${hex(vHi, vLo)}, ${bits} bits`, `${kind}, ${hex(hi, lo)}`);
  });
  return entries;
}
