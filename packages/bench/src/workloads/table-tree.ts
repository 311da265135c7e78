import type { Architecture } from '@overmap/core';
import { sayAddress } from './workload-error.ts';

/** A table and the address for which it is mapped. */
export interface MappedTable {
  readonly cap: number;
  /** Bytes. */
  readonly address: number;
  /** Of the entry that points to it, from the root. */
  readonly level: number;
}

/**
 * Which tables a client has mapped, as the client itself keeps book of it. Nothing here is asked of the engine, so that
 * its answers can be held against this.
 */
export class TableTree {
  private readonly shifts: readonly number[];
  /** Slots of tables by the level whose entry points to them, and the addresses that they cover in units of that entry. */
  private readonly linked: readonly Map<number, number>[];

  constructor(arch: Architecture) {
    this.shifts = arch.levels.map(({ shift }) => shift);
    this.linked = this.shifts.map(() => new Map());
  }

  /**
   * Where the walk to a page stops.
   *
   * @param address - bytes
   * @param level - of the page's own entry
   * @returns the level, from the root, whose entry points to no table though it should; -1 = all are there
   */
  missing(address: number, level: number): number {
    for (let l = 0; l < level; l++) if (!this.linked[l].has(this.indexOf(address, l))) return l;
    return -1;
  }

  add({ cap, address, level }: MappedTable): void {
    this.linked[level].set(this.indexOf(address, level), cap);
  }

  remove({ address, level }: MappedTable): void {
    this.linked[level].delete(this.indexOf(address, level));
  }

  /** All that are mapped now: slots by {@link keyOf}. */
  tables(): Map<string, number> {
    return new Map(
      this.linked.flatMap((tables, level) =>
        Array.from(tables, ([index, cap]) => [this.keyOf(index * 2 ** this.shifts[level], level), cap] as const),
      ),
    );
  }

  /** Names the entry that points to a table. */
  keyOf(address: number, level: number): string {
    return tableKey(this.shifts[level], this.indexOf(address, level) * 2 ** this.shifts[level]);
  }

  private indexOf(address: number, level: number): number {
    return Math.floor(address / 2 ** this.shifts[level]);
  }
}

/**
 * Names the entry that points to a table: "the table for 2^21 bytes at 0x10000000".
 *
 * @param bits - log2 of the bytes that the entry covers
 * @param address - the first of these
 */
export const tableKey = (bits: number, address: number): string =>
  `the table for 2^${bits} bytes at ${sayAddress(address)}`;
