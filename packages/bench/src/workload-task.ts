import type { BenchCase } from './bench-case.ts';
import { prepareCase, type PreparedCase } from './run-modelled.ts';
import type { TimedTask } from './timed-task.ts';
import { BlindRun } from './workloads/run-script.ts';
import type { Script } from './workloads/script.ts';

/** Operations of an iteration, at least: at 5 ns for each, which no build reaches, they take 40 µs. */
const OPERATIONS = 8192;

/**
 * A case as a task that can be timed: the engine alone, without anybody who listens to its effects.
 *
 * An iteration ends in the state in which it began, since a state cannot be put back outside of the timed part. So a
 * workload that does not come back by itself is followed by operations that lead back, single or in batches as the
 * case is, and a time is that of both: `map` and `unmap` are timed as a pair, `replace` with the replacement taken back,
 * `heap` with its tear-down; see `timed` of each workload. Short workloads are repeated within an iteration.
 *
 * `pages` is that of the modelled result (see `per` of the workload), times the repetitions.
 *
 * `prepare` runs an iteration, of one repetition, with all the checks of the modelled run, page tables included, but in
 * the way that is timed: nobody listens. `run` checks answers and what is told of entries alone.
 *
 * @throws RangeError as `runModelled`. `prepare` and `run` throw WorkloadError, which names the first operation that did
 *   not do what it should
 */
export function timedTask(benchCase: BenchCase): TimedTask {
  return timedTaskOf(prepareCase(benchCase));
}

/** The same for a case that is prepared, and has not been run. */
export function timedTaskOf({ bed, script, back, pages }: PreparedCase): TimedTask {
  const scripts = [script, back()].filter((one): one is Script => one !== null);
  const operations = scripts.reduce((sum, one) => sum + one.count, 0);
  const rounds = Math.max(1, Math.ceil(OPERATIONS / operations));
  const blind = new BlindRun(bed);
  return {
    name: bed.name,
    pages: pages * rounds,
    prepare: () => {
      for (const one of scripts) blind.runChecked(one);
    },
    run: () => {
      for (let round = 0; round < rounds; round++) for (const one of scripts) blind.run(one);
    },
  };
}
