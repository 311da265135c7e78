import { RunFileError } from './json-shape.ts';

/** A piece of a patch, as it stands there. */
export interface Hunk {
  /** The old file, without the `a/` that tools put in front. */
  readonly file: string;
  /** First line of the old file, and how many lines of it. */
  readonly from: number;
  readonly lines: number;
  /** With their signs. */
  readonly text: readonly string[];
}

const RANGE = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Whether a text begins as a unified diff does. */
export const looksLikePatch = (text: string): boolean => /^(?:diff |--- |Index: )/.test(text);

/**
 * The pieces of a unified diff.
 *
 * Source: POSIX.1-2017, diff, "Diff -U or -u Output Format".
 *
 * @throws {@link RunFileError} - when a piece is shorter than its head says, or the text has none
 */
export function patchHunks(text: string): Hunk[] {
  const lines = text.split('\n');
  const hunks: Hunk[] = [];
  let file = '';
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n] ?? '';
    if (line.startsWith('--- ') && (lines[n + 1] ?? '').startsWith('+++ ')) {
      file = fileOf(line);
      n++;
      continue;
    }
    const range = RANGE.exec(line);
    if (range === null) continue;
    const [, from = '0', old = '1', , fresh = '1'] = range;
    let [before, after] = [Number(old), Number(fresh)];
    const start = n + 1;
    while (before > 0 || after > 0) {
      const sign = lines[++n]?.[0];
      if (sign === '-' || sign === ' ' || lines[n] === '') before--;
      if (sign === '+' || sign === ' ' || lines[n] === '') after--;
      if (lines[n] === undefined || (sign !== undefined && !'+- \\'.includes(sign)))
        throw new RunFileError(`its line ${n + 1} is not of the piece that line ${start} begins`);
    }
    hunks.push({ file, from: Number(from), lines: Number(old), text: lines.slice(start, n + 1) });
  }
  if (hunks.length === 0) throw new RunFileError('it has no piece of a patch');
  return hunks;
}

/** "--- a/src/main.c<tab>2026-01-01" → "src/main.c" */
const fileOf = (line: string): string => (line.slice(4).split('\t')[0] ?? '').replace(/^a\//, '');
