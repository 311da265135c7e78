import { CAP_WORDS, check, Columns, EMPTY, Kernel, OK, perform, performDelete, TYPE_MASK } from '@overmap/core';
import type { StateEvent } from '@overmap/trace';
import { BUILDS, type BuildName } from '../builds.ts';
import { dense, fillOperation, POOL } from '../operation.ts';
import type { EngineRule } from '../rule.ts';
import { stateEvent } from '../state-event.ts';
import { FIRST_SLOT } from './scene.ts';
import type { Candidate } from './vector.ts';

/** Most operations of a candidate. */
const MOST = 256;

/** A candidate in columns: filled once, run many times. */
export class Script {
  readonly candidate: Candidate;
  readonly columns: Columns;

  constructor(candidate: Candidate) {
    const count = candidate.operations.length;
    if (count > MOST) throw new RangeError(`${candidate.name} has ${count} operations`);
    this.candidate = candidate;
    this.columns = new Columns(count);
    candidate.operations.forEach((operation, i) => fillOperation(this.columns, i, operation));
    this.columns.count = count;
  }
}

/** What a script came to. */
export interface Ended {
  /** Packed outcomes, one for each operation. */
  readonly outcomes: readonly number[];
  readonly states: readonly StateEvent[];
  /** Slots that were not empty at the end, the last one first: they have been deleted. */
  readonly left: readonly number[];
}

/** A kernel that scripts are run on, one after the other: each begins with nothing but the initial ASID pool. */
export class Subject {
  readonly kernel: Kernel;
  readonly policy: number;

  constructor(build: BuildName, { policy, rule }: EngineRule) {
    this.kernel = new Kernel({
      ...BUILDS[build],
      asidPoolSlot: dense(POOL),
      rootTaskAssigned: true,
      ...(rule === undefined ? {} : { rule }),
    });
    this.policy = policy;
  }

  /**
   * Run a script, and leave nothing behind.
   *
   * @param act - performs what was answered ok
   * @param tested - called for each operation under test, with its answer
   * @returns null when an operation that only prepares was refused
   */
  run(
    { candidate, columns }: Script,
    act: typeof perform = perform,
    tested?: (row: number, answer: number) => void,
  ): Ended | null {
    const { kernel, policy } = this;
    const outcomes: number[] = [];
    let prepared = true;
    for (let row = 0; row < columns.count && prepared; row++) {
      const outcome = check(kernel, columns, row, policy);
      outcomes.push(outcome);
      if (row < candidate.tests) prepared = outcome === OK;
      else if (tested !== undefined) {
        tested(row, outcome);
        // Whoever looked may have moved what the check resolved.
        check(kernel, columns, row, policy);
      }
      if (outcome === OK) act(kernel, columns, row);
    }
    const states = prepared ? candidate.vspaces.flatMap((slot) => stateEvent(kernel, slot) ?? []) : [];
    const left = this.clear(candidate.slots);
    return prepared ? { outcomes, states, left } : null;
  }

  private clear(slots: number): number[] {
    const left: number[] = [];
    for (let slot = slots - 1; slot >= FIRST_SLOT; slot--) {
      const c = dense(slot) * CAP_WORDS;
      if ((this.kernel.caps[c] & TYPE_MASK) === EMPTY) continue;
      performDelete(this.kernel, c);
      left.push(slot);
    }
    return left;
  }
}
