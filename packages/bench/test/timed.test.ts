import { describe, expect, it } from 'vitest';
import { referenceLoop } from '../src/reference-loop.ts';
import { measure, timedResult } from '../src/timed.ts';
import { measureRound } from '../src/timed-round.ts';
import { type TimedTask, TimedTaskError } from '../src/timed-task.ts';
import { timerQuality } from '../src/timer.ts';

/** A clock that only tasks advance, by the nanoseconds that they say they take, and a log of what was called. */
function stepClock() {
  let now = 0n;
  const calls: string[] = [];
  const task = (name: string, pages: number, nanoseconds: (iteration: number) => number): TimedTask => {
    let iteration = 0;
    return {
      name,
      pages,
      prepare: () => void calls.push(`prepare ${name}`),
      run() {
        calls.push(name);
        now += BigInt(nanoseconds(iteration++));
      },
    };
  };
  return { clock: () => now, calls, task, advance: (by: bigint) => (now += by) };
}

describe('measureRound', () => {
  it('times run alone, beside a reference, after the warm-up', () => {
    const { clock, calls, task, advance } = stepClock();
    // Iterations 0 and 1 warm up, 2 to 4 are samples.
    const one = task('one', 10, (iteration) => 100_000 * (iteration + 1));
    const timed: TimedTask = {
      ...one,
      reset() {
        calls.push('reset');
        advance(7_000_000n);
      },
    };
    const reference = task('reference', 5, (iteration) => 1000 * (iteration + 1));
    const round = measureRound(timed, { samples: 3, warmupMilliseconds: 0, warmupIterations: 2, clock, reference });
    expect(round).toEqual({
      name: 'one',
      pages: 10,
      samples: [30_000, 40_000, 50_000],
      reference: [600, 800, 1000],
      warmup: { iterations: 2, milliseconds: 0.1 + 0.2 + 0.001 + 0.002 + 14 },
      timer: { resolutionNs: 0, overheadNs: 0 },
    });
    expect(calls.slice(0, 5)).toEqual(['prepare one', 'prepare reference', 'reference', 'reset', 'one']);
    expect(calls.filter((call) => call === 'reset')).toHaveLength(5);
  });

  it('warms up until the task itself has run long enough', () => {
    const { clock, task } = stepClock();
    const options = { samples: 1, warmupMilliseconds: 1, warmupIterations: 2, clock };
    const round = measureRound(
      task('one', 1, () => 300_000),
      { ...options, reference: task('reference', 1, () => 5_000_000) },
    );
    expect(round.warmup).toEqual({ iterations: 4, milliseconds: 4 * 5.3 });
  });

  it.each(['prepare', 'run'] as const)('names the task whose %s fails', (when) => {
    const { clock, task } = stepClock();
    let left = 30;
    const failing: TimedTask = {
      ...task('map/random', 1, () => 1000),
      [when]() {
        if (when === 'prepare' || --left === 0) throw new Error('3 of 4 invocations were ok');
      },
    };
    const measured = (): unknown => measureRound(failing, { clock, warmupMilliseconds: 0, warmupIterations: 10 });
    expect(measured).toThrow(TimedTaskError);
    left = 30;
    expect(measured).toThrow(/^map\/random: 3 of 4 invocations were ok$/);
  });
});

describe('measure', () => {
  it('summarises by page and in units of the reference', () => {
    const { clock, task } = stepClock();
    const times = [20_000, 20_000, 30_000, 10_000, 40_000];
    const result = measure(
      task('one', 10, (i) => times[i]),
      {
        samples: 5,
        warmupMilliseconds: 0,
        warmupIterations: 0,
        clock,
        reference: task('reference', 5, (i) => times[i] / 4),
      },
    );
    expect(result).toMatchObject({ name: 'one', unit: 'ns', pages: 10, rounds: 1 });
    expect(result.perPage).toMatchObject({ n: 5, median: 2000, mad: 1000, min: 1000, max: 4000, mean: 2400 });
    expect(result.reference).toMatchObject({ median: 1000, min: 500, max: 2000 });
    expect(result.ratioToReference).toMatchObject({ n: 5, median: 2, min: 2, max: 2, low95: 2, high95: 2 });
    expect(result.samples).toEqual([[2000, 2000, 3000, 1000, 4000]]);
    expect(result.warnings).toEqual([]);
  });

  it('warns of iterations that are too short for the timer', () => {
    const { clock, task } = stepClock();
    const reference = task('reference', 1, () => 1000);
    const { warnings } = measure(
      task('short', 10, () => 3000),
      { samples: 3, warmupMilliseconds: 0, clock, reference },
    );
    expect(warnings).toEqual([expect.stringContaining('short: an iteration takes 3.0 µs only')]);
  });

  it('measures something with the real clock', () => {
    const result = measure(referenceLoop(), { samples: 5, warmupMilliseconds: 1, warmupIterations: 20 });
    expect(result.perPage.n).toBe(5);
    expect(result.perPage.min).toBeGreaterThan(0.5);
    expect(result.warmup.iterations).toBeGreaterThanOrEqual(20);
    // The loop beside itself.
    expect(result.ratioToReference.median).toBeGreaterThan(0.2);
    expect(result.ratioToReference.median).toBeLessThan(5);
  });
});

describe('timedResult', () => {
  it('keeps rounds apart, adds up warm-ups and takes the worst timer', () => {
    const round = (first: number, resolutionNs: number) => ({
      name: 'one',
      pages: 1000,
      samples: [first, first + 1],
      reference: [10, 10],
      warmup: { iterations: 5, milliseconds: 2 },
      timer: { resolutionNs, overheadNs: 50 - resolutionNs },
    });
    const result = timedResult([round(100, 1), round(200, 40)], { seed: 1 });
    expect(result).toMatchObject({
      rounds: 2,
      samples: [
        [100, 101],
        [200, 201],
      ],
      warmup: { iterations: 10, milliseconds: 4 },
      timer: { resolutionNs: 40, overheadNs: 49 },
    });
    expect(result.perPage.median).toBe(150.5);
    expect(() => timedResult([round(1, 1), { ...round(1, 1), name: 'two' }], { seed: 1 })).toThrow('are no one result');
    expect(() => timedResult([], { seed: 1 })).toThrow('no rounds');
  });
});

describe('timerQuality', () => {
  it('finds the grid and the cost of a clock that ticks every 100 ns and takes 250 to read', () => {
    let now = 0n;
    const clock = () => ((now += 250n) / 100n) * 100n;
    const { resolutionNs, overheadNs } = timerQuality(clock);
    expect(resolutionNs).toBe(100);
    expect(Math.abs(overheadNs - 250)).toBeLessThan(100);
  });

  it('calls the overhead 0 where the resolution hides it', () => {
    let now = 0n;
    const clock = () => ((now += 30n) / 1000n) * 1000n;
    expect(timerQuality(clock)).toEqual({ resolutionNs: 1000, overheadNs: 0 });
  });
});
