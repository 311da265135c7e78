import { POLICIES, Policy, type PolicyName, type SlotRule } from '@overmap/core';

/** What is judged: a built-in policy, or a user's rule under the name that it is shown by. */
export type Judged = PolicyName | { readonly name: string; readonly rule: SlotRule };

/** How the engine takes it. */
export interface EngineRule {
  /** One of `Policy`. */
  readonly policy: number;
  /** The rule of the policy `custom`. */
  readonly rule: SlotRule | undefined;
}

/** The name that people see. */
export const judgedName = (judged: Judged): string => (typeof judged === 'string' ? judged : judged.name);

/** A judged rule as the engine takes it. */
export function engineRule(judged: Judged): EngineRule {
  return typeof judged === 'string'
    ? { policy: POLICIES[judged], rule: undefined }
    : { policy: Policy.custom, rule: judged.rule };
}
