import type { Kernel } from '@overmap/core';

/**
 * Everything of a kernel's state that an invocation can tell: capabilities, tables with their entries and counts,
 * ASIDs. Where a table's entries lie in the arena is left out.
 */
export function visible(k: Kernel): string {
  const parts: unknown[] = [];
  const caps: number[] = [];
  for (let i = 0; i < k.caps.length; i++) if (k.caps[i] !== 0) caps.push(i, k.caps[i]);
  parts.push(caps);
  for (let t = 1; t < k.tableCount; t++) {
    const base = k.tableBase[t];
    const entries: number[] = [];
    if (base !== 0)
      for (let i = 0; i < k.tableEntries[t]; i++) {
        const at = base + i;
        if (k.links[at] !== 0 || k.entryLo[at] !== 0 || k.entryHi[at] !== 0)
          entries.push(i, k.entryLo[at], k.entryHi[at], k.links[at]);
      }
    parts.push([k.tableEntries[t], k.tableRefs[t], k.tableChildren[t], k.tableAlive[t], entries]);
  }
  const asids: number[] = [];
  for (let a = 0; a < k.asidRoots.length; a++) if (k.asidRoots[a] !== 0) asids.push(a, k.asidRoots[a]);
  parts.push(asids, [...k.freeHandles], [...k.freePools], k.tableCount, k.poolCount);
  return JSON.stringify(parts);
}
