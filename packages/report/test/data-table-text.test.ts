import { type Style, tableText } from '@overmap/report';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTable, empty, HOSTILE, prices } from './data-table.samples.ts';
import { UNSAFE } from './samples.ts';

describe('tableText', () => {
  it('aligns columns, and the middles of ranges with numbers', () => {
    expect(tableText(prices, { width: 40 })).toBe(`Price per page (instructions)

  system    pages            price    share
  x86_64        1    612 (540–730)      0.5
  riscv64  65,536     98 (98–98.4)     12.3
  aarch64       –  1,235                  –
  none          4  never            1,000.0

Modelled. The range is over the price of
  entering the kernel.
Pages of 4 KiB.
`);
  });

  it('shows that there are no rows', () => {
    expect(tableText(empty)).toBe('Nothing\n\n  A\n  (no rows)\n');
    expect(tableText({ title: '', columns: [], rows: [] })).toBe('  (no rows)\n');
  });

  it('sets off the title and the head', () => {
    const same = (text: string): string => text;
    const style: Style = {
      strong: (text) => `<${text}>`,
      faint: (text) => `(${text})`,
      error: same,
      warning: same,
      note: same,
      good: same,
    };
    expect(tableText(empty, { style })).toBe('<Nothing>\n\n(  A)\n  (no rows)\n');
  });

  it('cuts a cell that is too long', () => {
    const text = tableText({ ...empty, rows: [['A'.repeat(10_000_000)]] });
    expect(text.length).toBeLessThan(300);
    expect(text).toContain('A…\n');
  });

  it('refuses a row that does not have a cell for each column', () => {
    const rows = [['a'], ['b', 'c']];
    expect(() => tableText({ ...empty, rows })).toThrow(
      'Row 2 of the table "Nothing" has 2 cells, and the table has 1 columns. Give every row',
    );
  });

  it.each(HOSTILE)('lets nothing out that a terminal acts on: %j', (text) => {
    const columns = [{ key: 'a', title: text }];
    expect(tableText({ title: text, unit: text, columns, rows: [[text]], notes: [text] })).not.toMatch(UNSAFE);
  });

  it('has one line for each row and is the same again', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const bare = { ...table, title: '', notes: [] };
        const text = tableText(bare);
        expect(text).not.toMatch(UNSAFE);
        expect(text.split('\n')).toHaveLength(1 + Math.max(1, table.rows.length) + 1);
        expect(tableText(structuredClone(bare))).toBe(text);
      }),
    );
  });
});
