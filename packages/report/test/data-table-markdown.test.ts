import { tableMarkdown } from '@overmap/report';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTable, empty, HOSTILE, prices } from './data-table.samples.ts';
import { UNSAFE } from './samples.ts';

/** Bars that end a cell. */
const bars = (line: string): number => line.replace(/\\./g, '').split('|').length - 1;

describe('tableMarkdown', () => {
  it('writes a table', () => {
    expect(tableMarkdown(prices)).toBe(`**Price per page (instructions)**

| system | pages | price | share |
| --- | ---: | ---: | ---: |
| x86\\_64 | 1 | 612 (540–730) | 0.5 |
| riscv64 | 65,536 | 98 (98–98.4) | 12.3 |
| aarch64 | – | 1,235 | – |
| none | 4 | never | 1,000.0 |

Modelled. The range is over the price of entering the kernel.

Pages of 4 KiB.
`);
  });

  it('writes a table without rows', () => {
    expect(tableMarkdown(empty)).toBe('**Nothing**\n\n| A |\n| --- |\n');
  });

  it.each(HOSTILE)('stays a table: %j', (text) => {
    const columns = [
      { key: 'a', title: text },
      { key: 'b', title: 'B' },
    ];
    const markdown = tableMarkdown({ title: 'T', columns, rows: [[text, text]] });
    expect(markdown).not.toMatch(UNSAFE);
    expect(markdown).not.toMatch(/[<>`](?<!\\`)/);
    const lines = markdown.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines.slice(2).map(bars)).toEqual([3, 3, 3]);
  });

  it('has as many cells in each line', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const lines = tableMarkdown({ ...table, title: '', notes: [] })
          .trimEnd()
          .split('\n');
        expect(lines).toHaveLength(2 + table.rows.length);
        for (const line of lines) expect(bars(line)).toBe(table.columns.length + 1);
      }),
    );
  });
});
