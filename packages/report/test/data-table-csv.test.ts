import { type Cell, type DataTable, tableCsv } from '@overmap/report';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTable, empty, HOSTILE, prices } from './data-table.samples.ts';
import { UNSAFE } from './samples.ts';

/** Reads CSV as RFC 4180 has it, with line feeds. */
function readCsv(csv: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/y;
  while (field.lastIndex < csv.length) {
    const found = field.exec(csv);
    if (found === null) throw new Error('not CSV');
    record.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

/** Where the fields that were read are not the cell that was written; null = nowhere. */
function difference(cell: Cell, keys: readonly string[], fields: ReadonlyMap<string, string>): string | null {
  const [low = '', middle = '', high = ''] = keys.map((key) => fields.get(key));
  const is = (n: number, field: string): boolean => field !== '' && Number(field) === n;
  // Texts that have nothing which is not printable or might begin a formula are written as they are.
  const asItIs = typeof cell === 'string' && /^(\p{L}[\p{L}\p{P}\p{N} ]*)?$/u.test(cell);
  const same =
    cell === null
      ? middle === ''
      : typeof cell === 'number'
        ? is(cell, middle)
        : typeof cell === 'string'
          ? !asItIs || middle === cell
          : is(cell.low, low) && is(cell.middle, middle) && is(cell.high, high);
  return same ? null : `${JSON.stringify(cell)} as ${JSON.stringify([low, middle, high])}`;
}

const one = (cell: Cell): DataTable => ({
  title: 't',
  columns: [
    { key: 'a', title: 'A' },
    { key: 'b', title: 'B' },
  ],
  rows: [[cell, 1]],
});

describe('tableCsv', () => {
  it('has all digits, and three columns for a range', () => {
    expect(tableCsv([prices])).toBe(`unit,system,pages,price_low,price,price_high,share
instructions,x86_64,1,540,612,730,0.5
instructions,riscv64,65536,98,98,98.4,12.25
instructions,aarch64,,,1234.5,,
instructions,none,4,,never,,1000
`);
  });

  it('joins tables by their keys', () => {
    const other: DataTable = {
      title: 'Other, "quoted"',
      columns: [
        { key: 'price', title: 'p' },
        { key: 'kind', title: 'k' },
      ],
      rows: [[-7, 'a']],
    };
    expect(
      tableCsv([{ ...prices, rows: prices.rows.slice(0, 1) }, other]),
    ).toBe(`table,unit,system,pages,price_low,price,price_high,share,kind
Price per page,instructions,x86_64,1,540,612,730,0.5,
"Other, ""quoted""",,,,,-7,,,a
`);
  });

  it('has only a head for a table without rows, and nothing for no tables', () => {
    expect(tableCsv([empty])).toBe('a\n');
    expect(tableCsv([]).trim()).toBe('');
  });

  it.each([
    ['=cmd()', "'=cmd()"],
    ['@sum(1)', "'@sum(1)"],
    ['-1+1', "'-1+1"],
    ['+1', "'+1"],
    ['\t=1', '\\u{9}=1'],
  ])('makes no formula of %j', (text, safe) => {
    expect(readCsv(tableCsv([one(text)]))[1]).toEqual([safe, '1']);
  });

  it('leaves negative numbers numbers', () => {
    expect(tableCsv([one(-1.5)])).toBe('a,b\n-1.5,1\n');
  });

  it.each(HOSTILE)('lets nothing out that a terminal acts on: %j', (text) => {
    expect(tableCsv([one(text), { ...one(text), title: text, unit: text }])).not.toMatch(UNSAFE);
  });

  it.each<[string, readonly DataTable[]]>([
    ['a', [{ title: '', columns: [empty.columns, empty.columns].flat(), rows: [] }]],
    [
      'a_low',
      [
        { title: '', columns: [{ key: 'a', title: '' }], rows: [[{ low: 1, middle: 2, high: 3 }]] },
        { title: '', columns: [{ key: 'a_low', title: '' }], rows: [] },
      ],
    ],
    ['unit', [{ title: '', unit: 'pages', columns: [{ key: 'unit', title: '' }], rows: [] }]],
  ])('refuses two columns %s', (name, tables) => {
    expect(() => tableCsv(tables)).toThrow(`The CSV would have two columns "${name}".`);
  });

  it('parses back', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const [head = [], ...records] = readCsv(tableCsv([table]));
        expect(records).toHaveLength(table.rows.length);
        records.forEach((record, n) => {
          expect(record).toHaveLength(head.length);
          const fields = new Map(head.map((name, i) => [name, record[i] ?? '']));
          table.columns.forEach(({ key }, i) => {
            const wrong = difference(table.rows[n]?.[i] ?? null, [`${key}_low`, key, `${key}_high`], fields);
            expect(wrong).toBeNull();
          });
        });
      }),
    );
  });
});
