import type { Cell, DataTable } from '@overmap/report';
import fc from 'fast-check';

export const prices: DataTable = {
  title: 'Price per page',
  unit: 'instructions',
  columns: [
    { key: 'system', title: 'system' },
    { key: 'pages', title: 'pages' },
    { key: 'price', title: 'price' },
    { key: 'share', title: 'share', digits: 1 },
  ],
  rows: [
    ['x86_64', 1, { low: 540, middle: 612, high: 730 }, 0.5],
    ['riscv64', 65_536, { low: 98, middle: 98, high: 98.4 }, 12.25],
    ['aarch64', null, 1234.5, null],
    ['none', 4, 'never', 1000],
  ],
  notes: ['Modelled. The range is over the price of entering the kernel.', 'Pages of 4 KiB.'],
};

export const empty: DataTable = { title: 'Nothing', columns: [{ key: 'a', title: 'A' }], rows: [] };

/** What a terminal, a browser, a Markdown reader or a spreadsheet would act on. */
export const HOSTILE = [
  '\u001b[2J\u001b]0;title\u0007',
  'a|b\\|c',
  '</text><script>alert(1)</script>',
  '=cmd()',
  '@sum(1)',
  '-1+1',
  'a,b;"c"\r\nd',
  '`code` **bold** [x](javascript:y) ![i](u) &amp; <b>',
  '\u202egnp.exe\u2066\u200b',
  'x\ud800y',
  '',
  '  ',
  ']]>&#0;',
] as const;

export const anyText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const anyNumber = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));

const anyCell: fc.Arbitrary<Cell> = fc.oneof(
  anyText,
  anyNumber,
  fc.constant(null),
  fc.record({ low: anyNumber, middle: anyNumber, high: anyNumber }),
);

/** Tables whose keys are `c0`, `c1` and so on. */
export const anyTable: fc.Arbitrary<DataTable> = fc.integer({ min: 1, max: 5 }).chain((columns) =>
  fc.record({
    title: anyText,
    columns: fc
      .array(anyText, { minLength: columns, maxLength: columns })
      .map((titles) => titles.map((title, n) => ({ key: `c${n}`, title }))),
    rows: fc.array(fc.array(anyCell, { minLength: columns, maxLength: columns }), { maxLength: 6 }),
    notes: fc.array(anyText, { maxLength: 3 }),
  }),
);
