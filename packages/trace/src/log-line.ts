import { ascii, matches } from './ascii.ts';
import type { Problem } from './bad-line.ts';
import { objectEnd } from './embedded-object.ts';
import { jsonProblem } from './json-error.ts';

const QUOTE = 0x22;
const OP = ascii('"op"');
const TRACE = ascii('"trace"');

/**
 * Whether a line has a key of a record or header, before it is made a string.
 *
 * @param bytes - [from, to) of them are the line
 */
export function hasTraceKey(bytes: Uint8Array, from: number, to: number): boolean {
  for (let p = bytes.indexOf(QUOTE, from); p >= 0 && p < to; p = bytes.indexOf(QUOTE, p + 1))
    if (matches(bytes, p, OP) || matches(bytes, p, TRACE)) return true;
  return false;
}

/** A JSON object that stands somewhere in a line. */
export interface LineObject {
  /** Index of its opening brace. */
  readonly start: number;
  /** Index behind its closing brace. */
  readonly end: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What a line of a log holds. */
export interface LogLine {
  readonly objects: readonly LineObject[];
  /** Something that was meant for a record and is no JSON object. */
  readonly broken?: Problem;
}

/** An opening brace that may begin an object. */
const OPENING = /\{\s*["}]/g;
/** Characters that may be looked at in vain, beyond four times the line: a line of braces costs no more than that. */
const PATIENCE = 1 << 20;

/**
 * Find the JSON objects between the other text of a line: two records without a newline between them, a record behind
 * a logger's object, or behind one that broke off.
 *
 * @param text - one line of a log
 * @returns the objects in their order, nested ones aside
 */
export function readLogLine(text: string): LogLine {
  const whole = parseObject(text);
  if (whole !== undefined)
    return { objects: [{ start: text.indexOf('{'), end: text.lastIndexOf('}') + 1, value: whole }] };
  const objects: LineObject[] = [];
  // Text outside of all objects is looked at for what was meant for a record: a line that begins as an object does,
  // or a record's first key.
  let meant = text.startsWith('{') ? 0 : -1;
  let key = text.indexOf('"op":');
  let opened = -1;
  let patience = PATIENCE + 4 * text.length;
  const outside = (from: number, to: number): void => {
    while (key >= 0 && key < from) key = text.indexOf('"op":', from);
    if (meant < 0 && key >= 0 && key < to) meant = opened >= from && opened <= key ? opened : key;
  };
  let behind = 0;
  OPENING.lastIndex = 0;
  while (patience > 0) {
    const start = OPENING.exec(text)?.index;
    if (start === undefined) break;
    const end = objectEnd(text, start);
    const value = end < 0 ? undefined : parseObject(text.slice(start, end));
    if (value === undefined) {
      patience -= (end < 0 ? text.length : end) - start;
      outside(behind, start);
      if (meant < 0) opened = start;
      // The next object may begin at the quote or brace behind this one.
      OPENING.lastIndex = start + 1;
    } else {
      outside(behind, start);
      if (meant === 0 && start === 0) meant = -1;
      objects.push({ start, end, value });
      behind = end;
      OPENING.lastIndex = end;
    }
  }
  outside(behind, text.length);
  if (meant < 0) return { objects };
  if (text[meant] !== '{') return { objects, broken: { expected: 'expected a record, an object that begins {"op":' } };
  const { expected, at } = jsonProblem(text.slice(meant));
  return { objects, broken: at === undefined ? { expected } : { expected, at: at + meant } };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
