import type { Sel4Counts } from '@overmap/report';

/** Counts that are all zero. */
export function zeroCounts(): Sel4Counts {
  return {
    maps: 0,
    mapsOk: 0,
    unmaps: 0,
    tableMaps: 0,
    remaps: 0,
    overmaps: 0,
    staleRemaps: 0,
    aliasMaps: 0,
    aliasUnmaps: 0,
    deadUnmaps: 0,
    deadDeletes: 0,
    reusedAsid: 0,
    staleAtTestEnd: 0,
    staleAtNextStart: 0,
    staleAtEnd: 0,
    outcomeChanges: 0,
  };
}

/** Add `more` to `counts`. */
export function addCounts(counts: Sel4Counts, more: Sel4Counts): void {
  for (const key of Object.keys(counts) as (keyof Sel4Counts)[]) counts[key] += more[key];
}
