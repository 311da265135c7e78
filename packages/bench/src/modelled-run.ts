import type { BenchCase } from './bench-case.ts';
import type { Rung } from './break-even.ts';
import { type CaseEnd, runCases } from './case-pool.ts';
import { type ModelledDocument, modelledDocument, type ModelledResult } from './modelled-document.ts';
import type { PriceTable } from './price-table.ts';
import type { BenchTask } from './worker.ts';

/** How cases are run on the model. */
export interface ModelledRunOptions {
  /** Price tables by build; a build without one gives counts and no price. */
  readonly tables: readonly PriceTable[];
  readonly workers: number;
  readonly seed: number;
  /** Of this program, for the document. */
  readonly version: string;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** The longest batch that is looked at for a break-even size: what every list holds. */
const LADDER = 32;

/**
 * Run cases on the model, on worker threads, and price them.
 *
 * @param cases - each runs once; for each workload with a price table the break-even size is looked for as well
 * @returns the document, the same whatever the number of workers
 */
export async function runModelledCases(
  cases: readonly BenchCase[],
  options: ModelledRunOptions,
): Promise<ModelledDocument> {
  const { tables, workers, seed, version, onProgress, signal } = options;
  const ladders = laddersOf(cases, tables);
  const tasks: BenchTask[] = [
    ...ladders.map((benchCase) => ({ kind: 'ladder', case: benchCase, upTo: LADDER }) as const),
    ...cases.map((benchCase) => ({ kind: 'case', case: benchCase }) as const),
  ];
  const ends = await runCases<BenchTask, ModelledResult | readonly Rung[]>(tasks, {
    worker: new URL('./worker.js', import.meta.url),
    workers,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return modelledDocument(
    cases.map((benchCase, i) => ({ case: benchCase, end: ends[ladders.length + i] as CaseEnd<ModelledResult> })),
    ladders.map((benchCase, i) => ({ case: benchCase, end: ends[i] as CaseEnd<readonly Rung[]> })),
    tables,
    { version, seed },
  );
}

/** One case for each workload that has both single and batched cases, and prices. */
function laddersOf(cases: readonly BenchCase[], tables: readonly PriceTable[]): BenchCase[] {
  const seen = new Map<string, BenchCase>();
  for (const one of cases) {
    const key = [one.workload, one.pattern, one.build, one.bits].join('/');
    if (one.batch > 1 && !seen.has(key) && tables.some(({ arch }) => arch === one.build)) seen.set(key, one);
  }
  return [...seen.values()];
}
