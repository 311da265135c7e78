import type { Columns } from '@overmap/core';
import type { BadLine } from './bad-line.ts';
import type { TraceHeader } from './header.ts';
import type { TraceScanner } from './scanner.ts';

/** Something about a trace that a person should know and that does not keep it from being read. */
export interface TraceWarning {
  /**
   * `repeated-header`: the machine was started again; what follows knows nothing of what came before.
   * `trailing-garbage`: what follows a complete gzip stream is none.
   */
  readonly kind: 'unknown-config-key' | 'repeated-header' | 'trailing-garbage';
  /** Physical line, from 1. */
  readonly line: number;
  /** A sentence, escaped. */
  readonly message: string;
}

/** What a {@link TraceScanner} is asked for, and whom it tells. */
export interface ScannerOptions {
  /** The input's name: one in `.jsonl`, `.json` or `.ndjson` (`.gz` aside) is no log. Also used in messages. */
  readonly name?: string;
  /** Read the ground truth that some recordings carry. Default false. */
  readonly truth?: boolean;
  /** Keep the texts of `state` records in `columns.states`. Default false: their lines are skipped unread. */
  readonly states?: boolean;
  /** Records in a batch. Default 2,048. */
  readonly capacity?: number;
  /** Throw at the first bad line. Default false: tell and go on. */
  readonly strictInput?: boolean;
  /** Longest line in bytes; a longer one is bad. Default 64 MiB. */
  readonly longestLine?: number;
  /** The header was read; comes before the first batch. */
  readonly onHeader?: (header: TraceHeader, scanner: TraceScanner) => void;
  /** A batch is full, or the input is at its end. The columns are used again afterwards. */
  readonly onBatch?: (columns: Columns, scanner: TraceScanner) => void;
  readonly onBadLine?: (bad: BadLine) => void;
  readonly onWarning?: (warning: TraceWarning) => void;
}
