import type { Axis, Chart, LineChart, RangeChart, StackChart } from '@overmap/report';
import fc from 'fast-check';
import { anyText } from './data-table.samples.ts';

export const lines: LineChart = {
  kind: 'lines',
  title: 'Batching pays',
  subtitle: 'One invocation for each page, and one for many.',
  x: { title: 'batch size', unit: 'pages', scale: 'log2', ticks: [1, 4, 16, 64, 256] },
  y: { title: 'price per page', unit: 'instructions', scale: 'linear', zero: true },
  panels: ['x86_64', 'aarch64', 'riscv64'].map((title, n) => ({
    title,
    series: [
      { name: 'legacy', points: [1, 4, 16, 64, 256].map((x) => ({ x, y: 600 + n })), dashed: false },
      { name: 'strict', points: [1, 4, 16, 64, 256].map((x) => ({ x, y: 602 + n })), dashed: true },
      {
        name: 'batched',
        points: [1, 4, 16, 64, 256].map((x) => ({ x, y: 60 + 600 / x, low: 50 + 500 / x, high: 70 + 700 / x })),
      },
    ],
  })),
  notes: ['Modelled, not measured.'],
};

export const stacks: StackChart = {
  kind: 'stacks',
  title: 'Where it goes',
  axis: { title: 'price per page', unit: 'instructions', scale: 'linear' },
  panels: [
    {
      title: 'x86_64',
      bars: [
        {
          name: 'one by one',
          parts: [
            { name: 'entry', value: 1200 },
            { name: 'walk', value: 600 },
            { name: 'write', value: 6 },
          ],
        },
        { name: 'batched', parts: [{ name: 'walk', value: 40.5 }] },
      ],
    },
  ],
};

export const ranges: RangeChart = {
  kind: 'ranges',
  title: 'Break-even',
  axis: { title: 'batch size', unit: 'pages', scale: 'linear', ticks: [1, 2, 3, 4, 5, 6] },
  groups: [
    {
      title: 'x86_64',
      rows: [
        { name: 'map', low: 2, middle: 3, high: 5 },
        { name: 'unmap', low: 2, middle: 2, high: 2, note: 'exact' },
        { name: 'protect', low: 4, middle: 5, high: null },
        { name: 'sparse', low: 6, middle: null, high: null },
        { name: 'dense', low: null, middle: null, high: null, note: 'never pays' },
      ],
    },
  ],
};

const anyValue = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 1000, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: -1000, max: 1_000_000 }) },
  { weight: 1, arbitrary: fc.double() },
);

const name = fc.oneof(
  fc.constantFrom('single legacy', 'single strict', 'batched', 'TLB maintenance', 'x'),
  fc.lorem({ maxCount: 12 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
  anyText,
);
const text = fc.oneof(name, fc.lorem({ maxCount: 60 }));

const axis: fc.Arbitrary<Axis> = fc.record(
  {
    title: text,
    unit: fc.constantFrom('', 'pages', 'instructions'),
    scale: fc.constantFrom('linear', 'log2', 'log10'),
    ticks: fc.array(anyValue, { maxLength: 12 }),
    zero: fc.boolean(),
    digits: fc.integer({ min: 0, max: 3 }),
  },
  { requiredKeys: ['title', 'unit', 'scale'] },
);

const words = { title: text, subtitle: text, notes: fc.array(text, { maxLength: 3 }) };

const anyLines: fc.Arbitrary<LineChart> = fc.record({
  ...words,
  kind: fc.constant('lines'),
  x: axis,
  y: axis,
  sharedY: fc.constantFrom('all', 'row', 'none'),
  columns: fc.integer({ min: 0, max: 9 }),
  panels: fc.array(
    fc.record({
      title: text,
      series: fc.array(
        fc.record(
          {
            name,
            points: fc.array(
              fc.record({ x: anyValue, y: anyValue, low: anyValue, high: anyValue }, { requiredKeys: ['x', 'y'] }),
              { maxLength: 6 },
            ),
            dashed: fc.boolean(),
          },
          { requiredKeys: ['name', 'points'] },
        ),
        { maxLength: 9 },
      ),
    }),
    { maxLength: 7 },
  ),
});

const anyStacks: fc.Arbitrary<StackChart> = fc.record({
  ...words,
  kind: fc.constant('stacks'),
  axis,
  panels: fc.array(
    fc.record({
      title: text,
      bars: fc.array(fc.record({ name, parts: fc.array(fc.record({ name, value: anyValue }), { maxLength: 8 }) }), {
        maxLength: 5,
      }),
    }),
    { maxLength: 4 },
  ),
});

const end = fc.option(anyValue);
const anyRanges: fc.Arbitrary<RangeChart> = fc.record({
  ...words,
  kind: fc.constant('ranges'),
  axis,
  groups: fc.array(
    fc.record({
      title: text,
      rows: fc.array(
        fc.record(
          { name, low: end, middle: end, high: end, note: name },
          { requiredKeys: ['name', 'low', 'middle', 'high'] },
        ),
        { maxLength: 6 },
      ),
    }),
    { maxLength: 4 },
  ),
});

export const anyChart: fc.Arbitrary<Chart> = fc.oneof(anyLines, anyStacks, anyRanges);
