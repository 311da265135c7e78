import { NEWLINE } from './ascii.ts';
import { badLine, type BadLine, type Problem } from './bad-line.ts';
import { MalformedInputError } from './errors.ts';
import { escapeText } from './escape-text.ts';
import { jsonProblem } from './json-error.ts';
import { LineCarry } from './line-carry.ts';
import type { InputReader } from './read-input.ts';
import { LONGEST_LINE } from './scanner.ts';

/** A line of a recording: what `JSON.parse` makes of it. */
export type LineRecord = Readonly<Record<string, unknown>>;

/** What a {@link RecordLines} is asked for, and whom it tells. */
export interface RecordLinesOptions {
  /** The input's name, for messages. */
  readonly name?: string;
  /**
   * A line was read.
   *
   * @param line - its number, from 1
   * @returns a problem, where the record is none that this recording may hold; it is told as a bad line
   */
  readonly onRecord: (record: LineRecord, line: number) => Problem | undefined;
  /** Throw at the first bad line. Default false: tell and go on. */
  readonly strictInput?: boolean;
  readonly onBadLine?: (bad: BadLine) => void;
  /** Give integers of 16 digits and more as strings, since a number may not hold them. Default false. */
  readonly wideIntegers?: boolean;
}

/** A string as JSON writes it, or an integer (not a part of another number) with 16 digits or more. */
const STRING_OR_WIDE = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** The same text, with its wide integers between quotes. */
const quoteWide = (text: string): string =>
  /\d{16}/.test(text) ? text.replaceAll(STRING_OR_WIDE, (part) => (part[0] === '"' ? part : `"${part}"`)) : text;

const decoder = new TextDecoder('utf-8');

/**
 * Reads JSON Lines as objects: for recordings of systems whose records are few and of many shapes. seL4's traces have
 * a reader that makes no objects, {@link TraceScanner}.
 */
export class RecordLines implements InputReader {
  bytes = 0;
  lines = 0;
  badLines = 0;
  readonly #options: RecordLinesOptions;
  readonly #carry = new LineCarry(LONGEST_LINE);
  /** Where the line at hand starts. */
  #start = 0;

  constructor(options: RecordLinesOptions) {
    this.#options = options;
  }

  /** @throws {@link MalformedInputError} with `strictInput`, at a bad line */
  feed(bytes: Uint8Array, length: number = bytes.length): void {
    let from = 0;
    while (from < length) {
      const newline = bytes.subarray(0, length).indexOf(NEWLINE, from);
      const to = newline < 0 ? length : newline;
      if (!this.#carry.skipping) this.#carry.skipping = !this.#carry.append(bytes, from, to);
      this.bytes += to - from + (newline < 0 ? 0 : 1);
      if (newline < 0) return;
      this.#line();
      from = newline + 1;
    }
  }

  /** Nothing is held back but a line that is not complete. */
  flush(): void {}

  end(): void {
    if (this.#carry.length > 0 || this.#carry.skipping) this.#line();
  }

  #line(): void {
    const carry = this.#carry;
    this.lines++;
    const tooLong = carry.skipping;
    carry.skipping = false;
    if (tooLong) this.#bad({ expected: `expected a line of at most ${carry.longest} bytes` }, '');
    else this.#text();
    carry.drop(carry.length);
    this.#start = this.bytes;
  }

  #text(): void {
    const text = decoder.decode(this.#carry.bytes.subarray(0, this.#carry.length)).trim();
    if (text !== '') this.#record(text);
  }

  #record(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(this.#options.wideIntegers === true ? quoteWide(text) : text);
    } catch {
      return this.#bad(jsonProblem(text), text);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.#bad({ expected: 'expected a record, a JSON object' }, text);
    const problem = this.#options.onRecord(value as LineRecord, this.lines);
    if (problem !== undefined) this.#bad(problem, text);
  }

  #bad(problem: Problem, text: string): void {
    this.badLines++;
    const { name, strictInput, onBadLine } = this.#options;
    const start = this.#carry.bytes.subarray(0, Math.min(this.#carry.length, 400));
    const bad = badLine(this.lines, this.#start, start, problem, text, 0);
    if (strictInput === true) {
      const where = `${name === undefined ? '' : `${escapeText(name, 400)}: `}line ${this.lines}`;
      throw new MalformedInputError(`${where}: ${bad.expected}`, bad);
    }
    onBadLine?.(bad);
  }
}
