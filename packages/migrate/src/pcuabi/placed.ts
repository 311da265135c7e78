import type { UserCapability } from '@overmap/core';

/** A call of the log. */
export interface CallPlace {
  readonly event: number;
  readonly line: number;
}

/** A mapping of the log, and what became of it at the target. */
export interface Placed extends CallPlace {
  readonly number: number;
  /** Where the log has it; the end is the one that it had at first. */
  readonly start: number;
  readonly end: number;
  /** The capability that the target's call returned, its address at `start`; null: the call was refused. */
  readonly capability: UserCapability | null;
  /** The target's reservation; 0 = none. */
  readonly reservation: number;
  readonly thread: number;
  /** A number of the log's files; 0 = anonymous. */
  readonly file: number;
  readonly prot: number;
  /** It stands for the brk range. */
  readonly brk: boolean;
  /** Bytes of its range that the log still shows as its. */
  bytes: number;
  /** The last munmap that left a hole in it. */
  hole: CallPlace | null;
  /** The first refusal of which later ones through this mapping are consequences. */
  cause: CallPlace | null;
}
