import type { EffectSink, Kernel } from '@overmap/core';

/** More than the entries of any table. */
const SPAN = 8192;

/**
 * The entries in which two kernels differ, kept up from what each invocation writes: after both have taken a step, only
 * the places that were written are looked at. A place is a table and an index in it; tables are numbered alike in
 * kernels that make and free the same objects.
 */
export class DifferingPlaces {
  private readonly a: Kernel;
  private readonly b: Kernel;
  private readonly differing: Set<number> = new Set();
  private readonly places: number[] = [];
  private readonly tables: number[] = [];

  /** Listens to both kernels from now on; their mappings must be the same. */
  constructor(a: Kernel, b: Kernel) {
    this.a = a;
    this.b = b;
    const sink: EffectSink = {
      entryWritten: (_, table, index) => {
        this.places.push(table * SPAN + index);
      },
      tableCleared: (table) => {
        this.tables.push(table);
      },
      walked: () => {},
      maintained: () => {},
    };
    a.sink = sink;
    b.sink = sink;
  }

  /** In how many places the two differ now. */
  count(): number {
    for (const place of this.places) this.look(place);
    this.places.length = 0;
    for (const table of this.tables) {
      const entries = this.a.tableEntries[table];
      for (let index = 0; index < entries; index++) this.look(table * SPAN + index);
    }
    this.tables.length = 0;
    return this.differing.size;
  }

  private look(place: number): void {
    const { a, b, differing } = this;
    const table = Math.floor(place / SPAN);
    const index = place % SPAN;
    // Position 0 begins zeros, which a table without memory of its own reads.
    const x = a.tableBase[table] + index;
    const y = b.tableBase[table] + index;
    if (a.links[x] === b.links[y] && a.entryLo[x] === b.entryLo[y] && a.entryHi[x] === b.entryHi[y])
      differing.delete(place);
    else differing.add(place);
  }
}
