import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InputUnreadableError, MalformedInputError } from './errors.ts';
import { escapeText } from './escape-text.ts';
import { BrokenGzipError, GzipMembers } from './gzip-members.ts';
import { TraceScanner } from './scanner.ts';
import type { ScannerOptions } from './scanner-options.ts';

/** Bytes read at a time. */
const BUFFER = 512 * 1024;
/** Buffers between two turns of the event loop: 8 MiB, some tens of milliseconds. */
const BREATHS = 16;
/** Bytes that are inflated at a time; with zlib's default of 16 KiB a whole run takes a third longer. */
const INFLATED = 256 * 1024;

/** Options of {@link readTrace}. `name` defaults to the path. */
export interface ReadOptions extends ScannerOptions {
  /** Polled after each buffer; true ends reading early, what was read so far is delivered. */
  readonly stop?: () => boolean;
  /** After each buffer: bytes of the file (compressed, if it is) read so far, and how many it has, if known. */
  readonly onProgress?: (read: number, total: number | undefined) => void;
  /** Each piece of the uncompressed text, before it is scanned: cut anywhere, and overwritten afterwards. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** What "-" reads. Default: standard input. */
  readonly stdin?: Readable;
}

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
  const name = options.name ?? (path === '-' ? 'standard input' : path);
  const scanner = new TraceScanner({ ...options, name });
  const reading = new Reading(scanner, options, name);
  if (path === '-') await reading.readStream(options.stdin ?? process.stdin);
  else await reading.readFile(path);
  const { bytes, lines, records, states, marks, badLines, otherLines, slowLines } = scanner;
  const events = records - states - marks;
  return { bytes, lines, records, events, states, marks, badLines, otherLines, slowLines, stopped: reading.stopped };
}

class Reading {
  stopped = false;
  readonly #scanner: TraceScanner;
  readonly #options: ReadOptions;
  readonly #name: string;
  #total: number | undefined = undefined;

  constructor(scanner: TraceScanner, options: ReadOptions, name: string) {
    this.#scanner = scanner;
    this.#options = options;
    this.#name = escapeText(name, 400);
  }

  async readFile(path: string): Promise<void> {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch (error) {
      throw this.#unreadable(error);
    }
    try {
      const stat = fstatSync(file);
      if (stat.isDirectory()) throw new InputUnreadableError(`${this.#name} is a directory, not a trace`);
      if (stat.isFile()) this.#total = stat.size;
      const buffer = new Uint8Array(BUFFER);
      let length = this.#readSome(file, buffer);
      // A pipe may hand out one byte at first.
      if (length === 1) length += this.#readSome(file, buffer.subarray(1));
      if (buffer[0] === 0x1f && buffer[1] === 0x8b && length > 1) {
        // The stream closes the file from now on. A pipe cannot be read again from its beginning.
        const start = stat.isFile() ? { start: 0 } : {};
        const input = createReadStream(path, { fd: file, highWaterMark: INFLATED, ...start });
        file = -1;
        return await this.#gunzip(input, stat.isFile() ? new Uint8Array(0) : buffer.subarray(0, length));
      }
      let read = 0;
      let breath = 0;
      while (length > 0 && !this.stopped) {
        this.#feed(buffer, length);
        read += length;
        // Signals are delivered between turns of the event loop only.
        if (++breath % BREATHS === 0) await nextTurn();
        this.#poll(read);
        if (!this.stopped) length = this.#readSome(file, buffer);
      }
      this.#finish();
    } finally {
      if (file >= 0) closeSync(file);
    }
  }

  async readStream(input: Readable): Promise<void> {
    // An error may come while nobody else listens; whoever reads on finds it in `errored`.
    input.on('error', () => {});
    const first = await this.#firstBytes(input);
    if (first[0] === 0x1f && first[1] === 0x8b) return this.#gunzip(input, first);
    let read = 0;
    const take = (chunk: Uint8Array): void => {
      this.#feed(chunk, chunk.length);
      read += chunk.length;
      this.#poll(read);
    };
    if (first.length > 0) take(first);
    if (!this.stopped) await this.#drain(input, take);
    this.#finish();
  }

