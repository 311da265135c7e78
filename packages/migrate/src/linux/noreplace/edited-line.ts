import { hex } from '../linux-words.ts';
import type { LineEdit } from './line-edits.ts';

/** The column at which strace puts the result, if the arguments leave room (its option -a). */
const RESULT_COLUMN = 40;
/** Linux' highest process number: a bare number above it, with a fraction, is a clock (-ttt) and no time passed (-r). */
const PIDS = 4194304;
const FIXED = 0x10;
const NOREPLACE = 0x100000;

/** What comes to stand in place of a line. */
export interface EditedLine {
  /** The unmaps in front of it, each with its line end. */
  readonly inserted: readonly Buffer[];
  readonly line: Buffer;
}

/**
 * Edit the line on which a call was entered. What is in front of the call (thread, time stamps) stands in front of the
 * unmaps, too.
 *
 * @param bytes - the line with its end; the last line of a log may have none
 * @returns null where the line does not show the call, or its flags
 */
export function editedLine(bytes: Buffer, { bounds, noReplace }: LineEdit): EditedLine | null {
  const text = bytes.toString('latin1');
  const call = /\b(?:mmap2?|old_mmap|mremap)\(/.exec(text);
  if (call === null) return null;
  const end = /\r?\n?$/.exec(text)?.[0] ?? '';
  const lineEnd = end === '' ? '\n' : end;
  const before = withoutDelay(text.slice(0, call.index));
  const took = / <\d+\.(\d+)>\r?\n?$/.exec(text)?.[1];
  const after = took === undefined ? '' : ` <0.${'0'.repeat(took.length)}>`;
  const inserted: Buffer[] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    const unmap = `${before}munmap(${hex(bounds[i])}, ${bounds[i + 1] - bounds[i]})`;
    // One space at least, as strace has it.
    inserted.push(Buffer.from(`${unmap.padEnd(RESULT_COLUMN - 1)} = 0${after}${lineEnd}`, 'latin1'));
  }
  if (!noReplace) return { inserted, line: bytes };
  const changed = withNoReplace(text, call.index + call[0].length);
  return changed === null ? null : { inserted, line: Buffer.from(changed, 'latin1') };
}

/** The time that had passed since the line before (-r) has passed when the call is made; the unmap takes none of it. */
function withoutDelay(prefix: string): string {
  return prefix.replace(/(^|[ (+])(\d{1,7})\.(\d+)(?=[ )])/, (whole, lead: string, seconds: string, rest: string) =>
    Number(seconds) > PIDS ? whole : `${lead}${'0'.padStart(seconds.length)}.${'0'.repeat(rest.length)}`,
  );
}

/** Change the fourth argument, which has the flags. @param from - behind the call's parenthesis @returns null: there is none */
function withNoReplace(text: string, from: number): string | null {
  let start = from;
  for (let n = 0; n < 3; n++) {
    const comma = text.indexOf(', ', start);
    if (comma < 0) return null;
    start = comma + 2;
  }
  const end = text.indexOf(',', start);
  if (end < 0) return null;
  const flags = text.slice(start, end);
  // By name; by number (-X raw); or a number with the names behind it (-X verbose).
  const changed = flags
    .replace(/\bMAP_FIXED\b/, 'MAP_FIXED_NOREPLACE')
    .replace(/(^|[|=])(0x[0-9a-f]+|\d+)(?=[| ]|$)/, (whole, lead: string, number: string) => {
      const value = Number(number);
      return (value & FIXED) === 0 ? whole : `${lead}${hex(((value & ~FIXED) | NOREPLACE) >>> 0)}`;
    });
  return changed === flags ? null : text.slice(0, start) + changed + text.slice(end);
}
