import { Columns, Op } from '@overmap/core';
import { NEWLINE, RETURN, SLOW } from './ascii.ts';
import type { BadLine, Problem } from './bad-line.ts';
import { objectEnd } from './embedded-object.ts';
import { MalformedInputError } from './errors.ts';
import { escapeText } from './escape-text.ts';
import { fillColumns } from './fill-columns.ts';
import { parseHeader, type TraceHeader } from './header.ts';
import { jsonProblem } from './json-error.ts';
import { LineCarry, SLACK } from './line-carry.ts';
import { RecordScanner } from './record-scanner.ts';
import type { Site } from './event.ts';
import type { InternTable } from './intern-table.ts';
import type { Slots } from './slots.ts';
import type { ScannerOptions, TraceWarning } from './scanner-options.ts';
import { makeTables, type TraceTables } from './tables.ts';
import { validateEvent } from './validate-event.ts';
import { warmUp } from './warm-up.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const LONGEST_LINE = 64 * 1024 * 1024;
/** Bytes in a buffer from which on the input is taken for a long one. */
const WORTH_WARMING = 256 * 1024;
const JSON_NAME = /\.(?:jsonl|json|ndjson)(?:\.gz)?$/i;
const HEADER_WORDS = 'a trace\'s header, a line that begins {"trace":"overmap","version":1,"system":"sel4",…';

/**
 * Reads a trace from bytes that are pushed into it, without I/O of its own: JSON Lines, or a log in which the records
 * stand between other output. Fills one {@link Columns} again and again.
 *
 * @example
 * ```ts
 * const scanner = new TraceScanner({ onBatch: (columns) => { total += columns.count; } });
 * scanner.feed(bytes, bytes.length);
 * scanner.end();
 * ```
 */
export class TraceScanner implements TraceTables {
  readonly columns: Columns;
  readonly slots: Slots;
  readonly names: InternTable<string | number>;
  readonly sites: InternTable<Site>;
  /** The header; undefined until it was read. */
  header: TraceHeader | undefined = undefined;
  /** Uncompressed bytes fed. */
  bytes = 0;
  /** Physical lines so far. */
  lines = 0;
  /** Records after the header, bad lines not counted. */
  records = 0;
  /** `state` records in batches that were handed out. */
  states = 0;
  /** `mark` records in batches that were handed out. */
  marks = 0;
  badLines = 0;
  /** Lines of a log that are no records and do not look like any. */
  otherLines = 0;
  /** Records that the fast path left to `JSON.parse`; many of them mean a recorder with an unusual spelling. */
  slowLines = 0;
  /** How often the header came again. */
  repeatedHeaders = 0;
  readonly #options: ScannerOptions;
  readonly #record: RecordScanner;
  readonly #carry: LineCarry;
  readonly #truth: boolean;
  #isLog: boolean;
  #headerText = '';
  /** Bytes of the input before the buffer at hand. */
  #base = 0;
  #firstText: string | undefined = undefined;
  /** The caller's bytes, under one class of array, and a view of them. */
  #view: DataView = new DataView(new ArrayBuffer(0));
  #wrapped: Uint8Array = new Uint8Array(0);

  constructor(options: ScannerOptions = {}) {
    this.#options = options;
    this.#truth = options.truth ?? false;
    this.columns = new Columns(options.capacity ?? 2048);
    const tables = makeTables();
    this.slots = tables.slots;
    this.names = tables.names;
    this.sites = tables.sites;
    this.#record = new RecordScanner(this.columns, this, this.#truth, options.states ?? false);
    this.#carry = new LineCarry(options.longestLine ?? LONGEST_LINE);
    this.#isLog = !JSON_NAME.test(options.name ?? '');
  }

  /** Whether other output between the records is expected. */
  get isLog(): boolean {
    return this.#isLog;
  }

