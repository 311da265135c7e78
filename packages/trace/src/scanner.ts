import { Columns, Op } from '@overmap/core';
import { NEWLINE, RETURN, SLOW } from './ascii.ts';
import { badLine, type Problem } from './bad-line.ts';
import { MalformedInputError } from './errors.ts';
import { escapeText } from './escape-text.ts';
import { fillColumns } from './fill-columns.ts';
import { HEADER_WORDS, isHeader, noHeader, parseHeader, type TraceHeader } from './header.ts';
import { jsonProblem } from './json-error.ts';
import { LineCarry, SLACK } from './line-carry.ts';
import { hasTraceKey, readLogLine } from './log-line.ts';
import { RecordScanner } from './record-scanner.ts';
import type { Site } from './event.ts';
import type { InternTable } from './intern-table.ts';
import type { Slots } from './slots.ts';
import type { ScannerOptions, TraceWarning } from './scanner-options.ts';
import { makeTables, type TraceTables } from './tables.ts';
import { validateEvent } from './validate-event.ts';
import { warmUp } from './warm-up.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Bytes of the longest line that is read, unless the caller says otherwise. */
export const LONGEST_LINE: number = 64 * 1024 * 1024;
/** Bytes in a buffer from which on the input is taken for a long one. */
const WORTH_WARMING = 256 * 1024;
/** Bytes of a line from which on it is looked at before it is made a string. */
const LONG = 1 << 16;
const JSON_NAME = /\.(?:jsonl|json|ndjson)(?:\.gz)?$/i;

/** Tells what is wrong with the line at hand. */
type Bad = (problem: Problem) => void;

/** Whether a foreign object of a log, for instance a logger's, has a record as one of its values. */
const holdsRecord = (value: Readonly<Record<string, unknown>>): boolean =>
  Object.values(value).some((inner) => typeof inner === 'object' && !('expected' in validateEvent(inner, false)));

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
    // Of a long line that is no record the beginning will do.
    const whole = end - p < LONG || bytes[p] === 0x7b || hasTraceKey(bytes, p, end);
    const text = decoder.decode(bytes.subarray(p, whole ? end : p + 400));
    if (this.#isLog && this.header !== undefined && this.#scanBehindPrefix(bytes, view, p, text, next)) return next;
    let told = false;
    const bad = (problem: Problem): void => {
      // A line is bad once, whatever it holds.
      if (told) return;
      told = true;
      const start = bytes.subarray(from, Math.min(end, from + 400));
      this.#report(this.lines, this.#base + from, start, problem, text, p - from);
    };
    if (this.#isLog || this.header === undefined) this.#logLine(text, bad);
    else this.#jsonLine(text, bad);
    return next;
  }

  /** In a log: try the fast path behind a prefix that is not itself meant for a record. */
  #scanBehindPrefix(bytes: Uint8Array, view: DataView, p: number, text: string, next: number): boolean {
    const start = text.indexOf('{"op"');
    if (start <= 0 || text.indexOf('"op":') !== start + 1) return false;
    const at = p + new TextEncoder().encode(text.slice(0, start)).length;
    const i = this.columns.count;
    if (bytes[at] !== 0x7b || this.#record.scan(bytes, view, at, i) !== next) return false;
    this.#accept(i);
    return true;
  }

  /** A line of JSON Lines behind the header: one record. */
  #jsonLine(text: string, bad: Bad): void {
    let value: unknown;
    if (!text.startsWith('{') && !text.includes('"op":')) {
      return bad({ expected: 'expected a record, a line that begins {"op":' });
    }
    try {
      value = JSON.parse(text);
    } catch {
      return bad(jsonProblem(text));
    }
    if (isHeader(value)) this.#takeHeader(value, text, bad);
    else this.#takeRecord(value, text, 0, bad);
  }

  /** A line that may have other text around its records, or is looked through for the header. */
  #logLine(text: string, bad: Bad): void {
    const began = this.header !== undefined;
    if (!text.startsWith('{') && !text.includes('"op"') && !text.includes('"trace"')) {
      if (!began) this.#beforeHeader(text);
      this.otherLines++;
      return;
    }
    const { objects, broken } = readLogLine(text);
    let found = broken !== undefined;
    for (const { start, end, value } of objects) {
      const isRecord = Object.hasOwn(value, 'op');
      if (isHeader(value)) this.#takeHeader(value, text.slice(start, end), bad);
      else if (!isRecord && !holdsRecord(value)) continue;
      else if (this.header === undefined) {
        this.#beforeHeader(text);
        bad({ expected: `expected ${HEADER_WORDS} before the first record` });
      } else if (!this.#isLog) bad({ expected: 'expected the end of the line behind the header' });
      else if (isRecord) this.#takeRecord(value, text, start, bad);
      else bad({ expected: 'expected a record by itself, found it inside of another object', at: start });
      found = true;
    }
    if (!began && this.header === undefined) this.#beforeHeader(text);
    if (broken !== undefined) bad(broken);
    else if (!found) this.otherLines++;
  }

  /** A record as the object that `JSON.parse` made; `start` is where it stands in its line. */
  #takeRecord(value: unknown, text: string, start: number, bad: Bad): void {
    const event = validateEvent(value, this.#truth);
    if ('expected' in event) {
      const { expected, key } = event;
      const at = key === undefined ? -1 : text.indexOf(`"${key}"`, start);
      return bad(at < 0 ? { expected } : { expected, at });
    }
    // A line of a log may hold more than one.
    if (this.columns.count === this.columns.capacity) this.flush();
    const i = this.columns.count;
    if (!fillColumns(this.columns, i, event, this)) {
      return bad({ expected: 'expected at most 8,388,608 different slots and 65,536 different CSpaces' });
    }
    this.#record.touched();
    if (this.#options.states !== true) this.columns.states.delete(i);
    this.slowLines++;
    this.#accept(i);
  }

  #accept(i: number): void {
    this.columns.line[i] = this.lines;
    this.columns.event[i] = this.records++;
    this.columns.count = i + 1;
  }

  /** A header, the first or again. */
  #takeHeader(raw: Readonly<Record<string, unknown>>, object: string, bad: Bad): void {
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
      return;
    }
    const parsed = parseHeader(raw, this.slots, (message) => this.#warn('unknown-config-key', message));
    if (typeof parsed === 'string') throw this.#error(`line ${this.lines}: ${parsed}`);
    if (this.#firstText !== undefined) this.#isLog = true;
    this.#headerText = object;
    this.header = parsed;
    this.#options.onHeader?.(parsed, this);
  }

  /** A line before the header: the other output of a log, or the beginning of something that is no trace. */
  #beforeHeader(text: string): void {
    this.#firstText ??= text.slice(0, 400);
    if (text.slice(0, 400).includes('\0') && this.lines === 1) this.#noHeader();
    if (!this.#isLog && (text.startsWith('{') || text.includes('"op":'))) this.#noHeader();
  }

  #noHeader(): never {
    throw this.#error(noHeader(this.bytes === 0, this.#firstText));
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
    const bad = badLine(line, offset, start, problem, text, skipped);
    if (this.#options.strictInput === true) {
      this.flush();
      const { name } = this.#options;
      const where = `${name === undefined ? '' : `${escapeText(name, 400)}: `}line ${line}`;
      throw new MalformedInputError(`${where}: ${bad.expected}`, bad);
    }
    this.#options.onBadLine?.(bad);
  }
}
