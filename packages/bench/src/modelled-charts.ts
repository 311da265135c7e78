import type { Chart, LineChart, RangeChart, StackChart } from '@overmap/report';
import { sizeName, WORKLOADS } from './bench-case.ts';
import type { ModelledDocument, PricedCase } from './modelled-document.ts';
import { batchesOf, type CaseGroup, groupCases, singleOf } from './modelled-tables.ts';
import { type Phase, PHASES, phasesOf } from './phases.ts';
import type { PriceTable } from './price-table.ts';

/** What can be drawn of a modelled run. */
export const CHARTS = ['price', 'phases', 'break-even'] as const;
export type ChartName = (typeof CHARTS)[number];

/** Pieces of work of which the addresses make a difference worth a panel only in one pattern. */
const SHOWN_PATTERN = 'contiguous';
/** Workloads whose prices are taken apart: the others are made of the same invocations. */
const DISSECTED: readonly string[] = ['map', 'unmap', 'protect', 'replace'];

/**
 * Draw a modelled run. Charts are of one unit: builds whose tables have another unit than the first one's are left out.
 *
 * @param document - the run
 * @param name - which chart
 * @returns the chart; without builds that have a price table it has no panels
 */
export function modelledChart(document: ModelledDocument, name: ChartName): Chart {
  const unit = document.tables[0]?.unit ?? '';
  const tables = document.tables.filter((table) => table.unit === unit);
  const groups = groupCases(document.cases).filter(({ build }) => tables.some(({ arch }) => arch === build));
  if (name === 'price') return priceChart(groups, unit);
  return name === 'phases' ? phaseChart(groups, tables, unit) : breakEvenChart(document, tables, unit);
}

/** Batch size against price of a page, a panel for each build and workload. */
function priceChart(groups: readonly CaseGroup[], unit: string): LineChart {
  const shown = onePattern(groups);
  const sizes = [...new Set(shown.flatMap((group) => batchesOf(group).map(({ batch }) => batch)))];
  const ticks = [1, ...sizes].toSorted((a, b) => a - b);
  return {
    kind: 'lines',
    title: `Modelled price of a page, by batch size (${unit})`,
    subtitle: 'Lines: middle assumptions. Bands: from the low to the high assumptions.',
    x: { title: 'pages in a batch', unit: '', scale: 'log2', ticks },
    y: { title: 'price of a page', unit, scale: 'linear', zero: true },
    sharedY: 'row',
    columns: Math.min(3, new Set(shown.map(({ build }) => build)).size),
    panels: shown.map((group) => ({
      title: titleOf(group),
      series: [
        ...['legacy', 'strict'].flatMap((policy) => {
          const single = singleOf(group, policy)?.price?.perPage;
          if (single === undefined) return [];
          const points = [ticks[0] ?? 1, ticks.at(-1) ?? 1].map((x) => ({ x, y: single.middle }));
          return [{ name: `single, ${policy}`, points, dashed: policy === 'legacy' }];
        }),
        {
          name: 'batched',
          dashed: false,
          points: batchesOf(group).flatMap(({ batch, price }) => {
            if (price === null) return [];
            const { low, middle, high } = price.perPage;
            return [{ x: batch, y: middle, low, high }];
          }),
        },
      ],
    })),
    notes: ['Modelled figures: what the model counts × the price table of the architecture. Not a measurement.'],
  };
}

/** Where the price goes, single and batched. */
function phaseChart(groups: readonly CaseGroup[], tables: readonly PriceTable[], unit: string): StackChart {
  return {
    kind: 'stacks',
    title: `Where the modelled price of a page goes (${unit})`,
    subtitle: 'Under the middle assumptions.',
    axis: { title: 'price of a page', unit, scale: 'linear', zero: true },
    panels: onePattern(groups)
      .filter(({ workload }) => DISSECTED.includes(workload))
      .flatMap((group) => {
        const table = tables.find(({ arch }) => arch === group.build);
        if (table === undefined) return [];
        const batched = batchesOf(group);
        const shown = [
          ['single, strict', singleOf(group, 'strict')],
          ...[batched[Math.floor(batched.length / 2)], batched.at(-1)].map(
            (one) => [`batch ${one?.batch}`, one] as const,
          ),
        ] as const;
        const bars = shown.flatMap(([name, one]) =>
          one === undefined || one.price === null ? [] : [{ name, parts: partsOf(one, table) }],
        );
        return [{ title: titleOf(group), bars }];
      }),
    notes: [...tables.flatMap(inseparable), BATCH_NOTE],
  };
}

/** What a table's data cannot tell apart, and where it is shown. */
function inseparable({ arch, merged = {}, prices }: PriceTable): string[] {
  const within = Object.entries(merged).map(([work, other]) => `${work} in ${other}`);
  return [
    ...(within.length === 0 ? [] : [`${arch}: the data cannot separate ${within.join(', ')}; each is shown there.`]),
    ...(prices.walkLevel?.origin === 'assumed'
      ? [`${arch}: the data cannot separate walks from what walks; they are part of checks and entries.`]
      : []),
  ];
}

const BATCH_NOTE =
  'Batch work is what only batches do: their decoding, elements, lookups and writes. No kernel in use has them; their prices are assumed.';

/** From how many pages on a batch pays. */
function breakEvenChart(document: ModelledDocument, tables: readonly PriceTable[], unit: string): RangeChart {
  const upTo = Math.max(1, ...document.breakEven.map((row) => row.upTo));
  const most = Math.max(
    1,
    ...document.breakEven.flatMap(({ low, middle, high }) => [low ?? 1, middle ?? 1, high ?? 1]),
  );
  return {
    kind: 'ranges',
    title: 'Pages from which on a batch is no dearer than single invocations',
    subtitle: `Modelled, strict, in ${unit}. From the best to the worst that the assumptions allow.`,
    axis: { title: 'pages that change together', unit: '', scale: 'linear', zero: true, ticks: wholeTicks(most) },
    groups: tables.map(({ arch }) => ({
      title: arch,
      rows: document.breakEven
        .filter(({ build }) => build === arch)
        .map(({ workload, pattern, low, middle, high }) => ({
          name: pattern === null ? workload : `${workload}, ${pattern}`,
          low,
          middle,
          high,
          ...(middle === null ? { note: `not up to ${upTo} pages` } : {}),
        })),
    })),
  };
}

/** Whole pages, about eight of them, from 0 to beyond the largest size: there is no half a page. */
function wholeTicks(most: number): number[] {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(most / 8)));
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

/** Groups with one pattern of those that come in several; a workload's builds stand beside each other. */
function onePattern(groups: readonly CaseGroup[]): CaseGroup[] {
  const has = (group: CaseGroup): boolean =>
    groups.some(
      ({ build, workload, bits, pattern }) =>
        build === group.build && workload === group.workload && bits === group.bits && pattern === SHOWN_PATTERN,
    );
  return groups
    .filter((group) => group.pattern === null || group.pattern === SHOWN_PATTERN || !has(group))
    .toSorted((a, b) => WORKLOADS.indexOf(a.workload) - WORKLOADS.indexOf(b.workload));
}

function partsOf({ work, changes }: PricedCase, table: PriceTable): { name: Phase; value: number }[] {
  const phases = phasesOf(work, table, 'middle');
  return PHASES.filter((phase) => phases[phase] > 0).map((name) => ({ name, value: phases[name] / changes }));
}

const titleOf = ({ build, workload, pattern, bits }: CaseGroup): string =>
  [build, workload, ...(pattern === null ? [] : [pattern]), sizeName(bits)].join(', ');
