import type { Columns, Kernel } from '@overmap/core';

/** A part of the rules that a mutant gets wrong. */
export type Rule =
  | 'invoked capability'
  | 'vspace argument'
  | 'ASID of the vspace'
  | 'recorded ASID'
  | 'recorded address'
  | 'alignment'
  | 'limit'
  | 'level'
  | 'occupied place'
  | 'order'
  | 'situation'
  | 'what a map writes'
  | 'what a map records'
  | 'what an unmap clears'
  | 'what an unmap forgets'
  | 'copies'
  | 'tables';

/** A kernel that answers otherwise than it should. */
export interface CheckMutant {
  readonly id: string;
  readonly rule: Rule;
  /** What it gets wrong. */
  readonly what: string;
  /**
   * What it answers to the operation in a row. Leaves the state as it was; the kernel's `at*` fields move.
   *
   * @param answer - the right one
   */
  readonly answer: (k: Kernel, columns: Columns, row: number, policy: number, answer: number) => number;
}

/** A kernel that does otherwise than it should. */
export interface PerformMutant {
  readonly id: string;
  readonly rule: Rule;
  readonly what: string;
  /** Perform the operation in a row, which was just checked. */
  readonly perform: (k: Kernel, columns: Columns, row: number) => void;
}
