/**
 * Byte-level helpers of the fast path. Positions are offsets into a buffer that has at least 32 readable bytes behind
 * the line; every loop ends at the line's newline at the latest, because none accepts a control character.
 */

export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
const MINUS = 0x2d;
export const ZERO = 0x30;
export const COLON = 0x3a;
const BACKSLASH = 0x5c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
/** Not a position: the fast path cannot decide, `JSON.parse` must. */
export const SLOW = -1;

/** The integer that `DataView.getInt32(p, true)` reads where the first four characters of an ASCII text stand. */
export function four(text: string): number {
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24);
}

/** ASCII text as bytes. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Whether exactly these bytes stand at `p`. */
export function matches(bytes: Uint8Array, p: number, text: Uint8Array): boolean {
  for (let k = 0; k < text.length; k++) if (bytes[p + k] !== text[k]) return false;
  return true;
}

/** Value of a hex digit by its code, -1 for all others. Upper case is left to the slow path. */
export const HEX: Int8Array = new Int8Array(256).fill(-1);
for (let d = 0; d < 16; d++) HEX[d.toString(16).charCodeAt(0)] = d;

/** Value of two hex digits by the 16 bits that `DataView.getUint16(p, true)` reads, -1 for all others. */
export const HEX_PAIR: Int16Array = new Int16Array(65536).fill(-1);
for (let v = 0; v < 256; v++) HEX_PAIR[four(`${v.toString(16).padStart(2, '0')}\0\0`)] = v;

/** Value of two decimal digits, as {@link HEX_PAIR}. */
export const DECIMAL_PAIR: Int8Array = new Int8Array(65536).fill(-1);
for (let v = 0; v < 100; v++) DECIMAL_PAIR[four(`${v.toString().padStart(2, '0')}\0\0`)] = v;

const TRUE = four('true');
const NULL = four('null');
const FALSE = four('fals');

/** Position behind the string whose opening quote stands at `p`; {@link SLOW} when it has escapes or does not end. */
export function skipString(bytes: Uint8Array, p: number): number {
  let c = bytes[++p];
  while (c !== QUOTE) {
    if (c === BACKSLASH || c < SPACE) return SLOW;
    c = bytes[++p];
  }
  return p + 1;
}

/**
 * Position behind the JSON value at `p`; {@link SLOW} for whatever is not a plain string, integer or literal. The
 * caller checks that a separator follows, which also refuses fractions.
 */
export function skipValue(bytes: Uint8Array, view: DataView, p: number): number {
  let c = bytes[p];
  if (c === QUOTE) return skipString(bytes, p);
  if (c >= 0x61) {
    const word = view.getInt32(p, true);
    if (word === TRUE || word === NULL) return p + 4;
    return word === FALSE && bytes[p + 4] === 0x65 ? p + 5 : SLOW;
  }
  if (c === MINUS) c = bytes[++p];
  const first = c;
  const from = p;
  while (c >= ZERO && c <= 0x39) c = bytes[++p];
  return p === from || (first === ZERO && p - from > 1) ? SLOW : p;
}

/** Position behind an object without nested ones, whose strings have no escapes; what is inside is not checked. */
export function skipFlatObject(bytes: Uint8Array, p: number): number {
  let c = bytes[++p];
  while (c !== CLOSE_BRACE) {
    if (c < SPACE || c === BACKSLASH || c === OPEN_BRACE) return SLOW;
    if (c === QUOTE) {
      p = skipString(bytes, p);
      if (p === SLOW) return SLOW;
    } else p++;
    c = bytes[p];
  }
  return p + 1;
}
