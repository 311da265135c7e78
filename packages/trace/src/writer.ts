import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { OutputError } from './errors.ts';
import { escapeText } from './escape-text.ts';
import type { TraceEvent } from './event.ts';
import { formatEvent } from './format-event.ts';

/** Characters collected before they are written; with `.gz`, those of one member of the gzip file. */
const PIECE = 1 << 20;

/** Options of a {@link TraceWriter}. */
export interface TraceWriterOptions {
  /** Compress. Default: whether the path ends in `.gz`; for a stream, false. */
  readonly gzip?: boolean;
}

/**
 * Writes a trace, line by line. A file appears under its name only when it is complete: it is written beside it and
 * renamed by {@link TraceWriter.close}. (What is no regular file, such as `/dev/stdout`, is written directly.)
 *
 * @example
 * ```ts
 * const writer = new TraceWriter('out.jsonl.gz');
 * writer.writeHeader(header.raw);
 * writer.write({ op: 'unmap', cap: 7, ret: 'ok' });
 * await writer.close();
 * ```
 */
export class TraceWriter {
  readonly #target: Target;
  readonly #gzip: boolean;
  #pending = '';
  /** Bytes that wait; never at the same time as text. */
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #open = true;

  /**
   * @param target - a path, or a stream, which stays open
   * @throws {@link OutputError} when the file cannot be made
   */
  constructor(target: string | Writable, options: TraceWriterOptions = {}) {
    this.#gzip = options.gzip ?? (typeof target === 'string' && target.endsWith('.gz'));
    this.#target = typeof target === 'string' ? fileTarget(target) : streamTarget(target);
  }

  /** Write the header, as an object: `TraceHeader.raw`, or one made by hand. */
  writeHeader(header: Readonly<Record<string, unknown>>): boolean {
    return this.writeLine(JSON.stringify(header));
  }

  /**
   * Write an event.
   *
   * @returns false when the caller should await {@link TraceWriter.drained} before it goes on (streams only)
   * @throws {@link OutputError} when something could not be written
   */
  write(event: TraceEvent): boolean {
    return this.writeLine(formatEvent(event));
  }

  /** Write one line as it is, given without its newline. Returns and throws as {@link TraceWriter.write}. */
  writeLine(line: string): boolean {
    if (!this.#open) throw new OutputError('this trace is closed already');
    if (this.#bytes > 0) this.#flush();
    this.#pending += `${line}\n`;
    return this.#pending.length < PIECE || this.#flush();
  }

  /** Write lines as they are, given as bytes with their newlines. Returns and throws as {@link TraceWriter.write}. */
  writeBytes(bytes: Uint8Array): boolean {
    if (!this.#open) throw new OutputError('this trace is closed already');
    if (this.#pending !== '') this.#flush();
    // The caller uses its bytes again, and the slice of a Buffer is no copy.
    this.#pieces.push(new Uint8Array(bytes));
    this.#bytes += bytes.length;
    return this.#bytes < PIECE || this.#flush();
  }

  /** Resolves when a stream takes more. */
  drained(): Promise<void> {
    return this.#target.drained();
  }

  /**
   * Write what is left and, for a file, give it its name.
   *
   * @throws {@link OutputError} when that fails; the temporary file is removed
   */
  async close(): Promise<void> {
    if (!this.#open) return;
    try {
      if (this.#pending !== '' || this.#bytes > 0) this.#flush();
      await this.#target.drained();
      this.#target.finish();
      this.#open = false;
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Give up: nothing appears under the name, the temporary file is removed. Harmless after `close`. */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#pending = '';
    this.#pieces = [];
    this.#target.abandon();
  }

  #flush(): boolean {
    const bytes = this.#bytes > 0 ? Buffer.concat(this.#pieces) : Buffer.from(this.#pending, 'utf8');
    this.#pending = '';
    this.#pieces = [];
    this.#bytes = 0;
    return this.#target.put(this.#gzip ? gzipSync(bytes) : bytes);
  }
}

interface Target {
  put(bytes: Uint8Array): boolean;
  drained(): Promise<void>;
  finish(): void;
  abandon(): void;
}

function fail(path: string, error: unknown): OutputError {
  const words = error instanceof Error ? error.message : String(error);
  return new OutputError(`cannot write ${escapeText(path, 400)}: ${escapeText(words, 200)}`, { cause: error });
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw fail(path, error);
  }
}

function fileTarget(path: string): Target {
  const there = statSync(path, { throwIfNoEntry: false });
  const direct = there !== undefined && !there.isFile() && !there.isDirectory();
  const name = direct ? path : join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  let file = attempt(path, () => openSync(name, direct ? 'w' : 'wx'));
  const close = (): void => {
    if (file >= 0) closeSync(file);
    file = -1;
  };
  return {
    put(bytes) {
      attempt(path, () => {
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      });
      return true;
    },
    drained: () => Promise.resolve(),
    finish() {
      attempt(path, () => {
        if (!direct) fsyncSync(file);
        close();
        if (!direct) renameSync(name, path);
      });
    },
    abandon() {
      close();
      if (!direct) rmSync(name, { force: true });
    },
  };
}

function streamTarget(stream: Writable): Target {
  let broken: OutputError | undefined;
  let full = false;
  const onError = (error: unknown): void => {
    broken = fail('the output', error);
  };
  stream.on('error', onError);
  return {
    put(bytes) {
      if (broken !== undefined) throw broken;
      full = !stream.write(bytes);
      return !full;
    },
    async drained() {
      if (broken !== undefined) throw broken;
      if (!full) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          stream.off('drain', done).off('error', done).off('close', done);
          resolve();
        };
        stream.on('drain', done).on('error', done).on('close', done);
      });
      full = false;
      if (broken !== undefined) throw broken;
    },
    finish() {
      // A late error has nobody to tell; without a listener it would end the process.
    },
    abandon() {},
  };
}
