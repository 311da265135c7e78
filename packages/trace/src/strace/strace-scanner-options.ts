import type { BadLinesOptions } from './bad-lines.ts';

/** What a `StraceScanner` is asked for, and whom it tells. */
export interface StraceScannerOptions extends BadLinesOptions {
  /** Whom lines without a number are about, where the log is that of one thread alone (`strace -ff`). */
  readonly pid?: number;
  /** Keep whose children the threads are that speak before their clones return. */
  readonly recordParents?: boolean;
  /** What was so kept when a log of the same threads was read before: no event is held back. */
  readonly parents?: readonly number[];
  /** Tell of calls that only name a range, too: `Call.madvise` and those behind it. Default false. */
  readonly rangeCalls?: boolean;
}
