import type { Tested } from './error-tests.ts';
import type { Step } from './flow-graph.ts';
import type { ResultUse, TextRange } from './site.ts';

/** What becomes of the answer of one call. */
export interface AnswerUse {
  readonly use: ResultUse;
  /** The variable that takes it. */
  readonly name: string | null;
  /** The test that decides. */
  readonly test: TextRange | null;
  /** An error makes the code add a table and map again. */
  readonly retries: boolean;
  /** `InvalidCapability` has a branch of its own, in which a copy is made and mapped. */
  readonly copies: boolean;
  /** The map finds something out: it is undone where it works, and only `FailedLookup` is as good. */
  readonly probes: boolean;
  /** `DeleteFirst` has a branch with work of its own, which permissive kernels never run. */
  readonly revives: boolean;
  /** An error is at most printed or counted, and what would use the page is left out: nobody learns why. */
  readonly silent: boolean;
  /** Errors that pass for success. */
  readonly accepts: readonly Tested[];
  /** The steps that run only when the map has failed. */
  readonly onError: ReadonlySet<number>;
  /** The edges (by `edgeOf`) that are taken only when the map has failed. */
  readonly failing: ReadonlySet<string>;
  /** An error leads out of the function (or to the end of the run) without going on. */
  readonly leaves: boolean;
}

/** An edge of a graph in one word. */
export const edgeOf = (from: number, to: number): string => `${from} ${to}`;

/** A test that decides about an answer. */
export interface Decision {
  readonly k: 'test';
  readonly step: Step;
  readonly about: Tested;
  readonly error: number | null;
  readonly good: number | null;
  readonly except: readonly Tested[];
  readonly final: boolean;
  readonly test: TextRange;
  readonly others: readonly { readonly to: number; readonly about: Tested | null }[];
}

/** An answer that nothing is known of. */
export const nothing = {
  probes: false,
  revives: false,
  silent: false,
  test: null,
  retries: false,
  copies: false,
  accepts: [],
  onError: new Set<number>(),
  failing: new Set<string>(),
  leaves: false,
} as const;
