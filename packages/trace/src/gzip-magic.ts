import { closeSync, openSync, readSync } from 'node:fs';

/** Whether a file begins as a gzip stream does. Throws the system's error. */
export function startsLikeGzip(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const two = new Uint8Array(2);
    return readSync(file, two) === 2 && two[0] === 0x1f && two[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}
