import { describe, expect, it } from 'vitest';
import { compare } from '../src/compare.ts';
import { studentQuantile } from '../src/student.ts';
import { type Behaviour, measured, Noise, USUAL } from './draw-samples.ts';

const CASES = 12;
const OPTIONS = { threshold: 0.05, resamples: 200 };

/** Share of runs with an alarm, and of cases that are called slower; `current` is the time against 100 of the baseline. */
function alarms(runs: number, cases: number, current: number, behaviour: Omit<Behaviour, 'time'>) {
  const noise = new Noise(runs + current);
  let alarmed = 0;
  let slower = 0;
  for (let run = 0; run < runs; run++) {
    let found = 0;
    for (let i = 0; i < cases; i++) {
      const before = measured(noise, { ...behaviour, time: 100 });
      const after = measured(noise, { ...behaviour, time: current });
      if (compare(before, after, { ...OPTIONS, seed: run, cases: CASES }).verdict === 'slower') found++;
    }
    if (found > 0) alarmed++;
    slower += found;
  }
  return { runs: alarmed / runs, cases: slower / (runs * cases) };
}

const constant = (value: number, reference: number, rounds = 4) => ({
  samples: Array.from({ length: rounds }, () => [value, value, value]),
  referenceSamples: Array.from({ length: rounds }, () => [reference, reference, reference]),
});

describe('compare', () => {
  it('is exact where nothing varies', () => {
    const { ratio, low, high, level, verdict } = compare(constant(100, 10), constant(224, 20), {
      threshold: 0.05,
      seed: 1,
    });
    for (const value of [ratio, low, high]) expect(value).toBeCloseTo(1.12, 12);
    expect({ level, verdict }).toEqual({ level: 0.95, verdict: 'slower' });
    expect(compare(constant(224, 20), constant(100, 10), { threshold: 0.05, seed: 1 }).verdict).toBe('faster');
    expect(compare(constant(100, 10), constant(104, 10), { threshold: 0.05, seed: 1 }).verdict).toBe('same');
  });

  it('takes the mean of the rounds without the eighth at either end', () => {
    const after = constant(100, 10, 8);
    after.samples[2] = [900, 900, 900];
    expect(compare(constant(100, 10, 8), after, { threshold: 0.05, seed: 1 }).ratio).toBeCloseTo(1, 12);
    after.samples[3] = [200, 200, 200];
    expect(compare(constant(100, 10, 8), after, { threshold: 0.05, seed: 1 }).ratio).toBeCloseTo(2 ** (1 / 6), 12);
  });

  it('depends on the seed and on nothing else', () => {
    const noise = new Noise(5);
    const [before, after] = [100, 103].map((time) => measured(noise, { ...USUAL, time }));
    const one = compare(before, after, { threshold: 0.05, seed: 3 });
    expect(compare(before, after, { threshold: 0.05, seed: 3 })).toEqual(one);
    expect(compare(before, after, { threshold: 0.05, seed: 4 }).low).not.toBe(one.low);
  });

  it('answers the inverse when the sides are exchanged, and a wider interval for one of many', () => {
    const noise = new Noise(6);
    const [before, after] = [100, 130].map((time) => measured(noise, { ...USUAL, time }));
    const options = { threshold: 0.05, seed: 3, resamples: 4000 };
    const one = compare(before, after, options);
    const other = compare(after, before, options);
    expect(one.ratio * other.ratio).toBeCloseTo(1, 12);
    expect(one.low * other.high).toBeCloseTo(1, 2);
    expect([one.verdict, other.verdict]).toEqual(['slower', 'faster']);
    const many = compare(before, after, { ...options, cases: 12 });
    expect(many.low).toBeLessThan(one.low);
    expect(many.high).toBeGreaterThan(one.high);
  });

  it('refuses rounds that cannot be compared', () => {
    const options = { threshold: 0.05, seed: 1 };
    expect(() => compare(constant(1, 1, 3), constant(1, 1), options)).toThrow('the baseline has 3 rounds, at least 4');
    const lacking = { samples: [[1], [1], [1], [1, 2]], referenceSamples: [[1], [1], [1], [1]] };
    expect(() => compare(constant(1, 1), lacking, options)).toThrow(
      'round 4 of the current measurement has 2 samples and 1 of the reference',
    );
    expect(() => compare(constant(0, 1), constant(1, 1), options)).toThrow('not positive');
  });

  it('calls at most 5 % of 1,000 runs of 12 cases slower where nothing is', () => {
    expect(alarms(1000, CASES, 100, USUAL).runs).toBeLessThanOrEqual(0.05);
  }, 240_000);

  it('holds the 5 % even where every case is slower by just the threshold', () => {
    // 300 runs: 5 % has a standard deviation of 1.3 %; with 2 of those, 7.5 %.
    expect(alarms(300, CASES, 105, USUAL).runs).toBeLessThanOrEqual(0.075);
  }, 240_000);

  it('calls at most 5 % of runs slower where rounds have two modes', () => {
    const betweenRounds = (noise: Noise) => (noise.uniform() < 0.3 ? 0.12 : 0) + 0.01 * noise.normal();
    expect(alarms(200, CASES, 100, { betweenRounds, withinRound: 0.05 }).runs).toBeLessThanOrEqual(0.05);
  }, 240_000);

  it('finds 12 % in at least 95 of 100 cases', () => {
    expect(alarms(1000, 1, 112, USUAL).cases).toBeGreaterThanOrEqual(0.95);
  }, 240_000);
});

describe('studentQuantile', () => {
  // Any printed table.
  it.each([
    [0.025, 1, 12.7062],
    [0.025, 2, 4.3027],
    [0.025, 9, 2.2622],
    [0.005, 5, 4.0321],
    [0.05, 30, 1.6973],
    [0.025, 10.9, 2.2281],
  ])('tail %d, %d degrees of freedom', (tail, freedom, quantile) => {
    expect(studentQuantile(tail, freedom)).toBeCloseTo(quantile, 4);
  });
});
