import { KernelPanic } from './errors.ts';
import { type RangeSlot, RangeTree } from './range-tree.ts';

/**
 * How a file system counts the mappings of a file, page by page, as redoxfs does: each `mmapPrep` adds one, each `munmap`
 * takes one away. Ranges that nobody maps any more stay as cache, with a count of 0.
 */
export class MappingCounts {
  private readonly ranges = new RangeTree<number>();

  /** Ranges with the same count, upward. */
  list(): readonly RangeSlot<number>[] {
    return this.ranges.list();
  }

  /** A mapping of [start, end) is made. */
  mmapPrep(start: number, end: number): void {
    for (const part of this.ranges.removeAndUnused(start, end)) this.put(part.start, part.end, (part.value ?? 0) + 1);
  }

  /** A mapping of [start, end) is gone. @throws KernelPanic when a part of it had none; the file system would stop */
  munmap(start: number, end: number): void {
    if (this.ranges.conflicts(start, end).some(({ value }) => value === 0))
      throw new KernelPanic('a mapping that nobody has was taken away');
    for (const part of this.ranges.remove(start, end)) this.put(part.start, part.end, part.value - 1);
  }

  private put(start: number, end: number, count: number): void {
    this.ranges.insert(start, end - start, count);
  }
}
