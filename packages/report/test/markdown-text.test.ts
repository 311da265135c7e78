import { markdownText } from '@overmap/report';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyText } from './data-table.samples.ts';
import { UNSAFE } from './samples.ts';

it.each([
  ['plain, text (1–2).', 'plain, text (1–2).'],
  ['a|b', 'a\\|b'],
  ['a\\|b', 'a\\\\\\|b'],
  ['a\n\n# b', 'a \\# b'],
  ['<script>&amp;', '&lt;script&gt;&amp;amp;'],
  ['`x` *y* _z_ ~s~ $m$', '\\`x\\` \\*y\\* \\_z\\_ \\~s\\~ \\$m\\$'],
  ['![i](u)', '\\!\\[i\\](u)'],
  ['- item', '\\- item'],
  ['1. item', '1\\. item'],
  ['=== ', '\\==='],
  ['1-2', '1-2'],
  ['\u001b[31m', '\\\\u\\{1b\\}\\[31m'],
])('%j is %s', (text, markdown) => {
  expect(markdownText(text)).toBe(markdown);
});

it('has no markup, whatever the text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const markdown = markdownText(text);
      expect(markdown).not.toMatch(UNSAFE);
      expect(markdown).not.toMatch(/[<>\n]/);
      expect(markdown.replace(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[\\`*_{}[\]|~$#!]/);
      expect(markdown).not.toMatch(/^(\s|[-+=]|\d+[.)])/);
    }),
  );
});
