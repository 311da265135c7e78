import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseWindows, EDIT, type EventOfInterest } from '../src/explorer/choose-windows.ts';

const point = (event: number, weight = 1, what = 'OM001'): EventOfInterest => ({ event, what, weight });

describe('the parts of a trace that a page shows', () => {
  it('are all of it when it fits', () => {
    expect(chooseWindows(100, [point(7)], 100)).toEqual({
      windows: [{ first: 0, last: 99, why: 'the whole trace' }],
      reach: Number.POSITIVE_INFINITY,
      missed: 0,
    });
  });

  it('are the beginning and what is around findings, as wide as fits', () => {
    const { windows, reach, missed } = chooseWindows(
      1e6,
      [point(500_000), point(500_100, 2, 'OM004'), point(900_000, 0.5, '')],
      30_000,
    );
    expect({ reach, missed }).toEqual({ reach: 5000, missed: 0 });
    expect(windows).toEqual([
      { first: 0, last: 199, why: 'the beginning' },
      { first: 495_000, last: 505_100, why: 'around 2 findings (OM001, OM004)' },
      { first: 895_000, last: 905_000, why: 'an event that a finding refers to' },
    ]);
  });

  it('are what is around the unmaps of a migration, too', () => {
    const edits = [point(40_000, 2, EDIT), point(500_000, 2, EDIT), point(500_010, 1, 'OM007')];
    expect(chooseWindows(1e6, edits, 30_000).windows.map(({ why }) => why)).toEqual([
      'the beginning',
      'around 1 unmap of the migration',
      'around 1 finding (OM007) and 1 unmap of the migration',
    ]);
  });

  it('are as much of the beginning as fits when nothing is of interest', () => {
    const { windows } = chooseWindows(1e6, [], 30_000);
    expect(windows).toEqual([{ first: 0, last: 29_999, why: 'the beginning' }]);
  });

  it('sample evenly, the worst first, where not even narrow ones fit', () => {
    const notes = Array.from({ length: 5000 }, (_, n) => point(1000 + n * 100, 1, 'OM009'));
    const errors = [point(700_000, 3), point(900_000, 3)];
    const { windows, reach, missed } = chooseWindows(1e6, [...notes, ...errors], 10_000);
    expect(reach).toBe(15);
    for (const { event } of errors)
      expect(windows.some(({ first, last }) => event >= first && event <= last)).toBe(true);
    expect(missed).toBeGreaterThan(4000);
    // Those that are shown are spread over the whole.
    const shown = windows.filter(({ why }) => why.includes('OM009')).map(({ first }) => first);
    expect(shown.length).toBeGreaterThan(200);
    expect(Math.max(...shown)).toBeGreaterThan(480_000);
    for (const quarter of [0, 1, 2, 3]) {
      const there = shown.filter((first) => first >= quarter * 125_000 && first < (quarter + 1) * 125_000).length;
      expect(Math.abs(there - shown.length / 4)).toBeLessThan(shown.length / 20);
    }
  });

  it('are in order, apart, inside of the trace and of the budget, and show all that is not missed', () => {
    const points = fc.array(
      fc.record({ event: fc.nat(49_999), weight: fc.constantFrom(0.5, 1, 2, 3), what: fc.constantFrom('', 'OM001') }),
    );
    fc.assert(
      fc.property(points, fc.integer({ min: 400, max: 60_000 }), (interesting, budget) => {
        const { windows, missed } = chooseWindows(50_000, interesting, budget);
        const total = windows.reduce((sum, { first, last }) => sum + last - first + 1, 0);
        expect(total).toBeLessThanOrEqual(budget);
        windows.forEach(({ first, last }, n) => {
          expect(first).toBeLessThanOrEqual(last);
          expect(last).toBeLessThan(50_000);
          expect(first).toBeGreaterThan((windows[n - 1]?.last ?? -1) + (n === 0 ? 0 : 1));
        });
        const out = interesting.filter(
          ({ event }) => !windows.some(({ first, last }) => event >= first && event <= last),
        );
        expect(out.length).toBe(missed);
      }),
    );
  });
});
