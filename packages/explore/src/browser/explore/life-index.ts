import { LIFE_ENDS, LIFE_KEYS, type LifeEnd, type PageHead, STALE_KEYS } from '../../page-format/explore/page-data.ts';
import { readTable } from '../../page-format/explore/sections.ts';

/** A time in which a capability was stale. */
export interface StaleSpan {
  readonly slot: number;
  readonly space: number;
  readonly start: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** The lives of mappings, by address space. */
export class LifeIndex {
  readonly table: Readonly<Record<(typeof LIFE_KEYS)[number], Float64Array>>;
  /** Rows of each address space, in the order of their addresses. */
  readonly bySpace: ReadonlyMap<number, Int32Array>;
  private readonly head: PageHead;
  /** Bytes of the longest mapping. */
  private readonly longest: number;

  constructor(head: PageHead, bytes: Uint8Array) {
    this.head = head;
    this.table = readTable(LIFE_KEYS, bytes);
    this.longest = this.table.length.reduce((most, length) => Math.max(most, length), 0);
    const lists = new Map<number, number[]>();
    for (const { number } of head.spaces) lists.set(number, []);
    this.table.space.forEach((space, n) => {
      const list = lists.get(space);
      if (list === undefined) lists.set(space, [n]);
      else list.push(n);
    });
    const { start, from } = this.table;
    this.bySpace = new Map(
      [...lists].map(([space, list]) => [
        space,
        Int32Array.from(list).sort((a, b) => start[a] - start[b] || from[a] - from[b]),
      ]),
    );
  }

  get count(): number {
    return this.table.from.length;
  }

  how(n: number): LifeEnd {
    return LIFE_ENDS[this.table.how[n]] ?? 'alive';
  }

  text(place: number): string {
    return this.head.texts[place] ?? '';
  }

  /** Lives of a space that meet a range and are alive right before an event (`after`: right behind it). */
  alive(space: number, start: number, end: number, event: number, after: boolean): number[] {
    const { table } = this;
    const at = after ? event + 1 : event;
    const found: number[] = [];
    const all = this.bySpace.get(space) ?? EMPTY;
    for (let place = this.firstFrom(all, start - this.longest); place < all.length; place++) {
      const n = all[place];
      if (table.start[n] >= end) break;
      if (table.start[n] + table.length[n] > start && table.from[n] < at && table.to[n] >= at) found.push(n);
    }
    return found;
  }

  /** The event that first maps something in a range of a space behind an event, if any does. */
  nextFrom(space: number, start: number, end: number, event: number): number | undefined {
    const { table } = this;
    const all = this.bySpace.get(space) ?? EMPTY;
    let next: number | undefined;
    for (let at = this.firstFrom(all, start - this.longest); at < all.length; at++) {
      const n = all[at];
      if (table.start[n] >= end) break;
      if (table.start[n] + table.length[n] <= start || table.from[n] <= event) continue;
      if (next === undefined || table.from[n] < next) next = table.from[n];
    }
    return next;
  }

  /** The place of the first life of a list in the order of addresses that begins behind an address. */
  private firstFrom(all: Int32Array, address: number): number {
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.table.start[all[middle]] <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const EMPTY = new Int32Array(0);

/** The spans of a page's bytes. */
export function readStale(bytes: Uint8Array): StaleSpan[] {
  if (bytes.length === 0) return [];
  const { slot, space, start, length, from, to } = readTable(STALE_KEYS, bytes);
  return Array.from(slot, (number, n) => ({
    slot: number,
    space: space[n],
    start: start[n],
    length: length[n],
    from: from[n],
    to: to[n],
  }));
}
