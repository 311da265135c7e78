import { type EffectSink, MAINTENANCE_NAMES } from '@overmap/core';

/**
 * What invocations cost, counted. As a kernel's sink it counts what single invocations do; a `Batcher` fills one with
 * what its batches do.
 */
export class EffectCounts implements EffectSink {
  /** Entries into the kernel. */
  kernelEntries = 0;
  /** Lookups of a capability (or of a window's CNode) in a capability space. */
  lookups = 0;
  /** Walks from a root. */
  walks = 0;
  /** Page-table entries written, without those of a roll-back. */
  entryWrites = 0;
  /** Entries that a roll-back wrote back. */
  undoWrites = 0;
  /** How often, by `Maintenance`. */
  readonly maintenance: Float64Array = new Float64Array(MAINTENANCE_NAMES.length);

  /** A single invocation that names so many capabilities. */
  invoked(capabilities: number): void {
    this.kernelEntries++;
    this.lookups += capabilities;
  }

  /** These and others together. */
  plus(other: EffectCounts): EffectCounts {
    const sum = new EffectCounts();
    for (const counts of [this, other]) {
      sum.kernelEntries += counts.kernelEntries;
      sum.lookups += counts.lookups;
      sum.walks += counts.walks;
      sum.entryWrites += counts.entryWrites;
      sum.undoWrites += counts.undoWrites;
      counts.maintenance.forEach((n, kind) => {
        sum.maintenance[kind] += n;
      });
    }
    return sum;
  }

  entryWritten(): void {
    this.entryWrites++;
  }

  tableCleared(): void {}

  walked(): void {
    this.walks++;
  }

  maintained(kind: number, count: number): void {
    this.maintenance[kind] += count;
  }

  /** All maintenance together. The kinds differ in price, so this is a count and no cost. */
  get maintenanceOperations(): number {
    return this.maintenance.reduce((sum, n) => sum + n, 0);
  }
}
