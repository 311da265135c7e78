import { RangeCursor } from './range-cursor.ts';
import {
  Branch,
  changeRange,
  emptyLeaf,
  highestGapEnd,
  insertRange,
  isLeaf,
  Leaf,
  lowestGapStart,
  type RangeNode,
  removeRanges,
  reopenInLeaf,
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

  /** @param root - for `clone`: nodes of another map */
  constructor(root?: RangeNode) {
    this.owner = ++marks;
    this.root = root ?? new Leaf(this.owner);
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
   * Two ranges meet at an address: let them meet at another one between the start of the lower and the end of the upper.
   *
   * @throws RangeError when no two ranges meet there, or one of them would be empty
   */
  moveBorder(from: number, to: number): void {
    const { at } = this;
    const { end, id, leaf, index } = this.startingAt(from);
    if (!at.previous() || at.end !== from) throw new RangeError(`no two ranges meet at ${from}`);
    const { start: lower, id: lowerId } = at;
    if (!(lower < to && to < end)) throw new RangeError(`the ranges from ${lower} to ${end} cannot meet at ${to}`);
    // Inside of a leaf neither its bounds nor any gap changes.
    if (leaf !== null && leaf === at.leaf && leaf.owner === this.owner) {
      this.version++;
      leaf.starts[index] = to;
      leaf.ends[index - 1] = to;
      return;
    }
    this.write();
    changeRange(this.root, from, to, end, id);
    changeRange(this.root, lower, lower, to, lowerId);
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
    return this.splice(start, end, false, 0, removed);
  }

  /** Clear [start, end), and put one range there. The parameters are those of `clear` and `insert`. */
  replace(start: number, end: number, id: number, removed?: PieceVisitor): number {
    if (!(start < end)) throw new RangeError(`a range from ${start} to ${end} is empty`);
    return this.splice(start, end, true, id, removed);
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
    const copy = new RangeMap(this.root);
    copy.ranges = this.ranges;
    // Neither of the two may write the shared nodes from now on.
    this.owner = ++marks;
    return copy;
  }

  /** Remove all ranges. */
  empty(): void {
    this.root = emptyLeaf(this.root, this.owner);
    this.ranges = 0;
    this.version++;
  }

  /** Clear [start, end), and put a range there if one is to be. */
  private splice(start: number, end: number, put: boolean, id: number, removed: PieceVisitor | undefined): number {
    const at = this.cleared;
    if (!at.seek(start) || at.start >= end) {
      const { root } = this;
      // Above all of an only leaf, or in front of the range that was found.
      const leaf = at.leaf ?? (isLeaf(root) ? root : null);
      const index = at.leaf === null ? root.count : at.index;
      if (put && !this.spliceLeaf(leaf, index, index, start, end, start, end, put, id)) {
        this.write();
        this.insertFree(start, end, id);
      }
      return 0;
    }
    const { start: lowerStart, end: lowerEnd, id: lowerId, leaf, index } = at;
    let pieces = 0;
    let upperStart = lowerStart;
    let upperEnd = lowerEnd;
    do {
      pieces++;
      upperStart = at.start;
      upperEnd = at.end;
      removed?.(Math.max(upperStart, start), Math.min(upperEnd, end), at.id);
    } while (at.next() && at.start < end);
    if (this.spliceLeaf(leaf, index, index + pieces, start, end, lowerStart, upperEnd, put, id)) return pieces;
    this.write();
    if (lowerStart < start) changeRange(this.root, lowerStart, lowerStart, start, lowerId);
    if (lowerStart < start && lowerEnd > end) this.insertFree(end, lowerEnd, lowerId);
    else {
      if (upperEnd > end) this.shrinkFromBelow(upperStart, end);
      this.removeInside(start, end);
    }
    if (put) this.insertFree(start, end, id);
    return pieces;
  }

  /**
   * The same where the ranges concerned stand at [from, to) of one leaf that may be written as it is: most address
   * spaces are a leaf.
   *
   * @returns false: it cannot be done here, and nothing was changed
   */
  private spliceLeaf(
    leaf: Leaf | null,
    from: number,
    to: number,
    start: number,
    end: number,
    lowerStart: number,
    upperEnd: number,
    put: boolean,
    id: number,
  ): boolean {
    if (leaf === null || leaf.owner !== this.owner || to > leaf.count) return false;
    const { starts, ends, ids } = leaf;
    const below = lowerStart < start;
    const above = upperEnd > end;
    const lowerId = below ? ids[from] : 0;
    const upperId = above ? ids[to - 1] : 0;
    const added = (below ? 1 : 0) + (put ? 1 : 0) + (above ? 1 : 0);
    if (!reopenInLeaf(leaf, from, to, added, leaf === this.root)) return false;
    this.version++;
    this.ranges += added - (to - from);
    let i = from;
    if (below) {
      starts[i] = lowerStart;
      ends[i] = start;
      ids[i++] = lowerId;
    }
    if (put) {
      starts[i] = start;
      ends[i] = end;
      ids[i++] = id;
    }
    if (above) {
      starts[i] = end;
      ends[i] = upperEnd;
      ids[i] = upperId;
    }
    return true;
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
    if (this.root.count === 0) this.root = emptyLeaf(this.root, this.owner);
  }
}

const overlap = (start: number, end: number, other: RangeCursor): RangeError =>
  new RangeError(`a range from ${start} to ${end} would overlap that from ${other.start} to ${other.end}`);
