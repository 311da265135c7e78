import { LIFE_ENDS, LIFE_KEYS, type LifeEnd, type PageHead, STALE_KEYS } from '../../shared/explore/page-data.ts';
import { readTable } from '../../shared/explore/sections.ts';

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

  constructor(head: PageHead, bytes: Uint8Array) {
    this.head = head;
    this.table = readTable(LIFE_KEYS, bytes);
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
    for (const n of this.bySpace.get(space) ?? []) {
      if (table.start[n] >= end) break;
      if (table.start[n] + table.length[n] > start && table.from[n] < at && table.to[n] >= at) found.push(n);
    }
    return found;
  }
}

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
