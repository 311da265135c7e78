import { RangeMap } from '../range-map.ts';

export const PAGE_SIZE = 4096;

/** Bits of a page-table entry, as this model keeps them: the attribute's value below them. */
export const PTE = { value: 0xff, write: 1 << 8, execute: 1 << 9, wired: 1 << 10 } as const;

/** The present page-table entries of a pmap, as runs of pages with equal bits. Frames are not told apart. */
export class PageEntries {
  /** Present pages. */
  resident = 0;
  private readonly runs: RangeMap;

  constructor(runs: RangeMap = new RangeMap()) {
    this.runs = runs;
  }

  /** The entry's bits of an address, or -1. */
  find(address: number): number {
    return this.runs.find(address);
  }

  /** Enter all pages of [start, end) with the same bits, over what is there. */
  enter(start: number, end: number, bits: number): void {
    this.remove(start, end);
    this.runs.insert(start, end, bits);
    this.resident += (end - start) / PAGE_SIZE;
  }

  /** Take the entries of [start, end) away. */
  remove(start: number, end: number): void {
    this.runs.clear(start, end, (from, to) => {
      this.resident -= (to - from) / PAGE_SIZE;
    });
  }

  /** Give the present entries of [start, end) other bits. */
  change(start: number, end: number, bits: (before: number) => number): void {
    const found: (readonly [number, number, number])[] = [];
    this.pieces(start, end, (from, to, id) => {
      if (bits(id) !== id) found.push([from, to, bits(id)]);
    });
    for (const [from, to, id] of found) this.runs.replace(from, to, id);
  }

  /** Visit the runs of [start, end), cut to it. */
  pieces(start: number, end: number, visit: (start: number, end: number, bits: number) => void): void {
    const at = this.runs.cursor();
    for (let more = at.seek(start); more && at.start < end; more = at.next())
      visit(Math.max(at.start, start), Math.min(at.end, end), at.id);
  }

  clone(): PageEntries {
    const copy = new PageEntries(this.runs.clone());
    copy.resident = this.resident;
    return copy;
  }
}
