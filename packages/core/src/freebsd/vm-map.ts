import { RangeMap } from '../range-map.ts';
import { mergeable, sameFlags, sameRights, type VmEntry } from './vm-entry.ts';
import type { VmObjects } from './vm-objects.ts';

/** An entry with its bounds: bytes, half-open. */
export interface PlacedEntry {
  readonly start: number;
  readonly end: number;
  readonly entry: VmEntry;
}

/** The entries of one address space: ordered, disjoint, clipped and merged as the kernel does. */
export class VmMap {
  /** Wired entries: a swapped-out process with one keeps all of its pages. */
  wired = 0;
  private readonly ranges: RangeMap;
  private readonly entries: Map<number, VmEntry>;
  private next: number;

  constructor(ranges = new RangeMap(), entries = new Map<number, VmEntry>(), next = 0) {
    this.ranges = ranges;
    this.entries = entries;
    this.next = next;
  }

  /** The entry that holds an address, or null. */
  find(address: number): PlacedEntry | null {
    const at = this.ranges.cursor();
    return at.seek(address) && at.start <= address ? this.placed(at.start, at.end, at.id) : null;
  }

  overlaps(start: number, end: number): boolean {
    return this.ranges.overlaps(start, end);
  }

  /** Whether every page of [start, end) belongs to an entry. */
  isCovered(start: number, end: number): boolean {
    let reached = start;
    for (const piece of this.touching(start, end)) {
      if (piece.start > reached) return false;
      reached = piece.end;
    }
    return reached >= end;
  }

  lowestGap(length: number, low: number, high: number): number {
    return this.ranges.lowestGap(length, low, high);
  }

  /** The entries that have a part in [start, end), whole. */
  touching(start: number, end: number): PlacedEntry[] {
    const found: PlacedEntry[] = [];
    const at = this.ranges.cursor();
    for (let more = at.seek(start); more && at.start < end; more = at.next())
      found.push(this.placed(at.start, at.end, at.id));
    return found;
  }

  list(): PlacedEntry[] {
    return this.touching(0, Number.MAX_SAFE_INTEGER);
  }

  /**
   * Put an entry where nothing is. Anonymous memory without an object may extend the entry below, or take a part of that
   * one's object, which is grown for it. Then it is merged with its neighbours, where they say the same.
   */
  insert(start: number, end: number, entry: VmEntry, objects: VmObjects): void {
    const below = entry.object === null && !entry.guard && start > 0 ? this.find(start - 1) : null;
    if (below !== null && sameFlags(below.entry, entry) && isExtensible(below, objects)) {
      if (sameRights(below.entry, entry) && !below.entry.wired) {
        this.ranges.reshape(below.start, below.start, end);
        this.mergeAround(end, end, objects);
        return;
      }
      const { object, offset } = below.entry;
      if (object !== null) {
        objects.refer(object, 1);
        this.place(start, end, { ...entry, object, offset: offset + below.end - below.start });
        this.mergeAround(start, end, objects);
        return;
      }
    }
    this.place(start, end, entry);
    this.mergeAround(start, end, objects);
  }

  /** Put an entry where nothing is, and leave its neighbours alone, as fork does. */
  place(start: number, end: number, entry: VmEntry): PlacedEntry {
    this.ranges.insert(start, end, this.name(entry));
    if (entry.wired) this.wired++;
    return { start, end, entry };
  }

  /** Clip at both edges of [start, end). Memory without an object gets one first: both halves share it. */
  clip(start: number, end: number, objects: VmObjects): void {
    for (const edge of [start, end]) {
      const at = this.find(edge);
      if (at === null || at.start === edge) continue;
      let { entry } = at;
      if (entry.object === null && !entry.guard) entry = this.withObject(at, objects);
      const upper = entry.object === null ? entry : { ...entry, offset: entry.offset + edge - at.start };
      objects.refer(entry.object, 1);
      if (entry.wired) this.wired++;
      this.ranges.cut(edge, this.name(upper));
    }
  }

  /** Give an entry its first object. @returns the entry with it */
  withObject({ start, entry }: PlacedEntry, objects: VmObjects): VmEntry {
    const made = { ...entry, object: objects.add(true) };
    this.replaceEntry(start, made);
    return made;
  }

  /** Another entry at the place of the one that starts there. */
  replaceEntry(start: number, entry: VmEntry): void {
    const before = this.ranges.find(start);
    if (this.entries.get(before)?.wired === true) this.wired--;
    this.entries.delete(before);
    this.ranges.setId(start, this.name(entry));
    if (entry.wired) this.wired++;
  }

  /** Take out the entry that starts there. */
  remove(start: number, objects: VmObjects): void {
    const id = this.ranges.remove(start);
    const entry = this.entries.get(id);
    this.entries.delete(id);
    if (entry === undefined) return;
    objects.refer(entry.object, -1);
    if (entry.wired) this.wired--;
  }

  /** Merge neighbours that say the same, from the entry below `start` to the one that begins at `end`. */
  mergeAround(start: number, end: number, objects: VmObjects): void {
    const [first, ...rest] = this.touching(Math.max(0, start - 1), end + 1);
    let last = first;
    for (const next of rest) {
      const joins = last.end === next.start && mergeable(last.entry, last.end - last.start, next.entry);
      if (joins) {
        this.remove(next.start, objects);
        this.ranges.reshape(last.start, last.start, next.end);
      }
      last = joins ? { ...last, end: next.end } : next;
    }
  }

  /** A copy. The references that its entries hold are the caller's to count. */
  clone(): VmMap {
    const copy = new VmMap(this.ranges.clone(), new Map(this.entries), this.next);
    copy.wired = this.wired;
    return copy;
  }

  private name(entry: VmEntry): number {
    this.entries.set(this.next, entry);
    return this.next++;
  }

  private placed(start: number, end: number, id: number): PlacedEntry {
    const entry = this.entries.get(id);
    if (entry === undefined) throw new RangeError(`no entry has the number ${id}`);
    return { start, end, entry };
  }
}

/** Whether fresh memory may go on in the object of the entry below: none yet, or one of its own. */
function isExtensible({ entry }: PlacedEntry, objects: VmObjects): boolean {
  if (entry.object === null) return true;
  const object = objects.get(entry.object);
  return object?.anonymous === true && object.references === 1;
}
