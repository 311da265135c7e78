import type { Operation } from '../operation.ts';

/** A situation to be tried, not yet run. */
export interface Candidate {
  /** What is tried, in words. */
  readonly name: string;
  /** Operations; those before `tests` only prepare, and must be answered ok. */
  readonly operations: readonly Operation[];
  /** Index of the first operation that is under test. */
  readonly tests: number;
  /** Slots of vspaces whose page tables are compared at the end. */
  readonly vspaces: readonly number[];
  /** Slots up to this number (exclusive) may be taken. */
  readonly slots: number;
}
