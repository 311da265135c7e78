import fc from 'fast-check';
import { expect, it } from 'vitest';
import { intervalText, numberText } from '../src/number-text.ts';

it.each<[number, number | undefined, string]>([
  [0, undefined, '0'],
  [-0, 2, '0.00'],
  [-0.001, 2, '0.00'],
  [1234.5678, 4, '1,234.5678'],
  [-1_234_567, undefined, '-1,234,567'],
  [1234.5678, undefined, '1,235'],
  [12.3456, undefined, '12.3'],
  [0.25, undefined, '0.25'],
  [0.012345, undefined, '0.0123'],
  [999.9, 0, '1,000'],
  [1e15, undefined, '1e15'],
  [1.23456e21, 2, '1.23e21'],
  [2.5e-9, undefined, '2.5e-9'],
  [2.5e-9, 1, '0.0'],
  [Number.NaN, undefined, 'not a number'],
  [Number.NEGATIVE_INFINITY, 1, '-∞'],
])('writes %d with %s digits', (n, digits, text) => {
  expect(numberText(n, digits)).toBe(text);
});

it.each<[number, number, number, number | undefined, string]>([
  [540, 612, 730, undefined, '612 (540–730)'],
  [612, 612, 612, undefined, '612'],
  [611.6, 612, 612.4, 0, '612'],
  [611.6, 612, 612.4, 1, '612.0 (611.6–612.4)'],
  [-10, -5, -2, undefined, '-5 (-10 to -2)'],
  [2, 4, Number.POSITIVE_INFINITY, undefined, '4 (2–∞)'],
])('writes the interval %d, %d, %d', (low, middle, high, digits, text) => {
  expect(intervalText(low, middle, high, digits)).toBe(text);
});

it('rounds to half of a last digit', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 4 }), (n, digits) => {
      const read = Number(numberText(n, digits).replaceAll(',', ''));
      expect(Math.abs(read - n)).toBeLessThanOrEqual(0.5 * 10 ** -digits + 1e-6);
    }),
  );
});

it('keeps three significant digits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e300, noNaN: true }), (n) => {
      const read = Number(numberText(n).replaceAll(',', ''));
      expect(Math.abs(read - n) / n).toBeLessThanOrEqual(0.00501);
    }),
  );
});
