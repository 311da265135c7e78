import { freebsd, RangeMap } from '@overmap/core';

/** Addresses of a process: bytes, half-open. */
export interface Touched {
  readonly process: number;
  readonly start: number;
  readonly end: number;
}

/** Addresses about whose key two sides begin to disagree. */
export interface KeyDisagreement extends Touched {
  /** The key under the policy that is audited, and under the other; null is none. */
  readonly from: freebsd.Attribute | null;
  readonly to: freebsd.Attribute | null;
  /** The number of the operation that gave them the key which one of them has lost; -1 is not known. */
  readonly setBy: number;
}

/** How keys differ: not at all, only one side has one, both have one. */
const SAME = -1;

/** A number for how two keys differ, or {@link SAME}. */
function differenceOf(from: freebsd.Attribute | null, to: freebsd.Attribute | null): number {
  if (from?.value === to?.value) return SAME;
  return from === null ? 0 : to === null ? 1 : 2;
}

/** A side's pmap of a process; undefined where there is no such process. */
type PmapOf = (process: number) => freebsd.Pmap | undefined;

/**
 * Two sides that run the same operations under different policies: where do their keys begin to differ? Whoever runs
 * them tells what an operation changed; then only that is looked at.
 */
export class KeyComparison {
  private readonly sides: readonly [PmapOf, PmapOf];
  private readonly differing = new Map<number, RangeMap>();
  private readonly setters = new Map<number, RangeMap>();
  private changed: Touched[] = [];

  constructor(audited: PmapOf, other: PmapOf) {
    this.sides = [audited, other];
  }

  /** An operation changed keys there, on either side. */
  touch(process: number, start: number, end: number): void {
    this.changed.push({ process, start, end });
  }

  /** An operation has set a key there. */
  keySet(process: number, start: number, end: number, operation: number): void {
    rangesOf(this.setters, process).replace(start, end, operation);
  }

  /** What differs in a parent differs in its child by then: the fork is not what did it. */
  forked(parent: number, child: number): void {
    for (const all of [this.differing, this.setters]) all.set(child, rangesOf(all, parent).clone());
  }

  gone(process: number): void {
    for (const all of [this.differing, this.setters]) all.delete(process);
  }

  /**
   * The addresses that differ since the operation at hand, each range told once while it differs in the same way.
   *
   * @param boundsOf - where else a range is to be cut: at mappings
   */
  disagreements(boundsOf: (one: Touched) => readonly number[]): KeyDisagreement[] {
    const found: KeyDisagreement[] = [];
    for (const { process, start, end } of cutPieces(this.changed, (one) => [
      ...boundsOf(one),
      ...this.boundsOfKeys(one),
    ])) {
      const known = rangesOf(this.differing, process);
      const { from, to } = this.keysAt(process, start);
      const how = differenceOf(from, to);
      const before = known.find(start);
      if (how === SAME) known.clear(start, end);
      if (how === SAME || how === before) continue;
      known.replace(start, end, how);
      found.push({ process, start, end, from, to, setBy: rangesOf(this.setters, process).find(start) });
    }
    this.changed = [];
    return found;
  }

  /** What differs within some addresses, whenever it began. */
  differingIn({ process, start, end }: Touched): KeyDisagreement[] {
    const inside: Touched[] = [];
    rangesOf(this.differing, process).forEach((low, high) => {
      if (low < end && start < high) inside.push({ process, start: Math.max(low, start), end: Math.min(high, end) });
    });
    return cutPieces(inside, (one) => this.boundsOfKeys(one)).map((one) => ({
      ...one,
      ...this.keysAt(process, one.start),
      setBy: rangesOf(this.setters, process).find(one.start),
    }));
  }

  private keysAt(process: number, address: number) {
    const [from = null, to = null] = this.sides.map((pmapOf) => {
      const pmap = pmapOf(process);
      return pmap === undefined ? null : freebsd.keyOf(pmap, address);
    });
    return { from, to };
  }

  /** Where a key of either side, who set it, or what is known to differ changes within a range. */
  private boundsOfKeys({ process, start, end }: Touched): number[] {
    const bounds: number[] = [];
    const add = (from: number, to: number): void => {
      bounds.push(from, to);
    };
    for (const pmapOf of this.sides) pmapOf(process)?.attributes.pieces(start, end, add);
    for (const all of [this.differing, this.setters]) {
      const at = rangesOf(all, process).cursor();
      for (let more = at.seek(start); more && at.start < end; more = at.next()) add(at.start, at.end);
    }
    return bounds.filter((bound) => start < bound && bound < end);
  }
}

function rangesOf(all: Map<number, RangeMap>, process: number): RangeMap {
  const known = all.get(process) ?? new RangeMap();
  all.set(process, known);
  return known;
}

/**
 * Ranges of several processes cut at each other's bounds and at those inside them; in order, none twice.
 *
 * @param inside - where else a range is to be cut
 */
function cutPieces(touched: readonly Touched[], inside: (one: Touched) => readonly number[]): Touched[] {
  const found: Touched[] = [];
  for (const process of new Set(touched.map((one) => one.process))) {
    const covered = new RangeMap();
    const bounds = new Set<number>();
    for (const one of touched) {
      if (one.process !== process || one.end <= one.start) continue;
      covered.replace(one.start, one.end, 0);
      for (const bound of [one.start, one.end, ...inside(one)]) bounds.add(bound);
    }
    const sorted = [...bounds].sort((a, b) => a - b);
    for (const [i, start] of sorted.slice(0, -1).entries())
      if (covered.find(start) >= 0) found.push({ process, start, end: sorted[i + 1] });
  }
  return found;
}
