import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { escapeText, OutputError } from '@overmap/trace';
import { errorCode, writeFully } from './write-fully.ts';

/** Characters that are collected before they are written. */
const FLUSH = 1 << 16;
/** Characters of a path that a message shows. */
const NAME = 200;

/** Where a writer's text goes. */
export interface TextSink {
  write(text: string): void;
}

/** Where data goes: standard output, or a file that appears only when it is complete. */
export interface Output extends TextSink {
  /** The reader of standard output has gone (`| head`): what is written from now on is dropped. */
  readonly readerGone: boolean;
  /** Something has been written. */
  readonly used: boolean;
  /** Write what has been collected so far. */
  flush(): void;
  /** Complete the output; a file takes its name now. */
  close(): void;
  /** Give it up; a file's earlier contents stay as they were. After `close` this does nothing. */
  abort(): void;
}

/**
 * Opens an output. A file is written beside its place and renamed when it is closed, so that nobody sees half of one;
 * a device or a pipe is written to directly.
 *
 * @param path - a file; undefined or "-" = standard output
 * @throws OutputError - with a sentence, also from the methods of the result
 */
export function openOutput(path: string | undefined): Output {
  return path === undefined || path === '-' ? new StreamOutput(1, 'standard output', false) : openFile(path);
}

function openFile(path: string): Output {
  const name = escapeText(path, NAME);
  let place = path;
  let there: Stats | undefined;
  try {
    place = realpathSync(path); // A link stays a link.
    there = statSync(place);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw refused(name, error);
  }
  if (there?.isDirectory() || (there === undefined && /[/\\]$/.test(path))) {
    throw new OutputError(`${name} cannot be written: it is a folder. Name a file in it.`);
  }
  if (there !== undefined && !there.isFile()) {
    try {
      return new StreamOutput(openSync(place, 'w'), name, true);
    } catch (error) {
      throw refused(name, error);
    }
  }
  return new FileOutput(place, name, there?.mode);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would become too large',
  ELOOP: 'too many links in its path',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the device reports an error',
  EBADF: 'it is not open for writing',
};

function refused(name: string, error: unknown): OutputError {
  const code = errorCode(error);
  const reason =
    (code !== undefined ? REASONS[code] : undefined) ?? (error instanceof Error ? error.message : String(error));
  const folder = code === 'ENOENT' ? ` (${escapeText(dirname(name), NAME)})` : '';
  return new OutputError(`${name} cannot be written: ${reason}${folder}.`, { cause: error });
}

/** Collects text and writes it in large pieces to an open descriptor. */
class StreamOutput implements Output {
  readerGone = false;
  used = false;
  protected readonly name: string;
  protected readonly fd: number;
  private readonly own: boolean;
  private pieces: string[] = [];
  private length = 0;
  protected open = true;

  /** @param own - the descriptor is ours to close */
  constructor(fd: number, name: string, own: boolean) {
    this.fd = fd;
    this.name = name;
    this.own = own;
  }

  write(text: string): void {
    if (this.readerGone || text === '') return;
    this.used = true;
    this.pieces.push(text);
    this.length += text.length;
    if (this.length >= FLUSH) this.flush();
  }

  flush(): void {
    if (this.length === 0) return;
    const text = this.pieces.join('');
    this.pieces = [];
    this.length = 0;
    try {
      if (!writeFully(this.fd, text)) this.readerGone = true;
    } catch (error) {
      throw refused(this.name, error);
    }
  }

  close(): void {
    if (!this.open) return;
    this.flush();
    this.shut();
  }

  abort(): void {
    if (this.open) this.shut();
  }

  /** Close the descriptor; errors that only closing brings out (a network file system) are errors of writing. */
  protected shut(): void {
    this.open = false;
    if (!this.own) return;
    try {
      closeSync(this.fd);
    } catch (error) {
      throw refused(this.name, error);
    }
  }
}

/** A file that is written beside its place. */
class FileOutput extends StreamOutput {
  private readonly place: string;
  private readonly beside: string;

  /** @param mode - of the file that is there already, whose rights the new one takes over */
  constructor(place: string, name: string, mode: number | undefined) {
    // A short name of its own: the given one may be as long as the file system allows.
    const beside = join(dirname(place), `.overmap-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
    let fd: number;
    try {
      fd = openSync(beside, 'wx', 0o666);
    } catch (error) {
      throw refused(name, error);
    }
    super(fd, name, true);
    this.place = place;
    this.beside = beside;
    if (mode !== undefined) {
      try {
        fchmodSync(fd, mode & 0o777);
      } catch {
        // The rights are a courtesy.
      }
    }
  }

  override close(): void {
    if (!this.open) return;
    try {
      this.flush();
      fsyncSync(this.fd);
      this.shut();
      renameSync(this.beside, this.place);
    } catch (error) {
      this.abort();
      this.remove();
      throw error instanceof OutputError ? error : refused(this.name, error);
    }
  }

  override abort(): void {
    if (!this.open) return;
    try {
      this.shut();
    } finally {
      this.remove();
    }
  }

  private remove(): void {
    try {
      unlinkSync(this.beside);
    } catch {
      // Gone already.
    }
  }
}
