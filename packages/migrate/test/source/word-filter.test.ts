import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WordFilter } from '../../src/source/word-filter.ts';

describe('the words of a text', () => {
  it('are all there, and hardly any others', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[A-Za-z_]\w{0,12}$/), { maxLength: 300 }), (words) => {
        const filter = new WordFilter(words.join('(é '));
        expect(words.every((word) => filter.has(word))).toBe(true);
        expect(['no such word', 'neither_this_one_123'].some((word) => filter.has(word))).toBe(false);
      }),
    );
  });

  it('are whole words', () => {
    const filter = new WordFilter('do_map_page(x);map');
    expect(['do_map_page', 'map', 'page', 'do_map', ''].map((word) => filter.has(word))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
