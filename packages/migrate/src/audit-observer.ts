import type { Columns, Follower, PolicyName } from '@overmap/core';
import type { StraceCall, TraceHeader, TraceTables } from '@overmap/trace';

/** Sees the records of an input go by, as its audit follows them. It may look at the state, and must not change it. */
export interface AuditObserver {
  /**
   * The header of an seL4 trace was read.
   *
   * @param follower - drives the audited state; its kernel is that in which the trace begins
   * @param tables - what numbers in the columns stand for, as far as the trace was read
   * @param from - the policy that drives the state
   */
  begins(header: TraceHeader, follower: Follower, tables: TraceTables, from: PolicyName): void;
  /** A record of an seL4 trace is about to be audited: the state is that before it. */
  row(columns: Columns, i: number): void;
  /** A call of an strace log has been audited. The object is used again for the next one. */
  called(call: StraceCall, where: CalledIn): void;
}

/** Where a call of an strace log was made. */
export interface CalledIn {
  /** The number of its address space, as the lives of mappings have it, and its name. */
  readonly space: number;
  readonly spaceName: string;
  /** The file of an mmap, or "anonymous". */
  readonly what: string;
}
