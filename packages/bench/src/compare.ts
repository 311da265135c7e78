import { mean } from 'simple-statistics';
import { SeededDraws } from './seeded-draws.ts';
import { studentQuantile } from './student.ts';

/** What was measured of one task, by round; see `TimedResult`. */
export interface TimedSamples {
  /** Any unit of time, by round, in the order of time. */
  readonly samples: readonly (readonly number[])[];
  /** The reference loop beside each sample, in the same unit for baseline and current. */
  readonly referenceSamples: readonly (readonly number[])[];
}

export type Verdict = 'slower' | 'faster' | 'same';

/** How the current times stand to the baseline's. */
export interface Comparison {
  /** Current / baseline, both in units of the reference loop: 1.12 = 12 % slower. */
  readonly ratio: number;
  /** Interval of the ratio. */
  readonly low: number;
  readonly high: number;
  /** The interval's level: 0.95 for one case, more for one of several. */
  readonly level: number;
  /** `slower` when the whole interval is above 1 + threshold, `faster` when it is below 1 / (1 + threshold). */
  readonly verdict: Verdict;
}

/** How two measurements are compared. */
export interface CompareOptions {
  /** What a difference must exceed to matter: 0.05 for 5 %. */
  readonly threshold: number;
  /** Of the resampling. */
  readonly seed: number;
  /** Cases that are compared at once, this one included; 1 unless told. */
  readonly cases?: number;
  /** Resamples of each side; 1,000 unless told. */
  readonly resamples?: number;
}

/** Chance of a false verdict in either direction, over all cases of a run together. */
const FALSE_VERDICTS = 0.05;
/** Part of the rounds that is left out at either end. */
const TRIMMED = 1 / 8;
/** Fewest rounds of a side: of fewer nobody can say how far rounds lie apart. */
const FEWEST_ROUNDS = 4;

/**
 * Compare two measurements of a task that were made on a machine with other things to do. Each step is against one way
 * in which the same build seems to differ from itself:
 *
 * 1. *Sample / reference beside it.* A lower clock frequency, stolen time or a busy neighbour slow both; the quotient
 *    stays. What is left is in units of the reference loop.
 * 2. *A round's median.* Interrupts and garbage collections hit few samples, and only ever add.
 * 3. *The mean of the rounds' logarithms without the eighth at either end.* Rounds differ, for V8 compiles each isolate
 *    anew; their mean is what a further round would give. An eighth is left out for rounds that went wrong, such as one
 *    whose optimised code came late. Logarithms, so that twice as slow and twice as fast are equally far away, and
 *    baseline and current can be exchanged.
 * 4. *Resampling rounds first, then samples in them.* Samples of a round share its isolate. Taken as independent, a
 *    hundred of them would claim a certainty that a handful of rounds does not have.
 * 5. *The resamples' standard deviation times Student's t.* Resampling n rounds shows (n - 1) / n of their variance,
 *    which is put right, and t with Welch's degrees of freedom pays for knowing the variance from so few. The resamples'
 *    own percentiles do neither; and 1,000 of them have no 0.2 % quantile to speak of, which step 6 asks for.
 * 6. *Level 1 - 5 % / cases* (Bonferroni). Every further case is another chance of a false alarm; so the 5 % is for the
 *    run, shared out in equal parts. This holds however the cases depend on each other.
 * 7. *The whole interval beyond the threshold.* The verdict is "slower by more than the threshold", and wrong in at
 *    most 5 % of runs even where a true difference is just the threshold; where there is none, far less.
 *
 * With 16 rounds on each side that differ by 3 %, 12 % more is found among 12 cases and beyond a threshold of 5 % in
 * 95 % of runs and more. What it cannot see: a change of the machine between baseline and current that slows the task
 * and not the reference loop.
 *
 * @throws Error when a side has fewer than {@link FEWEST_ROUNDS} rounds, or not a reference for each sample
 */
