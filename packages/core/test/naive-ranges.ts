/** What a RangeMap holds, as a plain list that is searched from end to end: the oracle of its tests. */
export class NaiveRanges {
  ranges: { start: number; end: number; id: number }[] = [];

  find(address: number): number {
    return this.ranges.find(({ start, end }) => start <= address && address < end)?.id ?? -1;
  }

  overlaps(from: number, to: number): boolean {
    return this.ranges.some(({ start, end }) => start < to && end > from);
  }

  insert(start: number, end: number, id: number): void {
    this.ranges.push({ start, end, id });
    this.ranges.sort((a, b) => a.start - b.start);
  }

  remove(start: number): void {
    this.ranges = this.ranges.filter((range) => range.start !== start);
  }

  cut(address: number, upperId: number | undefined): boolean {
    const range = this.ranges.find(({ start, end }) => start < address && address < end);
    if (range === undefined) return false;
    const { end, id } = range;
    range.end = address;
    this.insert(address, end, upperId ?? id);
    return true;
  }

  clear(from: number, to: number): [number, number, number][] {
    const removed: [number, number, number][] = [];
    const kept: { start: number; end: number; id: number }[] = [];
    for (const { start, end, id } of this.ranges) {
      const low = Math.max(start, from);
      const high = Math.min(end, to);
      if (low >= high) {
        kept.push({ start, end, id });
        continue;
      }
      removed.push([low, high, id]);
      if (start < from) kept.push({ start, end: from, id });
      if (end > to) kept.push({ start: to, end, id });
    }
    this.ranges = kept;
    return removed;
  }

  /** Every gap of [low, high), upward. */
  gaps(low: number, high: number): [number, number][] {
    const bounds = [-Infinity, ...this.ranges.flatMap(({ start, end }) => [start, end]), Infinity];
    const gaps: [number, number][] = [];
    for (let i = 0; i < bounds.length; i += 2) gaps.push([Math.max(bounds[i], low), Math.min(bounds[i + 1], high)]);
    return gaps.filter(([start, end]) => start < end);
  }

  highestGap(length: number, low: number, high: number): number {
    const gap = this.gaps(low, high).findLast(([start, end]) => end - start >= length);
    return gap === undefined ? -1 : gap[1] - length;
  }

  lowestGap(length: number, low: number, high: number): number {
    return this.gaps(low, high).find(([start, end]) => end - start >= length)?.[0] ?? -1;
  }
}
