import { escapeText } from './escape-text.ts';

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

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * What is told about a bad line.
 *
 * @param line - physical line, from 1
 * @param offset - where it starts in the uncompressed input
 * @param start - its first bytes
 * @param problem - what is wrong with its text
 * @param text - the line, but for its first bytes
 * @param skipped - how many bytes those are
 */
export function badLine(
  line: number,
  offset: number,
  start: Uint8Array,
  problem: Problem,
  text: string,
  skipped: number,
): BadLine {
  const at = problem.at ?? (problem.key === undefined ? -1 : text.indexOf(`"${problem.key}"`));
  const column = at < 0 ? {} : { column: skipped + new TextEncoder().encode(text.slice(0, at)).length };
  return { line, offset, ...column, expected: problem.expected, text: escapeText(decoder.decode(start)) };
}
