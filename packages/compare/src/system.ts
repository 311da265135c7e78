import type { Answer } from './answer.ts';
import type { Step } from './scenario.ts';

/** The systems whose models there are. */
export const FAMILIES = ['sel4', 'linux', 'pcuabi', 'redox', 'freebsd'] as const;
export type Family = (typeof FAMILIES)[number];

/** One system under one policy, in the middle of a scenario. */
export interface RunningSystem {
  /** Do a step. What the system refuses may have changed something nevertheless. */
  run(step: Step): Answer;
}

/** A system under a policy. */
export interface SystemUnderPolicy {
  readonly family: Family;
  /** Its policy, profile or kind of request. */
  readonly policy: string;
  /** As the command line names it: `linux-fixed`. */
  readonly name: string;
  readonly start: () => RunningSystem;
}
