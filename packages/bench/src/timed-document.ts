import type { DataTable } from '@overmap/report';
import { type BenchCase, caseName } from './bench-case.ts';
import { type Load, loadNow, loadWarning, type Machine, machine } from './machine.ts';
import type { TimedResult } from './timed.ts';
import { measureInIsolates } from './timed-rounds.ts';

/** How cases are timed. */
export interface TimedRunOptions {
  readonly seed: number;
  /** Of this program, for the document. */
  readonly version: string;
  /** Isolates for each case; see `ROUNDS`. */
  readonly rounds?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** A case that could not be timed. */
export interface TimedFailure {
  readonly name: string;
  readonly reason: string;
}

/** How fast this program simulates the cases on this host. Nothing in it says anything of a kernel. */
export interface TimedDocument {
  readonly kind: 'bench';
  readonly measure: 'timed';
  readonly what: 'speed of the simulation: host nanoseconds of this program';
  readonly tool: { readonly name: 'overmap'; readonly version: string };
  readonly seed: number;
  readonly machine: Machine;
  readonly load: Load;
  readonly cases: readonly TimedResult[];
  readonly failed: readonly TimedFailure[];
  readonly failures: number;
  /** Sentences: a busy machine, iterations that are too short. */
  readonly warnings: readonly string[];
  readonly interrupted?: true;
}

/**
 * Time cases, one after the other, with no other worker active.
 *
 * @returns what was measured; a case that fails is named, and the others go on. After an abort cases have fewer rounds
 */
export async function runTimedCases(cases: readonly BenchCase[], options: TimedRunOptions): Promise<TimedDocument> {
  const { seed, version, rounds, onProgress, signal } = options;
  const start = loadNow();
  const module = new URL('./workload-task.js', import.meta.url).href;
  const ends = await measureInIsolates(
    cases.map((argument) => ({ module, export: 'timedTask', argument })),
    {
      seed,
      ...(rounds === undefined ? {} : { rounds }),
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  const load: Load = { start, end: loadNow(), cores: machine().cores };
  const results: TimedResult[] = [];
  const failed: TimedFailure[] = [];
  ends.forEach((end, i) => {
    if (end.state === 'done') results.push(end.result);
    else if (end.state === 'failed') failed.push({ name: caseName(cases[i]), reason: end.reason });
  });
  const busy = loadWarning(load);
  return {
    kind: 'bench',
    measure: 'timed',
    what: 'speed of the simulation: host nanoseconds of this program',
    tool: { name: 'overmap', version },
    seed,
    machine: machine(),
    load,
    cases: results,
    failed,
    failures: failed.length,
    warnings: [...(busy === undefined ? [] : [busy]), ...results.flatMap(({ warnings }) => warnings)],
    ...(signal?.aborted === true ? { interrupted: true as const } : {}),
  };
}

/** The table for people. */
export function timedTable(document: TimedDocument): DataTable {
  const { machine: host, load, cases, failed, warnings } = document;
  return {
    title: 'Speed of the simulation: host time of this program for a page',
    unit: 'ns',
    columns: [
      { key: 'case', title: 'case' },
      { key: 'median', title: 'median (95 %)', digits: 1 },
      { key: 'mad', title: 'MAD', digits: 1 },
      { key: 'p99', title: 'p99', digits: 1 },
      { key: 'samples', title: 'samples', digits: 0 },
      { key: 'outliers', title: 'outliers', digits: 0 },
      { key: 'to_reference', title: '× reference loop', digits: 2 },
    ],
    rows: cases.map(({ name, perPage, ratioToReference }) => [
      name,
      { low: perPage.low95, middle: perPage.median, high: perPage.high95 },
      perPage.mad,
      perPage.p99,
      perPage.n,
      perPage.outliers,
      ratioToReference.median,
    ]),
    notes: [
      'Says nothing of a kernel. A time is that of a whole iteration, which leads back to where it began: map and unmap are timed as a pair.',
      `${host.cpu || 'unknown processor'}, ${host.cores} cores, ${host.platform}, Node ${host.node}; load ${load.start.toFixed(2)} to ${load.end.toFixed(2)}.`,
      ...warnings.map((text) => `Warning: ${text}.`),
      ...(document.interrupted === true ? ['Interrupted: cases have fewer rounds, or are missing.'] : []),
      ...failed.map(({ name, reason }) => `Failed: ${name}: ${reason}.`),
    ],
  };
}