  /**
   * Read some more of the input.
   *
   * @param bytes - may be cut anywhere, and used again afterwards
   * @param length - how many of them count
   * @throws {@link MalformedInputError} when the header is wrong or missing, or, with `strictInput`, at a bad line
   */
  feed(bytes: Uint8Array, length: number = bytes.length): void {
    // A Buffer and a Uint8Array have different hidden classes; the fast path must see one of them only.
    if (
      this.#wrapped.buffer !== bytes.buffer ||
      this.#wrapped.byteOffset !== bytes.byteOffset ||
      this.#wrapped.length !== length
    ) {
      this.#wrapped = new Uint8Array(bytes.buffer, bytes.byteOffset, length);
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, length);
    }
    if (length >= WORTH_WARMING) warmUp();
    const buffer = this.#wrapped;
    const carry = this.#carry;
    let from = 0;
    if (carry.pending) {
      const newline = buffer.indexOf(NEWLINE);
      from = newline < 0 ? length : newline + 1;
      this.#take(buffer, 0, from);
    }
    // The fast path reads ahead of a line's end: the last lines of the buffer are copied to where there is room.
    const limit = length - SLACK;
    const last = limit <= from ? -1 : buffer.lastIndexOf(NEWLINE, limit);
    if (last >= from) {
      this.#base = this.bytes;
      this.#readLines(buffer, this.#view, from, last + 1);
      from = last + 1;
    }
    if (from < length) this.#take(buffer, from, length);
    this.bytes += length;
  }

  /**
   * The input is at its end: read the last line and hand out the last batch.
   *
   * @throws {@link MalformedInputError} when there was no header, or, with `strictInput`, when the last line is bad
   */
  end(): void {
    const carry = this.#carry;
    if (carry.skipping) this.lines++;
    else if (carry.length > 0) {
      carry.append(Uint8Array.of(NEWLINE), 0, 1);
      this.#base = this.bytes - carry.length + 1;
      this.#readLines(carry.bytes, carry.view, 0, carry.length);
    }
    carry.drop(carry.length);
    this.flush();
    if (this.header === undefined) this.#noHeader();
  }

  /** Hand out the records so far, for instance where reading has to stop early. */
  flush(): void {
    const { columns } = this;
    if (columns.count > 0) {
      for (let i = 0; i < columns.count; i++) {
        const op = columns.op[i];
        if (op === Op.state) this.states++;
        else if (op === Op.mark) this.marks++;
      }
      this.#options.onBatch?.(columns, this);
    }
    this.#record.clear(columns.count);
    columns.count = 0;
  }

  /** The trace's own name of a dense slot, for messages: "7", or `7 of cspace "init"`. */
  slotName(dense: number): string {
    const { number, cspace } = this.slots.nameOf(dense);
    return cspace === undefined
      ? `${number}`
      : `${number} of cspace "${escapeText(String(this.names.values[cspace]))}"`;
  }

  /** Put [from, to) into the carry, read its complete lines, keep the rest. */
  #take(bytes: Uint8Array, from: number, to: number): void {
    const carry = this.#carry;
    const end = this.bytes + to;
    if (carry.skipping) {
      const newline = bytes.indexOf(NEWLINE, from);
      if (newline < 0 || newline >= to) return;
      this.lines++;
      carry.skipping = false;
      from = newline + 1;
    }
    if (!carry.append(bytes, from, to)) {
      const before = this.bytes + from - carry.length;
      this.#report(this.lines + 1, before, carry.bytes.subarray(0, 400), {
        expected: `expected a line of at most ${carry.longest} bytes`,
      });
      carry.drop(carry.length);
      carry.skipping = bytes[to - 1] !== NEWLINE;
      if (!carry.skipping) this.lines++;
      return;
    }
    const newline = carry.length === 0 ? -1 : carry.bytes.lastIndexOf(NEWLINE, carry.length - 1);
    if (newline < 0) return;
    this.#base = end - carry.length;
    this.#readLines(carry.bytes, carry.view, 0, newline + 1);
    carry.drop(newline + 1);
  }

  /** Read complete lines; `bytes` has room to read ahead behind `to`. */
  #readLines(bytes: Uint8Array, view: DataView, from: number, to: number): void {
    const { columns } = this;
    const record = this.#record;
    const { line, event, capacity } = columns;
    let p = from;
    while (p < to) {
      const i = columns.count;
      const next = this.header === undefined ? SLOW : record.scan(bytes, view, p, i);
      if (next === SLOW) p = this.#oddLine(bytes, view, p);
      else {
        p = next;
        line[i] = ++this.lines;
        event[i] = this.records++;
        columns.count = i + 1;
      }
      if (columns.count === capacity) this.flush();
    }
  }

  /** A line that the fast path did not take. Returns the position of the next. */
  #oddLine(bytes: Uint8Array, view: DataView, from: number): number {
    const next = bytes.indexOf(NEWLINE, from) + 1;
    let end = next - 1;
    if (end > from && bytes[end - 1] === RETURN) end--;
    this.lines++;
    let p = from;
    if (this.lines === 1 && bytes[p] === 0xef && bytes[p + 1] === 0xbb && bytes[p + 2] === 0xbf) p += 3;
    while (p < end && (bytes[p] === 0x20 || bytes[p] === 0x09)) p++;
    if (p === end) return next;
    const text = decoder.decode(bytes.subarray(p, end));
    const bad = (problem: Problem): number => {
      this.#report(
        this.lines,
        this.#base + from,
        bytes.subarray(from, Math.min(end, from + 400)),
        problem,
        text,
        p - from,
      );
      return next;
    };
    if (text.includes('"trace"') && this.#headerLine(text, bad)) return next;
    if (this.header === undefined) {
      this.#beforeHeader(text, bad);
      return next;
    }
    const record = text.startsWith('{') || text.includes('"op":');
    if (!record && this.#isLog) {
      this.otherLines++;
      return next;
    }
    if (!record) return bad({ expected: 'expected a record, a line that begins {"op":' });
    const start = text.indexOf('{"op"');
    // A prefix of the log, then a record that the fast path knows.
    if (this.#isLog && start > 0 && this.#scanAt(bytes, view, p, start, text, next)) return next;
    const parsed = this.#parse(text, start);
    if (!('value' in parsed)) return bad(parsed);
    const event = validateEvent(parsed.value, this.#truth);
    if ('expected' in event) return bad(event);
    const i = this.columns.count;
    if (!fillColumns(this.columns, i, event, this)) {
      return bad({ expected: 'expected at most 8,388,608 different slots and 65,536 different CSpaces' });
    }
    this.#record.touched();
    if (this.#options.states !== true) this.columns.states.delete(i);
    this.slowLines++;
    this.#accept(i);
    return next;
  }

  #accept(i: number): void {
    this.columns.line[i] = this.lines;
    this.columns.event[i] = this.records++;
    this.columns.count = i + 1;
  }

  /** Try the fast path behind a prefix of `start` characters. */
  #scanAt(bytes: Uint8Array, view: DataView, p: number, start: number, text: string, next: number): boolean {
    const at = p + new TextEncoder().encode(text.slice(0, start)).length;
    const i = this.columns.count;
    if (bytes[at] !== 0x7b || this.#record.scan(bytes, view, at, i) !== next) return false;
    this.#accept(i);
    return true;
  }

  /** Parse a line that looks like a record; in a log, also one between other text. */
  #parse(text: string, start: number): { readonly value: unknown } | Problem {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      if (!this.#isLog) return jsonProblem(text);
    }
    const from = start >= 0 ? start : text.indexOf('{');
    const to = from < 0 ? -1 : objectEnd(text, from);
    if (from < 0) return { expected: 'expected a record, an object that begins {"op":' };
    const object = to < 0 ? text.slice(from) : text.slice(from, to);
    try {
      return { value: JSON.parse(object) as unknown };
    } catch {
      const { expected, at } = jsonProblem(object);
      return at === undefined ? { expected } : { expected, at: at + from };
    }
  }

  /** @returns whether the line was a header, good or bad */
  #headerLine(text: string, bad: (problem: Problem) => number): boolean {
    const named = text.indexOf('{"trace"');
    const start = named >= 0 ? named : text.indexOf('{');
    const end = start < 0 ? -1 : objectEnd(text, start);
    if (end < 0) return false;
    const object = text.slice(start, end);
    let raw: unknown;
    try {
      raw = JSON.parse(object);
    } catch {
      return false;
    }
    if (typeof raw !== 'object' || raw === null || !('trace' in raw) || raw.trace !== 'overmap') return false;
    if (this.header !== undefined) {
      if (object !== this.#headerText) {
        bad({ expected: 'expected records of the trace that the header began, found a different header' });
      } else if (!this.#isLog) {
        bad({ expected: 'expected one header, found it again' });
      } else {
        this.flush();
        this.repeatedHeaders++;
        this.#warn('repeated-header', 'the header came again: the system was started anew, its capabilities are gone');
      }
      return true;
    }
    const parsed = parseHeader({ ...raw }, this.slots, (message) => this.#warn('unknown-config-key', message));
    if (typeof parsed === 'string') throw this.#error(`line ${this.lines}: ${parsed}`);
    if (this.#firstText !== undefined) this.#isLog = true;
    this.#headerText = object;
    this.header = parsed;
    this.#options.onHeader?.(parsed, this);
    return true;
  }

  /** A line before the header: the other output of a log, or the beginning of something that is no trace. */
  #beforeHeader(text: string, bad: (problem: Problem) => number): void {
    this.#firstText ??= text.slice(0, 400);
    if (text.slice(0, 400).includes('\0') && this.lines === 1) this.#noHeader();
    if (!text.startsWith('{') && !text.includes('"op":')) this.otherLines++;
    else if (this.#isLog) bad({ expected: `expected ${HEADER_WORDS} before the first record` });
    else this.#noHeader();
  }

  #noHeader(): never {
    const found =
      this.#firstText === undefined
        ? this.bytes === 0
          ? 'the input is empty'
          : 'the input has only blank lines'
        : `the input begins ${this.#firstText.slice(0, 400).includes('\0') ? 'with binary data: ' : ''}"${escapeText(this.#firstText)}"`;
    throw this.#error(`no trace: expected ${HEADER_WORDS}; ${found}`);
  }

  #error(message: string): MalformedInputError {
    const { name } = this.#options;
    return new MalformedInputError(name === undefined ? message : `${escapeText(name, 400)}: ${message}`);
  }

  #warn(kind: TraceWarning['kind'], message: string): void {
    this.#options.onWarning?.({ kind, line: this.lines, message });
  }

  #report(line: number, offset: number, start: Uint8Array, problem: Problem, text = '', skipped = 0): void {
    this.badLines++;
    const at = problem.at ?? (problem.key === undefined ? -1 : text.indexOf(`"${problem.key}"`));
    const column = at < 0 ? {} : { column: skipped + new TextEncoder().encode(text.slice(0, at)).length };
    const bad: BadLine = {
      line,
      offset,
      ...column,
      expected: problem.expected,
      text: escapeText(decoder.decode(start)),
    };
    if (this.#options.strictInput === true) {
      this.flush();
      const { name } = this.#options;
      const where = `${name === undefined ? '' : `${escapeText(name, 400)}: `}line ${line}`;
      throw new MalformedInputError(`${where}: ${bad.expected}`, bad);
    }
    this.#options.onBadLine?.(bad);
  }
}
