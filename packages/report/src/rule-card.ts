import type { Severity } from './finding.ts';

/** A sequence of invocations that a card shows. */
export interface CardSequence {
  /** What happens in it, in a sentence. */
  readonly about: string;
  /** The target policy with which it is to be audited; strict by default. */
  readonly to?: string;
  /** What the lines are; jsonl (a trace) by default. */
  readonly language?: 'strace' | 'c';
  /** Lines of a trace; one without a header follows the set-up that all cards share. */
  readonly lines: readonly string[];
}

/** A table of a card. */
export interface CardTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * What is to be known about a rule. Texts are sentences in a little Markdown: `code`, and links to pages of the
 * documentation, as seen from the card's own page.
 */
export interface RuleCard {
  /** Stable id, never reused. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** What makes it fire. */
  readonly detects: string;
  /** Why it matters, and what breaks. */
  readonly why: string;
  /** What the kernel's manual promises for such an invocation, and what is recorded instead. */
  readonly promise: string;
  /** What the kernel answers, by architecture and policy. */
  readonly answers: readonly (string | CardTable)[];
  /** A sequence that the rule finds, and the nearest one that it does not. */
  readonly bad: CardSequence;
  readonly good: CardSequence;
  /** What to do, with a stable kind for tools; null where nothing is to be done. */
  readonly fix: { readonly kind: string; readonly text: string } | null;
  /** More about the fix. */
  readonly advice?: string;
  readonly notes?: readonly string[];
  /** Where in the kernel (or in this program) the rule stands. */
  readonly source: string;
}
