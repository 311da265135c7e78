import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEven, type Rung, savingOf } from '../src/break-even.ts';
import { shippedTable } from '../src/costs/shipped-table.ts';
import { assumptionsOf, LEVELS, type Price, type PriceTable, priceUnder } from '../src/price-table.ts';
import type { Work, WorkCounts } from '../src/work.ts';

const fixed = (n: number): Price => ({ low: n, middle: n, high: n, origin: 'given' });
const table: PriceTable = {
  arch: 'riscv64',
  unit: 'instructions',
  source: 'made up for a test',
  prices: {
    entry: fixed(100),
    map: fixed(50),
    element: { low: 10, middle: 40, high: 60, origin: 'assumed' },
    batch: { low: 0, middle: 50, high: 220, origin: 'assumed' },
    sfence: { low: 0, middle: 10, high: 100, origin: 'assumed' },
  },
};
const rung = (pages: number): Rung => ({
  pages,
  single: { entry: pages, map: pages, sfence: pages },
  batched: { entry: 1, batch: 1, element: pages, sfence: 1 },
});
const ladder = (upTo: number) => Array.from({ length: upTo }, (_, i) => rung(i + 1));

describe('breakEven', () => {
  it('is the size from which on a batch is not dearer, under the best, middle and worst assumptions', () => {
    // One page saves 100 + 50 + 100 − 10 = 240 at best, 150 + 10 − 40 = 120, and 150 − 60 = 90 at worst; what it must
    // pay for is 100 + 0 + 100, 100 + 50 + 10 and 100 + 220. The fence is on both sides: of one page it changes nothing.
    expect(breakEven(ladder(32), table)).toEqual({ low: 1, middle: 2, high: 4, upTo: 32 });
  });

  it('is null where no batch up to the top pays', () => {
    expect(breakEven(ladder(3), table)).toEqual({ low: 1, middle: 2, high: null, upTo: 3 });
    expect(breakEven([], table)).toEqual({ low: null, middle: null, high: null, upTo: 0 });
  });

  it('does not count a size that pays when a longer one does not', () => {
    const uneven = ladder(6).map((r) => (r.pages === 5 ? { ...r, batched: { ...r.batched, entry: 9 } } : r));
    expect(breakEven(uneven, table).middle).toBe(6);
  });
});

describe('savingOf', () => {
  it('compares both sides under the same assumptions, the best and the worst', () => {
    const { single, batched } = rung(10);
    expect(savingOf(single, batched, table)).toEqual({
      low: 1500 / (100 + 220 + 600),
      middle: 1600 / (100 + 50 + 400 + 10),
      high: 2500 / (100 + 100 + 100),
    });
  });

  it('takes each assumption as high or low as it must be, not all of a side together', () => {
    // A batch that waits more often than it saves pages is worst where waits are dear.
    const single: WorkCounts = { entry: 1, map: 1, sfence: 1, remoteFence: 2 };
    const batched: WorkCounts = { entry: 1, batch: 1, sfence: 4, remoteFence: 1 };
    const waits: PriceTable = {
      ...table,
      prices: { ...table.prices, remoteFence: { low: 0, middle: 100, high: 1000, origin: 'assumed' } },
    };
    const { low, high } = savingOf(single, batched, waits);
    expect(low).toBe((150 + 100) / (100 + 220 + 400));
    expect(high).toBe((150 + 2000) / (100 + 1000));
  });

  it('is as far apart as the assumptions on a shipped table: no cheaper or dearer than all low and all high', () => {
    const aarch64 = shippedTable('aarch64');
    if (aarch64 === undefined) throw new Error('no table');
    const single: WorkCounts = { entry: 256, call: 256, map: 256, occupied: 256, walkLevel: 1024, cleanEntry: 256 };
    const batched: WorkCounts = {
      entry: 1,
      call: 1,
      batch: 1,
      element: 256,
      elementLookup: 256,
      elementWrite: 256,
      walkLevel: 4,
      cleanEntry: 256,
    };
    const { low, high } = savingOf(single, batched, aarch64);
    for (const level of LEVELS) {
      const same = priceUnder(single, aarch64, level) / priceUnder(batched, aarch64, level);
      expect(low).toBeLessThanOrEqual(same);
      expect(high).toBeGreaterThanOrEqual(same);
    }
  });
});

