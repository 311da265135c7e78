import type { Pages } from './bed.ts';
import { slice } from './chosen-pages.ts';
import { Script } from './script.ts';
import type { MappedTable } from './table-tree.ts';
import type { UserRange } from './user-range.ts';
import type { Workload } from './workload.ts';

/** Code, data, heap and stack, of the same size each. */
const SEGMENTS = 4;
/** Between the segments, in pages: not less than what a leaf table maps on any build, so that none is shared. */
const GAP = 1024;

/**
 * Build an address space and tear it down: four segments of a quarter of the pages each, apart from each other. The
 * vspace, the tables and the frames are there as objects.
 *
 * - Single: all tables are mapped, then all pages; all pages are unmapped, then all tables.
 * - Batched: each segment is mapped in batches, with tables from a list, and unmapped in batches. Tables are unmapped
 *   one by one, since there is no batch of these.
 */
export const spaceWorkload: Workload = {
  name: 'space',
  patterns: false,
  per: 'a page that is mapped and unmapped, with its share of the tables',
  timed: 'a page mapped and unmapped, with its share of the tables',
  frames: 1,
  most: (range) => Math.max(0, range.room - (SEGMENTS - 1) * gapOf(range)),
  plan: (bed) => {
    const { pages: n, batch } = bed.benchCase;
    const slots = bed.frames(n);
    const addresses = slots.map((_, i) => bed.range.at(i + gapOf(bed.range) * Math.floor((i * SEGMENTS) / n)));
    const segments = segmentsOf({ slots, addresses });
    const script = new Script(bed);
    const tables: MappedTable[] = [];
    if (batch === 1) {
      for (const address of addresses)
        for (let level = bed.missing(address); level >= 0; level = bed.missing(address)) {
          const table = { cap: bed.table(level), address, level };
          tables.push(table);
          script.mapTable(table);
        }
      for (const segment of segments) script.maps(segment);
    } else for (const segment of segments) tables.push(...script.faults(segment));
    for (const segment of segments) script.unmaps(segment);
    script.unmapTables(tables);
    return { script, back: () => null, pages: n };
  },
};

const gapOf = ({ room }: UserRange): number => Math.min(GAP, Math.floor(room / (2 * SEGMENTS)));

/** Pages from `i * n / SEGMENTS`, rounded up, on. */
function segmentsOf(pages: Pages): Pages[] {
  const n = pages.slots.length;
  const start = (i: number): number => Math.ceil((i * n) / SEGMENTS);
  return Array.from({ length: SEGMENTS }, (_, i) => slice(pages, start(i), start(i + 1))).filter(
    ({ slots }) => slots.length > 0,
  );
}
