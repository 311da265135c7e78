import { Worker } from 'node:worker_threads';
import { type TimedResult, timedResult } from './timed.ts';
import type { RoundOptions, TimedRound } from './timed-round.ts';
import type { TaskSource } from './timed-task.ts';

/** What of a round's options can be handed to another isolate. */
type RoundLimits = Pick<RoundOptions, 'samples' | 'warmupMilliseconds' | 'warmupIterations'>;

/** What timed-worker.ts is started with. */
export interface RoundRequest {
  readonly source: TaskSource;
  readonly limits: RoundLimits;
}

/** What timed-worker.ts answers. */
export type RoundAnswer =
  | { readonly state: 'done'; readonly round: TimedRound }
  | { readonly state: 'failed'; readonly reason: string };

/** How tasks are measured in isolates. */
export interface IsolateOptions extends RoundLimits {
  /** Isolates for each task. */
  readonly rounds?: number;
  /** Of the resampling. */
  readonly seed: number;
  /** Milliseconds that a round may take before it is given up. */
  readonly limit?: number;
  /** The compiled timed-worker.ts, where it does not lie beside this file (in a bundle). */
  readonly worker?: URL;
  /** Told after every round. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Aborted: no further round is begun. */
  readonly signal?: AbortSignal;
}

/** How the measurement of a task ended. */
export type TimedEnd =
  | { readonly state: 'done'; readonly result: TimedResult }
  | { readonly state: 'failed'; readonly reason: string }
  /** It has no rounds at all. */
  | { readonly state: 'aborted' };

/** Rounds for each task: enough to find 12 % beyond a threshold of 5 % among a dozen cases, see `compare`. */
export const ROUNDS = 16;
/** For a look: half as many see only larger differences. */
export const QUICK_ROUNDS = 8;
const LIMIT = 60_000;

/**
 * Measure tasks, each round in a fresh isolate, one after the other. V8 decides anew in every isolate what it inlines
 * and how it lays things out; the rounds of one isolate would all share one such decision and miss how far two runs of
 * the same build lie apart. The tasks take turns, so that what changes in the minutes of a run lies in the rounds of
 * all tasks, where it is seen, and not in one task.
 *
 * @param sources - the tasks as plain data
 * @returns how each ended, in their order. A task that throws, hangs or cannot be made has no further rounds, and the
 * others go on
 */
export async function measureInIsolates(sources: readonly TaskSource[], options: IsolateOptions): Promise<TimedEnd[]> {
  const { rounds = ROUNDS, seed, onProgress, signal } = options;
  const measured = sources.map((): TimedRound[] => []);
  const reasons = new Map<number, string>();
  for (let round = 0; round < rounds; round++) {
    for (const [i, source] of sources.entries()) {
      if (signal?.aborted === true) break;
      if (reasons.has(i)) continue;
      try {
        measured[i].push(await measureInIsolate(source, options));
      } catch (error) {
        reasons.set(i, error instanceof Error ? error.message : String(error));
      }
      onProgress?.(round * sources.length + i + 1, rounds * sources.length);
    }
  }
  return measured.map((list, i) => {
    const reason = reasons.get(i);
    if (reason !== undefined) return { state: 'failed', reason };
    // After an abort what there is counts: its number of rounds is told.
    return list.length === 0 ? { state: 'aborted' } : { state: 'done', result: timedResult(list, { seed }) };
  });
}

/** One round in a fresh isolate. */
function measureInIsolate(source: TaskSource, options: IsolateOptions): Promise<TimedRound> {
  const { samples, warmupMilliseconds, warmupIterations, limit = LIMIT } = options;
  const { worker: entry = new URL('./timed-worker.js', import.meta.url) } = options;
  const limits: RoundLimits = {
    ...(samples !== undefined && { samples }),
    ...(warmupMilliseconds !== undefined && { warmupMilliseconds }),
    ...(warmupIterations !== undefined && { warmupIterations }),
  };
  const workerData: RoundRequest = { source, limits };
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData });
    const timer = setTimeout(() => {
      reject(new Error(`a round of ${source.export} took longer than ${limit / 1000} s and was given up`));
      void worker.terminate();
    }, limit);
    worker.once('message', (answer: RoundAnswer) => {
      if (answer.state === 'done') resolve(answer.round);
      else reject(new Error(answer.reason));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(timer);
      // After an answer this comes too late to matter.
      reject(new Error(`the isolate that measured ${source.export} ended with ${code} and no answer`));
    });
  });
}
