import { describe, expect, it } from 'vitest';
import { breakEven, type Rung, savingOf } from '../src/break-even.ts';
import type { Price, PriceTable } from '../src/price-table.ts';

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
  it('is the size from which on a batch is not dearer, under the assumptions for, middle and against', () => {
    // One page saves 100 + 50 + 100 − 10 = 240 at best, 150 + 10 − 40 = 120, and 150 − 60 = 90 at worst; what it must
    // pay for is 100 + 0 + 100, 100 + 50 + 10 and 100 + 220.
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
  it('compares both sides under one scenario', () => {
    const { single, batched } = rung(10);
    expect(savingOf(single, batched, table)).toEqual({
      low: 1500 / (100 + 220 + 600),
      middle: 1600 / (100 + 50 + 400 + 10),
      high: 2500 / (100 + 100 + 100),
    });
  });
});
