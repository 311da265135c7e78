import type { DataTable } from '@overmap/report';
import { sizeName } from './bench-case.ts';
import { savingOf } from './break-even.ts';
import type { BreakEvenRow, ModelledDocument, PricedCase } from './modelled-document.ts';
import type { PriceTable } from './price-table.ts';
import { WORK, type Work, type WorkCounts } from './work.ts';

/** The cases that differ in policy and batch only: a line of a table, a panel of a chart. */
export interface CaseGroup {
  readonly workload: PricedCase['workload'];
  readonly pattern: PricedCase['pattern'];
  readonly build: PricedCase['build'];
  readonly bits: number;
  readonly cases: readonly PricedCase[];
}

/** Groups in the order of builds and workloads; those of a build are together. */
export function groupCases(cases: readonly PricedCase[]): CaseGroup[] {
  const groups = new Map<string, PricedCase[]>();
  for (const one of cases) {
    const key = [one.build, one.workload, one.pattern ?? '', one.bits].join('/');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => {
      const [{ workload, pattern, build, bits }] = members as [PricedCase];
      return { workload, pattern, build, bits, cases: members };
    });
}

/** The single invocations of a group under a policy. */
export const singleOf = (group: CaseGroup, policy: string): PricedCase | undefined =>
  group.cases.find((one) => one.batch === 1 && one.policy === policy && one.failed === null);

/** The batched cases of a group, ascending. */
export const batchesOf = (group: CaseGroup): PricedCase[] =>
  group.cases.filter(({ batch, failed }) => batch > 1 && failed === null).toSorted((a, b) => a.batch - b.batch);

/**
 * The tables for people: for each build with a price table what a page costs, for the others what is done for it, and
 * what failed.
 */
export function modelledTables(document: ModelledDocument): DataTable[] {
  const groups = groupCases(document.cases);
  const tables: DataTable[] = [];
  for (const build of new Set(groups.map((group) => group.build))) {
    const own = groups.filter((group) => group.build === build);
    const prices = document.tables.find(({ arch }) => arch === build);
    tables.push(prices === undefined ? workTable(build, own) : priceTable(prices, own, document.breakEven));
  }
  const priced = tables.findLast(({ unit }) => unit !== undefined);
  if (priced !== undefined)
    tables[tables.indexOf(priced)] = { ...priced, notes: [...(priced.notes ?? []), ...HOW_TO_READ] };
  const last = tables.at(-1);
  if (document.interrupted === true && last !== undefined)
    tables[tables.length - 1] = { ...last, notes: [...(last.notes ?? []), 'Interrupted: cases are missing.'] };
  const failed = document.cases.filter((one) => one.failed !== null);
  if (failed.length > 0) tables.push(failureTable(failed));
  return tables;
}

/** Below the last table with prices. */
const HOW_TO_READ = [
  'Modelled, not measured: what the model counts × prices. In brackets: under the low and under the high assumptions. "single / batch" (strict against the largest batch) and "pays from" (pages that change together) range from what speaks most against batches to what speaks most for them, each assumption at its own end. "in a call": operations that a call of the largest batch has; a list holds at most 39 maps, 59 protects or 119 unmaps, and only slots and addresses that follow one another make a window.',
];

function unpricedNotes(groups: readonly CaseGroup[]): string[] {
  const cases = groups.flatMap((group) => group.cases);
  const works = [...new Set(cases.flatMap(({ unpriced }) => unpriced ?? []))];
  return works.map((work) => {
    const n = cases.filter(({ unpriced }) => unpriced === work).length;
    return `The table has no price for "${work}": ${n} cases have none.`;
  });
}

/** What a page costs, single and batched. */
function priceTable(prices: PriceTable, groups: readonly CaseGroup[], evens: readonly BreakEvenRow[]): DataTable {
  const policies = ['legacy', 'strict', ...groups.flatMap(({ cases }) => cases.map(({ policy }) => policy))];
  const singles = [...new Set(policies)].filter((policy) => groups.some((group) => singleOf(group, policy)));
  const sizes = [...new Set(groups.flatMap((group) => batchesOf(group).map(({ batch }) => batch)))].toSorted(
    (a, b) => a - b,
  );
  return {
    title: `${prices.arch}: modelled price of a page`,
    unit: prices.unit,
    columns: [
      ...HEAD,
      ...singles.map((policy) => ({ key: `single_${policy.replaceAll('-', '_')}`, title: `single, ${policy}` })),
      ...sizes.map((size) => ({ key: `batch_${size}`, title: `batch ${size}` })),
      { key: 'saving', title: 'single / batch', digits: 1 },
      { key: 'pays_from', title: 'pays from' },
      { key: 'operations_a_call', title: 'in a call', digits: 0 },
    ],
    rows: groups.map((group) => {
      const batched = batchesOf(group);
      const largest = batched.at(-1);
      const single = singleOf(group, 'strict');
      const even = evens.find((row) => row.build === group.build && isOf(row, group));
      return [
        ...headOf(group),
        ...singles.map((policy) => singleOf(group, policy)?.price?.perPage ?? null),
        ...sizes.map((size) => batched.find(({ batch }) => batch === size)?.price?.perPage ?? null),
        single?.price && largest?.price ? savingOf(single.work, largest.work, prices) : null,
        even === undefined ? null : sayPages(even),
        largest === undefined ? null : (largest.work.element ?? 0) / (largest.work.batch ?? 1),
      ];
    }),
    notes: [`Prices: ${prices.source}`, ...unpricedNotes(groups)],
  };
}

