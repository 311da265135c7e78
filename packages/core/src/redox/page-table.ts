import { PTE_FLAGS } from './flags.ts';

/** Pages below one entry of each level: of the lowest tables, the next, and the one below the root. */
const REACH = [512, 512 ** 2, 512 ** 3] as const;

/** Gives and takes the frames that tables lie in. */
export interface TableFrames {
  take(): number;
  give(frame: number): void;
}

interface Table {
  readonly frame: number;
  /** Entries, or tables below, that are present. */
  present: number;
  /** Of the lowest level: `frame * PTE_FLAGS + flags` by page, 0 = absent. Frame 0 is none. */
  readonly entries: Float64Array | null;
}

/** The frame of an entry that is present. */
export const entryFrame = (entry: number): number => Math.floor(entry / PTE_FLAGS);
export const entryFlags = (entry: number): number => entry % PTE_FLAGS;
const makeEntry = (frame: number, flags: number): number => frame * PTE_FLAGS + flags;

/**
 * The page table of an address space: four levels of 512 entries. A table's frame is given back as soon as nothing below
 * it is present; the root stays until {@link PageTable.drop}.
 */
export class PageTable {
  private readonly frames: TableFrames;
  private readonly root: number;
  /** By level, by page number divided by the level's reach. */
  private readonly levels: readonly [Map<number, Table>, Map<number, Table>, Map<number, Table>] = [
    new Map(),
    new Map(),
    new Map(),
  ];

  /** @param copied - a table to copy, whose frames `frames` has as well */
  constructor(frames: TableFrames, copied?: PageTable) {
    this.frames = frames;
    this.root = copied === undefined ? frames.take() : copied.root;
    for (const level of [0, 1, 2] as const) {
      for (const [number, table] of copied?.levels[level] ?? [])
        this.levels[level].set(number, { ...table, entries: table.entries?.slice() ?? null });
    }
  }

  /** The entry of a page, or 0. */
  entry(page: number): number {
    return this.levels[0].get(Math.floor(page / 512))?.entries?.[page % 512] ?? 0;
  }

  /** Write an entry; what was there before is lost. */
  map(page: number, frame: number, flags: number): void {
    const table = this.lowest(page);
    const { entries } = table;
    if (entries === null) return;
    if (entries[page % 512] === 0) table.present++;
    entries[page % 512] = makeEntry(frame, flags);
  }

  /** Take an entry out. @returns what it was, or 0 */
  unmap(page: number): number {
    const table = this.levels[0].get(Math.floor(page / 512));
    const entry = table?.entries?.[page % 512] ?? 0;
    if (entry === 0 || !table?.entries) return 0;
    table.entries[page % 512] = 0;
    this.release(page);
    return entry;
  }

  /**
   * Visit the pages of [start, end) that are present, upward. The visitor may change the entry it is shown, or take it
   * out.
   */
  forEachPresent(start: number, end: number, visit: (page: number, entry: number) => void): void {
    const first = Math.floor(start / 512);
    const last = Math.floor((end - 1) / 512);
    const lowest = this.levels[0];
    const numbers =
      last - first < lowest.size
        ? Array.from({ length: last - first + 1 }, (_, i) => first + i)
        : [...lowest.keys()].filter((number) => number >= first && number <= last).sort((a, b) => a - b);
    for (const number of numbers) {
      const entries = lowest.get(number)?.entries;
      if (!entries) continue;
      const to = Math.min(512, end - number * 512);
      for (let i = Math.max(0, start - number * 512); i < to; i++) {
        if (entries[i] !== 0) visit(number * 512 + i, entries[i]);
      }
    }
  }

  /** Give the root's frame back. The tables of entries that are still there are lost with them. */
  drop(): void {
    for (const level of this.levels) level.clear();
    this.frames.give(this.root);
  }

  private lowest(page: number): Table {
    const found = this.levels[0].get(Math.floor(page / 512));
    if (found !== undefined) return found;
    for (const level of [2, 1] as const) this.ensure(level, page);
    return this.ensure(0, page);
  }

  private ensure(level: 0 | 1 | 2, page: number): Table {
    const number = Math.floor(page / REACH[level]);
    const found = this.levels[level].get(number);
    if (found !== undefined) return found;
    const entries = level === 0 ? new Float64Array(512) : null;
    const table: Table = { frame: this.frames.take(), present: 0, entries };
    this.levels[level].set(number, table);
    const above = level === 2 ? undefined : this.levels[level + 1].get(Math.floor(page / REACH[level + 1]));
    if (above !== undefined) above.present++;
    return table;
  }

  /** One entry less: tables without any go. */
  private release(page: number): void {
    for (const level of [0, 1, 2] as const) {
      const number = Math.floor(page / REACH[level]);
      const table = this.levels[level].get(number);
      if (table === undefined || --table.present > 0) return;
      this.levels[level].delete(number);
      this.frames.give(table.frame);
    }
  }
}
