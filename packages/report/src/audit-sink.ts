import type { AuditWriter } from './finding.ts';

/** A writer of audits that can also be told that an audit ended before its summary. */
export interface AuditSink extends AuditWriter {
  /**
   * The audit of the present input failed; closes what was begun, so that the output can still be parsed.
   *
   * @param message - why, in a sentence
   */
  fail(message: string): void;
  /** No audit follows; writes what closes the output as a whole. */
  close(): void;
}
