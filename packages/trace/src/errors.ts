import type { BadLine } from './bad-line.ts';

/** An input cannot be opened or read: missing, a directory, no permission, an I/O error. */
export class InputUnreadableError extends Error {
  override readonly name = 'InputUnreadableError';
}

/**
 * An input is not what it should be, and reading it cannot go on: no header, a header of an unknown version, a broken
 * gzip stream, or, where the caller asked for strict input, the first bad line.
 */
export class MalformedInputError extends Error {
  override readonly name = 'MalformedInputError';
  /** The bad line, where one line is to blame. */
  readonly badLine: BadLine | undefined;

  /**
   * @param message - a sentence for people, already escaped
   * @param badLine - the line to blame, if it is one line
   */
  constructor(message: string, badLine?: BadLine, options?: ErrorOptions) {
    super(message, options);
    this.badLine = badLine;
  }
}

/** An output cannot be written; `cause` is the system's error. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** A program that is asked for help cannot be run, or fails. The message is a sentence for people, already escaped. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
