import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InputUnreadableError, MalformedInputError } from './errors.ts';
import { escapeText } from './escape-text.ts';
import { BrokenGzipError, GzipMembers } from './gzip-members.ts';
import { tellsKind } from './input-kind.ts';
import type { TraceWarning } from './scanner-options.ts';

/** Bytes read at a time. */
const BUFFER = 512 * 1024;
/** Buffers between two turns of the event loop: 8 MiB, some tens of milliseconds. */
const BREATHS = 16;
/** Bytes that are inflated at a time; with zlib's default of 16 KiB a whole run takes a third longer. */
const INFLATED = 256 * 1024;
/** Bytes of text that tell what an input is: enough for a header and some lines of a log. */
const HEAD = 16 * 1024;

/** Takes the text of an input, piece by piece. */
export interface InputReader {
  /** Uncompressed bytes taken so far. */
  readonly bytes: number;
  /** Physical lines so far. */
  readonly lines: number;
  /** Some more text; cut anywhere, and overwritten afterwards. `length` says how many of the bytes count. */
  feed(bytes: Uint8Array, length: number): void;
  /** Reading stops early: hand out what is complete. */
  flush(): void;
  /** The input is at its end. */
  end(): void;
}

/** Options of {@link readInput}. */
export interface InputOptions {
  /** The input's name in messages; the path by default. */
  readonly name?: string;
  /** Polled after each buffer; true ends reading early, what was read so far is delivered. */
  readonly stop?: () => boolean;
  /** After each buffer: bytes of the file (compressed, if it is) read so far, and how many it has, if known. */
  readonly onProgress?: (read: number, total: number | undefined) => void;
  /** Each piece of the uncompressed text, before it is read: cut anywhere, and overwritten afterwards. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  readonly onWarning?: (warning: TraceWarning) => void;
  /** What "-" reads. Default: standard input. */
  readonly stdin?: Readable;
}

/**
 * Read a file or standard input, compressed or not, never all of it at once.
 *
 * @param path - a file, or "-" for standard input; gzip is recognised by its first bytes
 * @param options - whom to tell
 * @param reader - who reads the input; or who chooses that, by the first 16 KiB of its text (all, if it is shorter)
 * @returns whether `stop` ended it
 * @throws {@link InputUnreadableError} when it cannot be opened or read
 * @throws {@link MalformedInputError} when its gzip stream is broken (what was read before is delivered first)
 */
export async function readInput(
  path: string,
  options: InputOptions,
  reader: InputReader | ((head: Uint8Array) => InputReader),
): Promise<boolean> {
  const chosen = typeof reader === 'function' ? new ChosenReader(reader) : reader;
  const reading = new Reading(chosen, options, inputName(path, options.name));
  if (path === '-') await reading.readStream(options.stdin ?? process.stdin);
  else await reading.readFile(path);
  return reading.stopped;
}

/** How messages name an input. */
export const inputName = (path: string, name: string | undefined): string =>
  name ?? (path === '-' ? 'standard input' : path);

/** Holds the text back until there is enough of it to choose who reads it. */
class ChosenReader implements InputReader {
  readonly #readerFor: (head: Uint8Array) => InputReader;
  #head: Uint8Array = new Uint8Array(0);
  #reader: InputReader | undefined = undefined;

  constructor(readerFor: (head: Uint8Array) => InputReader) {
    this.#readerFor = readerFor;
  }

  get bytes(): number {
    return this.#reader?.bytes ?? this.#head.length;
  }

  get lines(): number {
    return this.#reader?.lines ?? 0;
  }

  feed(bytes: Uint8Array, length: number): void {
    if (this.#reader !== undefined) return this.#reader.feed(bytes, length);
    if (this.#head.length + length >= HEAD && this.#head.length === 0) {
      this.#reader = this.#readerFor(bytes.subarray(0, HEAD));
      return this.#reader.feed(bytes, length);
    }
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, length)]);
    if (this.#head.length >= HEAD || tellsKind(this.#head)) this.#choose();
  }

  flush(): void {
    this.#choose().flush();
  }

  end(): void {
    this.#choose().end();
  }

  #choose(): InputReader {
    if (this.#reader !== undefined) return this.#reader;
    const head = this.#head;
    this.#head = new Uint8Array(0);
    this.#reader = this.#readerFor(head.subarray(0, HEAD));
    if (head.length > 0) this.#reader.feed(head, head.length);
    return this.#reader;
  }
}

class Reading {
  stopped = false;
  readonly #reader: InputReader;
  readonly #options: InputOptions;
  readonly #name: string;
  #total: number | undefined = undefined;

  constructor(reader: InputReader, options: InputOptions, name: string) {
    this.#reader = reader;
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
    const reader = this.#reader;
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
      reader.flush();
      if (!broken) throw this.#unreadable(error);
      const what = error.truncated
        ? 'the gzip stream ends in the middle'
        : `the gzip stream is corrupt (${text(error)})`;
      const where = `about byte ${members.read} of the file, after ${reader.bytes} bytes of text`;
      throw new MalformedInputError(`${this.#name}: ${what}, at ${where}`, undefined, { cause: error });
    } finally {
      input.destroy();
    }
    this.#finish();
    if (members.garbage)
      this.#options.onWarning?.({
        kind: 'trailing-garbage',
        line: reader.lines,
        message: `what follows byte ${members.read} of the file is no gzip data and was left out`,
      });
  }

  /** Push a stream's chunks until its end or until stopped; what was read before an error is delivered. */
  #drain(stream: Readable, take: (chunk: Uint8Array) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        if (this.stopped) return;
        try {
          this.#reader.flush();
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
    this.#reader.feed(bytes, length);
  }

  #poll(read: number): void {
    this.#options.onProgress?.(read, this.#total);
    if (this.#options.stop?.() === true) this.stopped = true;
  }

  /** Stopped in the middle, the last line is not a whole one. */
  #finish(): void {
    if (this.stopped) this.#reader.flush();
    else this.#reader.end();
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
