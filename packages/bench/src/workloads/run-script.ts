import { Batcher, countSingle, EffectCounts } from '@overmap/batch';
import { check, invoke, OK, perform } from '@overmap/core';
import type { Bed } from './bed.ts';
import type { Script, Step } from './script.ts';
import { sayAnswer, sayCleared, WorkloadError } from './workload-error.ts';

/**
 * Run a script and count what it does.
 *
 * @returns what single invocations and batches did together
 * @throws WorkloadError at the first operation that answers or does something else than it should
 */
export function runCounted(script: Script): EffectCounts {
  const { kernel, policy } = script.bed;
  const counts = new EffectCounts();
  const batcher = new Batcher(kernel, policy);
  const { rows, expected, cleared } = script;
  for (const step of script.steps) {
    if (step.kind === 'batch') {
      runBatch(batcher, script, step);
      continue;
    }
    kernel.sink = counts;
    try {
      for (let i = step.from; i < step.to; i++) {
        const outcome = check(kernel, rows, i, policy);
        countSingle(kernel, rows, i, policy, outcome, counts);
        if (outcome === OK) perform(kernel, rows, i);
        if (outcome !== expected[i]) throw unexpected(script, i, sayAnswer(expected[i]), sayAnswer(outcome));
        if (cleared[i] <= 1 && kernel.cleared !== cleared[i])
          throw unexpected(script, i, sayCleared(cleared[i]), sayCleared(kernel.cleared));
      }
    } finally {
      kernel.sink = null;
    }
  }
  return counts.plus(batcher.effects);
}

function runBatch(batcher: Batcher, script: Script, step: Extract<Step, { kind: 'batch' }>): void {
  const { from, to, batch, options } = step;
  const writes = batcher.effects.elementWrites;
  const { outcome, index, done, tables } = batcher.run(batch, options);
  if (outcome !== OK || done !== to - from) {
    const within = `${script.say(from + Math.max(0, index))} (operation ${Math.max(0, index) + 1} of a batch of ${to - from})`;
    throw new WorkloadError(script.bed.name, within, 'ok', sayAnswer(outcome));
  }
  const batchFrom = `the batch of ${to - from} from ${script.say(from)} on`;
  if (tables !== step.tables)
    throw new WorkloadError(script.bed.name, batchFrom, `${step.tables} tables mapped`, `${tables} tables mapped`);
  const written = batcher.effects.elementWrites - writes;
  if (written !== step.writes)
    throw new WorkloadError(script.bed.name, batchFrom, `${step.writes} entries written`, `${written} entries written`);
}

function unexpected(script: Script, i: number, expected: string, got: string): WorkloadError {
  return new WorkloadError(script.bed.name, script.say(i), expected, got);
}

/** Runs scripts as fast as the engine does, with nobody listening: what is timed. */
export class BlindRun {
  private readonly bed: Bed;
  private readonly batcher: Batcher;

  constructor(bed: Bed) {
    this.bed = bed;
    this.batcher = new Batcher(bed.kernel, bed.policy);
  }

  /** @returns operations that answered what they should, and unmaps that did what they should */
  run(script: Script): number {
    const { kernel, policy } = this.bed;
    const { batcher } = this;
    const { rows, expected, cleared } = script;
    let good = 0;
    for (const step of script.steps) {
      if (step.kind === 'batch') {
        const writes = batcher.effects.elementWrites;
        const { done, tables } = batcher.run(step.batch, step.options);
        if (tables === step.tables && batcher.effects.elementWrites - writes === step.writes) good += done;
        continue;
      }
      const { to } = step;
      for (let i = step.from; i < to; i++) {
        const wanted = cleared[i];
        if (invoke(kernel, rows, i, policy) === expected[i] && (wanted > 1 || kernel.cleared === wanted)) good++;
      }
    }
    return good;
  }
}
