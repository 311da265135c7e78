import { type BenchCase, caseName } from './bench-case.ts';
import { type BreakEven, breakEven, type Rung } from './break-even.ts';
import type { CaseEnd } from './case-pool.ts';
import { type PriceRange, type PriceTable, priceOf, UnpricedError } from './price-table.ts';
import type { Work, WorkCounts } from './work.ts';

/** Why a case gives no figures. */
export type CaseFailure =
  /** An operation did not do what it should; both sides in the words of the kernel's manual. */
  | { readonly kind: 'operation'; readonly operation: string; readonly expected: string; readonly got: string }
  /** Its worker crashed or hung. */
  | { readonly kind: 'worker'; readonly reason: string };

/** What a workload did on the model. */
export interface ModelledResult {
  /** Pages that a price is divided by. */
  readonly pages: number;
  readonly operations: number;
  /** Entries into the kernel that they took. */
  readonly invocations: number;
  readonly work: WorkCounts;
  readonly failed: Extract<CaseFailure, { kind: 'operation' }> | null;
}

/** A case of the modelled document. */
export interface PricedCase extends Omit<BenchCase, 'seed'> {
  readonly name: string;
  /** Pages that a price is divided by: two for each whose rights are changed and changed back. */
  readonly changes: number;
  readonly operations: number;
  readonly invocations: number;
  readonly work: WorkCounts;
  /** In the unit of the build's price table, all pages together and for each; null = no table, or it cannot price it. */
  readonly price: (PriceRange & { readonly unit: string; readonly perPage: PriceRange }) | null;
  /** What was done that the build's table has no price for, so that there is none at all; null = nothing. */
  readonly unpriced: Work | null;
  readonly failed: CaseFailure | null;
}

/** How many pages must change before a batch pays: of one workload, under strict. */
export interface BreakEvenRow extends BreakEven {
  readonly name: string;
  readonly workload: BenchCase['workload'];
  readonly pattern: BenchCase['pattern'];
  readonly build: BenchCase['build'];
  readonly bits: number;
}

/**
 * What the model says. There is no clock, host, path or number of workers in it: the same seed and version give the
 * same document, byte for byte.
 */
export interface ModelledDocument {
  readonly kind: 'bench';
  readonly measure: 'modelled';
  readonly tool: { readonly name: 'overmap'; readonly version: string };
  readonly seed: number;
  /** The price tables that were used, by build. */
  readonly tables: readonly PriceTable[];
  /** Sorted by name. */
  readonly cases: readonly PricedCase[];
  readonly breakEven: readonly BreakEvenRow[];
  readonly failures: number;
  /** The run was stopped: cases are missing. */
  readonly interrupted?: true;
}

/** A case and how it ended. */
export interface EndedCase {
  readonly case: BenchCase;
  readonly end: CaseEnd<ModelledResult>;
}

/** A ladder of a case, see {@link Rung}, and how it ended. */
export interface EndedLadder {
  readonly case: BenchCase;
  readonly end: CaseEnd<readonly Rung[]>;
}

/**
 * Put a run together.
 *
 * @param cases - how each ended; aborted ones are left out
 * @param ladders - the same, for break-even sizes
 * @param tables - price tables by build
 */
export function modelledDocument(
  cases: readonly EndedCase[],
  ladders: readonly EndedLadder[],
  tables: readonly PriceTable[],
  { version, seed }: { readonly version: string; readonly seed: number },
): ModelledDocument {
  const tableOf = (build: string): PriceTable | undefined => tables.find(({ arch }) => arch === build);
  const priced = cases.flatMap((ended) => pricedCase(ended, tableOf(ended.case.build)));
  const rows = ladders.flatMap((ladder) => breakEvenRow(ladder, tableOf(ladder.case.build)));
  const used = new Set([...priced, ...rows].map(({ build }) => build as string));
  const interrupted = [...cases, ...ladders].some(({ end }) => end.state === 'aborted');
  return {
    kind: 'bench',
    measure: 'modelled',
    tool: { name: 'overmap', version },
    seed,
    tables: tables.filter(({ arch }) => used.has(arch)),
    cases: priced.toSorted(byName),
    breakEven: rows.toSorted(byName),
    failures: priced.filter(({ failed }) => failed !== null).length,
    ...(interrupted ? { interrupted } : {}),
  };
}

function pricedCase({ case: benchCase, end }: EndedCase, table: PriceTable | undefined): PricedCase[] {
  if (end.state === 'aborted') return [];
  const { seed: _, ...fields } = benchCase;
  const head = { name: caseName(benchCase), ...fields };
  if (end.state === 'failed') {
    const failed = { kind: 'worker', reason: end.reason } as const;
    return [{ ...head, changes: 0, operations: 0, invocations: 0, work: {}, price: null, unpriced: null, failed }];
  }
  const { pages, operations, invocations, work, failed } = end.result;
  const ranged = failed === null && table !== undefined ? rangeOf(work, table) : null;
  const price = typeof ranged === 'string' ? null : ranged;
  return [
    {
      ...head,
      changes: pages,
      operations,
      invocations,
      work,
      price:
        price === null || table === undefined
          ? null
          : {
              unit: table.unit,
              ...price,
              perPage: { low: price.low / pages, middle: price.middle / pages, high: price.high / pages },
            },
      unpriced: typeof ranged === 'string' ? ranged : null,
      failed,
    },
  ];
}

/** A price, or the work that the table has none for: a user's need not have all. */
function rangeOf(work: WorkCounts, table: PriceTable): PriceRange | Work {
  try {
    return priceOf(work, table);
  } catch (error) {
    if (error instanceof UnpricedError) return error.work;
    throw error;
  }
}

function breakEvenRow({ case: benchCase, end }: EndedLadder, table: PriceTable | undefined): BreakEvenRow[] {
  if (end.state !== 'done' || table === undefined) return [];
  const { workload, pattern, build, bits } = benchCase;
  try {
    const even = breakEven(end.result, table);
    return [{ name: [workload, pattern ?? '-', build].join('/'), workload, pattern, build, bits, ...even }];
  } catch (error) {
    if (error instanceof UnpricedError) return [];
    throw error;
  }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
