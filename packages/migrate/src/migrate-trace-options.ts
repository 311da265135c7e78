import type { PolicyName } from '@overmap/core';
import type { RunOptions } from './audit-options.ts';

/** How a trace is migrated. */
export interface MigrateTraceOptions extends RunOptions {
  /** The policy of the recording; the trace's own by default. */
  readonly from?: PolicyName;
  /** The policy that the trace is rewritten for. */
  readonly to: 'strict' | 'exact';
}

/** A trace has batched invocations, between whose parts nothing can be inserted. */
export class BatchedTraceError extends Error {
  override readonly name = 'BatchedTraceError';

  /** @param line - of the first one */
  constructor(line: number) {
    super(
      `line ${line} is a batched invocation, between whose parts nothing can be put: migrate a trace before batching it.`,
    );
  }
}
