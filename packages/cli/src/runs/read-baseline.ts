import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Baseline, BaselineError } from '@overmap/report';
import { escapeText, InputUnreadableError, MalformedInputError } from '@overmap/trace';

/**
 * Reads the findings of an earlier run.
 *
 * @param path - what `--format json` or `jsonl` has written, gzipped or not
 * @throws InputUnreadableError - when there is no such file
 * @throws MalformedInputError - when it is something else
 */
export function readBaseline(path: string): Baseline {
  const name = escapeText(path, 200);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new InputUnreadableError(`cannot read the baseline ${name}: ${why}`, { cause: error });
  }
  try {
    const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    return new Baseline(text.toString('utf8'));
  } catch (error) {
    const why = error instanceof BaselineError ? error.message : 'it cannot be unpacked';
    throw new MalformedInputError(`the baseline ${name} is not what audit --format json writes: ${why}`, undefined, {
      cause: error,
    });
  }
}
