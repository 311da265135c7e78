/** A line of an input that should be a record and is not. All texts are escaped: they may go to a terminal. */
export interface BadLine {
  /** Physical line, from 1. */
  readonly line: number;
  /** Where the line starts: bytes from the beginning of the uncompressed input. */
  readonly offset: number;
  /** Byte within the line at which it went wrong, from 0, if known. */
  readonly column?: number;
  /** A sentence: what was expected, and what was found. */
  readonly expected: string;
  /** The beginning of the line. */
  readonly text: string;
}

/** Why a line is no record: a sentence, and where in its text (a character index), if known. */
export interface Problem {
  readonly expected: string;
  readonly at?: number;
  /** The key to blame, when the place is not known. */
  readonly key?: string;
}
