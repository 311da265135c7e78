import { RangeCursor } from './range-cursor.ts';
import {
  Branch,
  changeRange,
  highestGapEnd,
  insertRange,
  isLeaf,
  Leaf,
  lowestGapStart,
  type RangeNode,
  removeRanges,
  writable,
} from './range-nodes.ts';

/** Told of a piece of a range: its bounds, and what the range carries. It may ask the map, but not change it. */
export type PieceVisitor = (start: number, end: number, id: number) => void;

let marks = 0;

/**
 * Ordered, disjoint, half-open ranges [start, end) of addresses, each with a number of the caller's (`id`): the mappings
 * of an address space, reservations, grants. Ranges that touch stay apart; nothing is merged.
 *
 * Made for a million ranges: a B+-tree of typed arrays, 64 ranges to a leaf, without an object for a range. Finding,
 * inserting, removing, changing and the search for a gap take O(log n); stepping to a neighbour O(1); clearing O(log n)
 * and what is cleared. A gap is looked for by the largest gap below each node, which is found again only after a change,
 * and when asked for. `clone` is O(1): the two maps share their nodes until one of them writes.
 *
 * Addresses are integers from 0 to 2^53 - 1, ids signed 32-bit integers (-1 is what `find` gives for "none").
 *
 * @example
 * ```ts
 * const mappings = new RangeMap();
 * mappings.insert(0x1000, 0x5000, 7);
 * mappings.replace(0x2000, 0x3000, 8, (start, end, id) => report(start, end, id)); // 0x2000, 0x3000, 7
 * mappings.find(0x4fff); // 7
 * ```
 */
export class RangeMap {
  /** For cursors: the top node. */
  root: RangeNode;
  /** For cursors: counts changes. */
  version = 0;
  private ranges = 0;
  private owner: number;
  private readonly at: RangeCursor;
  /** For `clear`, whose visitor may ask the map. */
  private readonly cleared: RangeCursor;

  constructor() {
    this.owner = ++marks;
    this.root = new Leaf(this.owner);
    this.at = new RangeCursor(this);
    this.cleared = new RangeCursor(this);
  }

  /** How many ranges there are. */
  get count(): number {
    return this.ranges;
  }

  /** A new cursor, at no range yet. */
  cursor(): RangeCursor {
    return new RangeCursor(this);
  }

  /** The id of the range that holds an address, or -1. */
  find(address: number): number {
    const { at } = this;
    return at.seek(address) && at.start <= address ? at.id : -1;
  }

  /** Whether any range has a part in [start, end). */
  overlaps(start: number, end: number): boolean {
    return this.at.seek(start) && this.at.start < end;
  }

  /** @throws RangeError when the range is empty or overlaps another; nothing is changed then */
  insert(start: number, end: number, id: number): void {
    if (!(start < end)) throw new RangeError(`a range from ${start} to ${end} is empty`);
    if (this.overlaps(start, end)) throw overlap(start, end, this.at);
    this.write();
    this.insertFree(start, end, id);
  }

  /** Remove the range that starts at an address. @returns its id @throws RangeError when none starts there */
  remove(start: number): number {
    const { end, id } = this.startingAt(start);
    this.write();
    this.removeInside(start, end);
    return id;
  }

  /** Let the range that starts at an address carry another number. @throws RangeError when none starts there */
  setId(start: number, id: number): void {
    const { end } = this.startingAt(start);
    this.write();
    changeRange(this.root, start, start, end, id);
  }

  /**
   * Give the range that starts at `key` other bounds.
   *
   * @throws RangeError when none starts there, or the new bounds are empty or overlap another range
   */
  reshape(key: number, start: number, end: number): void {
    const { at } = this;
    const { end: oldEnd, id } = this.startingAt(key);
    if (!(start < end)) throw new RangeError(`a range from ${start} to ${end} is empty`);
    if (start < key && at.seekBelow(key) && at.end > start) throw overlap(start, end, at);
    if (end > oldEnd && at.seek(oldEnd) && at.start < end) throw overlap(start, end, at);
    this.write();
    changeRange(this.root, key, start, end, id);
  }

  /**
   * Cut the range that holds an address in two there.
   *
   * @param upperId - what the upper part carries; the same as the lower one unless given
   * @returns false: nothing to cut, as no range has the address behind its start
   */
  cut(address: number, upperId?: number): boolean {
    const { at } = this;
    if (!at.seek(address) || at.start >= address) return false;
    const { start, end, id } = at;
    this.write();
    changeRange(this.root, start, start, address, id);
    this.insertFree(address, end, upperId ?? id);
    return true;
  }

