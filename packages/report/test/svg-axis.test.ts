import type { Axis } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { placed, spanOf } from '../src/svg-axis.ts';

const axis = (scale: Axis['scale'], rest: Partial<Axis> = {}): Axis => ({ title: '', unit: '', scale, ...rest });

describe('spanOf', () => {
  it.each<[string, Axis, readonly number[], string]>([
    ['round numbers around the values', axis('linear'), [420, 870], '400 500 600 700 800 900'],
    ['from 0', axis('linear', { zero: true }), [460, 870], '0 200 400 600 800 1,000'],
    ['fractions with the same digits', axis('linear'), [0, 1], '0.0 0.2 0.4 0.6 0.8 1.0'],
    ['negative numbers', axis('linear'), [-2000, 1000], '-2,000 -1,500 -1,000 -500 0 500 1,000'],
    ['one value', axis('linear'), [100], '90 95 100 105 110'],
    ['no values', axis('linear'), [], '0.0 0.2 0.4 0.6 0.8 1.0'],
    ['very large numbers', axis('linear', { zero: true }), [2e12], '0 5e11 1e12 1.5e12 2e12'],
    ['powers of two', axis('log2'), [1, 200], '1 4 16 64 256'],
    ['one power of two', axis('log2'), [8], '8 16'],
    ['powers of ten, and between them', axis('log10'), [67, 900], '50 100 200 500 1,000'],
    ['many powers of ten', axis('log10'), [1, 1e8], '1 100 10,000 1,000,000 100,000,000'],
    ['given ones, in order and once', axis('log2', { ticks: [4, 1, 4, 0, -1] }), [2], '1 4'],
    ['values that have no place', axis('log10'), [0, -5, Number.NaN, 10, 100], '10 20 50 100'],
  ])('has ticks for %s', (_, of, values, texts) => {
    const span = spanOf(of, values, 5);
    expect(span.ticks.map(({ text }) => text).join(' ')).toBe(texts);
    for (const { value } of span.ticks) {
      expect(value).toBeGreaterThanOrEqual(span.low);
      expect(value).toBeLessThanOrEqual(span.high);
    }
  });

  it('has room for values beyond the given ticks', () => {
    expect(spanOf(axis('log2', { ticks: [4, 16] }), [1, 64], 5)).toMatchObject({ low: 1, high: 64 });
  });
});

describe('placed', () => {
  it.each([
    ['linear', 50],
    ['log2', 10],
    ['log10', 10],
  ] as const)('puts the middle of a %s axis in the middle', (scale, middle) => {
    const at = placed({ axis: axis(scale), low: scale === 'linear' ? 0 : 1, high: 100, ticks: [] }, 0, 200);
    expect(at(middle)).toBeCloseTo(100, 9);
  });
});
