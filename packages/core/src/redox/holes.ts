import type { PageSpan } from './page-span.ts';

/** Index of the first element for which `before` is false; all for which it is true come first. */
function partition(count: number, before: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The holes between grants, kept twice: by address, and by size and address. They are what the kernel has written down,
 * and not what lies between grants: a grant behind the user's part, which some calls let through, leaves a hole there
 * when it goes.
 */
export class Holes {
  private readonly starts: number[] = [];
  private readonly counts: number[] = [];
  /** Start and count again, ordered by count, then start. */
  private readonly bySize: PageSpan[] = [];

  constructor(initial: PageSpan) {
    this.add(initial.base, initial.count);
  }

  /** All holes, by address. */
  list(): PageSpan[] {
    return this.starts.map((base, i) => ({ base, count: this.counts[i] }));
  }

  /**
   * Best fit: the smallest hole, and of several the lowest, in which `count` pages have room at or above `min`.
   *
   * @returns the first page, or -1
   */
  find(min: number, count: number): number {
    const { bySize } = this;
    for (let i = partition(bySize.length, (at) => bySize[at].count < count); i < bySize.length; i++) {
      const base = Math.max(bySize[i].base, min);
      if (base + count <= bySize[i].base + bySize[i].count) return base;
    }
    return -1;
  }

  /** A span is taken: the hole around it shrinks, goes, or becomes two. */
  reserve({ base, count }: PageSpan): void {
    const i = partition(this.starts.length, (at) => this.starts[at] <= base) - 1;
    if (i >= 0) {
      const start = this.starts[i];
      const end = start + this.counts[i];
      if (end > base) {
        this.removeAt(i);
        if (start < base) this.add(start, base - start);
        if (end > base + count) this.add(base + count, end - base - count);
      }
    }
  }

  /** A span is free again, and one with the holes that touch it. */
  release({ base, count }: PageSpan): void {
    let start = base;
    let end = base + count;
    const i = partition(this.starts.length, (at) => this.starts[at] < base);
    if (i < this.starts.length && this.starts[i] === end) {
      end += this.counts[i];
      this.removeAt(i);
    }
    if (i > 0 && this.starts[i - 1] + this.counts[i - 1] === start) {
      start = this.starts[i - 1];
      this.removeAt(i - 1);
    }
    this.add(start, end - start);
  }

  clone(): Holes {
    const copy = new Holes({ base: 0, count: 0 });
    copy.starts.splice(0, 1, ...this.starts);
    copy.counts.splice(0, 1, ...this.counts);
    copy.bySize.splice(0, 1, ...this.bySize);
    return copy;
  }

  private sizeIndex(start: number, count: number): number {
    const { bySize } = this;
    return partition(bySize.length, (at) => {
      const hole = bySize[at];
      return hole.count < count || (hole.count === count && hole.base < start);
    });
  }

  private add(start: number, count: number): void {
    const i = partition(this.starts.length, (at) => this.starts[at] < start);
    this.starts.splice(i, 0, start);
    this.counts.splice(i, 0, count);
    this.bySize.splice(this.sizeIndex(start, count), 0, { base: start, count });
  }

  private removeAt(i: number): void {
    this.bySize.splice(this.sizeIndex(this.starts[i], this.counts[i]), 1);
    this.starts.splice(i, 1);
    this.counts.splice(i, 1);
  }
}
