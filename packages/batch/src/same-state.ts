import { CAP_WORDS, type Kernel } from '@overmap/core';

/**
 * The first difference that an invocation could tell between two kernels: in capabilities, tables with their entries,
 * or ASIDs. Where in the arena entries lie tells nobody anything.
 *
 * @returns a sentence, or null when there is none
 */
export function stateDifference(a: Kernel, b: Kernel): string | null {
  const slots = Math.max(a.slotLimit, b.slotLimit);
  for (let i = 0; i < slots * CAP_WORDS; i++)
    if ((a.caps[i] ?? 0) !== (b.caps[i] ?? 0)) return `the capability in slot ${Math.floor(i / CAP_WORDS)} differs`;
  if (a.tableCount !== b.tableCount) return `there are ${a.tableCount} and ${b.tableCount} tables`;
  for (let t = 1; t < a.tableCount; t++) {
    const [x, y] = [a.tableBase[t], b.tableBase[t]];
    const entries = Math.max(x === 0 ? 0 : a.tableEntries[t], y === 0 ? 0 : b.tableEntries[t]);
    // Position 0 begins zeros, which a table without memory of its own reads.
    for (let i = 0; i < entries; i++)
      if (
        a.entryLo[x + i] !== b.entryLo[y + i] ||
        a.entryHi[x + i] !== b.entryHi[y + i] ||
        a.links[x + i] !== b.links[y + i]
      )
        return `entry ${i} of table ${t} differs`;
    if (
      a.tableRefs[t] !== b.tableRefs[t] ||
      a.tableChildren[t] !== b.tableChildren[t] ||
      a.tableAlive[t] !== b.tableAlive[t]
    )
      return `the counts of table ${t} differ`;
  }
  for (let asid = 0; asid < Math.max(a.asidRoots.length, b.asidRoots.length); asid++)
    if ((a.asidRoots[asid] ?? 0) !== (b.asidRoots[asid] ?? 0)) return `ASID ${asid} differs`;
  return null;
}
