import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NEWLINE, SPACE } from '../ascii.ts';
import { InputUnreadableError } from '../errors.ts';
import { escapeText } from '../escape-text.ts';
import { LinePrefix } from './line-prefix.ts';
import type { StraceScanner } from './strace-scanner.ts';

const GREATER = 0x3e;
/** Bytes read of a file at a time: there are as many files as threads. */
const BUFFER = 64 * 1024;
/** Lines between two turns of the event loop. */
const BREATH = 20_000;

/** One file of `strace -ff -o NAME`: the log of one thread. */
export interface ThreadFile {
  readonly path: string;
  /** The thread: what follows the last dot of the file's name. */
  readonly pid: number;
}

/**
 * The files that `strace -ff -o app.strace` left in a folder: `app.strace.1234` and so on.
 *
 * @returns them by their threads' numbers; null where the path is no folder
 * @throws {@link InputUnreadableError} when there are none, or they are of several runs
 */
export function threadFiles(path: string): ThreadFile[] | null {
  if (path === '-' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  const found = readdirSync(path)
    .map((name) => ({ name, parts: /^(.+)\.(\d{1,7})$/.exec(name) }))
    .flatMap(({ name, parts }) => (parts === null ? [] : [{ name, run: parts[1], pid: Number(parts[2]) }]));
  const shown = escapeText(path, 400);
  if (found.length === 0)
    throw new InputUnreadableError(`cannot read ${shown}: it is a directory without files of strace -ff (NAME.PID)`);
  const runs = new Set(found.map(({ run }) => run));
  if (runs.size > 1)
    throw new InputUnreadableError(
      `cannot read ${shown}: it has files of ${runs.size} runs of strace -ff; move each into a directory of its own`,
    );
  return found.map(({ name, pid }) => ({ path: join(path, name), pid })).toSorted((a, b) => a.pid - b.pid);
}

/** The first line of a log of strace, as far as telling a folder of logs from one of source needs it. */
const CALL = /^(?:[\d:.]+ )?[a-z_][a-z0-9_]*\(.*(?: = |<unfinished)/;

/** Whether a folder holds files that `strace -ff` left: named NAME.PID, the first of them a log. */
export function holdsThreadFiles(folder: string): boolean {
  const first = readdirSync(folder)
    .filter((name) => /^.+\.\d{1,7}$/.test(name))
    .toSorted()[0];
  if (first === undefined) return false;
  const head = Buffer.alloc(4096);
  try {
    const file = openSync(join(folder, first), 'r');
    const length = readSync(file, head);
    closeSync(file);
    return head
      .toString('latin1', 0, length)
      .split('\n')
      .some((line) => CALL.test(line.trimStart()));
  } catch {
    // Not to be read: whoever reads it will say so.
    return false;
  }
}

/** How a folder was read. */
export interface FolderRead {
  /** The lines have time stamps (-t, -tt or -ttt), by which they were put in order. */
  readonly ordered: boolean;
  /** `stop` ended it. */
  readonly stopped: boolean;
}

/**
 * Read the files of `strace -ff` as one log: line by line in the order of their time stamps. Without time stamps one
 * file after the other, that of a child behind its parent's; then the order between threads cannot be known.
 *
 * @param scannerOf - makes the reader of one file
 * @param stop - polled now and then
 */
export async function readThreadFiles(
  files: readonly ThreadFile[],
  scannerOf: (file: ThreadFile) => StraceScanner,
  stop: () => boolean,
): Promise<FolderRead> {
  const logs = files.map((file) => new ThreadLog(file.path, scannerOf(file)));
  try {
    for (const log of logs) log.advance();
    const ordered = logs.every(({ ended, clocked }) => ended || clocked);
    let left = logs.filter(({ ended }) => !ended);
    let lines = 0;
    while (left.length > 0) {
      let next = left[0];
      if (ordered) for (const log of left) if (log.time < next.time) next = log;
      next.take();
      if (next.ended) left = left.filter((log) => log !== next);
      if (++lines % BREATH !== 0) continue;
      await nextTurn();
      if (stop()) return { ordered, stopped: true };
    }
    return { ordered, stopped: false };
  } finally {
    for (const log of logs) log.close();
  }
}

/** One file that is read line by line. */
class ThreadLog {
  /** The clock of the line at hand. */
  time = Number.NEGATIVE_INFINITY;
  clocked = false;
  ended = false;
  private readonly scanner: StraceScanner;
  private readonly file: number;
  private readonly prefix = new LinePrefix();
  private buffer: Uint8Array = new Uint8Array(BUFFER);
  /** The line at hand, and the bytes that are there. */
  private from = 0;
  private to = 0;
  private length = 0;

  constructor(path: string, scanner: StraceScanner) {
    this.scanner = scanner;
    try {
      this.file = openSync(path, 'r');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new InputUnreadableError(`cannot read ${escapeText(path, 400)}: ${escapeText(why, 200)}`, { cause: error });
    }
  }

  /** Hand the line at hand to the reader, and go to the next one. */
  take(): void {
    this.scanner.feed(this.buffer.subarray(this.from, this.to), this.to - this.from);
    this.from = this.to;
    this.advance();
    if (this.ended) this.scanner.end();
    // The reader holds a call back until it knows whether its stack follows; other files go on meanwhile.
    else if (!(this.buffer[this.from] === SPACE && this.buffer[this.from + 1] === GREATER)) this.scanner.flush();
  }

  /** Find the next line. A line without a time stamp has that of the one before it. */
  advance(): void {
    let newline = this.buffer.subarray(0, this.length).indexOf(NEWLINE, this.from);
    while (newline < 0) {
      if (!this.more()) {
        this.ended = this.length === this.from;
        this.to = this.length;
        return;
      }
      newline = this.buffer.subarray(0, this.length).indexOf(NEWLINE, this.from);
    }
    this.to = newline + 1;
    this.prefix.read(this.buffer, this.from);
    if (!this.prefix.absolute) return;
    this.clocked = true;
    this.time = this.prefix.time;
  }

  close(): void {
    closeSync(this.file);
  }

  private more(): boolean {
    const kept = this.length - this.from;
    const larger = kept * 2 > this.buffer.length ? new Uint8Array(this.buffer.length * 2) : this.buffer;
    larger.set(this.buffer.subarray(this.from, this.length));
    this.buffer = larger;
    this.from = 0;
    this.length = kept;
    const read = readSync(this.file, this.buffer, kept, this.buffer.length - kept, null);
    this.length += read;
    return read > 0;
  }
}
