import type * as fc from 'fast-check';
import type { Difference, Picture } from './page-picture.ts';

/** A range of one address space; bytes, half-open. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** How an operation ended, and what the laws need to know of it. */
export interface Performed {
  /** Its name, for deviations. */
  readonly name: string;
  /** "ok", or the system's error. */
  readonly outcome: string;
  /** The kernel has stopped: nothing more is done. */
  readonly fatal?: boolean;
  /** The space that it names. */
  readonly space: number;
  /** The ranges that it names: the one that it is about, and the destination of a move. */
  readonly ranges: readonly Range[];
  /** What an unmap that succeeds must leave empty; `identity`: of this alone. */
  readonly empties?: { readonly space: number; readonly range: Range; readonly identity?: string };
}

export const LAWS = {
  failure: 'an operation that fails changes nothing, or exactly what its system says',
  disjoint: 'no two live mappings of one address',
  deterministic: 'the same operations give the same answers, effects and state; from a snapshot and after a reset, too',
  record: 'what is told to the sink, applied to the former mappings, gives the new ones',
  unmap: 'an unmap leaves nothing behind',
  check: 'a check changes nothing, tells nothing, and answers what performing answers',
} as const;
export type LawName = keyof typeof LAWS;

/** A law that a system breaks, on purpose or by a defect that is modelled. One that is never seen fails the tests. */
export interface Deviation {
  readonly law: LawName;
  /** Operations that do it; for `record`: any of them before the difference shows. */
  readonly operations: readonly string[];
  /** Of `failure`: the errors with which it is seen. */
  readonly outcomes?: readonly string[];
  /** Of `failure`: what may have happened to pages by then, and nothing else. */
  readonly allows?: readonly Difference['kind'][];
  /** Of `failure`: the pages lie in the ranges that the operation names (else anywhere). */
  readonly within?: boolean;
  /** Of `failure`: what may have happened besides, to any page. */
  readonly beyond?: readonly Difference['kind'][];
  /** Of `failure`: below the last page that changed, all of the range is mapped. */
  readonly prefix?: boolean;
  readonly reason: string;
}

/** One semantics in the middle of a run. */
export interface Running<Operation> {
  /** The address spaces that there are. */
  spaces(): readonly number[];
  /** What a space shows, from the model's own mappings. */
  picture(space: number): Picture;
  /** The same, from nothing but what the sink was told since the beginning. */
  told(space: number): Picture;
  /** How many effects were told since the beginning. */
  readonly heard: number;
  /** All that can be seen, as text. */
  state(): string;
  /** What `perform` would answer; null: the operation makes no sense now. */
  check(operation: Operation): string | null;
  /** Do it; null: it makes no sense now, and nothing was done. */
  perform(operation: Operation): Performed | null;
  /** Take a snapshot. @returns what goes back to it */
  snapshot(): () => void;
  reset(): void;
}

/** One semantics, as the laws see it. */
export interface Subject<Operation> {
  readonly name: string;
  readonly operations: fc.Arbitrary<readonly Operation[]>;
  readonly start: () => Running<Operation>;
  readonly deviations: readonly Deviation[];
  /** Sequences that are tried for each law. Default 60. */
  readonly runs?: number;
}
