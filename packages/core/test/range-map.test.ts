import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeMap } from '../src/range-map.ts';
import { isLeaf, type RangeNode } from '../src/range-nodes.ts';
import { NaiveRanges } from './naive-ranges.ts';

const listed = (map: RangeMap): { start: number; end: number; id: number }[] => {
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

function checkAll(map: RangeMap, naive: NaiveRanges): void {
  expect(JSON.stringify(listed(map))).toBe(JSON.stringify(naive.ranges));
  expect(map.count).toBe(naive.ranges.length);
  expect(checkNode(map.root, true)).toBe(map.count);
}

/** One step on both, and what they answer. */
function step(map: RangeMap, naive: NaiveRanges, kind: number, a: number, length: number, id: number): void {
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
    default:
      expect(map.highestGap(length, a, a + 40 * id)).toBe(naive.highestGap(length, a, a + 40 * id));
      expect(map.lowestGap(length, a, a + 40 * id)).toBe(naive.lowestGap(length, a, a + 40 * id));
      expect(map.find(a)).toBe(naive.find(a));
  }
}

describe('RangeMap', () => {
  it('answers what a plain list answers, and keeps its tree in order', () => {
    const action = fc.tuple(fc.nat(7), fc.nat(400), fc.integer({ min: 1, max: 60 }), fc.nat(50));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const map = new RangeMap();
        const naive = new NaiveRanges();
        for (const [kind, a, length, id] of actions) {
          step(map, naive, kind, a, kind === 0 ? (length % 5) + 1 : length, id);
        }
        checkAll(map, naive);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['upward', (i: number) => i],
    ['downward', (i: number) => 9999 - i],
    ['scattered', (i: number) => (i * 7919) % 10_000],
  ])('does so over three levels, filled %s', (_, place) => {
    const map = new RangeMap();
    const naive = new NaiveRanges();
    const placed: { start: number; end: number; id: number }[] = [];
    for (let i = 0; i < 10_000; i++) {
      // Three levels need more than 64 x 64.
      const start = place(i) * 10 + 3;
      map.insert(start, start + 4, i);
      placed.push({ start, end: start + 4, id: i });
    }
    naive.ranges = placed.sort((x, y) => x.start - y.start);
    expect(map.root.level).toBe(2);
    checkAll(map, naive);
    let seed = 12345;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let i = 0; i < 300; i++) {
      const kind = random(8);
      const long = kind === 1 || kind === 2;
      step(map, naive, kind, random(100_000), 1 + random(long && i % 10 === 0 ? 20_000 : 25), random(60));
      if (i % 50 === 0) checkAll(map, naive);
    }
    checkAll(map, naive);
    expect(map.clear(0, 200_000)).toBe(naive.ranges.length);
    checkAll(map, new NaiveRanges());
  });

  it('has cursors that go both ways, also while the map changes', () => {
    const map = new RangeMap();
    for (let i = 0; i < 500; i++) map.insert(i * 10, i * 10 + 5, i);
    const at = map.cursor();
    expect(at.next()).toBe(false);
    expect(at.seek(4995)).toBe(false);
    expect(at.seek(1234) && at.start).toBe(1230);
    expect(at.seek(1235) && at.start).toBe(1240);
    expect(at.seekBelow(1240) && at.start).toBe(1230);
    expect(at.seekBelow(1241) && at.start).toBe(1240);
    expect(at.seekBelow(0)).toBe(false);
    const seen: number[] = [];
    for (let more = at.seekBelow(99_999); more; more = at.previous()) seen.push(at.id);
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => 499 - i));
    seen.length = 0;
    // Every second one goes as the cursor comes to it.
    for (let more = at.seek(0); more; more = at.next()) {
      seen.push(at.id);
      if (at.id % 2 === 1) map.remove(at.start);
    }
    expect(seen.length).toBe(500);
    expect(listed(map).map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, i) => 2 * i));
  });

  it('gives clones that change apart from it', () => {
    const action = fc.tuple(fc.nat(7), fc.nat(3000), fc.integer({ min: 1, max: 60 }), fc.nat(50), fc.boolean());
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const map = new RangeMap();
        const naive = new NaiveRanges();
        for (let i = 0; i < 300; i++) map.insert(i * 10, i * 10 + 5, i);
        naive.ranges = listed(map);
        const copy = map.clone();
        const other = new NaiveRanges();
        other.ranges = naive.ranges.map((range) => ({ ...range }));
        for (const [kind, a, length, id, first] of actions) {
          step(first ? map : copy, first ? naive : other, kind, a, length, id);
        }
        checkAll(map, naive);
        checkAll(copy, other);
      }),
      { numRuns: 60 },
    );
  });

  it('looks for gaps anew where leaves were joined', () => {
    const map = new RangeMap();
    const naive = new NaiveRanges();
    for (let i = 0; i < 256; i++) map.insert(i * 10, i * 10 + 5, i);
    naive.ranges = listed(map);
    for (let searched = 0; searched < 2560; searched += 10) {
      // Each search leaves all gaps known, each removal a wider one.
      step(map, naive, 6, 0, 5 + (searched % 200), 60);
      if (searched % 100 !== 0) step(map, naive, 1, searched, 10, 0);
      checkAll(map, naive);
    }
    expect(isLeaf(map.root)).toBe(true);
  });

  it('refuses empty ranges, and names what is not there', () => {
    const map = new RangeMap();
    map.insert(10, 20, 1);
    expect(() => map.insert(5, 5, 1)).toThrow('a range from 5 to 5 is empty');
    expect(() => map.replace(5, 5, 1)).toThrow('a range from 5 to 5 is empty');
    expect(() => map.insert(15, 25, 1)).toThrow('a range from 15 to 25 would overlap that from 10 to 20');
    expect(() => map.remove(11)).toThrow('no range starts at 11');
    expect(() => map.setId(11, 1)).toThrow('no range starts at 11');
    expect(() => map.reshape(10, 12, 12)).toThrow('a range from 12 to 12 is empty');
    map.empty();
    expect([map.count, map.find(15)]).toEqual([0, -1]);
  });
});
