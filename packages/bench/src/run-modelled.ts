import { type BenchCase, caseName, sizeName } from './bench-case.ts';
import type { ModelledResult } from './modelled-document.ts';
import { workOf } from './work-counts.ts';
import { Bed } from './workloads/bed.ts';
import { architectureOf } from './workloads/builds.ts';
import { mostPages, WORKLOAD_BY_NAME } from './workloads/registry.ts';
import { runCounted } from './workloads/run-script.ts';
import type { Plan } from './workloads/workload.ts';
import { WorkloadError } from './workloads/workload-error.ts';

/** A case that was run on the model. Plain data. */
export interface ModelledCase extends ModelledResult {
  readonly case: BenchCase;
  readonly name: string;
}

/** A case whose objects and tables are there, and whose first counted operation is next. */
export interface PreparedCase extends Plan {
  readonly bed: Bed;
}

/**
 * Make a kernel and whatever the workload needs before it begins.
 *
 * @throws RangeError when the build has no pages of this size, or not so many; WorkloadError when the preparation fails
 */
export function prepareCase(benchCase: BenchCase): PreparedCase {
  const { workload, pattern, build, bits, pages, batch } = benchCase;
  if (!Number.isInteger(pages) || pages < 1)
    throw new RangeError(`${caseName(benchCase)}: ${pages} is no number of pages`);
  if (!Number.isInteger(batch) || batch < 1)
    throw new RangeError(`${caseName(benchCase)}: ${batch} is no size of a batch`);
  const bed = new Bed(benchCase);
  const most = mostPages(workload, pattern, architectureOf(build), bits);
  if (pages > most)
    throw new RangeError(
      `${caseName(benchCase)}: ${build} has room for at most ${most} pages of ${sizeName(bits)} here`,
    );
  return { bed, ...WORKLOAD_BY_NAME[workload].plan(bed) };
}

/**
 * Run a case on the model and count what it does. Every operation's answer is checked, and the page tables after each
 * phase of the operations: after each half of `protect`, for instance.
 * No clock and nothing of the host is in it: the same case gives the same result.
 *
 * - `pages`: what a price is divided by; two for each page where rights are changed and changed back, see `per` of the
 *   workload
 * - `operations`: single invocations, and operations of batches
 * - `failed`: the first operation that did not do what it should; then there are no counts
 *
 * @throws RangeError when the build has no pages of this size, or not so many
 */
export function runModelled(benchCase: BenchCase): ModelledCase {
  const head = { case: benchCase, name: caseName(benchCase) };
  try {
    return { ...head, ...runPrepared(prepareCase(benchCase)) };
  } catch (error) {
    if (!(error instanceof WorkloadError)) throw error;
    const { operation, expected, got } = error;
    const failed = { kind: 'operation', operation, expected, got } as const;
    return { ...head, pages: benchCase.pages, operations: 0, invocations: 0, work: {}, failed };
  }
}

/**
 * The counted part of a case that is prepared. It can be run once.
 *
 * @throws WorkloadError at the first operation that did not do what it should
 */
export function runPrepared({ script, pages }: PreparedCase): ModelledResult {
  const counts = runCounted(script);
  return { pages, operations: script.count, invocations: counts.kernelEntries, work: workOf(counts), failed: null };
}
