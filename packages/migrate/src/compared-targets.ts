import { POLICIES, Policy, type SlotRule } from '@overmap/core';
import type { PolicyChoice } from './audit-options.ts';

/** One of the policies that a trace is held against. */
export interface ComparedTarget {
  readonly name: string;
  /** One of `Policy`. */
  readonly policy: number;
  /** The rule of the policy `custom`; null for the others. */
  readonly rule: SlotRule | null;
}

/** The most policies that stand beside each other: sets of them are bits of a small integer. */
const MOST = 30;

/** The policies that a trace is held against. A kernel has one rule; with several of them, that one is chosen before it is asked. */
export class ComparedTargets {
  readonly all: readonly ComparedTarget[];
  /** The policy that findings are about. */
  readonly first: ComparedTarget;
  /** The rule for the kernel; undefined when no target is a rule. */
  readonly rule: SlotRule | undefined;
  private chosen: SlotRule;

  /**
   * @param choices - the first is the one that findings are about
   * @throws RangeError - for two of one name, and for more than 30
   */
  constructor(choices: readonly [PolicyChoice, ...PolicyChoice[]]) {
    this.all = choices.map(targetOf);
    const names = this.all.map(({ name }) => name);
    const twice = names.find((name, n) => names.indexOf(name) !== n);
    if (twice !== undefined) throw new RangeError(`the policy ${twice} is to be compared with itself: name it once`);
    if (this.all.length > MOST) throw new RangeError(`${this.all.length} policies: at most ${MOST} can be compared`);
    const rules = this.all.flatMap(({ rule }) => rule ?? []);
    this.first = targetOf(choices[0]);
    this.chosen = rules[0] ?? (() => 'ok');
    this.rule = rules.length < 2 ? rules[0] : (slot) => this.chosen(slot);
    this.choose(this.first.rule);
  }

  /** All names, as the head of an audit has them. */
  get names(): string {
    return this.all.map(({ name }) => name).join(',');
  }

  /** The kernel asks this rule from now on; null changes nothing. */
  choose(rule: SlotRule | null): void {
    if (rule !== null) this.chosen = rule;
  }
}

const targetOf = (choice: PolicyChoice): ComparedTarget =>
  typeof choice === 'string'
    ? { name: choice, policy: POLICIES[choice], rule: null }
    : { name: choice.name, policy: Policy.custom, rule: choice.rule };
