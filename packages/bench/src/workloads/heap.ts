import { Script } from './script.ts';
import type { UserRange } from './user-range.ts';
import type { Workload } from './workload.ts';

/** Pages of the heap's range for each page that is touched, where there is room: a leaf table for some 32 of them. */
const SPARSE = 16;

/**
 * Fault-in of a sparse heap in an address space without any table: pages are touched in seeded order, anywhere in a
 * range of 16 times as many.
 *
 * - Single, as clients do: map; FailedLookup is answered by one table of the level that it names, and the map is tried
 *   again, until it is done. The refused maps count.
 * - Batched: so many touched pages at once, with a list of the tables that the client knows to be missing.
 */
export const heapWorkload: Workload = {
  name: 'heap',
  patterns: false,
  per: 'a page that is faulted in, with its share of the tables',
  timed: 'a page faulted in and unmapped, with its share of mapping and unmapping tables',
  frames: 1,
  most: (range) => range.room,
  plan: (bed) => {
    const { pages: n } = bed.benchCase;
    const places = placesOf(bed.range, n);
    const pages = { slots: bed.frames(n), addresses: bed.range.scattered(n, places, bed.draws) };
    const script = new Script(bed);
    const tables = script.faults(pages);
    const back = (): Script => {
      const freeing = script.next();
      freeing.unmaps(pages);
      freeing.unmapTables(tables);
      return freeing;
    };
    return { script, back, pages: n };
  },
};

const placesOf = ({ room }: UserRange, pages: number): number => pages * Math.min(SPARSE, Math.floor(room / pages));
