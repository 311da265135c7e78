import type { EffectSink, Kernel } from '@overmap/core';
import type { EffectCounts } from './effect-counts.ts';
import type { Journal } from './journal.ts';

/**
 * The kernel's sink while a batch runs: counts walks and entries, fills the journal, and passes on what an outer sink
 * wants. Maintenance is not passed on; it comes when the batch does it.
 */
export class BatchSink implements EffectSink {
  private readonly kernel: Kernel;
  private readonly effects: EffectCounts;
  private readonly journal: Journal;
  private outer: EffectSink | null = null;
  private atomic = false;
  /** The table where the last walk ended. */
  private table = 0;

  constructor(kernel: Kernel, effects: EffectCounts, journal: Journal) {
    this.kernel = kernel;
    this.effects = effects;
    this.journal = journal;
  }

  begin(outer: EffectSink | null, atomic: boolean): void {
    this.outer = outer;
    this.atomic = atomic;
    this.table = 0;
  }

  entryWritten(
    at: number,
    table: number,
    index: number,
    oldLo: number,
    oldHi: number,
    oldLink: number,
    newLo: number,
    newHi: number,
    newLink: number,
    cap: number,
  ): void {
    this.effects.entryWrites++;
    if (newLink <= 0) this.effects.elementWrites++;
    if (this.atomic) this.journal.entry(at, table, index, oldLo, oldHi, oldLink, newLink, cap);
    if (this.outer !== null)
      this.outer.entryWritten(at, table, index, oldLo, oldHi, oldLink, newLo, newHi, newLink, cap);
  }

  tableCleared(table: number, at: number, entries: number): void {
    if (this.outer !== null) this.outer.tableCleared(table, at, entries);
  }

  /** A walk that ends in the table where the last one ended is none: the place is read from the table at hand. */
  walked(levels: number): void {
    const table = this.kernel.atTable;
    if (table === this.table) return;
    this.table = table;
    this.effects.walked(levels);
    if (this.outer !== null) this.outer.walked(levels);
  }

  maintained(): void {}
}
