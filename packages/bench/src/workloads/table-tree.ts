import type { Architecture } from '@overmap/core';

/**
 * Which tables a client has mapped, as the client itself keeps book of it. Nothing here is asked of the engine, so that
 * its answers can be held against this.
 */
export class TableTree {
  private readonly shifts: readonly number[];
  /** Tables by the level whose entry points to them: the addresses that they cover, in units of that entry. */
  private readonly linked: readonly Set<number>[];

  constructor(arch: Architecture) {
    this.shifts = arch.levels.map(({ shift }) => shift);
    this.linked = this.shifts.map(() => new Set());
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

  add(address: number, level: number): void {
    this.linked[level].add(this.indexOf(address, level));
  }

  remove(address: number, level: number): void {
    this.linked[level].delete(this.indexOf(address, level));
  }

  private indexOf(address: number, level: number): number {
    return Math.floor(address / 2 ** this.shifts[level]);
  }
}
