import type { RangeMap } from './range-map.ts';
import { firstEndingAfter, isLeaf, type Leaf, lastStartingAt, type RangeNode } from './range-nodes.ts';

/**
 * A place in a {@link RangeMap}: one of its ranges, or none. It may be moved on after the map was changed: it then goes
 * to the nearest range in that direction from the bounds that it last showed.
 */
export class RangeCursor {
  /** First address of the range; -1 when the cursor is at none. */
  start = -1;
  /** First address behind it. */
  end = -1;
  /** What the range carries. */
  id = -1;
  /** For the map: where the range stands. */
  leaf: Leaf | null = null;
  index = 0;
  private version = -1;
  private readonly map: RangeMap;

  constructor(map: RangeMap) {
    this.map = map;
  }

  /** Go to the range that holds an address, or else the first one above it. @returns false: there is none */
  seek(address: number): boolean {
    let node: RangeNode = this.map.root;
    let i = firstEndingAfter(node, address);
    while (i < node.count && !isLeaf(node)) {
      node = node.children[i];
      i = firstEndingAfter(node, address);
    }
    return this.show(node, i);
  }

  /** Go to the last range that starts below an address. @returns false: there is none */
  seekBelow(address: number): boolean {
    let node: RangeNode = this.map.root;
    let i = lastStartingAt(node, address - 1);
    while (i >= 0 && !isLeaf(node)) {
      node = node.children[i];
      i = lastStartingAt(node, address - 1);
    }
    return this.show(node, i);
  }

  /** Go one range up. @returns false: that was the last */
  next(): boolean {
    const { leaf } = this;
    if (leaf === null) return false;
    if (this.version === this.map.version && this.index + 1 < leaf.count) return this.show(leaf, this.index + 1);
    return this.seek(this.end);
  }

  /** Go one range down. @returns false: that was the first */
  previous(): boolean {
    const { leaf } = this;
    if (leaf === null) return false;
    if (this.version === this.map.version && this.index > 0) return this.show(leaf, this.index - 1);
    return this.seekBelow(this.start);
  }

  private show(node: RangeNode, i: number): boolean {
    if (!isLeaf(node) || i < 0 || i >= node.count) {
      this.leaf = null;
      this.start = -1;
      this.end = -1;
      this.id = -1;
      return false;
    }
    this.leaf = node;
    this.index = i;
    this.version = this.map.version;
    this.start = node.starts[i];
    this.end = node.ends[i];
    this.id = node.ids[i];
    return true;
  }
}
