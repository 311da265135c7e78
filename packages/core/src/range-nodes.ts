/**
 * Nodes of the B+-tree below `RangeMap`. A node belongs to the map whose mark it carries; a map copies a node of
 * another before it writes (so a clone costs nothing until one of the two is changed).
 */

/** Ranges in a leaf. */
const LEAF_CAPACITY = 64;
/** Children of a branch. */
const BRANCH_CAPACITY = 64;
/** A node with fewer than this is joined with a neighbour, where the two leave room for more. */
const FEW = 16;
const JOINED = 48;
/** In place of a node's largest gap: to be looked for when somebody asks. */
const UNKNOWN = -1;

/** Up to 64 ranges, ascending and disjoint. */
export class Leaf {
  readonly level = 0;
  owner: number;
  count = 0;
  /** Largest gap between two of its ranges, or UNKNOWN. */
  gap = UNKNOWN;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly ids: Int32Array;

  constructor(owner: number, from?: Leaf) {
    this.owner = owner;
    this.count = from?.count ?? 0;
    // One piece of memory for all three: most leaves live shortly.
    const memory = new ArrayBuffer(LEAF_CAPACITY * 20);
    this.starts = new Float64Array(memory, 0, LEAF_CAPACITY);
    this.ends = new Float64Array(memory, LEAF_CAPACITY * 8, LEAF_CAPACITY);
    this.ids = new Int32Array(memory, LEAF_CAPACITY * 16, LEAF_CAPACITY);
    if (from !== undefined) copyEntries(from, 0, from.count, this, 0);
  }
}

/** Up to 64 nodes of the level below, none of them empty, and from where to where each reaches. */
export class Branch {
  readonly level: number;
  owner: number;
  count = 0;
  /** Largest gap between two ranges below it, or UNKNOWN. */
  gap = UNKNOWN;
  readonly children: RangeNode[];
  /** Start of each child's first range. */
  readonly starts: Float64Array;
  /** End of each child's last range. */
  readonly ends: Float64Array;

  constructor(owner: number, level: number, from?: Branch) {
    this.owner = owner;
    this.level = level;
    this.count = from?.count ?? 0;
    this.children = from?.children.slice() ?? [];
    this.starts = from?.starts.slice() ?? new Float64Array(BRANCH_CAPACITY);
    this.ends = from?.ends.slice() ?? new Float64Array(BRANCH_CAPACITY);
  }
}

export type RangeNode = Leaf | Branch;

export const isLeaf = (node: RangeNode): node is Leaf => node.level === 0;

/** Index of the last of a node's starts that is at or below an address, or -1. */
export function lastStartingAt(node: RangeNode, address: number): number {
  const { starts } = node;
  let low = 0;
  let high = node.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle] <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Index of the first of a node's ends that is above an address; its count where there is none. */
export function firstEndingAfter(node: RangeNode, address: number): number {
  const { ends } = node;
  let low = 0;
  let high = node.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle] <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The largest gap between ranges below a node, looked for only if it changed since the last time. */
function largestGap(node: RangeNode): number {
  if (node.gap !== UNKNOWN) return node.gap;
  const { starts, ends, count } = node;
  let gap = 0;
  for (let i = 1; i < count; i++) {
    const between = starts[i] - ends[i - 1];
    if (between > gap) gap = between;
  }
  if (!isLeaf(node)) {
    for (let i = 0; i < count; i++) {
      const below = largestGap(node.children[i]);
      if (below > gap) gap = below;
    }
  }
  node.gap = gap;
  return gap;
}

/** A node that this owner may write: the node itself, or a copy. */
export function writable(node: RangeNode, owner: number): RangeNode {
  if (node.owner === owner) return node;
  return isLeaf(node) ? new Leaf(owner, node) : new Branch(owner, node.level, node);
}

/** A leaf without ranges: the node itself where it is one, and this owner may write it. */
export function emptyLeaf(node: RangeNode, owner: number): Leaf {
  if (!isLeaf(node) || node.owner !== owner) return new Leaf(owner);
  node.count = 0;
  node.gap = UNKNOWN;
  return node;
}

function writableChild(node: Branch, i: number): RangeNode {
  const child = writable(node.children[i], node.owner);
  node.children[i] = child;
  return child;
}

/** Take over from where to where a child reaches now. */
function refresh(node: Branch, i: number): void {
  const child = node.children[i];
  node.starts[i] = child.starts[0];
  node.ends[i] = child.ends[child.count - 1];
}

