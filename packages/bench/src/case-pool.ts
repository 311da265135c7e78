import { Piscina } from 'piscina';

/** How cases are run. */
export interface CasePoolOptions {
  /** Module whose default export takes an array of cases and answers an array of results. */
  readonly worker: URL;
  /** Threads, from 1. */
  readonly workers: number;
  /** Cases handed over at once, so that a task takes at least a millisecond; handing one over takes some 30 µs. */
  readonly perTask?: number;
  /** Milliseconds that one case may take before it is given up. */
  readonly limit?: number;
  /** MiB of heap that a worker may use before it counts as crashed. */
  readonly memory?: number;
  /** Told when cases are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Aborted: what runs is given up, what waits is not begun. */
  readonly signal?: AbortSignal;
}

/** How a case ended. */
export type CaseEnd<Result> =
  | { readonly state: 'done'; readonly result: Result }
  /** Its worker crashed, hung or threw; the sentence says which. */
  | { readonly state: 'failed'; readonly reason: string }
  /** The run was aborted before it ended. */
  | { readonly state: 'aborted' };

const PER_TASK = 4;
const LIMIT = 60_000;
const MEMORY = 1024;

/**
 * Run cases on worker threads. A case whose worker crashes, hangs or throws fails alone: the others of its task are run
 * again, each by itself.
 *
 * @param cases - plain data, which is copied to the workers
 * @returns how each ended, in the order of the cases, whatever the number of workers
 */
export async function runCases<Case, Result>(
  cases: readonly Case[],
  options: CasePoolOptions,
): Promise<CaseEnd<Result>[]> {
  const { worker, workers, perTask = PER_TASK, limit = LIMIT, memory = MEMORY, onProgress, signal } = options;
  const ends = cases.map((): CaseEnd<Result> => ({ state: 'aborted' }));
  const pool = new Piscina<readonly Case[], readonly Result[]>({
    filename: worker.href,
    minThreads: 1,
    maxThreads: workers,
    resourceLimits: { maxOldGenerationSizeMb: memory },
    // A lane waits for its own task only, so nothing is gained by waiting in the worker.
    atomics: 'disabled',
  });
  let next = 0;
  let done = 0;
  const aborted = (): boolean => signal?.aborted === true;

  const run = async (from: number, to: number): Promise<void> => {
    const { signal: limited, release } = limitedSignal(limit * (to - from), signal);
    try {
      const results = await pool.run(cases.slice(from, to), { signal: limited });
      results.forEach((result, i) => {
        ends[from + i] = { state: 'done', result };
      });
    } catch (error) {
      if (aborted()) return;
      if (to - from > 1) {
        for (let i = from; i < to && !aborted(); i++) await run(i, i + 1);
        return;
      }
      ends[from] = { state: 'failed', reason: reasonOf(error, limited.aborted, limit) };
    } finally {
      release();
    }
  };

  const lane = async (): Promise<void> => {
    while (next < cases.length && !aborted()) {
      const from = next;
      const to = Math.min(cases.length, from + perTask);
      next = to;
      await run(from, to);
      if (aborted()) return;
      done += to - from;
      onProgress?.(done, cases.length);
    }
  };

  try {
    await Promise.all(Array.from({ length: Math.min(workers, cases.length) }, lane));
  } finally {
    await pool.destroy();
  }
  return ends;
}

/** A signal that is aborted after `limit` milliseconds or with another one. Time in a queue does not count: there is none. */
function limitedSignal(limit: number, outer: AbortSignal | undefined): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, limit);
  outer?.addEventListener('abort', abort, { once: true });
  if (outer?.aborted === true) abort();
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
}

function reasonOf(error: unknown, late: boolean, limit: number): string {
  if (late) return `it took longer than ${limit / 1000} s and was given up`;
  return `its worker failed: ${error instanceof Error ? error.message : String(error)}`;
}