/** What is done for a page where nothing is known of its price. */
function workTable(build: string, groups: readonly CaseGroup[]): DataTable {
  const kinds: readonly (readonly [key: string, title: string, works: readonly Work[]])[] = [
    ['kernel_entries', 'kernel entries', ['entry']],
    ['walk_levels', 'levels walked', ['walkLevel']],
    ['cleans', 'entries cleaned', ['cleanEntry']],
    ['invalidations', 'TLB maintenance', INVALIDATIONS],
  ];
  return {
    title: `${build}: modelled work for a page, single (strict) → batched`,
    columns: [
      ...HEAD,
      { key: 'batch', title: 'batch' },
      ...kinds.flatMap(([key, title]) => [
        { key: `${key}_single`, title, digits: 2 },
        { key: `${key}_batched`, title: '→', digits: 2 },
      ]),
    ],
    rows: groups.map((group) => {
      const single = singleOf(group, 'strict');
      const largest = batchesOf(group).at(-1);
      return [
        ...headOf(group),
        largest?.batch ?? null,
        ...kinds.flatMap(([, , works]) => [perPage(single, works), perPage(largest, works)]),
      ];
    }),
    notes: ['Nobody has recorded what invocations cost on this kernel, so there are counts and no price.'],
  };
}

function failureTable(cases: readonly PricedCase[]): DataTable {
  return {
    title: 'Cases that did not do what they should: their figures are left out',
    columns: [
      { key: 'case', title: 'case' },
      { key: 'operation', title: 'operation' },
      { key: 'expected', title: 'expected' },
      { key: 'got', title: 'got' },
    ],
    rows: cases.flatMap(({ name, failed }) => {
      if (failed === null) return [];
      return failed.kind === 'worker'
        ? [[name, failed.reason, null, null]]
        : [[name, failed.operation, failed.expected, failed.got]];
    }),
  };
}

/** Every case with everything that is known of it, for spreadsheets. */
export function caseTable(document: ModelledDocument): DataTable {
  const works = WORK.filter((work) => document.cases.some((one) => (one.work[work] ?? 0) > 0));
  return {
    title: 'modelled cases',
    columns: [
      ...['case', 'workload', 'addresses', 'build', 'page_bits', 'pages', 'policy', 'batch'].map(plain),
      ...['changes', 'operations', 'invocations', 'price_unit', 'price', 'price_per_page', 'failed'].map(plain),
      ...works.map((work) => ({ key: `work_${work}`, title: work })),
    ],
    rows: document.cases.map((one) => [
      one.name,
      one.workload,
      one.pattern,
      one.build,
      one.bits,
      one.pages,
      one.policy,
      one.batch,
      one.changes,
      one.operations,
      one.invocations,
      one.price?.unit ?? null,
      one.price,
      one.price?.perPage ?? null,
      one.failed === null ? null : one.failed.kind === 'worker' ? one.failed.reason : one.failed.operation,
      ...works.map((work) => one.work[work] ?? 0),
    ]),
  };
}

const HEAD = [
  { key: 'workload', title: 'workload' },
  { key: 'addresses', title: 'addresses' },
  { key: 'page', title: 'page' },
];

const headOf = ({ workload, pattern, bits }: CaseGroup): (string | null)[] => [workload, pattern, sizeName(bits)];

const plain = (key: string): { key: string; title: string } => ({ key, title: key });

const isOf = (row: BreakEvenRow, { workload, pattern, bits }: CaseGroup): boolean =>
  row.workload === workload && row.pattern === pattern && row.bits === bits;

/** TLB maintenance of any kind, in operations; the kinds differ in price. */
const INVALIDATIONS: readonly Work[] = [
  'sfence',
  'remoteFence',
  'tlbiPage',
  'tlbiAsid',
  'vspaceSwitch',
  'invlpg',
  'structureCacheFlush',
  'cr3Write',
  'flushAsid',
  'shootdown',
];

function perPage(one: PricedCase | undefined, works: readonly Work[]): number | null {
  if (one === undefined) return null;
  const counts: WorkCounts = one.work;
  return works.reduce((sum, work) => sum + (counts[work] ?? 0), 0) / one.changes;
}

/** "2 (1–4)", "3 (2–never)": pages from which on a batch is not dearer. */
function sayPages({ low, middle, high, upTo }: BreakEvenRow): string {
  const say = (pages: number | null): string => (pages === null ? `>${upTo}` : String(pages));
  return low === high ? say(middle) : `${say(middle)} (${say(low)}–${say(high)})`;
}
