import { writeSync } from 'node:fs';

const CLOSED = new Set(['EPIPE', 'ECONNRESET', 'ESHUTDOWN']);
let sleeper: Int32Array | undefined;

/** Waits without an event loop; only for a reader that is slower than we are. */
function sleep(milliseconds: number): void {
  sleeper ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(sleeper, 0, 0, milliseconds);
}

/** The code of a system's error ("ENOENT"), if it is one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Writes all of it, whatever a single write takes: a pipe that another process made non-blocking answers EAGAIN.
 *
 * @param fd - an open file descriptor
 * @param data - what to write
 * @returns false when the reader has closed its end: nothing more can be written
 * @throws the system's error, for anything else
 */
export function writeFully(fd: number, data: string | Uint8Array): boolean {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  let pause = 1;
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
      pause = 1;
    } catch (error) {
      const code = errorCode(error);
      if (code !== undefined && CLOSED.has(code)) return false;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
      sleep(pause);
      pause = Math.min(pause * 2, 20);
    }
  }
  return true;
}
