import { expect, it } from 'vitest';
import { linesBefore } from '../../../src/source/rewrite/line-map.ts';

const lines = (text: string): string => text.split('').join('\n').concat('\n');

it.each([
  ['abc', 'abc', [1, 2, 3]],
  ['abc', 'aXbc', [1, 2, 2, 3]],
  ['abc', 'aXc', [1, 2, 3]],
  ['abc', 'aXYc', [1, 2, 2, 3]],
  ['abcd', 'ad', [1, 4]],
  ['abcde', 'aXYZde', [1, 2, 3, 3, 4, 5]],
  ['ab', 'XYab', [1, 1, 1, 2]],
])('%s → %s', (before, now, expected) => {
  const old = linesBefore(lines(before), lines(now));
  expect([...now].map((_, i) => old(i + 1))).toEqual(expected);
});
