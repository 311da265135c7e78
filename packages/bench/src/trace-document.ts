import { type DataTable, grouped } from '@overmap/report';
import { savingOf } from './break-even.ts';
import { type PriceRange, type PriceTable, priceOf, UnpricedError } from './price-table.ts';
import type { TraceResult } from './run-trace.ts';
import { WORK, type WorkCounts } from './work.ts';

/** Something that was done, and its price; null = no table, or it cannot price it. */
export interface PricedWork {
  readonly work: WorkCounts;
  readonly price: (PriceRange & { readonly unit: string }) | null;
}

/** What batches and strictness would cost a trace: the model's figures, without a clock or host. */
export interface TraceDocument {
  readonly kind: 'bench';
  readonly measure: 'modelled';
  readonly tool: { readonly name: 'overmap'; readonly version: string };
  readonly trace: string;
  readonly arch: string;
  readonly build: string | null;
  readonly policy: string;
  readonly events: number;
  /** Maps and unmaps: all that the work below is of. */
  readonly operations: number;
  /** The price table that was used. */
  readonly table: PriceTable | null;
  readonly single: PricedWork & { readonly invocations: number };
  readonly plans: readonly (PricedWork & {
    readonly reorder: boolean;
    readonly batched: number;
    readonly batches: number;
    readonly invocations: number;
    /** How many times dearer single invocations are. */
    readonly saving: PriceRange | null;
    readonly difference: string | null;
  })[];
  /** Of traces recorded under legacy. */
  readonly strictness: {
    readonly overMaps: number;
    readonly aliases: number;
    readonly extraUnmaps: number;
    readonly legacy: PricedWork | null;
    readonly strict: PricedWork | null;
  } | null;
  readonly assumed: number;
  readonly badLines: number;
  readonly failures: number;
  readonly interrupted?: true;
}

/** Price a trace's run. */
export function traceDocument(
  result: TraceResult,
  tables: readonly PriceTable[],
  { version }: { readonly version: string },
): TraceDocument {
  const { path, arch, build, policy, events, operations, single, plans, strictness, assumed, badLines } = result;
  const table = tables.find((one) => one.arch === build) ?? null;
  const priced = (work: WorkCounts): PricedWork => ({ work, price: table === null ? null : priceIn(work, table) });
  const before = priced(single.work);
  return {
    kind: 'bench',
    measure: 'modelled',
    tool: { name: 'overmap', version },
    trace: path,
    arch,
    build,
    policy,
    events,
    operations,
    table,
    single: { invocations: single.invocations, ...before },
    plans: plans.map(({ reorder, batched, batches, invocations, work, difference }) => {
      const after = priced(work);
      const both = table !== null && before.price !== null && after.price !== null && operations > 0;
      return {
        reorder,
        batched,
        batches,
        invocations,
        ...after,
        saving: both ? savingOf(single.work, work, table) : null,
        difference,
      };
    }),
    strictness:
      strictness === null
        ? null
        : {
            overMaps: strictness.overMaps,
            aliases: strictness.aliases,
            extraUnmaps: strictness.extraUnmaps,
            legacy: strictness.legacy === null ? null : priced(strictness.legacy),
            strict: strictness.strict === null ? null : priced(strictness.strict),
          },
    assumed,
    badLines,
    failures: plans.filter(({ difference }) => difference !== null).length,
    ...(result.interrupted ? { interrupted: true as const } : {}),
  };
}

function priceIn(work: WorkCounts, table: PriceTable): PricedWork['price'] {
  try {
    return { ...priceOf(work, table), unit: table.unit };
  } catch (error) {
    if (error instanceof UnpricedError) return null;
    throw error;
  }
}

/** The tables for people: what batches save, and what strictness costs. */
export function traceTables(document: TraceDocument): DataTable[] {
  const { table, single, plans, strictness, operations, policy } = document;
  const sides = [
    { name: `single, as recorded (${policy})`, batched: null, batches: null, saving: null, ...single },
    ...plans.map((plan) => ({ name: plan.reorder ? 'batched, reordered' : 'batched, in order', ...plan })),
  ];
  const rebuilt = operations - single.invocations;
  const works = WORK.filter((work) => sides.some((side) => (side.work[work] ?? 0) > 0));
  const tables: DataTable[] = [
    {
      title: `Modelled price of the trace's maps and unmaps`,
      ...(table === null ? {} : { unit: table.unit }),
      columns: [
        { key: 'way', title: '' },
        { key: 'in_batches', title: 'in batches', digits: 0 },
        { key: 'batches', title: 'batches', digits: 0 },
        { key: 'invocations', title: 'invocations', digits: 0 },
        { key: 'price', title: 'price', digits: 0 },
        { key: 'price_per_operation', title: 'of one', digits: 0 },
        { key: 'saving', title: 'single / batched', digits: 2 },
      ],
      rows: sides.map(({ name, batched, batches, invocations, price, saving }) => [
        name,
        batched,
        batches,
        invocations,
        price,
        price === null || single.invocations === 0 ? null : scaled(price, 1 / single.invocations),
        saving,
      ]),
      notes: [
        `${document.trace}: ${document.build ?? document.arch}, ${policy}, ${grouped(operations)} maps and unmaps${rebuilt === 0 ? '' : `, ${grouped(rebuilt)} of which rebuild an earlier state and were not invoked`}.`,
        ...(table === null
          ? [
              `Nobody has recorded what invocations cost on ${document.build ?? document.arch}, so there is no price; --costs takes a table of yours.`,
            ]
          : [`Prices: ${table.source}`]),
        ...plans.flatMap(({ reorder, difference }) =>
          difference === null
            ? []
            : [`The states ${reorder ? '(reordered) ' : ''}differ: ${difference}. These figures are worth nothing.`],
        ),
      ],
    },
    {
      title: 'What was done',
      columns: [
        { key: 'work', title: '' },
        ...sides.map(({ name }, i) => ({ key: `side_${i}`, title: name, digits: 0 })),
      ],
      rows: works.map((work) => [work, ...sides.map((side) => side.work[work] ?? 0)]),
    },
  ];
  if (strictness !== null) tables.push(strictnessTable(document, strictness));
  return tables;
}

function strictnessTable(
  { table, single, operations }: TraceDocument,
  { overMaps, aliases, extraUnmaps, legacy, strict }: NonNullable<TraceDocument['strictness']>,
): DataTable {
  const share = operations === 0 ? 0 : (extraUnmaps / operations) * 100;
  const rows: (readonly [string, number | PriceRange | null])[] = [
    ['maps that replace another page', overMaps],
    ['of these, by the same frame through another capability', aliases],
    ['unmaps that strict asks for on top', extraUnmaps],
    ['as a share of all maps and unmaps (%)', share],
  ];
  if (overMaps > 0 && table !== null && legacy?.price && strict?.price && single.price) {
    rows.push([`those replacements under legacy (${table.unit})`, legacy.price]);
    rows.push([`the same under strict, with an unmap each (${table.unit})`, strict.price]);
    rows.push([
      'more, as a share of the price of all maps and unmaps (%)',
      ((strict.price.middle - legacy.price.middle) / single.price.middle) * 100,
    ]);
  }
  return {
    title: 'The cost of strictness for this trace, alone',
    columns: [
      { key: 'what', title: '' },
      { key: 'value', title: '' },
    ],
    rows: rows.map(([what, value]) => [what, value]),
  };
}

const scaled = ({ low, middle, high }: PriceRange, factor: number): PriceRange => ({
  low: low * factor,
  middle: middle * factor,
  high: high * factor,
});