export function compare(baseline: TimedSamples, current: TimedSamples, options: CompareOptions): Comparison {
  const { threshold, seed, cases = 1, resamples = 1000 } = options;
  const draws = new SeededDraws(seed);
  const before = estimate(roundsOf(baseline, 'the baseline'), draws, resamples);
  const after = estimate(roundsOf(current, 'the current measurement'), draws, resamples);
  const difference = after.location - before.location;
  const variance = before.variance + after.variance;
  const level = 1 - FALSE_VERDICTS / cases;
  let reach = 0;
  if (variance > 0) {
    const freedom = variance ** 2 / (before.variance ** 2 / before.freedom + after.variance ** 2 / after.freedom);
    reach = studentQuantile((1 - level) / 2, freedom) * Math.sqrt(variance);
  }
  const low = Math.exp(difference - reach);
  const high = Math.exp(difference + reach);
  return { ratio: Math.exp(difference), low, high, level, verdict: verdictOf(low, high, threshold) };
}

/** The verdict on an interval of a ratio. */
export function verdictOf(low: number, high: number, threshold: number): Verdict {
  if (low > 1 + threshold) return 'slower';
  return high < 1 / (1 + threshold) ? 'faster' : 'same';
}

/** Logarithms of samples in units of the reference, sorted in each round. */
function roundsOf({ samples, referenceSamples }: TimedSamples, side: string): Float64Array[] {
  if (samples.length < FEWEST_ROUNDS) {
    throw new Error(`cannot compare: ${side} has ${samples.length} rounds, at least ${FEWEST_ROUNDS} are needed`);
  }
  return samples.map((round, r) => {
    const reference = referenceSamples[r] ?? [];
    if (round.length === 0 || round.length !== reference.length) {
      const counts = `${round.length} samples and ${reference.length} of the reference`;
      throw new Error(`cannot compare: round ${r + 1} of ${side} has ${counts}`);
    }
    const logarithms = Float64Array.from(round, (sample, i) => Math.log(sample / reference[i])).sort();
    if (!logarithms.every(Number.isFinite)) throw new Error(`cannot compare: ${side} has a time that is not positive`);
    return logarithms;
  });
}

/** Where a side's logarithm lies, and how uncertain that is. */
interface Estimate {
  readonly location: number;
  readonly variance: number;
  readonly freedom: number;
}

function estimate(rounds: readonly Float64Array[], draws: SeededDraws, resamples: number): Estimate {
  const n = rounds.length;
  const ranks = rounds.map(({ length }) => resampledRanks(length));
  const medians = new Float64Array(n);
  for (let r = 0; r < n; r++)
    medians[r] = (rounds[r][(rounds[r].length - 1) >> 1] + rounds[r][rounds[r].length >> 1]) / 2;
  const location = trimmedMean(medians);
  const locations = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < n; i++) {
      const r = draws.below(n);
      const at = 2 * draws.below(RANKS);
      medians[i] = (rounds[r][ranks[r][at]] + rounds[r][ranks[r][at + 1]]) / 2;
    }
    locations[b] = trimmedMean(medians);
  }
  const middle = mean(Array.from(locations));
  let squares = 0;
  for (const value of locations) squares += (value - middle) ** 2;
  const left = n - 2 * Math.floor(n * TRIMMED);
  return { location, variance: ((squares / (resamples - 1)) * n) / (n - 1), freedom: left - 1 };
}

/** Mean of the values between those left out at either end. Sorts them. */
function trimmedMean(values: Float64Array): number {
  values.sort();
  const out = Math.floor(values.length * TRIMMED);
  let sum = 0;
  for (let i = out; i < values.length - out; i++) sum += values[i];
  return sum / (values.length - 2 * out);
}

const RANKS = 4096;
const ranksByLength = new Map<number, Int32Array>();

/**
 * Which two of n sorted samples (one twice, if n is odd) the median of a resample is the mean of, for 4,096 resamples.
 * That depends on n alone, not on the samples: drawn once, with a seed of its own, it stands for resampling the
 * samples of every round of that length.
 */
function resampledRanks(n: number): Int32Array {
  const known = ranksByLength.get(n);
  if (known !== undefined) return known;
  const draws = new SeededDraws(n);
  const ranks = new Int32Array(2 * RANKS);
  const drawn = new Int32Array(n);
  for (let i = 0; i < RANKS; i++) {
    for (let j = 0; j < n; j++) drawn[j] = draws.below(n);
    drawn.sort();
    ranks[2 * i] = drawn[(n - 1) >> 1];
    ranks[2 * i + 1] = drawn[n >> 1];
  }
  ranksByLength.set(n, ranks);
  return ranks;
}
