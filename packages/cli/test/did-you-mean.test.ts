import { expect, it } from 'vitest';
import { didYouMean } from '../src/did-you-mean.ts';

const policies = ['legacy', 'strict', 'exact', 'permissive', 'permissive-aware'];

it.each([
  ['strct', ' Did you mean "strict"?'],
  ['STRICT', ' Did you mean "strict"?'],
  ['stritc', ' Did you mean "strict"?'],
  ['permisive', ' Did you mean "permissive"?'],
  ['perm', ' Did you mean "permissive"?'],
  ['exakt', ' Did you mean "exact"?'],
  ['zzz', ''],
  ['', ''],
  ['s'.repeat(1_000_000), ''],
])('%.20s', (word, text) => {
  expect(didYouMean(word, policies)).toBe(text);
});

it('shows the word as it is typed', () => {
  expect(didYouMean('formt', ['format'], (name) => `--${name}`)).toBe(' Did you mean --format?');
});