describe('assumptionsOf', () => {
  it('moves what was taken apart from a sum together, maintenance and batch work each by itself', () => {
    const x86 = shippedTable('x86_64');
    if (x86 === undefined) throw new Error('no table');
    expect(assumptionsOf(x86)).toEqual([
      ...['batch', 'element', 'elementLookup', 'elementWrite'].map((work) => [work]),
      ...['invlpg', 'structureCacheFlush', 'flushAsid', 'shootdown'].map((work) => [work]),
      ['map', 'earlyRefusal', 'lookupFault', 'unmap', 'tableMap', 'tableUnmap', 'walkLevel'],
    ]);
  });
});

describe('over all assumptions', () => {
  /** Alone: two kinds of maintenance and two things of batches. Together: a level and a map, which goes against it. */
  const works = ['batch', 'element', 'sfence', 'tlbiPage', 'map', 'walkLevel'] as const satisfies readonly Work[];
  const amounts = fc.record(
    Object.fromEntries(works.map((work) => [work, fc.nat(40)])) as Record<Work, fc.Arbitrary<number>>,
  );
  const rising = fc
    .array(fc.nat(300), { minLength: 3, maxLength: 3 })
    .map(([a, b, c]): Price => ({ low: a, middle: a + b, high: a + b + c, origin: 'assumed' }));
  const tables = fc.tuple(...works.map(() => rising)).map(
    ([batch, element, sfence, tlbiPage, map, walkLevel]): PriceTable => ({
      ...table,
      prices: {
        entry: fixed(100),
        batch,
        element,
        sfence,
        tlbiPage,
        walkLevel,
        map: { low: map.high, middle: map.low, high: map.middle, origin: 'assumed' },
      },
    }),
  );
  const sides = fc
    .tuple(fc.nat(40), amounts, fc.integer({ min: 1, max: 5 }), amounts)
    .map(([n, single, m, batched]) => ({ single: { ...single, entry: n }, batched: { ...batched, entry: m } }));

  /** Every table in which each group of assumptions is low, middle or high. */
  function vertices(open: PriceTable): PriceTable[] {
    return assumptionsOf(open).reduce<PriceTable[]>(
      (done, group) =>
        done.flatMap((one) =>
          LEVELS.map((level) => ({
            ...one,
            prices: {
              ...one.prices,
              ...Object.fromEntries(group.map((work) => [work, fixed(open.prices[work]?.[level] ?? 0)])),
            },
          })),
        ),
      [open],
    );
  }
  const settled = (counts: WorkCounts, one: PriceTable): number => priceUnder(counts, one, 'middle');

  it('savingOf is the least and the most of all', () => {
    fc.assert(
      fc.property(tables, sides, (open, { single, batched }) => {
        const ratios = vertices(open).map((one) => settled(single, one) / settled(batched, one));
        const { low, middle, high } = savingOf(single, batched, open);
        expect(low).toBeCloseTo(Math.min(...ratios), 9);
        expect(high).toBeCloseTo(Math.max(...ratios), 9);
        expect(low <= middle && middle <= high).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('breakEven is by the best case of each size, and by the worst of all', () => {
    fc.assert(
      fc.property(tables, fc.array(sides, { minLength: 1, maxLength: 4 }), (open, list) => {
        const rungs = list.map((side, i) => ({ pages: i + 1, ...side }));
        const all = vertices(open);
        const from = (pays: (r: Rung) => boolean): number | null =>
          rungs.find((_, i) => rungs.slice(i).every(pays))?.pages ?? null;
        const gains = (r: Rung): number[] => all.map((one) => settled(r.single, one) - settled(r.batched, one));
        const { low, high } = breakEven(rungs, open);
        expect(low).toBe(from((r) => gains(r).some((gain) => gain >= 0)));
        expect(high).toBe(from((r) => gains(r).every((gain) => gain >= 0)));
        // The worst of the break-even sizes under any assumptions is just this, the best of them no less.
        const sizes = all.map((one) => breakEven(rungs, one).middle ?? Number.POSITIVE_INFINITY);
        expect(high ?? Number.POSITIVE_INFINITY).toBe(Math.max(...sizes));
        expect(low ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(Math.min(...sizes));
      }),
      { numRuns: 60 },
    );
  });
});