  /**
   * Remove whatever lies in [start, end). Ranges that reach across an edge keep the part outside, with the same id.
   *
   * @param removed - told of each piece, upward, before anything is changed
   * @returns how many pieces were removed
   */
  clear(start: number, end: number, removed?: PieceVisitor): number {
    const at = this.cleared;
    if (!at.seek(start) || at.start >= end) return 0;
    const lower = { start: at.start, end: at.end, id: at.id };
    let pieces = 0;
    let upperStart = lower.start;
    let upperEnd = lower.end;
    do {
      pieces++;
      upperStart = at.start;
      upperEnd = at.end;
      removed?.(Math.max(at.start, start), Math.min(at.end, end), at.id);
    } while (at.next() && at.start < end);
    this.write();
    if (lower.start < start) {
      changeRange(this.root, lower.start, lower.start, start, lower.id);
      if (lower.end > end) {
        this.insertFree(end, lower.end, lower.id);
        return pieces;
      }
    }
    if (upperEnd > end) this.shrinkFromBelow(upperStart, end);
    this.removeInside(start, end);
    return pieces;
  }

  /** Clear [start, end), and put one range there. The parameters are those of `clear` and `insert`. */
  replace(start: number, end: number, id: number, removed?: PieceVisitor): number {
    if (!(start < end)) throw new RangeError(`a range from ${start} to ${end} is empty`);
    const pieces = this.clear(start, end, removed);
    this.write();
    this.insertFree(start, end, id);
    return pieces;
  }

  /**
   * The highest address at which `length` bytes of [low, high) are free.
   *
   * @returns that address, or -1
   */
  highestGap(length: number, low: number, high: number): number {
    const { root } = this;
    if (high - low < length) return -1;
    if (root.count === 0) return high - length;
    if (high - Math.max(root.ends[root.count - 1], low) >= length) return high - length;
    const end = highestGapEnd(root, length, low, high);
    if (end >= 0) return end - length;
    const first = Math.min(root.starts[0], high);
    return first - low >= length ? first - length : -1;
  }

  /** The lowest address at which `length` bytes of [low, high) are free, or -1. */
  lowestGap(length: number, low: number, high: number): number {
    const { root } = this;
    if (high - low < length) return -1;
    if (root.count === 0 || Math.min(root.starts[0], high) - low >= length) return low;
    const start = lowestGapStart(root, length, low, high);
    if (start >= 0) return start;
    const last = Math.max(root.ends[root.count - 1], low);
    return high - last >= length ? last : -1;
  }

  /** Visit all ranges, upward. The visitor must not change the map. */
  forEach(visit: PieceVisitor): void {
    const at = this.cursor();
    for (let more = at.seek(0); more; more = at.next()) visit(at.start, at.end, at.id);
  }

  /** A copy that is changed apart from this map: for a fork, a snapshot. */
  clone(): RangeMap {
    const copy = new RangeMap();
    copy.root = this.root;
    copy.ranges = this.ranges;
    // Neither of the two may write the shared nodes from now on.
    this.owner = ++marks;
    return copy;
  }

  /** Remove all ranges. */
  empty(): void {
    this.root = new Leaf(this.owner);
    this.ranges = 0;
    this.version++;
  }

  /** The cursor at the range that starts there. */
  private startingAt(start: number): RangeCursor {
    const { at } = this;
    if (at.seek(start) && at.start === start) return at;
    throw new RangeError(`no range starts at ${start}`);
  }

  /** Before each change: the root becomes this map's own, cursors learn of it. */
  private write(): void {
    this.root = writable(this.root, this.owner);
    this.version++;
  }

  private insertFree(start: number, end: number, id: number): void {
    const { root } = this;
    const right = insertRange(root, start, end, id);
    this.ranges++;
    if (right === null) return;
    const top = new Branch(this.owner, root.level + 1);
    for (const child of [root, right]) {
      // A split in order leaves all to one side; the other got the new range.
      top.children.push(child);
      top.starts[top.count] = child.starts[0];
      top.ends[top.count] = child.ends[child.count - 1];
      top.count++;
    }
    this.root = top;
  }

  private shrinkFromBelow(key: number, start: number): void {
    const { end, id } = this.startingAt(key);
    changeRange(this.root, key, start, end, id);
  }

  private removeInside(start: number, end: number): void {
    this.ranges -= removeRanges(this.root, start, end);
    while (!isLeaf(this.root) && this.root.count === 1) this.root = writable(this.root.children[0], this.owner);
    if (this.root.count === 0) this.root = new Leaf(this.owner);
  }
}

const overlap = (start: number, end: number, other: RangeCursor): RangeError =>
  new RangeError(`a range from ${start} to ${end} would overlap that from ${other.start} to ${other.end}`);
