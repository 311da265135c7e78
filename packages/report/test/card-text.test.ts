import { cardList, cardText } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { card } from './cards.ts';

describe('cardText', () => {
  it('shows all of a card without links', () => {
    const text = cardText(card);
    expect(text.split('\n')[0]).toBe('error OM001 over-map');
    for (const words of [
      '  A page is replaced.\n',
      'why it matters\n  It is gone, and its unmap is dead (OM004).\n',
      'what the manual promises\n  `DeleteFirst`.\n',
      '  architecture  legacy\n  aarch64       ok\n  riscv64       DeleteFirst\n',
      'found\n  One over the other:\n    {"op":"map"}\n    {"op":"map"}\n  (audited with --to exact)\n',
      'fix\n  Unmap first. Or stop the thread.\n',
      'notes\n  See holes.md.\n',
      'source\n  vspace.c\n',
    ])
      expect(text).toContain(words);
  });

  it('gives a table that is too wide a line for each row', () => {
    const columns = ['in the way', ...Array.from({ length: 6 }, (_, n) => `architecture ${n}`)];
    const text = cardText({ ...card, answers: [{ columns, rows: [['a page', ...Array(6).fill('ok')]] }] });
    expect(text).toContain('  a page: architecture 0 ok; architecture 1 ok;');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

it('cardList has a line for each rule, aligned', () => {
  const other = { ...card, id: 'OM014', severity: 'warning' as const, title: 'alias map' };
  expect(cardList([card, other])).toBe(
    'OM001  error    over-map   A page is replaced.\nOM014  warning  alias map  A page is replaced.\n',
  );
});
