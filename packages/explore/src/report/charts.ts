import { caseTable, modelledChart, modelledTables, type TimedDocument, timedTable, traceTables } from '@overmap/bench';
import { type Chart, type DataTable, type Html, html, type RangeChart, svgChart, svgHtml } from '@overmap/report';
import type { BenchResult } from './bench-result.ts';
import { traceCharts } from './trace-charts.ts';

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
  if (of === 'trace') return traceCharts(document);
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
