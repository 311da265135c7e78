import { type InputOptions, inputName, readInput } from './read-input.ts';
import { TraceScanner } from './scanner.ts';
import type { ScannerOptions } from './scanner-options.ts';

/** Options of {@link readTrace}. `name` defaults to the path. */
export interface ReadOptions extends ScannerOptions, InputOptions {}

/** What was read. */
export interface ReadSummary {
  /** Uncompressed bytes. */
  readonly bytes: number;
  readonly lines: number;
  /** Records after the header. */
  readonly records: number;
  /** Records that are neither `state` nor `mark`. */
  readonly events: number;
  readonly states: number;
  readonly marks: number;
  readonly badLines: number;
  /** Lines of a log that are no records. */
  readonly otherLines: number;
  /** Records that the fast path left to `JSON.parse`. */
  readonly slowLines: number;
  /** Whether `stop` ended it. */
  readonly stopped: boolean;
}

/**
 * Read a trace from a file or from standard input, compressed or not, never all of it at once.
 *
 * @param path - a file, or "-" for standard input; gzip is recognised by its first bytes
 * @param options - what to read and whom to tell
 * @returns counts, when the input is at its end
 * @throws {@link InputUnreadableError} when it cannot be opened or read
 * @throws {@link MalformedInputError} when it is no trace, when its gzip stream is broken (what was read before is
 * delivered first), or, with `strictInput`, at the first bad line
 */
export async function readTrace(path: string, options: ReadOptions = {}): Promise<ReadSummary> {
  const scanner = new TraceScanner({ ...options, name: inputName(path, options.name) });
  const stopped = await readInput(path, options, scanner);
  return readSummary(scanner, stopped);
}

/** What a scanner has read. */
export function readSummary(scanner: TraceScanner, stopped: boolean): ReadSummary {
  const { bytes, lines, records, states, marks, badLines, otherLines, slowLines } = scanner;
  const events = records - states - marks;
  return { bytes, lines, records, events, states, marks, badLines, otherLines, slowLines, stopped };
}