  /** The first chunk of a stream, of at least two bytes if it has so many. The stream is paused afterwards. */
  #firstBytes(input: Readable): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let head: Uint8Array = new Uint8Array(0);
      const settle = (act: () => void): void => {
        input.pause();
        input.off('data', onData).off('end', onEnd).off('error', onError);
        act();
      };
      const onData = (chunk: Uint8Array): void => {
        head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
        if (head.length > 1) settle(() => resolve(head));
      };
      const onEnd = (): void => settle(() => resolve(head));
      const onError = (error: unknown): void => settle(() => reject(this.#unreadable(error)));
      if (input.readableEnded) resolve(head);
      else input.on('data', onData).on('end', onEnd).on('error', onError);
    });
  }

  async #gunzip(input: Readable, first: Uint8Array): Promise<void> {
    const members = new GzipMembers(input, first, INFLATED);
    const scanner = this.#scanner;
    try {
      await members.inflate((text) => {
        this.#feed(text, text.length);
        this.#poll(members.read);
        return !this.stopped;
      });
    } catch (error) {
      // What was read before is delivered; what a handler throws is passed on.
      const broken = error instanceof BrokenGzipError;
      if (!broken && error !== input.errored) throw error;
      scanner.flush();
      if (!broken) throw this.#unreadable(error);
      const what = error.truncated
        ? 'the gzip stream ends in the middle'
        : `the gzip stream is corrupt (${text(error)})`;
      const where = `about byte ${members.read} of the file, after ${scanner.bytes} bytes of text`;
      throw new MalformedInputError(`${this.#name}: ${what}, at ${where}`, undefined, { cause: error });
    } finally {
      input.destroy();
    }
    this.#finish();
    if (members.garbage)
      this.#options.onWarning?.({
        kind: 'trailing-garbage',
        line: scanner.lines,
        message: `what follows byte ${members.read} of the file is no gzip data and was left out`,
      });
  }

  /** Push a stream's chunks until its end or until stopped; what was read before an error is delivered. */
  #drain(stream: Readable, take: (chunk: Uint8Array) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        if (this.stopped) return;
        try {
          this.#scanner.flush();
        } catch (thrown) {
          reject(thrown);
          return;
        }
        reject(this.#unreadable(error));
      };
      stream.on('data', (chunk: Uint8Array) => {
        if (this.stopped) return;
        try {
          take(chunk);
        } catch (error) {
          this.stopped = true;
          stream.destroy();
          reject(error);
          return;
        }
        if (this.stopped) {
          stream.destroy();
          resolve();
        }
      });
      stream.on('end', resolve);
      stream.on('error', fail);
      if (stream.errored) fail(stream.errored);
      else if (stream.readableEnded) resolve();
      else stream.resume();
    });
  }

  #readSome(file: number, buffer: Uint8Array): number {
    try {
      return readSync(file, buffer, 0, buffer.length, null);
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  #feed(bytes: Uint8Array, length: number): void {
    this.#options.onBytes?.(length === bytes.length ? bytes : bytes.subarray(0, length));
    this.#scanner.feed(bytes, length);
  }

  #poll(read: number): void {
    this.#options.onProgress?.(read, this.#total);
    if (this.#options.stop?.() === true) this.stopped = true;
  }

  /** Stopped in the middle, the last line is not a whole one. */
  #finish(): void {
    if (this.stopped) this.#scanner.flush();
    else this.#scanner.end();
  }

  #unreadable(error: unknown): InputUnreadableError {
    const words: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EACCES: 'permission denied',
      EISDIR: 'it is a directory, not a trace',
    };
    const why = words[(error as NodeJS.ErrnoException).code ?? ''] ?? text(error);
    return new InputUnreadableError(`cannot read ${this.#name}: ${why}`, { cause: error });
  }
}

const text = (error: unknown): string => escapeText(error instanceof Error ? error.message : String(error), 200);
