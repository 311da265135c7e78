import { type Summary, summarizeRounds } from './summary.ts';
import { measureRound, type RoundOptions, type TimedRound, type Warmup } from './timed-round.ts';
import type { TimedTask } from './timed-task.ts';
import type { TimerQuality } from './timer.ts';

/** How fast this program simulates something on this host: the speed of the simulation, nothing of a kernel. */
export interface TimedResult {
  readonly name: string;
  readonly unit: 'ns';
  readonly pages: number;
  readonly perPage: Summary;
  /** Nanoseconds of the reference loop's page. */
  readonly reference: Summary;
  /** A sample / the reference beside it, no unit. */
  readonly ratioToReference: Summary;
  readonly rounds: number;
  /** Nanoseconds of a page, by round. */
  readonly samples: readonly (readonly number[])[];
  readonly referenceSamples: readonly (readonly number[])[];
  /** Of all rounds together. */
  readonly warmup: Warmup;
  /** The worst of all rounds. */
  readonly timer: TimerQuality;
  /** Why the figures are to be doubted, for people; none if all is well. */
  readonly warnings: readonly string[];
}

/** Nanoseconds that an iteration should take at least. */
const SHORTEST_ITERATION = 20_000;

/**
 * Rounds of one task as one result.
 *
 * @param rounds - of the same task, at least one
 * @param options - the seed of the resampling
 * @throws Error when there is none, or they are not of one task
 */
export function timedResult(rounds: readonly TimedRound[], { seed }: { readonly seed: number }): TimedResult {
  if (rounds.length === 0) throw new Error('cannot summarise no rounds');
  const [{ name, pages }] = rounds;
  const other = rounds.find((round) => round.name !== name || round.pages !== pages);
  if (other !== undefined) {
    throw new Error(`rounds of ${name}, ${pages} pages, and of ${other.name}, ${other.pages} pages, are no one result`);
  }
  const samples = rounds.map((round) => round.samples);
  const referenceSamples = rounds.map(({ reference }) => reference);
  const perPage = summarizeRounds(samples, { seed });
  const warnings: string[] = [];
  const iteration = perPage.median * pages;
  if (iteration < SHORTEST_ITERATION) {
    const microseconds = (iteration / 1000).toFixed(1);
    warnings.push(`${name}: an iteration takes ${microseconds} µs only, the timer's own error shows below 20 µs`);
  }
  return {
    name,
    unit: 'ns',
    pages,
    perPage,
    reference: summarizeRounds(referenceSamples, { seed }),
    ratioToReference: summarizeRounds(
      rounds.map(({ samples, reference }) => ratios(samples, reference)),
      { seed },
    ),
    rounds: rounds.length,
    samples,
    referenceSamples,
    warmup: {
      iterations: rounds.reduce((sum, { warmup }) => sum + warmup.iterations, 0),
      milliseconds: rounds.reduce((sum, { warmup }) => sum + warmup.milliseconds, 0),
    },
    timer: {
      resolutionNs: Math.max(...rounds.map(({ timer }) => timer.resolutionNs)),
      overheadNs: Math.max(...rounds.map(({ timer }) => timer.overheadNs)),
    },
    warnings,
  };
}

/** Each sample in units of the reference that was measured beside it. */
function ratios(samples: readonly number[], reference: readonly number[]): number[] {
  return samples.map((sample, i) => sample / reference[i]);
}

/**
 * Measure a task in this isolate: one round. That is quick and right for a look; isolates differ, so what is kept or
 * compared should come from `measureInIsolates`.
 *
 * @throws TimedTaskError with the task's name when the task throws
 */
export function measure(task: TimedTask, options: RoundOptions & { readonly seed?: number } = {}): TimedResult {
  return timedResult([measureRound(task, options)], { seed: options.seed ?? 1 });
}
