import { type EffectSink, MAINTENANCE_NAMES } from '@overmap/core';

/** Kinds of single invocations, as far as they differ in what they do besides entry, lookup, walk and maintenance. */
export const Single = {
  /** Page_Map of a frame's capability, let through or refused by what its walk found. */
  map: 0,
  /** Page_Unmap of a capability that records a mapping, whether or not its entry is still there. */
  unmap: 1,
  /** Page_Unmap of a capability that records nothing. */
  unmapNothing: 2,
  /** PageTable_Map and its kin. */
  mapTable: 3,
  /** PageTable_Unmap and its kin. */
  unmapTable: 4,
  /** CNode_Copy and CNode_Mint. */
  copy: 5,
  move: 6,
  /** CNode_Delete of anything that is not mapped. */
  delete: 7,
  /** CNode_Delete of a frame capability that records a mapping. */
  deleteMapped: 8,
  /** CNode_Delete of the last capability to a mapped table. */
  deleteTable: 9,
  /** Anything else, and what an empty slot or a capability of another type answers. */
  other: 10,
  /** Page_Map of a frame's capability, refused before its walk. */
  refusedMap: 11,
} as const;
/** Names of {@link Single} by value. */
export const SINGLE_NAMES = Object.keys(Single) as (keyof typeof Single)[];

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
  /** Levels of page table that walks have read. */
  walkLevels = 0;
  /** Page-table entries written, tables' ones too, without those of a roll-back. */
  entryWrites = 0;
  /** Entries that a roll-back wrote back. */
  undoWrites = 0;
  /** How often, by `Maintenance`. */
  readonly maintenance: Float64Array = new Float64Array(MAINTENANCE_NAMES.length);

  /** Single invocations, by `Single`. */
  readonly singles: Float64Array = new Float64Array(SINGLE_NAMES.length);
  /** Single invocations that asked whether their place is free, where only some policies ask; see `countSingle`. */
  occupiedTests = 0;
  /** Invocations, single or batched, that answered FailedLookup. */
  failedLookups = 0;

  /** Batched invocations. */
  batches = 0;
  /** Their operations, the refused one of each among them. */
  elements = 0;
  /** Capabilities of operations that were looked up: those of lists, and tables that were supplied. */
  elementLookups = 0;
  /** Entries of pages that batches wrote, without those of a roll-back. */
  elementWrites = 0;
  /** Tables that batches mapped because one was missing. */
  tables = 0;

  /** A single invocation of a kind that names so many capabilities. `countSingle` tells kind and number by itself. */
  invoked(kind: number, capabilities: number): void {
    this.kernelEntries++;
    this.lookups += capabilities;
    this.singles[kind]++;
  }

  /** A batched invocation. */
  batched(): void {
    this.kernelEntries++;
    this.batches++;
  }

  /** These and others together. */
  plus(other: EffectCounts): EffectCounts {
    const sum = new EffectCounts();
    for (const counts of [this, other]) {
      sum.kernelEntries += counts.kernelEntries;
      sum.lookups += counts.lookups;
      sum.walks += counts.walks;
      sum.walkLevels += counts.walkLevels;
      sum.entryWrites += counts.entryWrites;
      sum.undoWrites += counts.undoWrites;
      sum.occupiedTests += counts.occupiedTests;
      sum.failedLookups += counts.failedLookups;
      sum.batches += counts.batches;
      sum.elements += counts.elements;
      sum.elementLookups += counts.elementLookups;
      sum.elementWrites += counts.elementWrites;
      sum.tables += counts.tables;
      counts.maintenance.forEach((n, kind) => {
        sum.maintenance[kind] += n;
      });
      counts.singles.forEach((n, kind) => {
        sum.singles[kind] += n;
      });
    }
    return sum;
  }

  entryWritten(): void {
    this.entryWrites++;
  }

  tableCleared(): void {}

  walked(levels: number): void {
    this.walks++;
    this.walkLevels += levels;
  }

  maintained(kind: number, count: number): void {
    this.maintenance[kind] += count;
  }

  /** All maintenance together. The kinds differ in price, so this is a count and no cost. */
  get maintenanceOperations(): number {
    return this.maintenance.reduce((sum, n) => sum + n, 0);
  }
}
