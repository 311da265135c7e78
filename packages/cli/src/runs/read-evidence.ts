import { readFileSync } from 'node:fs';
import { type Evidence, EvidenceError, readEvidence } from '@overmap/migrate';
import { escapeText, InputUnreadableError, MalformedInputError } from '@overmap/trace';

/**
 * Reads what recorded runs say of call sites.
 *
 * @param path - what `audit TRACE --format json` has written
 * @throws InputUnreadableError - when there is no such file
 * @throws MalformedInputError - when it is something else
 */
export function evidenceFrom(path: string): Evidence {
  const name = escapeText(path, 200);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new InputUnreadableError(`cannot read the evidence ${name}: ${why}`, { cause: error });
  }
  try {
    return readEvidence(text);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new MalformedInputError(
      `the evidence ${name} is not what audit --format json writes: it ${error.message}`,
      undefined,
      { cause: error },
    );
  }
}
