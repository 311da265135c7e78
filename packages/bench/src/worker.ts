import type { BenchCase } from './bench-case.ts';
import type { Rung } from './break-even.ts';
import type { ModelledResult } from './modelled-document.ts';
import { runModelled } from './run-modelled.ts';
import { WORKLOAD_BY_NAME } from './workloads/registry.ts';

/** What a worker of the pool does. */
export type BenchTask =
  | { readonly kind: 'case'; readonly case: BenchCase }
  /** The workload with 1, 2, … `upTo` pages that change together, one by one and as one batch. */
  | { readonly kind: 'ladder'; readonly case: BenchCase; readonly upTo: number };

/** The worker's entry: does tasks, in their order. */
export default function work(tasks: readonly BenchTask[]): (ModelledResult | Rung[])[] {
  return tasks.map((task) => (task.kind === 'case' ? runModelled(task.case) : climb(task.case, task.upTo)));
}

function climb(benchCase: BenchCase, upTo: number): Rung[] {
  const { share = 1 } = WORKLOAD_BY_NAME[benchCase.workload];
  return Array.from({ length: upTo }, (_, i) => {
    const pages = (i + 1) * share;
    const under = (batch: number): ModelledResult['work'] => {
      const { work: counts, failed } = runModelled({ ...benchCase, policy: 'strict', pages, batch });
      if (failed !== null) throw new Error(`${failed.operation}: expected ${failed.expected}, got ${failed.got}`);
      return counts;
    };
    return { pages: i + 1, single: under(1), batched: under(Math.max(2, upTo)) };
  });
}