/** Move what stands at [from, to) of one node to a place in another of its level, whose count is not touched. */
function copyEntries(source: RangeNode, from: number, to: number, target: RangeNode, at: number): void {
  const shift = at - from;
  for (let i = from; i < to; i++) {
    target.starts[i + shift] = source.starts[i];
    target.ends[i + shift] = source.ends[i];
  }
  if (isLeaf(source) && isLeaf(target)) for (let i = from; i < to; i++) target.ids[i + shift] = source.ids[i];
  else if (!isLeaf(source) && !isLeaf(target))
    for (let i = from; i < to; i++) target.children[i + shift] = source.children[i];
}

/** Of a leaf: move what stands at [from, count) down to `to`. Loops, as so few entries cost less than a call. */
function moveDown({ starts, ends, ids, count }: Leaf, from: number, to: number): void {
  const shift = from - to;
  for (let i = from; i < count; i++) {
    starts[i - shift] = starts[i];
    ends[i - shift] = ends[i];
    ids[i - shift] = ids[i];
  }
}

/** Remove what stands at [from, to). */
function removeEntries(node: RangeNode, from: number, to: number): void {
  if (from === to) return;
  if (isLeaf(node)) moveDown(node, to, from);
  else {
    node.starts.copyWithin(from, to, node.count);
    node.ends.copyWithin(from, to, node.count);
    node.children.splice(from, to - from);
  }
  node.count -= to - from;
  node.gap = UNKNOWN;
}

/** Move what stands at `kept` and behind into a new right neighbour. */
function split(node: RangeNode, kept: number): RangeNode {
  const right = isLeaf(node) ? new Leaf(node.owner) : new Branch(node.owner, node.level);
  copyEntries(node, kept, node.count, right, 0);
  right.count = node.count - kept;
  if (!isLeaf(node)) node.children.length = kept;
  node.count = kept;
  node.gap = UNKNOWN;
  return right;
}

/** How many entries stay in a full node that gets one more: half, unless they come in order, up- or downward. */
const keptAtSplit = (node: RangeNode, at: number): number =>
  at === node.count ? node.count : at === 0 ? 0 : node.count >>> 1;

/** Make the place `at` free in a node that has room. */
function openPlace(node: RangeNode, at: number): void {
  if (isLeaf(node)) {
    const { starts, ends, ids } = node;
    for (let i = node.count; i > at; i--) {
      starts[i] = starts[i - 1];
      ends[i] = ends[i - 1];
      ids[i] = ids[i - 1];
    }
  } else {
    node.starts.copyWithin(at + 1, at, node.count);
    node.ends.copyWithin(at + 1, at, node.count);
  }
  node.count++;
  node.gap = UNKNOWN;
}

/**
 * Put ranges in place of those at [from, to) of a leaf, where nobody but the leaf need know: it has room, its bounds
 * stay (or it has no parent), and its largest gap is unknown, so that no node above it knows its own either.
 *
 * @param added - how many places are to be there; the caller fills them
 * @param alone - it is the root
 * @returns false: nothing was changed
 */
export function reopenInLeaf(node: Leaf, from: number, to: number, added: number, alone: boolean): boolean {
  const { starts, ends, ids, count } = node;
  const shift = added - (to - from);
  if (node.gap !== UNKNOWN || count + shift > LEAF_CAPACITY || count + shift === 0) return false;
  if (!alone && (from === 0 || to === count)) return false;
  if (shift > 0) {
    for (let i = count - 1; i >= to; i--) {
      starts[i + shift] = starts[i];
      ends[i + shift] = ends[i];
      ids[i + shift] = ids[i];
    }
    node.count = count + shift;
  } else if (shift < 0) {
    moveDown(node, to, to + shift);
    node.count = count + shift;
  }
  return true;
}

function insertIntoLeaf(node: Leaf, start: number, end: number, id: number): Leaf | null {
  let at = lastStartingAt(node, start) + 1;
  let target = node;
  let right: Leaf | null = null;
  if (node.count === LEAF_CAPACITY) {
    const kept = keptAtSplit(node, at);
    right = split(node, kept) as Leaf;
    if (at >= kept && kept > 0) {
      target = right;
      at -= kept;
    }
  }
  openPlace(target, at);
  target.starts[at] = start;
  target.ends[at] = end;
  target.ids[at] = id;
  return right;
}

function insertChild(node: Branch, place: number, child: RangeNode): Branch | null {
  let at = place;
  let target = node;
  let right: Branch | null = null;
  if (node.count === BRANCH_CAPACITY) {
    const kept = keptAtSplit(node, at);
    right = split(node, kept) as Branch;
    if (at >= kept && kept > 0) {
      target = right;
      at -= kept;
    }
  }
  openPlace(target, at);
  target.children.splice(at, 0, child);
  refresh(target, at);
  return right;
}

