import { CODE_NAMES, type Columns, Flag, OBJ_NAMES, Obj, OP_NAMES, Op, Right } from '@overmap/core';
import { ascii, four, matches, SLOW } from './ascii.ts';
import { Key } from './key-bits.ts';

// Not imported from ascii.ts, see record-scanner.ts.
const QUOTE = 0x22;
const ZERO = 0x30;

const TRUE = four('true');
const FALSE = four('fals');

// The first bytes behind an operation's opening quote.
const MAP = four('map"');
const UNMAP = four('unma');
const DELETE = four('dele');
const COPY = four('copy');
const RETYPE = four('rety');
const TE_QUOTE = four('te"\0');
const PE_QUOTE = four('pe"\0');
const P_QUOTE = four('p"\0\0');
/** The four bytes behind a string's opening quote. */
const PAGE = four('page');
const OP_TEXTS = OP_NAMES.map((name) => ascii(`${name}"`));
const RET_TEXTS = CODE_NAMES.map((name) => ascii(`"${name}"`));
const OBJ_TEXTS = OBJ_NAMES.map((name) => ascii(`"${name}"`));

/** Bits of each letter of `rights`, by its code; 0 for all others. */
const LETTERS = new Uint8Array(256);
LETTERS[0x72] = Right.read;
LETTERS[0x77] = Right.write;
LETTERS[0x67] = Right.grant;
LETTERS[0x47] = Right.grantReply;

/**
 * Read the value of `op` into the columns.
 *
 * @param p - position of its opening quote
 * @returns position behind it; `SLOW` when it is no known operation
 */
export function readOp(c: Columns, bytes: Uint8Array, view: DataView, p: number, i: number): number {
  if (bytes[p] !== QUOTE) return SLOW;
  p++;
  const word = view.getInt32(p, true);
  if (word === MAP) {
    c.op[i] = Op.map;
    return p + 4;
  }
  const rest = view.getInt32(p + 4, true);
  if (word === UNMAP && (rest & 0xffff) === P_QUOTE) {
    c.op[i] = Op.unmap;
    return p + 6;
  }
  if (word === DELETE && (rest & 0xffffff) === TE_QUOTE) {
    c.op[i] = Op.delete;
    return p + 7;
  }
  if (word === RETYPE && (rest & 0xffffff) === PE_QUOTE) {
    c.op[i] = Op.retype;
    return p + 7;
  }
  if (word === COPY && bytes[p + 4] === QUOTE) {
    c.op[i] = Op.copy;
    return p + 5;
  }
  const op = indexOfText(OP_TEXTS, bytes, p);
  if (op <= 0) return SLOW;
  c.op[i] = op;
  return p + OP_TEXTS[op].length;
}

/**
 * Read a value that is neither an integer of any size nor an address into the columns.
 *
 * @param key - which key's, see `Key`
 * @param p - position of its first byte
 * @returns position behind it; `SLOW` when this path cannot tell
 */
export function readText(key: number, c: Columns, bytes: Uint8Array, view: DataView, p: number, i: number): number {
  switch (key) {
    case Key.rights:
      return readRights(c, bytes, p, i);
    case Key.ret:
      return readRet(c, bytes, p, i);
    case Key.obj:
      return readObj(c, bytes, view, p, i);
    case Key.bits:
      return readBits(c, bytes, p, i);
    default:
      return readCleared(c, bytes, view, p, i);
  }
}

function readCleared(c: Columns, bytes: Uint8Array, view: DataView, p: number, i: number): number {
  const literal = view.getInt32(p, true);
  c.flags[i] |= literal === TRUE ? Flag.clearedTrue : Flag.clearedFalse;
  if (literal === TRUE) return p + 4;
  return literal === FALSE && bytes[p + 4] === 0x65 ? p + 5 : SLOW;
}

function readRights(c: Columns, bytes: Uint8Array, p: number, i: number): number {
  if (bytes[p] !== QUOTE) return SLOW;
  let rights = 0;
  let letter = LETTERS[bytes[++p]];
  for (; letter !== 0; letter = LETTERS[bytes[++p]]) rights |= letter;
  c.rights[i] = rights;
  return bytes[p] === QUOTE ? p + 1 : SLOW;
}

function readBits(c: Columns, bytes: Uint8Array, p: number, i: number): number {
  const tens = bytes[p] - ZERO;
  const ones = bytes[p + 1] - ZERO;
  // Two digits, as all sizes of pages have.
  if (tens < 1 || tens > 6 || ones < 0 || ones > 9 || (tens === 6 && ones > 3)) return SLOW;
  c.bits[i] = tens * 10 + ones;
  return p + 2;
}

function readObj(c: Columns, bytes: Uint8Array, view: DataView, p: number, i: number): number {
  if (view.getInt32(p + 1, true) === PAGE && bytes[p] === QUOTE && bytes[p + 5] === QUOTE) {
    c.obj[i] = Obj.page;
    return p + 6;
  }
  const obj = indexOfText(OBJ_TEXTS, bytes, p);
  if (obj <= Obj.none) return SLOW;
  c.obj[i] = obj;
  return p + OBJ_TEXTS[obj].length;
}

function readRet(c: Columns, bytes: Uint8Array, p: number, i: number): number {
  const code = indexOfText(RET_TEXTS, bytes, p);
  if (code < 0) return SLOW;
  c.outcome[i] = code;
  return p + RET_TEXTS[code].length;
}

/** Index of the text that stands at `p`, or -1. */
function indexOfText(list: readonly Uint8Array[], bytes: Uint8Array, p: number): number {
  for (let k = list.length - 1; k >= 0; k--) if (matches(bytes, p, list[k])) return k;
  return -1;
}
