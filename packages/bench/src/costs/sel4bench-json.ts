import { readFile } from 'node:fs/promises';
import { InputUnreadableError, MalformedInputError } from '@overmap/trace';
import { mean, modeSorted, sampleStandardDeviation, variance } from 'simple-statistics';
import { z } from 'zod';

/** Name of the benchmark in sel4bench's output. */
const BENCHMARK = 'Mapping Benchmark';

/** Phases of sel4bench's mapping benchmark, in the order in which they run. Unmapping is not among them. */
export const SEL4BENCH_PHASES = [
  'Prepare Page Tables',
  'Allocate Pages',
  'Mapping',
  'Protect Pages as Read Only',
  'Unprotect Pages',
] as const;
export type Sel4benchPhase = (typeof SEL4BENCH_PHASES)[number];

/** What a phase took for so many pages, each time that it ran. */
export interface PhaseSamples {
  readonly phase: Sel4benchPhase;
  readonly pages: number;
  /** For all pages together; at least one. */
  readonly cycles: readonly number[];
}

/** What a phase took for so many pages, summed up. */
export interface PhaseSummary {
  readonly phase: Sel4benchPhase;
  readonly pages: number;
  /** First quartile, median and third quartile of the cycles for all pages together. */
  readonly quartile1: number;
  readonly median: number;
  readonly quartile3: number;
}

/** A quantile of sorted values, between neighbours linearly, as sel4bench has it. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * The JSON that sel4bench prints for its mapping benchmark, made of other samples.
 *
 * @throws RangeError when a phase has no samples
 */
export function sel4benchJson(samples: readonly PhaseSamples[]): string {
  const results = samples.map(({ phase, pages, cycles }) => {
    if (cycles.length === 0) throw new RangeError(`the phase "${phase}" of ${pages} pages has no samples`);
    const sorted = cycles.toSorted((a, b) => a - b);
    return {
      'Num of Page Mapped': pages,
      Phase: phase,
      Min: sorted[0],
      Max: sorted.at(-1),
      Mean: Math.round(mean(sorted)),
      Stddev: sorted.length === 1 ? 0 : Number(sampleStandardDeviation(sorted).toFixed(3)),
      Variance: Math.round(variance(sorted)),
      Mode: modeSorted(sorted),
      Median: quantile(sorted, 0.5),
      '1st quantile': quantile(sorted, 0.25),
      '3rd quantile': quantile(sorted, 0.75),
      Samples: cycles.length,
      'Raw results': cycles,
    };
  });
  return `${JSON.stringify([{ Benchmark: BENCHMARK, Results: results }], null, 1)}\n`;
}

const cycles = z.number().nonnegative();
const BENCHMARKS = z.array(z.looseObject({ Benchmark: z.string(), Results: z.array(z.unknown()) }));
const RESULT = z.looseObject({
  'Num of Page Mapped': z.number().int().positive(),
  Phase: z.enum(SEL4BENCH_PHASES),
  Median: cycles.optional(),
  '1st quantile': cycles.optional(),
  '3rd quantile': cycles.optional(),
  'Raw results': z.array(cycles).optional(),
});

/**
 * Read the mapping benchmark of a sel4bench output. Other benchmarks in it are skipped.
 *
 * @param path - a file with the JSON alone
 * @returns a summary of each phase and size, from the raw results where there are any, otherwise from the quartiles
 * @throws {@link InputUnreadableError} when it cannot be read
 * @throws {@link MalformedInputError} when it is no JSON, or no such output, or has no mapping benchmark
 */
export async function readSel4bench(path: string): Promise<PhaseSummary[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new InputUnreadableError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new MalformedInputError(
      `${path} is not JSON: give it what sel4bench prints between "JSON OUTPUT" and "END JSON OUTPUT", and nothing else`,
    );
  }
  const benchmarks = BENCHMARKS.safeParse(json);
  if (!benchmarks.success) {
    throw new MalformedInputError(
      `${path} is no output of sel4bench: expected an array of {"Benchmark", "Results"}, ${firstIssue(benchmarks.error)}`,
    );
  }
  const found = benchmarks.data.find(({ Benchmark }) => Benchmark === BENCHMARK);
  if (found === undefined) {
    const names = benchmarks.data.map(({ Benchmark }) => `"${Benchmark.slice(0, 60)}"`).slice(0, 8);
    throw new MalformedInputError(
      `${path} has no "${BENCHMARK}"${names.length === 0 ? '' : `, only ${names.join(', ')}`}: run sel4bench with its page mapping benchmark`,
    );
  }
  return found.Results.map((result, i) => summary(path, result, i));
}

function summary(path: string, json: unknown, index: number): PhaseSummary {
  const where = `${path}: result ${index} of the "${BENCHMARK}"`;
  const parsed = RESULT.safeParse(json);
  if (!parsed.success) throw new MalformedInputError(`${where}: ${firstIssue(parsed.error)}`);
  const result = parsed.data;
  const base = { phase: result.Phase, pages: result['Num of Page Mapped'] };
  const raw = result['Raw results']?.toSorted((a, b) => a - b) ?? [];
  if (raw.length > 0) {
    return { ...base, quartile1: quantile(raw, 0.25), median: quantile(raw, 0.5), quartile3: quantile(raw, 0.75) };
  }
  const { Median: median, '1st quantile': quartile1, '3rd quantile': quartile3 } = result;
  if (median === undefined || quartile1 === undefined || quartile3 === undefined) {
    throw new MalformedInputError(
      `${where} has neither "Raw results" nor "Median" with "1st quantile" and "3rd quantile"`,
    );
  }
  return { ...base, quartile1, median, quartile3 };
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'something else was found' : `${issue.path.join('.') || 'it'}: ${issue.message}`;
}
