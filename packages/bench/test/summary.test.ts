import { describe, expect, it } from 'vitest';
import { summarize, summarizeRounds } from '../src/summary.ts';
import { Noise } from './draw-samples.ts';

describe('summarize', () => {
  it('is exact on a few numbers', () => {
    expect(summarize([4, 1, 2, 3, 100], { seed: 1 })).toMatchObject({
      n: 5,
      median: 3,
      mad: 1,
      mean: 22,
      min: 1,
      max: 100,
      outliers: 1,
    });
    expect(summarize([4, 1, 2, 3, 100], { seed: 1 }).p99).toBeCloseTo(4 + 0.96 * 96, 10);
    expect(summarize([1, 2, 3, 10], { seed: 1 })).toMatchObject({ median: 2.5, mad: 1 });
    expect(summarize([7], { seed: 1 })).toMatchObject({
      n: 1,
      median: 7,
      mad: 0,
      p99: 7,
      low95: 7,
      high95: 7,
      outliers: 0,
    });
  });

  it('counts outliers by the modified z-score, and where the MAD is 0', () => {
    // MAD 1: the score passes 3.5 at a deviation of 5.19.
    expect(summarize([-1, 0, 0, 1, 1, -1, 5.1], { seed: 1 }).outliers).toBe(0);
    expect(summarize([-1, 0, 0, 1, 1, -1, 5.3], { seed: 1 }).outliers).toBe(1);
    expect(summarize([2, 2, 2, 2, 2, 2, 2, 2, 2, 3], { seed: 1 }).outliers).toBe(1);
    expect(summarize([2, 2, 2, 3, 1], { seed: 1 }).outliers).toBe(0);
  });

  it('has the interval that all resamples of two numbers have', () => {
    // Medians of (1, 1), (1, 3), (3, 1), (3, 3): 1, 2, 2, 3.
    const { low95, high95 } = summarize([3, 1], { seed: 5 });
    expect([low95, high95]).toEqual([1, 3]);
  });

  it('takes the middle of the two middle ones of an even number of draws', () => {
    // Of ten draws, five or more are ones in 3.3 % of resamples, six or more in 0.6 %: 97.5 % lie in between.
    const { high95 } = summarize([0, 0, 0, 0, 0, 0, 0, 0, 1, 1], { seed: 1, resamples: 20_000 });
    expect(high95).toBe(0.5);
  });

  it('depends on the seed and on nothing else', () => {
    const noise = new Noise(3);
    const samples = Array.from({ length: 101 }, () => noise.normal());
    expect(summarize(samples, { seed: 7 })).toEqual(summarize(samples.toReversed(), { seed: 7 }));
    // The ends are samples, or between two of them, so that two seeds may well agree.
    expect(new Set(Array.from({ length: 20 }, (_, seed) => summarize(samples, { seed }).low95)).size).toBeGreaterThan(
      1,
    );
  });

  it('refuses what is no sample', () => {
    expect(() => summarize([], { seed: 1 })).toThrow('no samples');
    expect(() => summarizeRounds([[1], []], { seed: 1 })).toThrow('no samples');
    expect(() => summarize([1, Number.NaN], { seed: 1 })).toThrow('NaN is not a finite number');
  });

  // 600 data sets: the count of a true 95 % has a standard deviation of 0.9 %; with 3 of those, 92.3 to 97.7 %.
  it.each<[string, number, number, (noise: Noise) => number]>([
    ['normal', 0, 101, (noise) => noise.normal()],
    [
      'log-normal with outliers',
      1,
      200,
      (noise) => Math.exp(0.5 * noise.normal()) * (noise.uniform() < 0.02 ? (noise.uniform() < 0.5 ? 20 : 0.05) : 1),
    ],
    // Two of three in the lower mode: the median is its 75th percentile.
    ['bimodal', 0.6744898 * 0.5, 151, (noise) => (noise.uniform() < 2 / 3 ? 0 : 20) + 0.5 * noise.normal()],
  ])('covers the median of a %s distribution in 95 of 100', (_, median, n, draw) => {
    const noise = new Noise(11);
    let covered = 0;
    for (let set = 0; set < 600; set++) {
      const { low95, high95 } = summarize(
        Array.from({ length: n }, () => draw(noise)),
        { seed: set, resamples: 1000 },
      );
      if (low95 <= median && median <= high95) covered++;
    }
    expect(covered / 600).toBeGreaterThan(0.923);
    expect(covered / 600).toBeLessThan(0.977);
  });

  it('draws rounds before samples', () => {
    // Rounds that differ by 3 % and hardly in themselves: taken as 496 samples, the interval would be far too narrow.
    const noise = new Noise(13);
    const covered = { rounds: 0, flat: 0 };
    for (let set = 0; set < 300; set++) {
      const rounds = Array.from({ length: 16 }, () => {
        const round = 100 + 3 * noise.normal();
        return Array.from({ length: 31 }, () => round + 0.5 * noise.normal());
      });
      const options = { seed: set, resamples: 400 };
      const by = { rounds: summarizeRounds(rounds, options), flat: summarize(rounds.flat(), options) };
      for (const way of ['rounds', 'flat'] as const) if (by[way].low95 <= 100 && 100 <= by[way].high95) covered[way]++;
    }
    expect(covered.rounds / 300).toBeGreaterThan(0.9);
    expect(covered.flat / 300).toBeLessThan(0.6);
  });

  it('takes less than 50 ms for 2,000 resamples of 300 samples', () => {
    const noise = new Noise(17);
    const samples = Array.from({ length: 300 }, () => noise.normal());
    // The best of some, as the machine may be busy.
    const times = Array.from({ length: 12 }, (_, seed) => {
      const from = performance.now();
      summarize(samples, { seed });
      return performance.now() - from;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });
});
