import type { TraceDocument } from '@overmap/bench';
import { type Chart, counted, grouped, type RangeChart, type RangeRow, type StackChart } from '@overmap/report';

/** The cost of strictness for a trace, alone and batched: entries into the kernel, and what one operation costs. */
export function traceCharts(document: TraceDocument): (readonly [name: string, chart: Chart])[] {
  const price = priceChart(document);
  return [
    ['Entries into the kernel', entriesChart(document)],
    ...(price === null ? [] : [['The price', price] as const]),
  ];
}

/** What strictness asks for, as a sentence. */
export const strictnessSays = ({ extraUnmaps }: NonNullable<TraceDocument['strictness']>, operations: number): string =>
  `Strictness asks for ${counted(extraUnmaps, 'more unmap')} on top of ${grouped(operations)} maps and unmaps.`;

/** Counts, which need no price table. */
function entriesChart({ single, plans, strictness, policy, trace, operations }: TraceDocument): StackChart {
  const rebuilt = operations - single.invocations;
  const recorded = (value: number) => ({ name: 'maps and unmaps', value });
  return {
    kind: 'stacks',
    title: 'Entries into the kernel for the maps and unmaps of this trace',
    subtitle: trace,
    axis: { title: 'invocations', unit: '', scale: 'linear', zero: true, digits: 0 },
    panels: [
      {
        title: '',
        bars: [
          { name: `single, ${policy}`, parts: [recorded(single.invocations)] },
          ...(strictness === null
            ? []
            : [
                {
                  name: 'single, strict',
                  parts: [recorded(single.invocations), { name: 'unmaps on top', value: strictness.extraUnmaps }],
                },
              ]),
          ...plans.map(({ reorder, invocations }) => ({
            name: reorder ? 'batched, reordered' : 'batched, in order',
            parts: [recorded(invocations)],
          })),
        ],
      },
    ],
    notes: [
      'Counted on the model. The batches are of the trace as recorded.',
      ...(rebuilt > 0 ? [`${grouped(rebuilt)} maps and unmaps that rebuild an earlier state were not invoked.`] : []),
    ],
  };
}

function priceChart(document: TraceDocument): RangeChart | null {
  const { table, single, plans, strictness, operations, trace, policy } = document;
  if (table === null || single.price === null || single.invocations === 0) return null;
  const row = (name: string, price: { low: number; middle: number; high: number } | null, of: number): RangeRow[] =>
    price === null || of === 0 ? [] : [{ name, low: price.low / of, middle: price.middle / of, high: price.high / of }];
  const ways = [
    ...row(`single, as recorded (${policy})`, single.price, single.invocations),
    ...plans.flatMap((plan) =>
      row(plan.reorder ? 'batched, reordered' : 'batched, in order', plan.price, single.invocations),
    ),
  ];
  const alone =
    strictness === null
      ? []
      : [
          ...row('an over-map under legacy', strictness.legacy?.price ?? null, strictness.overMaps),
          ...row('the same under strict: an unmap and a map', strictness.strict?.price ?? null, strictness.overMaps),
        ];
  return {
    kind: 'ranges',
    title: `Modelled price of one map or unmap of this trace (${table.unit})`,
    subtitle: `${trace}. Lines: from the low to the high assumptions.`,
    axis: { title: 'price of one', unit: table.unit, scale: 'linear', zero: true, digits: 0 },
    groups: [
      { title: 'Batched', rows: ways },
      ...(alone.length === 0 ? [] : [{ title: 'Strictness, alone', rows: alone }]),
    ],
    notes: [
      'Modelled figures: what the model counts × the price table of the architecture. Not a measurement.',
      ...(strictness === null ? [] : [strictnessSays(strictness, operations)]),
    ],
  };
}
