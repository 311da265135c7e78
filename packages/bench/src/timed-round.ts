import { Bench } from 'tinybench';
import { referenceLoop } from './reference-loop.ts';
import { type TimedTask, TimedTaskError } from './timed-task.ts';
import { type Clock, timerQuality, type TimerQuality, timestamps } from './timer.ts';

/** How a round is measured. */
export interface RoundOptions {
  /** Samples of the round. */
  readonly samples?: number;
  /** Milliseconds of the task's own time in the warm-up, at least. */
  readonly warmupMilliseconds?: number;
  /** Iterations of the warm-up, at least. */
  readonly warmupIterations?: number;
  /** Nanoseconds; `process.hrtime.bigint` unless told. */
  readonly clock?: Clock;
  /** What is measured beside each sample; {@link referenceLoop} unless told. */
  readonly reference?: TimedTask;
}

/** Warm-up before the samples: iterations that were run, and thrown away. */
export interface Warmup {
  readonly iterations: number;
  /** From the warm-up's begin to its end, reference and resets included. */
  readonly milliseconds: number;
}

/** What one isolate measured of one task. Plain data. */
export interface TimedRound {
  readonly name: string;
  readonly pages: number;
  /** Nanoseconds of a page, in the order of time. */
  readonly samples: readonly number[];
  /** Nanoseconds of a page of the reference loop that ran just before the sample of that index. */
  readonly reference: readonly number[];
  readonly warmup: Warmup;
  readonly timer: TimerQuality;
}

/**
 * Measure one round of a task in this isolate. The loop, its limits and the warm-up are tinybench's; what is timed is
 * the task's `run` alone, and before it the reference loop, so that each sample has a reference of the same instant.
 *
 * @throws TimedTaskError with the task's name when the task throws
 */
export function measureRound(task: TimedTask, options: RoundOptions = {}): TimedRound {
  const { samples: count = 31, warmupMilliseconds = 20, warmupIterations = 200 } = options;
  const { clock = process.hrtime.bigint, reference: loop = referenceLoop() } = options;
  const samples: number[] = [];
  const references: number[] = [];
  const timer = timerQuality(clock);
  let iterations = 0;
  let milliseconds = 0;
  let began = 0n;
  try {
    task.prepare();
    loop.prepare();
    const bench = new Bench({
      timestampProvider: timestamps(clock),
      time: 0,
      iterations: count,
      warmupTime: warmupMilliseconds,
      warmupIterations,
      throws: true,
      setup: (_, mode) => {
        if (mode === 'warmup') began = clock();
      },
      teardown: (_, mode) => {
        if (mode !== 'warmup') return;
        milliseconds = Number(clock() - began) / 1e6;
        iterations = samples.length;
        samples.length = 0;
        references.length = 0;
      },
    });
    // tinybench keeps samples sorted. Here they stay in their order, beside their references; so the time is taken here
    // and handed to tinybench, as it provides for.
    bench.add(
      task.name,
      () => {
        const from = clock();
        task.run();
        const nanoseconds = Number(clock() - from);
        samples.push(nanoseconds / task.pages);
        return { overriddenDuration: nanoseconds / 1e6 };
      },
      {
        async: false,
        beforeEach: () => {
          const from = clock();
          loop.run();
          references.push(Number(clock() - from) / loop.pages);
          task.reset?.();
        },
      },
    );
    bench.runSync();
  } catch (error) {
    throw new TimedTaskError(task.name, error);
  }
  return {
    name: task.name,
    pages: task.pages,
    samples,
    reference: references,
    warmup: { iterations, milliseconds },
    timer,
  };
}
