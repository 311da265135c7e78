import { batchTrace, type BatchTraceOptions, type BatchTraceSummary } from '@overmap/batch';
import type { PolicyName } from '@overmap/core';
import type { TraceHeader } from '@overmap/trace';
import { type Build, BUILDS } from './bench-case.ts';
import { type CostOfStrictness, costOfStrictness } from './strictness.ts';
import type { WorkCounts } from './work.ts';
import { workOf } from './work-counts.ts';
import { BUILD_HEADERS } from './workloads/builds.ts';

/** How a trace is run. `policy` is the one that drives the states, the trace's own by default. */
export type TraceRunOptions = Pick<
  BatchTraceOptions,
  | 'policy'
  | 'windows'
  | 'maxPages'
  | 'flushThreshold'
  | 'strictInput'
  | 'onBadLine'
  | 'onWarning'
  | 'onProgress'
  | 'stop'
>;

/** A trace's maps and unmaps, folded into batches. */
export interface TracePlan {
  /** Whether operations were moved that cannot depend on each other. */
  readonly reorder: boolean;
  /** Maps and unmaps that are in a batch. */
  readonly batched: number;
  readonly batches: number;
  /** Entries into the kernel that all maps and unmaps take, batched or not. */
  readonly invocations: number;
  readonly work: WorkCounts;
  /** Where the state at the end differs from that of the single invocations; null = nowhere. A difference is a failure. */
  readonly difference: string | null;
}

/** What batches would make of a trace. Plain data. */
export interface TraceResult {
  readonly path: string;
  readonly arch: string;
  /** The build whose prices fit; null = none of those that are known (several cores, say). */
  readonly build: Build | null;
  /** The policy that drove the states. */
  readonly policy: PolicyName;
  /** Records that are neither states nor marks nor batches. */
  readonly events: number;
  /** Maps and unmaps, which is all that the work of both sides counts. */
  readonly operations: number;
  /** As recorded, one by one. */
  readonly single: { readonly invocations: number; readonly work: WorkCounts };
  /** In the trace's own order, and reordered. */
  readonly plans: readonly TracePlan[];
  /** Of traces that were recorded under legacy; null for others. */
  readonly strictness: CostOfStrictness | null;
  /** Capabilities that the trace used but never created. */
  readonly assumed: number;
  readonly badLines: number;
  readonly interrupted: boolean;
}

/**
 * Run a trace on the model, as it is and planned into batches, and count what its maps and unmaps do on both sides.
 * The file is read three times (or twice, if it was not recorded under legacy).
 *
 * @param path - a file; standard input cannot be read twice
 * @throws InputUnreadableError, MalformedInputError as `readTrace`; RangeError for standard input
 */
export async function runTrace(path: string, options: TraceRunOptions = {}): Promise<TraceResult> {
  if (path === '-')
    throw new RangeError('a trace to be benchmarked is read several times: give a file, not standard input');
  const inOrder = await batchTrace(path, null, { ...options, reorder: false });
  // What is wrong with the file has been told.
  const { onBadLine: _, onWarning: __, ...again } = options;
  const reordered = inOrder.interrupted ? null : await batchTrace(path, null, { ...again, reorder: true });
  const { header, events, operations, assumed, badLines } = inOrder;
  const build = buildOf(header);
  const { stop, onProgress } = options;
  const strictness =
    header.policy === 'legacy' && reordered?.interrupted === false
      ? await costOfStrictness(path, build, {
          ...(stop === undefined ? {} : { stop }),
          ...(onProgress === undefined ? {} : { onProgress }),
        })
      : null;
  return {
    path,
    arch: header.arch,
    build,
    policy: options.policy ?? header.policy,
    events,
    operations,
    single: { invocations: inOrder.single.kernelEntries, work: workOf(inOrder.single) },
    plans: [planOf(inOrder, false), ...(reordered === null ? [] : [planOf(reordered, true)])],
    strictness,
    assumed,
    badLines,
    interrupted: inOrder.interrupted || reordered?.interrupted === true,
  };
}

function planOf({ batched, batches, together, difference }: BatchTraceSummary, reorder: boolean): TracePlan {
  return { reorder, batched, batches, invocations: together.kernelEntries, work: workOf(together), difference };
}

/** The build that a trace was recorded on, if it is one of those that can be benchmarked. */
export function buildOf({ arch, config }: Pick<TraceHeader, 'arch' | 'config'>): Build | null {
  if (config.smp === true) return null;
  const same = (build: Build): boolean => {
    const other = BUILD_HEADERS[build];
    return (
      other.arch === arch &&
      (other.config.hyp === true) === (config.hyp === true) &&
      (other.config.pcid === true) === (config.pcid === true) &&
      (config.hyp !== true || arch !== 'aarch64' || other.config.paBits === (config.paBits ?? 40))
    );
  };
  return BUILDS.find(same) ?? null;
}