/**
 * Insert a range that overlaps none.
 *
 * @param node - writable
 * @returns a new right neighbour of the node, if it was full
 */
export function insertRange(node: RangeNode, start: number, end: number, id: number): RangeNode | null {
  if (isLeaf(node)) return insertIntoLeaf(node, start, end, id);
  const i = Math.max(lastStartingAt(node, start), 0);
  const right = insertRange(writableChild(node, i), start, end, id);
  refresh(node, i);
  node.gap = UNKNOWN;
  return right === null ? null : insertChild(node, i + 1, right);
}

/**
 * Change the range that starts at `key`; its new bounds stay between those of its neighbours.
 *
 * @param node - writable, and has the range
 */
export function changeRange(node: RangeNode, key: number, start: number, end: number, id: number): void {
  const i = lastStartingAt(node, key);
  if (isLeaf(node)) {
    node.starts[i] = start;
    node.ends[i] = end;
    node.ids[i] = id;
  } else {
    changeRange(writableChild(node, i), key, start, end, id);
    refresh(node, i);
  }
  node.gap = UNKNOWN;
}

/** Join child `i` with the next one, if the two are few. */
function joinWithNext(node: Branch, i: number): void {
  if (i < 0 || i + 1 >= node.count) return;
  const { count } = node.children[i];
  const next = node.children[i + 1];
  if (Math.min(count, next.count) >= FEW || count + next.count > JOINED) return;
  const child = writableChild(node, i);
  copyEntries(next, 0, next.count, child, count);
  child.count = count + next.count;
  child.gap = UNKNOWN;
  refresh(node, i);
  removeEntries(node, i + 1, i + 2);
}

/**
 * Remove the ranges that lie wholly in [start, end). The node may be empty after it; no node below it is.
 *
 * @param node - writable
 * @returns how many were removed
 */
export function removeRanges(node: RangeNode, start: number, end: number): number {
  if (isLeaf(node)) {
    let from = lastStartingAt(node, start);
    if (from < 0 || node.starts[from] < start) from++;
    const to = firstEndingAfter(node, end);
    if (from >= to) return 0;
    removeEntries(node, from, to);
    return to - from;
  }
  let removed = 0;
  const from = firstEndingAfter(node, start);
  const to = lastStartingAt(node, end - 1) + 1;
  // Children wholly inside go as they are; those at the two edges lose a part.
  let kept = from;
  for (let i = from; i < to; i++) {
    if (node.starts[i] >= start && node.ends[i] <= end) {
      removed += countRanges(node.children[i]);
      continue;
    }
    const child = writableChild(node, i);
    removed += removeRanges(child, start, end);
    if (child.count === 0) continue;
    node.children[kept] = child;
    refresh(node, kept++);
  }
  removeEntries(node, kept, Math.max(to, kept));
  node.gap = UNKNOWN;
  joinWithNext(node, kept);
  joinWithNext(node, kept - 1);
  joinWithNext(node, kept - 2);
  return removed;
}

/** How many ranges are below a node. */
function countRanges(node: RangeNode): number {
  if (isLeaf(node)) return node.count;
  let count = 0;
  for (let i = 0; i < node.count; i++) count += countRanges(node.children[i]);
  return count;
}

/**
 * The highest place for `length` bytes within [low, high) between two ranges below a node.
 *
 * @returns the end of that place, or -1
 */
export function highestGapEnd(node: RangeNode, length: number, low: number, high: number): number {
  const { starts, ends, count } = node;
  for (let i = lastStartingAt(node, high); i >= 0 && (i + 1 === count || starts[i + 1] > low); i--) {
    if (i + 1 < count) {
      const top = Math.min(starts[i + 1], high);
      if (top - Math.max(ends[i], low) >= length) return top;
    }
    if (isLeaf(node) || ends[i] <= low || largestGap(node.children[i]) < length) continue;
    const found = highestGapEnd(node.children[i], length, low, high);
    if (found >= 0) return found;
  }
  return -1;
}

/** The lowest place for `length` bytes within [low, high) between two ranges below a node. @returns its start, or -1 */
export function lowestGapStart(node: RangeNode, length: number, low: number, high: number): number {
  const { starts, ends, count } = node;
  for (let i = Math.max(firstEndingAfter(node, low) - 1, 0); i < count && starts[i] < high; i++) {
    if (!isLeaf(node) && ends[i] > low && largestGap(node.children[i]) >= length) {
      const found = lowestGapStart(node.children[i], length, low, high);
      if (found >= 0) return found;
    }
    if (i + 1 === count) break;
    const bottom = Math.max(ends[i], low);
    if (Math.min(starts[i + 1], high) - bottom >= length) return bottom;
  }
  return -1;
}
