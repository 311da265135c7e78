import type { CardSequence, RuleCard } from '@overmap/report';

/** What a rule of FreeBSD's keys may say; every text is ready to print. */
interface KeyFacts {
  /** "mprotect, operation 3 of “mprotect and back”": what was done. */
  readonly operation: string;
  /** "pages 0x10000 to 0x12000 (2 pages)", for one page "page 0x10000". */
  readonly pages: string;
  /** "process 1's ", or nothing for the only one. */
  readonly whose: string;
  /** "key 5 (set by operation 2)". */
  readonly key: string;
  /** The policy under which there is no key, or the call is refused; and the other. */
  readonly without: string;
  readonly with: string;
  /** "key 6": what there is under `without`, where it is another one; '' = none. */
  readonly other: string;
}

/** A rule of the audit of FreeBSD's protection keys: its card, and what it says. */
export interface FreebsdRule extends RuleCard {
  readonly say: (f: KeyFacts) => string;
}

/** Where the policies come from. */
export const MODEL =
  'Review D39556 and commit 1e0e335b0f0d; what was recorded, read and chosen: [freebsd/model.md](../freebsd/model.md).';

/** A scenario as one line of a recording. */
export const scenario = (name: string, ops: readonly (readonly unknown[])[]): string =>
  JSON.stringify({ name, pages: [], ops, keyRangeAfter: {} });

/** Four pages that are mapped, written and given key 5. */
export const KEYED = [
  ['mmap', 16, 20],
  ['touch', 16, 16, 20],
  ['set', 16, 20, 5],
] as const;

/** A sequence of a card. @param to - `from:to`, the policies */
export const sequence = (about: string, to: string, ...lines: readonly string[]): CardSequence => ({
  about,
  to,
  lines,
});
