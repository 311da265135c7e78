import { constants } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { escapeText, InputUnreadableError, MalformedInputError } from '@overmap/trace';

/** Bytes of a text at most, packed or not: beyond these no string can hold it. */
const MOST = constants.MAX_STRING_LENGTH;

/**
 * The whole text of a file.
 *
 * @param input - a path, or `-` for standard input; gzipped or not
 * @throws InputUnreadableError - when there is no such file, or it cannot be read
 * @throws MalformedInputError - when it cannot be unpacked, or is too large
 */
export async function readWhole(input: string): Promise<string> {
  const name = input === '-' ? 'standard input' : escapeText(input, 200);
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    const stream = input === '-' ? process.stdin : createReadStream(input);
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      length += piece.length;
      if (length > MOST) throw new MalformedInputError(`${name} is larger than ${MOST} bytes.`);
    }
  } catch (error) {
    if (error instanceof MalformedInputError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new InputUnreadableError(`cannot read ${name}: ${why}`, { cause: error });
  }
  const bytes = Buffer.concat(pieces);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST }).toString('utf8');
  } catch (error) {
    throw new MalformedInputError(`${name} cannot be unpacked: it is no whole gzip file.`, undefined, { cause: error });
  }
}
