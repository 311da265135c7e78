import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeMap } from '../src/range-map.ts';
import { NaiveRanges } from './naive-ranges.ts';
import { checkAll, listed, step } from './range-steps.ts';

describe('RangeMap', () => {
  it('answers what a plain list answers, and keeps its tree in order', () => {
    const action = fc.tuple(fc.nat(7), fc.nat(400), fc.integer({ min: 1, max: 60 }), fc.nat(50));
    const { counterexample } = fc.check(
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
    expect(counterexample).toBeNull();
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
    const { counterexample } = fc.check(
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
    expect(counterexample).toBeNull();
  });

  it('looks for gaps anew where leaves were joined', () => {
    const map = new RangeMap();
    const naive = new NaiveRanges();
    for (let i = 0; i < 256; i++) map.insert(i * 10, i * 10 + 5, i);
    naive.ranges = listed(map);
    // Each search leaves all gaps known, each removal a wider one; the leaves shrink together.
    for (let i = 0; i < 256; i++) {
      step(map, naive, 6, 0, 5 + i, 60);
      step(map, naive, 1, ((i * 97) % 256) * 10, 10, 0);
      checkAll(map, naive);
    }
    expect(map.count).toBe(0);
  });

  it.each([
    ['clears', (map: RangeMap, naive: NaiveRanges, at: number) => step(map, naive, 1, at, 10, 0)],
    [
      'puts shorter ones in the place of',
      (map: RangeMap, naive: NaiveRanges, at: number) => step(map, naive, 2, at + 1, 3, 7),
    ],
    ['moves the borders of', (map: RangeMap, naive: NaiveRanges, at: number) => step(map, naive, 7, at / 10, 0, at)],
  ])('%s ranges at the edges of leaves, whose gaps nobody has asked for', (_, change) => {
    const map = new RangeMap();
    for (let i = 0; i < 200; i++) map.insert(i * 10, i * 10 + 10, i);
    const naive = new NaiveRanges();
    naive.ranges = listed(map);
    for (let i = 0; i < 200; i++) {
      change(map, naive, ((i * 97) % 200) * 10);
      checkAll(map, naive);
    }
    expect(map.count).toBe(naive.ranges.length);
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
    expect(() => map.moveBorder(10, 12)).toThrow('no two ranges meet at 10');
    map.insert(20, 30, 2);
    expect(() => map.moveBorder(20, 30)).toThrow('the ranges from 10 to 30 cannot meet at 30');
    expect(() => map.moveBorder(20, 10)).toThrow('the ranges from 10 to 30 cannot meet at 10');
    map.moveBorder(20, 29);
    expect(listed(map)).toEqual([
      { start: 10, end: 29, id: 1 },
      { start: 29, end: 30, id: 2 },
    ]);
    map.empty();
    expect([map.count, map.find(15)]).toEqual([0, -1]);
  });
});
