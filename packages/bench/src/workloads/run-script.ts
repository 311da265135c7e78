import { Batcher, countSingle, EffectCounts } from '@overmap/batch';
import { check, invoke, type Kernel, OK, perform } from '@overmap/core';
import type { Bed } from './bed.ts';
import { PageTableCheck } from './page-tables.ts';
import type { Script, Step } from './script.ts';
import { sayAnswer, sayCleared, WorkloadError } from './workload-error.ts';

/**
 * Run a script and count what it does. The page tables are looked at after each phase; that is not counted.
 *
 * @returns what single invocations and batches did together
 * @throws WorkloadError at the first operation that answers or does something else than it should
 */
export function runCounted(script: Script): EffectCounts {
  const { kernel, policy } = script.bed;
  const counts = new EffectCounts();
  const batcher = new Batcher(kernel, policy);
  runChecked(
    script,
    (step) => runBatch(batcher, script, step),
    (from, to) => {
      const { rows } = script;
      kernel.sink = counts;
      try {
        for (let i = from; i < to; i++) {
          const outcome = check(kernel, rows, i, policy);
          countSingle(kernel, rows, i, policy, outcome, counts);
          if (outcome === OK) perform(kernel, rows, i);
          demand(script, i, outcome);
        }
      } finally {
        kernel.sink = null;
      }
    },
  );
  return counts.plus(batcher.effects);
}

/** Runs scripts as fast as the engine does, with nobody listening: what is timed. */
export class BlindRun {
  private readonly policy: number;
  private readonly kernel: Kernel;
  private readonly batcher: Batcher;

  constructor({ kernel, policy }: Bed) {
    this.kernel = kernel;
    this.policy = policy;
    this.batcher = new Batcher(kernel, policy);
  }

  /** @throws WorkloadError at the first operation that answers something else than it should, or unmaps nothing */
  run(script: Script): void {
    for (const step of script.steps)
      if (step.kind === 'batch') runBatch(this.batcher, script, step);
      else this.singles(script, step.from, step.to);
  }

  /** The same, and the page tables are looked at after each phase: before anything is timed. */
  runChecked(script: Script): void {
    runChecked(
      script,
      (step) => runBatch(this.batcher, script, step),
      (from, to) => this.singles(script, from, to),
    );
  }

  private singles(script: Script, from: number, to: number): void {
    const { kernel, policy } = this;
    const { rows, expected, cleared } = script;
    for (let i = from; i < to; i++) {
      const outcome = invoke(kernel, rows, i, policy);
      const wanted = cleared[i];
      if (outcome !== expected[i] || (wanted <= 1 && kernel.cleared !== wanted)) demand(script, i, outcome);
    }
  }
}

type BatchStep = Extract<Step, { kind: 'batch' }>;

/** Run a script with pauses where phases end, for the page tables to be looked at. */
function runChecked(
  script: Script,
  batch: (step: BatchStep) => void,
  singles: (from: number, to: number) => void,
): void {
  const tables = new PageTableCheck(script);
  for (const step of script.steps) {
    if (step.kind === 'batch') {
      batch(step);
      tables.reached(step.to);
      continue;
    }
    for (let from = step.from; from < step.to; ) {
      const to = Math.min(step.to, tables.due);
      singles(from, to);
      tables.reached(to);
      from = to;
    }
  }
}

function runBatch(batcher: Batcher, script: Script, step: BatchStep): void {
  const writes = batcher.effects.elementWrites;
  const { outcome, index, done, tables } = batcher.run(step.batch, step.options);
  const size = step.to - step.from;
  const written = batcher.effects.elementWrites - writes;
  if (outcome === OK && done === size && tables === step.tables && written === step.writes) return;
  const { name } = script.bed;
  if (outcome !== OK || done !== size) {
    const at = Math.max(0, index);
    const within = `${script.say(step.from + at)} (operation ${at + 1} of a batch of ${size})`;
    throw new WorkloadError(name, within, 'ok', sayAnswer(outcome));
  }
  const batchFrom = `the batch of ${size} from ${script.say(step.from)} on`;
  if (tables !== step.tables)
    throw new WorkloadError(name, batchFrom, `${step.tables} tables mapped`, `${tables} tables mapped`);
  throw new WorkloadError(name, batchFrom, `${step.writes} entries written`, `${written} entries written`);
}

/** @throws WorkloadError unless the single operation that was just done answered, and cleared, what it should */
function demand(script: Script, i: number, outcome: number): void {
  const { expected, cleared, bed } = script;
  if (outcome !== expected[i])
    throw new WorkloadError(bed.name, script.say(i), sayAnswer(expected[i]), sayAnswer(outcome));
  if (cleared[i] <= 1 && bed.kernel.cleared !== cleared[i])
    throw new WorkloadError(bed.name, script.say(i), sayCleared(cleared[i]), sayCleared(bed.kernel.cleared));
}
