import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  errorOf,
  type FitRow,
  fitPrices,
  leaveOut,
  type PriceModel,
  parametersOf,
  predict,
} from '../../src/costs/fit.ts';
import type { Work } from '../../src/work.ts';

const WORKS: readonly Work[] = ['entry', 'call', 'map', 'zeroedByte'];
const MODEL: PriceModel = { fitted: WORKS };

const row = (operation: string, instructions: number, features: FitRow['features']): FitRow => ({
  operation,
  instructions,
  features,
});

describe('fitPrices', () => {
  it('finds the prices that rows were made of', () => {
    const price = fc.double({ min: 1, max: 1000, noNaN: true });
    fc.assert(
      fc.property(price, price, price, price, (entry, call, map, zeroedByte) => {
        const truth = { entry, call, map, zeroedByte };
        const rows = [
          { entry: 1 },
          { entry: 1, call: 1 },
          { entry: 1, call: 1, map: 1 },
          { entry: 1, call: 1, zeroedByte: 4096 },
          { entry: 1, call: 1, map: 2, zeroedByte: 1024 },
        ].map((features) => row('x', predict(features, truth), features));
        const { prices, atZero } = fitPrices(rows, MODEL);
        expect(atZero).toEqual([]);
        for (const work of WORKS) expect(prices[work]).toBeCloseTo(truth[work as keyof typeof truth], 4);
      }),
    );
  });

  it('weighs rows by relative error: a dear one pulls no more than a cheap one', () => {
    // The best single price of two rows that differ: sum(1/y) / sum(1/y²).
    const { prices } = fitPrices([row('a', 100, { entry: 1 }), row('b', 200, { entry: 1 })], { fitted: ['entry'] });
    expect(prices.entry).toBeCloseTo((1 / 100 + 1 / 200) / (1 / 100 ** 2 + 1 / 200 ** 2), 9);
  });

  it('takes out a price that would be negative, and fits the rest without it', () => {
    const rows = [row('a', 100, { entry: 1 }), row('b', 90, { entry: 1, call: 1 })];
    const { prices, atZero } = fitPrices(rows, { fitted: ['entry', 'call'] });
    expect(atZero).toEqual(['call']);
    expect(prices.call).toBe(0);
    expect(prices.entry).toBeCloseTo(fitPrices(rows, { fitted: ['entry'] }).prices.entry ?? 0, 9);
  });

  it('prices what no row does at nothing', () => {
    expect(fitPrices([row('a', 100, { entry: 1 })], { fitted: ['entry', 'move'] }).prices.move).toBe(0);
  });

  it('gives work that is alike one price, that of both together', () => {
    const rows = [row('a', 100, { tableMap: 1 }), row('b', 200, { tableUnmap: 1 })];
    const model: PriceModel = { fitted: ['tableMap'], alike: { tableUnmap: 'tableMap' } };
    const { prices } = fitPrices(rows, model);
    expect(prices.tableMap).toBeCloseTo((1 / 100 + 1 / 200) / (1 / 100 ** 2 + 1 / 200 ** 2), 9);
    expect(prices.tableUnmap).toBe(prices.tableMap);
    expect(parametersOf(model)).toEqual(['tableMap']);
  });

  it('takes what is read off from the rows before it fits, and counts it as a parameter', () => {
    const rows = [row('a', 130, { entry: 1, walkLevel: 3 }), row('b', 190, { entry: 1, map: 1, walkLevel: 4 })];
    // Fitted, a level would be free to take any share of the map.
    const model: PriceModel = { fitted: ['entry', 'map'], readOff: { walkLevel: () => 10 } };
    const { prices } = fitPrices(rows, model);
    expect(prices.walkLevel).toBe(10);
    expect(prices.entry).toBeCloseTo(100, 9);
    expect(prices.map).toBeCloseTo(50, 9);
    expect(parametersOf(model)).toEqual(['entry', 'map', 'walkLevel']);
  });
});

describe('leaveOut', () => {
  const rows = [
    row('null', 100, { entry: 1 }),
    row('null', 110, { entry: 1 }),
    row('map', 200, { entry: 1, map: 1 }),
    row('map', 200, { entry: 1, map: 1 }),
  ];

  it('predicts each row by the others', () => {
    const { errors, sole } = leaveOut(rows, { fitted: ['entry', 'map'] }, false);
    expect(sole).toEqual([]);
    expect(errors[0]).toBeCloseTo(110 / 100 - 1, 9);
    expect(errors[2]).toBeCloseTo(0, 9);
  });

  it('with operations together finds what one operation alone determines', () => {
    const { errors, sole, median, medianWithSole } = leaveOut(rows, { fitted: ['entry', 'map'] }, true);
    // Without the null invocations, a map's price cannot be split.
    expect(sole).toEqual(['null', 'map']);
    expect(errors.every((error) => error === null)).toBe(true);
    expect(median).toBeNaN();
    // Predicted all the same: 0 and 9 % off for the null invocations, 48 % for the maps.
    expect(medianWithSole).toBeCloseTo(0.284, 3);
  });

  it('reads off what is left: nothing can be predicted where it does not tell', () => {
    const walked = [
      row('near', 110, { entry: 1, walkLevel: 1 }),
      row('far', 140, { entry: 1, walkLevel: 4 }),
      row('null', 100, { entry: 1 }),
    ];
    const between = (of: readonly FitRow[]): number | null => {
      const [near, far] = ['near', 'far'].map((name) => of.find(({ operation }) => operation === name)?.instructions);
      return near === undefined || far === undefined ? null : (far - near) / 3;
    };
    const { errors, sole } = leaveOut(walked, { fitted: ['entry'], readOff: { walkLevel: between } }, true);
    expect(sole).toEqual(['near', 'far']);
    expect(errors[2]).toBeCloseTo(0, 9);
  });

  it('says nothing of an error where the fit is exact', () => {
    expect(errorOf(row('x', 50, { entry: 2 }), { entry: 25 })).toBe(0);
  });
});
