import { mean, medianAbsoluteDeviation, quantileSorted } from 'simple-statistics';
import { SeededDraws } from './seeded-draws.ts';

/** What samples say, all in their unit, but `n` and `outliers`, which are counts. */
export interface Summary {
  readonly n: number;
  readonly median: number;
  /** Median of the absolute deviations from the median, not scaled to a standard deviation. */
  readonly mad: number;
  /** 99th percentile; between two samples by linear interpolation (type 7 of Hyndman and Fan). */
  readonly p99: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** 95 % bootstrap percentile interval of the median. */
  readonly low95: number;
  readonly high95: number;
  /** Samples whose modified z-score is above {@link OUTLIER_SCORE}; they are counted, never removed. */
  readonly outliers: number;
}

/** How a summary's interval is found. */
export interface SummaryOptions {
  /** Of the resamples; the same samples and seed give the same summary. */
  readonly seed: number;
  /** How often the samples are drawn again; 2,000 unless told. */
  readonly resamples?: number;
}

/** Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): a modified z-score above this is an outlier. */
export const OUTLIER_SCORE = 3.5;
/** Deviation of a normal distribution / its MAD, and / its mean absolute deviation. */
const NORMAL_OF_MAD = 1.4826;
const NORMAL_OF_MEAN_DEVIATION = 1.2533;

/**
 * Summarise samples that have nothing to do with each other.
 *
 * @param samples - at least one finite number, in any order
 * @throws Error when there is none, or one is not a finite number
 *
 * @example
 * ```ts
 * summarize([4, 1, 2, 3, 100], { seed: 1 }).median; // 3
 * ```
 */
export function summarize(samples: readonly number[], options: SummaryOptions): Summary {
  return summarizeRounds([samples], options);
}

/**
 * Summarise the samples of several rounds. Samples of one round are alike (one isolate optimises its code in one way),
 * so that drawing from the heap of all would call the median far better known than it is. The interval therefore draws
 * rounds first, then samples in each. With one round that is the ordinary bootstrap, which says nothing of how rounds
 * differ.
 *
 * @param rounds - samples by round
 * @throws Error when there is no sample, a round is empty, or a sample is not a finite number
 */
export function summarizeRounds(rounds: readonly (readonly number[])[], options: SummaryOptions): Summary {
  const all = rounds.flat();
  if (all.length === 0 || rounds.some((round) => round.length === 0)) throw new Error('cannot summarise no samples');
  const bad = all.find((sample) => !Number.isFinite(sample));
  if (bad !== undefined) throw new Error(`cannot summarise samples: ${bad} is not a finite number`);
  const sorted = all.toSorted((a, b) => a - b);
  const median = quantileSorted(sorted, 0.5);
  const mad = medianAbsoluteDeviation(sorted);
  const medians = resampledMedians(rounds, options);
  return {
    n: sorted.length,
    median,
    mad,
    p99: quantileSorted(sorted, 0.99),
    mean: mean(sorted),
    min: sorted[0],
    max: sorted[sorted.length - 1],
    low95: quantileSorted(medians, 0.025),
    high95: quantileSorted(medians, 0.975),
    outliers: countOutliers(sorted, median, mad),
  };
}

/**
 * Samples with |x - median| / (1.4826 MAD) above {@link OUTLIER_SCORE}. When more than half of the samples are the
 * same number, the MAD is 0 and would call everything else an outlier; 1.2533 × the mean absolute deviation from the
 * median then stands in its place.
 */
function countOutliers(samples: readonly number[], median: number, mad: number): number {
  const deviation =
    mad > 0 ? NORMAL_OF_MAD * mad : NORMAL_OF_MEAN_DEVIATION * mean(samples.map((sample) => Math.abs(sample - median)));
  return samples.filter((sample) => Math.abs(sample - median) > OUTLIER_SCORE * deviation).length;
}

/**
 * Medians of resamples, sorted. The samples are sorted once; a resample is how often each of them was drawn, and its
 * median is where half of the draws have been counted. So no resample is ever sorted.
 */
function resampledMedians(rounds: readonly (readonly number[])[], options: SummaryOptions): number[] {
  const { seed, resamples = 2000 } = options;
  const draws = new SeededDraws(seed);
  const order = rounds
    .flatMap((round, r) => round.map((value) => ({ value, r })))
    .sort((one, other) => one.value - other.value);
  const sorted = Float64Array.from(order, ({ value }) => value);
  const placesOfRound = rounds.map(() => [] as number[]);
  for (const [place, { r }] of order.entries()) placesOfRound[r].push(place);
  const places = placesOfRound.map((list) => Int32Array.from(list));

  const medians = new Float64Array(resamples);
  const drawn = new Int32Array(sorted.length);
  for (let b = 0; b < resamples; b++) {
    drawn.fill(0);
    let total = 0;
    for (let r = 0; r < places.length; r++) {
      const round = places.length === 1 ? places[0] : places[draws.below(places.length)];
      const n = round.length;
      for (let i = 0; i < n; i++) drawn[round[draws.below(n)]]++;
      total += n;
    }
    medians[b] = medianOfDrawn(sorted, drawn, total);
  }
  return Array.from(medians.sort());
}

/** The median where `sorted[i]` counts `drawn[i]` times, `total` in all. */
function medianOfDrawn(sorted: Float64Array, drawn: Int32Array, total: number): number {
  const lower = (total + 1) >> 1;
  const upper = (total >> 1) + 1;
  let place = 0;
  let counted = drawn[0];
  while (counted < lower) counted += drawn[++place];
  const low = sorted[place];
  while (counted < upper) counted += drawn[++place];
  return (low + sorted[place]) / 2;
}
