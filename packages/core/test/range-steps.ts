import { expect } from 'vitest';
import type { RangeMap } from '../src/range-map.ts';
import { isLeaf, type RangeNode } from '../src/range-nodes.ts';
import type { NaiveRanges } from './naive-ranges.ts';

/** All ranges of a map. */
export const listed = (map: RangeMap): { start: number; end: number; id: number }[] => {
  const ranges: { start: number; end: number; id: number }[] = [];
  map.forEach((start, end, id) => ranges.push({ start, end, id }));
  return ranges;
};

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`a node breaks: ${what}`);
};

/** Holds for every node, whatever was done. @returns how many ranges are below it */
function checkNode(node: RangeNode, top: boolean): number {
  const { starts, ends, count } = node;
  must(top || count > 0, 'only the root may be empty');
  let largest = 0;
  for (let i = 0; i < count; i++) {
    must(starts[i] < ends[i] && (i === 0 || ends[i - 1] <= starts[i]), 'ranges are in order and disjoint');
    if (i > 0) largest = Math.max(largest, starts[i] - ends[i - 1]);
  }
  let ranges = count;
  if (!isLeaf(node)) {
    must(node.children.length === count, 'as many children as are counted');
    ranges = 0;
    for (let i = 0; i < count; i++) {
      const child = node.children[i];
      must(child.level === node.level - 1, 'all leaves at one depth');
      ranges += checkNode(child, false);
      must(starts[i] === child.starts[0] && ends[i] === child.ends[child.count - 1], 'bounds are those of the child');
      must(node.gap < 0 || child.gap >= 0, 'a gap that is known below is not asked for again');
      largest = Math.max(largest, child.gap);
    }
  }
  must(node.gap < 0 || node.gap === largest, 'a known gap is the largest');
  return ranges;
}

/** The map holds what the list holds, and its tree is in order. */
export function checkAll(map: RangeMap, naive: NaiveRanges): void {
  expect(JSON.stringify(listed(map))).toBe(JSON.stringify(naive.ranges));
  expect(map.count).toBe(naive.ranges.length);
  expect(checkNode(map.root, true)).toBe(map.count);
}

/** One step on both, and what they answer. */
export function step(map: RangeMap, naive: NaiveRanges, kind: number, a: number, length: number, id: number): void {
  const end = a + length;
  switch (kind) {
    case 0: {
      const taken = naive.overlaps(a, end);
      expect(map.overlaps(a, end)).toBe(taken);
      if (taken) expect(() => map.insert(a, end, id)).toThrow(RangeError);
      else {
        map.insert(a, end, id);
        naive.insert(a, end, id);
      }
      break;
    }
    case 1: {
      const removed: [number, number, number][] = [];
      const pieces = map.clear(a, end, (...piece) => {
        expect(map.find(piece[0])).toBe(piece[2]);
        removed.push(piece);
      });
      expect(removed).toEqual(naive.clear(a, end));
      expect(pieces).toBe(removed.length);
      break;
    }
    case 2: {
      const removed: unknown[] = [];
      map.replace(a, end, id, (...piece) => removed.push(piece));
      expect(removed).toEqual(naive.clear(a, end));
      naive.insert(a, end, id);
      break;
    }
    case 3:
      expect(map.cut(a, id % 2 ? id : undefined)).toBe(naive.cut(a, id % 2 ? id : undefined));
      break;
    case 4: {
      const range = naive.ranges[a % (naive.ranges.length || 1)];
      if (range === undefined) expect(() => map.remove(a)).toThrow(RangeError);
      else {
        expect(map.remove(range.start)).toBe(range.id);
        naive.remove(range.start);
      }
      break;
    }
    case 5: {
      const i = a % (naive.ranges.length || 1);
      const range = naive.ranges[i];
      if (range === undefined) break;
      // Somewhere between its neighbours, touching them at times; and once across each of them.
      const low = naive.ranges[i - 1]?.end ?? 0;
      const high = naive.ranges[i + 1]?.start ?? range.end + 10;
      const start = id % 2 ? low : Math.floor((low + range.end) / 2);
      if (i > 0) expect(() => map.reshape(range.start, low - 1, high)).toThrow(RangeError);
      if (i + 1 < naive.ranges.length) expect(() => map.reshape(range.start, low, high + 1)).toThrow(RangeError);
      map.reshape(range.start, start, id % 3 ? high : range.end);
      range.start = start;
      if (id % 3) range.end = high;
      map.setId(range.start, id);
      range.id = id;
      break;
    }
    case 7: {
      const from = a % (naive.ranges.length || 1);
      const i = naive.ranges.findIndex((range, k) => k >= from && naive.ranges[k + 1]?.start === range.end);
      if (i < 0) break;
      const lower = naive.ranges[i];
      const upper = naive.ranges[i + 1];
      const border = upper.start;
      expect(() => map.moveBorder(border, lower.start)).toThrow(RangeError);
      expect(() => map.moveBorder(border, upper.end)).toThrow(RangeError);
      lower.end = lower.start + 1 + (id % (upper.end - lower.start - 1));
      upper.start = lower.end;
      map.moveBorder(border, upper.start);
      break;
    }
    default:
      expect(map.highestGap(length, a, a + 40 * id)).toBe(naive.highestGap(length, a, a + 40 * id));
      expect(map.lowestGap(length, a, a + 40 * id)).toBe(naive.lowestGap(length, a, a + 40 * id));
      expect(map.find(a)).toBe(naive.find(a));
  }
}
