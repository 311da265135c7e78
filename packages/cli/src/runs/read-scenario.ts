import { closeSync, openSync, readSync } from 'node:fs';
import { escapeText, InputUnreadableError } from '@overmap/trace';

/** More than the longest scenario, which is refused by what parses it: a file that is no scenario is not read whole. */
const MOST_BYTES = 4 << 20;

/** The text of a file, or of standard input. @throws InputUnreadableError with a sentence */
export function readScenario(path: string): string {
  const name = path === '-' ? 'standard input' : escapeText(path, 400);
  try {
    const file = path === '-' ? 0 : openSync(path, 'r');
    try {
      return readAll(file);
    } finally {
      if (file !== 0) closeSync(file);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new InputUnreadableError(`cannot read ${name}: ${escapeText(why, 200)}`, { cause: error });
  }
}

function readAll(file: number): string {
  const buffer = Buffer.alloc(MOST_BYTES);
  let length = 0;
  while (length < MOST_BYTES) {
    const read = readSync(file, buffer, length, MOST_BYTES - length, null);
    if (read === 0) break;
    length += read;
  }
  return buffer.toString('utf8', 0, length);
}
