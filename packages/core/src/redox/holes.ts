import { RangeMap } from '../range-map.ts';
import type { PageSpan } from './page-span.ts';

/** Numbers in order, each once: as ranges of length 1. */
class OrderedNumbers {
  private readonly points: RangeMap;

  constructor(points = new RangeMap()) {
    this.points = points;
  }

  get count(): number {
    return this.points.count;
  }

  add(number: number): void {
    if (this.points.find(number) < 0) this.points.insert(number, number + 1, 0);
  }

  remove(number: number): void {
    if (this.points.find(number) >= 0) this.points.remove(number);
  }

  /** The greatest number below another, or -1. */
  below(number: number): number {
    const at = this.points.cursor();
    return number > 0 && at.seekBelow(number) ? at.start : -1;
  }

  /** Visit the numbers from one on, upward, until the visitor is satisfied. @returns whether it was */
  some(from: number, visit: (number: number) => boolean): boolean {
    const at = this.points.cursor();
    for (let more = at.seek(from); more; more = at.next()) if (visit(at.start)) return true;
    return false;
  }

  clone(): OrderedNumbers {
    return new OrderedNumbers(this.points.clone());
  }
}

/**
 * The holes between grants, kept twice: by address, and by size and address. They are what the kernel has written down,
 * and not what lies between grants: a grant behind the user's part, which some calls let through, leaves a hole there
 * when it goes, and holes there may overlap. Each change takes O(log n).
 */
export class Holes {
  private starts = new OrderedNumbers();
  /** How many pages the hole has that starts at a page. */
  private counts = new Map<number, number>();
  private sizes = new OrderedNumbers();
  /** By size, where the holes of that size start. */
  private bySize = new Map<number, OrderedNumbers>();
  /** Empty ones that were in `bySize`: sizes come and go with most calls. */
  private readonly spare: OrderedNumbers[] = [];

  constructor(initial: PageSpan | null) {
    if (initial !== null) this.add(initial.base, initial.count);
  }

  /** All holes, by address. */
  list(): PageSpan[] {
    const found: PageSpan[] = [];
    this.starts.some(0, (base) => {
      found.push({ base, count: this.countAt(base) });
      return false;
    });
    return found;
  }

  /**
   * Best fit: the smallest hole, and of several the lowest, in which `count` pages have room at or above `min`.
   *
   * @returns the first page, or -1
   */
  find(min: number, count: number): number {
    let found = -1;
    this.sizes.some(count, (size) =>
      // The first of this size that ends high enough has room.
      (this.bySize.get(size) ?? NONE).some(Math.max(0, min + count - size), (start) => {
        found = Math.max(start, min);
        return true;
      }),
    );
    return found;
  }

  /** A span is taken: the hole around it shrinks, goes, or becomes two. */
  reserve({ base, count }: PageSpan): void {
    const start = this.starts.below(base + 1);
    if (start < 0) return;
    const end = start + this.countAt(start);
    if (end <= base) return;
    this.remove(start);
    if (start < base) this.add(start, base - start);
    if (end > base + count) this.add(base + count, end - base - count);
  }

  /** A span is free again, and one with the holes that touch it. */
  release({ base, count }: PageSpan): void {
    let start = base;
    let end = base + count;
    const above = this.counts.get(end);
    if (above !== undefined) {
      this.remove(end);
      end += above;
    }
    const below = this.starts.below(base);
    if (below >= 0 && below + this.countAt(below) === start) {
      start = below;
      this.remove(below);
    }
    this.add(start, end - start);
  }

  /** A copy that is changed apart from this one. */
  clone(): Holes {
    const copy = new Holes(null);
    copy.starts = this.starts.clone();
    copy.counts = new Map(this.counts);
    copy.sizes = this.sizes.clone();
    copy.bySize = new Map([...this.bySize].map(([size, starts]) => [size, starts.clone()]));
    return copy;
  }

  private countAt(start: number): number {
    return this.counts.get(start) ?? 0;
  }

  private add(start: number, count: number): void {
    // One that starts there already is lost, as a map loses what a key had.
    if (this.counts.has(start)) this.remove(start);
    this.starts.add(start);
    this.counts.set(start, count);
    const same = this.bySize.get(count) ?? this.spare.pop() ?? new OrderedNumbers();
    same.add(start);
    this.bySize.set(count, same);
    this.sizes.add(count);
  }

  private remove(start: number): void {
    const count = this.countAt(start);
    this.starts.remove(start);
    this.counts.delete(start);
    const same = this.bySize.get(count);
    same?.remove(start);
    if (same === undefined || same.count > 0) return;
    if (this.spare.length < SPARE) this.spare.push(same);
    this.bySize.delete(count);
    this.sizes.remove(count);
  }
}

/** More are not kept. */
const SPARE = 8;
const NONE = new OrderedNumbers();
