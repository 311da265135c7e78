import { ascii, CLOSE_BRACE, COMMA, HEX, matches, NEWLINE, QUOTE, RETURN, ZERO } from './ascii.ts';

const VSPACE = ascii(',"vspace":');
const ROOT = ascii(',"root":');
const ENTRIES = ascii(',"entries":[');
const TABLES = ascii(',"tables":[');
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const decoder = new TextDecoder();

/** What the fast path takes from a `state` line. */
export interface ScannedState {
  /** The trace's slot. */
  readonly vspace: number;
  /** Position of the next line. */
  readonly next: number;
  /** The record's text, where it was asked for. */
  readonly text?: string;
}

/**
 * Skip, or check and take, a `state` line. When skipped, of its entries only the end is looked at.
 *
 * @param bytes - must hold the line's newline
 * @param start - position of the record's brace
 * @param p - position behind `"op":"state"`
 * @param keep - whether the text is wanted; then it is checked from end to end
 * @returns undefined when the slow path must decide
 */
export function scanState(bytes: Uint8Array, start: number, p: number, keep: boolean): ScannedState | undefined {
  if (!matches(bytes, p, VSPACE)) return undefined;
  p += VSPACE.length;
  const digits = p;
  p = integerEnd(bytes, p, 6);
  if (p < 0) return undefined;
  let vspace = 0;
  for (let k = digits; k < p; k++) vspace = vspace * 10 + bytes[k] - ZERO;
  if (!keep) {
    // The newline is found by native code; the lists may be hundreds of kilobytes. So is the first closing brace: a
    // second record may follow the first without a newline between them.
    const newline = bytes.indexOf(NEWLINE, p);
    const last = bytes[newline - 1] === RETURN ? newline - 2 : newline - 1;
    if (bytes[p] !== COMMA || bytes[last] !== CLOSE_BRACE || bytes[last - 1] !== CLOSE_BRACKET) return undefined;
    if (bytes.indexOf(CLOSE_BRACE, p) !== last) return undefined;
    return { vspace, next: newline + 1 };
  }
  if (matches(bytes, p, ROOT)) p = hexEnd(bytes, p + ROOT.length);
  if (p < 0 || !matches(bytes, p, ENTRIES)) return undefined;
  p = listEnd(bytes, p + ENTRIES.length);
  if (p < 0 || !matches(bytes, p, TABLES)) return undefined;
  p = listEnd(bytes, p + TABLES.length);
  if (p < 0 || bytes[p] !== CLOSE_BRACE) return undefined;
  const end = ++p;
  if (bytes[p] === RETURN) p++;
  if (bytes[p] !== NEWLINE) return undefined;
  return { vspace, next: p + 1, text: decoder.decode(bytes.subarray(start, end)) };
}

/** Position behind the list of triples whose opening bracket was read; -1 when it is anything else. */
function listEnd(bytes: Uint8Array, p: number): number {
  if (bytes[p] === CLOSE_BRACKET) return p + 1;
  for (;;) {
    if (bytes[p] !== OPEN_BRACKET) return -1;
    p = hexEnd(bytes, p + 1);
    if (p < 0 || bytes[p] !== COMMA) return -1;
    p = integerEnd(bytes, p + 1, 2);
    if (p < 0 || bytes[p] !== COMMA) return -1;
    p = hexEnd(bytes, p + 1);
    if (p < 0 || bytes[p] !== CLOSE_BRACKET) return -1;
    const c = bytes[p + 1];
    p += 2;
    if (c === CLOSE_BRACKET) return p;
    if (c !== COMMA) return -1;
  }
}

/** Position behind a hex string of 1 to 16 digits; -1 when there is none. */
function hexEnd(bytes: Uint8Array, p: number): number {
  if (bytes[p] !== QUOTE || bytes[p + 1] !== ZERO || bytes[p + 2] !== 0x78) return -1;
  const from = p + 3;
  p = from;
  while (HEX[bytes[p]] >= 0) p++;
  return p === from || p - from > 16 || bytes[p] !== QUOTE ? -1 : p + 1;
}

/** Position behind an integer of at most so many digits; -1 when there is none. */
function integerEnd(bytes: Uint8Array, p: number, most: number): number {
  const from = p;
  while (bytes[p] >= ZERO && bytes[p] <= 0x39) p++;
  return p === from || p - from > most || (bytes[from] === ZERO && p - from > 1) ? -1 : p;
}
