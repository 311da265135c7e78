import { type PieceVisitor, RangeMap } from '../range-map.ts';

/** What a rangeset of a pmap says of addresses. Data: amd64 has keys, arm64 guarded pages. */
export interface AttributeKind {
  readonly name: 'pkru' | 'bti';
  /** Bits of a value. */
  readonly width: number;
  /** A range may be marked to outlive the removal of its pages. */
  readonly persistent: boolean;
  /** A range may be asked to be set only where nothing is set. */
  readonly exclusive: boolean;
}

/** Protection keys of amd64: 0 to 15. */
export const PKRU: AttributeKind = { name: 'pkru', width: 4, persistent: true, exclusive: true };
/** Guarded pages of arm64 (branch target identification): set, or not. */
export const BTI: AttributeKind = { name: 'bti', width: 1, persistent: false, exclusive: false };

/** What a range carries. */
export interface Attribute {
  readonly value: number;
  readonly persistent: boolean;
}

/** A range as it is listed; bytes, half-open. */
export interface AttributeRange extends Attribute {
  readonly start: number;
  readonly end: number;
}

const PERSISTENT = 1 << 8;

/** An attribute as a number, for a {@link RangeMap}. */
export const packAttribute = (value: number, persistent: boolean): number => value | (persistent ? PERSISTENT : 0);
/** An attribute from its number; null for -1, which stands for none. */
export const attributeOf = (id: number): Attribute | null =>
  id < 0 ? null : { value: id & (PERSISTENT - 1), persistent: (id & PERSISTENT) !== 0 };

/**
 * The generic rangeset of a pmap: disjoint ranges of addresses, each with a value. Ranges belong to addresses and not to
 * mappings: they may lie over holes. Equal neighbours are never merged; removing a part trims a range or cuts it in two.
 */
export class AttributeRanges {
  readonly kind: AttributeKind;
  private readonly ranges: RangeMap;

  constructor(kind: AttributeKind, ranges: RangeMap = new RangeMap()) {
    this.kind = kind;
    this.ranges = ranges;
  }

  get count(): number {
    return this.ranges.count;
  }

  /** The packed attribute of an address, or -1. */
  find(address: number): number {
    return this.ranges.find(address);
  }

  /**
   * Whether [start, end) is free for an exclusive range. The kernel looks at one range only, the last that starts at or
   * below `end`: a range that begins exactly at `end` counts as a conflict.
   */
  isEmptyFor(start: number, end: number): boolean {
    const at = this.ranges.cursor();
    return !at.seekBelow(end + 1) || at.end <= start;
  }

  /** Put one range over whatever is there. @param replaced - told of each piece that goes */
  set(start: number, end: number, id: number, replaced?: PieceVisitor): void {
    this.ranges.replace(start, end, id, replaced);
  }

  /** Remove everything in [start, end). */
  clear(start: number, end: number, removed?: PieceVisitor): void {
    this.ranges.clear(start, end, removed);
  }

  /** Remove what is in [start, end) and not persistent. */
  clearVolatile(start: number, end: number, removed?: PieceVisitor): void {
    const found: (readonly [number, number])[] = [];
    this.pieces(start, end, (from, to, id) => {
      if ((id & PERSISTENT) === 0) found.push([from, to]);
    });
    for (const [from, to] of found) this.ranges.clear(from, to, removed);
  }

  /** Visit what lies in [start, end), cut to it. */
  pieces(start: number, end: number, visit: PieceVisitor): void {
    const at = this.ranges.cursor();
    for (let more = at.seek(start); more && at.start < end; more = at.next())
      visit(Math.max(at.start, start), Math.min(at.end, end), at.id);
  }

  /** Whether one value holds in all of [start, end), or none does anywhere: what one large page needs. */
  isUniform(start: number, end: number): boolean {
    const first = this.find(start);
    let reached = start;
    let same = true;
    this.pieces(start, end, (from, to, id) => {
      same &&= from === reached && (id & ~PERSISTENT) === (first & ~PERSISTENT) && first >= 0;
      reached = to;
    });
    return same && (first < 0 || reached === end);
  }

  list(): AttributeRange[] {
    const found: AttributeRange[] = [];
    this.ranges.forEach((start, end, id) => {
      const attribute = attributeOf(id);
      if (attribute !== null) found.push({ start, end, ...attribute });
    });
    return found;
  }

  /** A copy, O(1). */
  clone(): AttributeRanges {
    return new AttributeRanges(this.kind, this.ranges.clone());
  }
}
