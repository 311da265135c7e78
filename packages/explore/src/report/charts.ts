import {
  caseTable,
  type ModelledDocument,
  modelledChart,
  modelledTables,
  type TimedDocument,
  timedTable,
  type TraceDocument,
  traceTables,
} from '@overmap/bench';
import { type Chart, type DataTable, type RangeChart, type RangeRow, svgChart } from '@overmap/report';
import { type Html, html, svgHtml } from '@overmap/report';
import type { BenchResult } from './bench-result.ts';

/** Pixels of a chart on a wide page and on a phone's. */
const WIDE = 900;
const NARROW = 360;

/** A chart at two widths, of which the page shows one. */
export const chartHtml = (chart: Chart): Html => html`<figure class="chart">
<div class="wide">${svgHtml(svgChart(chart, { width: WIDE }))}</div>
<div class="narrow">${svgHtml(svgChart(chart, { width: NARROW }))}</div>
</figure>`;

/** What is drawn of a benchmark, the most telling first, and what a link to it says. */
export function chartsOf(result: BenchResult): (readonly [name: string, chart: Chart])[] {
  const { of, document } = result;
  if (of === 'timed') return document.cases.length === 0 ? [] : [['The times', timedChart(document)]];
  if (of === 'trace') return traceChart(document).map((chart) => ['The price', chart] as const);
  if (document.tables.length === 0) return [];
  return MODELLED.map(([name, what]) => [what, modelledChart(document, name)] as const).filter(([, chart]) =>
    hasContent(chart),
  );
}

const MODELLED = [
  ['break-even', 'From how many pages on a batch pays'],
  ['price', 'The price of a page'],
  ['phases', 'Where the price goes'],
] as const;

/** The figures of a benchmark. */
export function tablesOf(result: BenchResult): DataTable[] {
  switch (result.of) {
    case 'modelled':
      return [...modelledTables(result.document), caseTable(result.document)];
    case 'timed':
      return [timedTable(result.document)];
    case 'trace':
      return traceTables(result.document);
  }
}

const hasContent = (chart: Chart): boolean => (chart.kind === 'ranges' ? chart.groups : chart.panels).length > 0;

function timedChart({ cases, machine }: TimedDocument): RangeChart {
  return {
    kind: 'ranges',
    title: 'Speed of the simulation: host time for a page',
    subtitle: `Medians with their 95 % intervals, on ${machine.cpu || 'an unknown processor'}. Says nothing of a kernel.`,
    axis: { title: 'time for a page', unit: 'ns', scale: 'linear', zero: true, digits: 1 },
    groups: [
      {
        title: '',
        rows: cases.map(({ name, perPage }) => ({
          name,
          low: perPage.low95,
          middle: perPage.median,
          high: perPage.high95,
        })),
      },
    ],
  };
}

/** The cost of strictness for a trace, alone and batched: what one operation costs. */
function traceChart(document: TraceDocument): Chart[] {
  const { table, single, plans, strictness, operations, trace, policy } = document;
  if (table === null || single.price === null || single.invocations === 0) return [];
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
  return [
    {
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
        ...(strictness === null
          ? []
          : [`Strictness asks for ${strictness.extraUnmaps} more unmaps on top of ${operations} maps and unmaps.`]),
      ],
    },
  ];
}

/** The result of a benchmark in a sentence. */
export function benchVerdict(result: BenchResult): string {
  switch (result.of) {
    case 'timed':
      return `The simulation was timed in ${result.document.cases.length} cases, on ${result.document.machine.cpu || 'an unknown processor'}.`;
    case 'modelled':
      return modelledVerdict(result.document);
    case 'trace':
      return traceVerdict(result.document);
  }
}

function modelledVerdict({ breakEven, cases, failures }: ModelledDocument): string {
  if (failures > 0)
    return `${failures} of ${cases.length} cases did not do what they should: their figures are worth nothing.`;
  const paying = breakEven.flatMap(({ middle }) => (middle === null ? [] : [middle]));
  if (paying.length === 0) return `${cases.length} cases were priced by the model.`;
  const never = breakEven.length - paying.length;
  const range =
    Math.min(...paying) === Math.max(...paying)
      ? `${Math.min(...paying)}`
      : `${Math.min(...paying)} to ${Math.max(...paying)}`;
  return `A batch pays from ${range} pages on${never === 0 ? '' : `, and in ${never} of ${breakEven.length} workloads not at all`}, as the model has it.`;
}

function traceVerdict({ strictness, operations, plans, failures }: TraceDocument): string {
  if (failures > 0) return 'A batched run ended in another state than the recorded one: its figures are worth nothing.';
  const best = plans.flatMap(({ saving }) => (saving === null ? [] : [saving.middle])).sort((a, b) => b - a)[0];
  const saved = best === undefined ? '' : ` Single invocations cost ${best.toFixed(2)} times as much as batches.`;
  if (strictness === null) return `${operations} maps and unmaps.${saved}`;
  return `Strictness asks for ${strictness.extraUnmaps} more unmaps on top of ${operations} maps and unmaps.${saved}`;
}
