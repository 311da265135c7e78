import { POLICIES, type PolicyName } from '@overmap/core';
import type { PolicyChoice } from '@overmap/migrate';
import { oneOf } from '../values.ts';
import { isRuleFile, loadRule } from './rule-file.ts';

const NAMES = Object.keys(POLICIES) as PolicyName[];

/** What an strace log can be held against. */
export const LINUX_TARGETS = ['noreplace', 'pcuabi'] as const;
type LinuxTarget = (typeof LINUX_TARGETS)[number];

/** Whether a target is one for strace logs, and no policy of seL4. */
export const isLinuxTarget = (text: string): text is LinuxTarget => LINUX_TARGETS.includes(text as LinuxTarget);

/** A built-in policy by name. @throws UsageError - with what it could have been */
export const policyNamed = (name: string): PolicyName => oneOf('policy', name, NAMES);

/** A built-in policy, or the user's own rule in a file. */
export async function policyOrRule(text: string): Promise<PolicyChoice> {
  return isRuleFile(text) ? { name: text, rule: await loadRule(text) } : policyNamed(text);
}
