import { Code, CODE_NAMES, type Columns, Flag, OBJ_NAMES, Obj, OP_NAMES, Op, Right } from '@overmap/core';
import {
  ascii,
  CLOSE_BRACE,
  COLON,
  COMMA,
  four,
  HEX,
  matches,
  NEWLINE,
  OPEN_BRACE,
  QUOTE,
  RETURN,
  SLOW,
  SPACE,
  ZERO,
} from './ascii.ts';
import { clearCommonColumns, clearRareColumns, clearRecord } from './clear-columns.ts';
import { RareKeys, rareBits } from './rare-keys.ts';
import { COMMON_KEYS, MOST_OBJECTS, OP_KEYS } from './record-keys.ts';
import { DIRECT_SLOTS } from './slots.ts';
import { scanState } from './state-line.ts';
import type { TraceTables } from './tables.ts';

/** Bits of the keys that are read here; the others are `RareKeys`'. */
const Key = {
  op: 1 << 0,
  cap: 1 << 1,
  vspace: 1 << 2,
  vaddr: 1 << 3,
  rights: 1 << 4,
  attr: 1 << 5,
  ret: 1 << 6,
  src: 1 << 7,
  obj: 1 << 8,
  bits: 1 << 9,
  n: 1 << 10,
  paddr: 1 << 11,
  pool: 1 << 12,
  with: 1 << 13,
  entry: 1 << 14,
  was: 1 << 15,
  cleared: 1 << 16,
} as const;
const SOURCES = Key.src | Key.pool | Key.with;

// The first four bytes of each key, and what follows in the longer ones.
const OP = four('op":');
const CAP = four('cap"');
const VSPACE = four('vspa');
const VADDR = four('vadd');
const RIGHTS = four('righ');
const ATTR = four('attr');
const RET = four('ret"');
const SRC = four('src"');
const OBJ = four('obj"');
const BITS = four('bits');
const PADDR = four('padd');
const POOL = four('pool');
const WITH = four('with');
const ENTRY = four('entr');
const WAS = four('was"');
const CLEARED = four('clea');
const RED_QUOTE = four('red"');
// Three bytes.
const N = four('n":\0');
const CE_QUOTE = four('ce"\0');
const TS_QUOTE = four('ts"\0');
const HEX_PREFIX = four('"0x\0');
// Two bytes.
const R_QUOTE = four('r"\0\0');
const Y_QUOTE = four('y"\0\0');

const OK_STRING = four('"ok"');
const TRUE = four('true');
const FALSE = four('fals');

// The first four bytes behind an operation's opening quote.
const MAP = four('map"');
const UNMAP = four('unma');
const DELETE = four('dele');
const COPY = four('copy');
const RETYPE = four('rety');
const OP_TEXTS = OP_NAMES.map((name) => ascii(`${name}"`));
const RET_TEXTS = CODE_NAMES.map((name) => ascii(`"${name}"`));
const OBJ_TEXTS = OBJ_NAMES.map((name) => ascii(`"${name}"`));

const keyBits = (names: readonly string[]): number => {
  let bits: number = Key.op;
  for (const name of names) bits |= Key[name as keyof typeof Key] ?? 0;
  return bits;
};
const REQUIRED = new Int32Array(OP_NAMES.length);
const FORBIDDEN = new Int32Array(OP_NAMES.length).fill(-1);
const RARE_REQUIRED = new Int32Array(OP_NAMES.length);
const RARE_FORBIDDEN = new Int32Array(OP_NAMES.length).fill(-1);
for (const name of OP_NAMES) {
  if (name === '') continue;
  const { required, optional, truth } = OP_KEYS[name];
  const all = [...required, ...optional, ...truth];
  REQUIRED[Op[name]] = keyBits(required);
  FORBIDDEN[Op[name]] = ~keyBits(all);
  RARE_REQUIRED[Op[name]] = rareBits(required) & ~rareBits([]);
  RARE_FORBIDDEN[Op[name]] = ~rareBits([...all, ...COMMON_KEYS]);
}
REQUIRED[0] = -1;

/** Bits of each letter of `rights`, by its code; 0 for all others. */
const LETTERS = new Uint8Array(256);
LETTERS[0x72] = Right.read;
LETTERS[0x77] = Right.write;
LETTERS[0x67] = Right.grant;
LETTERS[0x47] = Right.grantReply;

/**
 * The fast path: one record from bytes into columns, its keys in any order. It accepts only what it has checked byte
 * by byte and what `JSON.parse` and `validateEvent` would accept with the same result; everything else it leaves to
 * them. (Exception: the text of a `state` line is not looked at unless states are wanted.)
 *
 * It is cut into many small methods so that a branch which is first taken late throws away little optimised code. (One
 * method with the values in local variables ran unoptimised for most of a 96 MB trace, at three times the cost.)
 */
export class RecordScanner {
  readonly #columns: Columns;
  readonly #tables: TraceTables;
  readonly #rare: RareKeys;
  readonly #truth: boolean;
  readonly #states: boolean;
  /** Keys of the record so far. */
  #seen = 0;
  /** A slot number is outside the range in which dense numbers are known without a table. */
  #sparse = false;
  /** Where the record begins. */
  #start = 0;
  /** Whether columns that few records use hold something. */
  #dirty = false;

  /**
   * @param columns - must be zero wherever a record is scanned to
   * @param truth - read ground truth; otherwise its keys count as unknown
   * @param states - keep the texts of `state` records
   */
  constructor(columns: Columns, tables: TraceTables, truth: boolean, states: boolean) {
    this.#columns = columns;
    this.#tables = tables;
    this.#rare = new RareKeys(tables, truth);
    this.#truth = truth;
    this.#states = states;
  }

  /**
   * Read the record that begins at `p` and ends with its line.
   *
   * @param bytes - must hold the line's newline and 32 bytes behind it
   * @param view - of the same bytes
   * @param i - where in the columns it goes; they stay zero there unless it is accepted
   * @returns position of the next line; `SLOW` (-1) when the slow path must decide
   */
  scan(bytes: Uint8Array, view: DataView, p: number, i: number): number {
    if (bytes[p] !== OPEN_BRACE) return SLOW;
    const next = this.#keys(bytes, view, p, i);
    if (next === SLOW) clearRecord(this.#columns, i);
    return next;
  }

  /** The slow path wrote a record. */
  touched(): void {
    this.#dirty = true;
  }

  /** A batch was consumed: its records become zero. */
  clear(count: number): void {
    clearCommonColumns(this.#columns, count);
    if (this.#dirty) clearRareColumns(this.#columns, count);
    this.#dirty = false;
  }

  #keys(bytes: Uint8Array, view: DataView, p: number, i: number): number {
    this.#start = p;
    this.#seen = 0;
    this.#sparse = false;
    if (this.#rare.seen !== 0) this.#rare.reset();
    for (;;) {
      p = this.#key(bytes, view, p + 1, i);
      if (p < 0) return SLOW;
      const c = bytes[p]!;
      if (c === COMMA) {
        if (bytes[p + 1] === SPACE) p++;
      } else if (c === CLOSE_BRACE) break;
      // A `state` is read to its end at once; behind it stands the next line, or the end of what is to be read.
      else if (this.#columns.op[i] === Op.state) return p;
      else return SLOW;
    }
    if (!this.#accept(i)) return SLOW;
    if (bytes[p + 1] === NEWLINE) return p + 2;
    return bytes[p + 1] === RETURN && bytes[p + 2] === NEWLINE ? p + 3 : SLOW;
  }

  /** Reads a key and its value. Whole names are compared, the closing quote included. Returns where the value ends. */
  #key(bytes: Uint8Array, view: DataView, p: number, i: number): number {
    if (bytes[p] !== QUOTE) return SLOW;
    const c = this.#columns;
    const word = view.getInt32(p + 1, true);
    switch (word) {
      case CAP:
        return this.#slot(Key.cap, c.cap, bytes, p + 5, i);
      case VSPACE:
        if ((view.getInt32(p + 5, true) & 0xffffff) !== CE_QUOTE) break;
        return this.#slot(Key.vspace, c.vspace, bytes, p + 8, i);
      case VADDR:
        if ((view.getInt32(p + 5, true) & 0xffff) !== R_QUOTE) break;
        return this.#hex(Key.vaddr, c.vaddrHi, c.vaddrLo, bytes, view, p + 7, i);
      case RIGHTS:
        if ((view.getInt32(p + 5, true) & 0xffffff) !== TS_QUOTE) break;
        return this.#rights(bytes, p + 8, i);
      case ATTR:
        if (bytes[p + 5] !== QUOTE) break;
        return this.#integer(Key.attr, c.attr, bytes, p + 6, i);
      case RET:
        return this.#ret(bytes, view, p + 5, i);
      case OP:
        return this.#op(bytes, view, p + 4, i);
      case ENTRY:
        if (!this.#truth || (view.getInt32(p + 5, true) & 0xffff) !== Y_QUOTE) break;
        return this.#flagged(Flag.entry, Key.entry, c.entryHi, c.entryLo, bytes, view, p + 7, i);
      case CLEARED:
        if (!this.#truth || view.getInt32(p + 5, true) !== RED_QUOTE) break;
        return this.#cleared(bytes, view, p + 9, i);
      case PADDR:
        if ((view.getInt32(p + 5, true) & 0xffff) !== R_QUOTE) break;
        return this.#flagged(Flag.paddr, Key.paddr, c.paddrHi, c.paddrLo, bytes, view, p + 7, i);
      case SRC:
        return this.#slot(Key.src, c.src, bytes, p + 5, i);
      case OBJ:
        return this.#obj(bytes, p + 5, i);
      case BITS:
        return bytes[p + 5] === QUOTE ? this.#bits(bytes, p + 6, i) : this.#rare.key(bytes, view, p);
      case WAS:
        if (!this.#truth) break;
        return this.#flagged(Flag.was, Key.was, c.wasHi, c.wasLo, bytes, view, p + 5, i);
      case POOL:
        if (bytes[p + 5] !== QUOTE) break;
        return this.#slot(Key.pool, c.src, bytes, p + 6, i);
      case WITH:
        if (bytes[p + 5] !== QUOTE) break;
        return this.#slot(Key.with, c.src, bytes, p + 6, i);
      default:
        if ((word & 0xffffff) === N) return this.#integer(Key.n, c.n, bytes, p + 3, i);
    }
    return this.#rare.key(bytes, view, p);
  }

  /** Notes a key whose closing quote ends before `p`. Returns where its value begins; `SLOW` when it was there before. */
  #begin(key: number, bytes: Uint8Array, p: number): number {
    if ((this.#seen & key) !== 0 || bytes[p] !== COLON) return SLOW;
    this.#seen |= key;
    return bytes[p + 1] === SPACE ? p + 2 : p + 1;
  }

  /** An integer of up to nine digits; longer ones are the slow path's. */
  #integer(key: number, column: Int32Array, bytes: Uint8Array, p: number, i: number): number {
    p = this.#begin(key, bytes, p);
    if (p < 0) return SLOW;
    const from = p;
    let v = 0;
    for (let d = bytes[p]! - ZERO; d >>> 0 <= 9; d = bytes[++p]! - ZERO) v = (Math.imul(v, 10) + d) | 0;
    column[i] = v;
    return p === from || p - from > 9 || (bytes[from] === ZERO && p - from > 1) ? SLOW : p;
  }

  /** A slot number; its dense number is one more unless {@link RecordScanner.#renumber} says otherwise. */
  #slot(key: number, column: Int32Array, bytes: Uint8Array, p: number, i: number): number {
    p = this.#integer(key, column, bytes, p, i);
    const dense = column[i]! + 1;
    if (dense > DIRECT_SLOTS) this.#sparse = true;
    column[i] = dense;
    return p;
  }

  #hex(key: number, hiColumn: Int32Array, loColumn: Int32Array, bytes: Uint8Array, view: DataView, p: number, i: number): number {
    p = this.#begin(key, bytes, p);
    if (p < 0 || (view.getInt32(p, true) & 0xffffff) !== HEX_PREFIX) return SLOW;
    p += 3;
    const from = p;
    let lo = 0;
    let hi = 0;
    for (let d = HEX[bytes[p]!]!; d >= 0; d = HEX[bytes[++p]!]!) {
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | d;
    }
    hiColumn[i] = hi;
    loColumn[i] = lo;
    return bytes[p] !== QUOTE || p === from || p - from > 16 ? SLOW : p + 1;
  }

  /** A hex string that sets a flag. */
  #flagged(flag: number, key: number, hi: Int32Array, lo: Int32Array, bytes: Uint8Array, view: DataView, p: number, i: number): number {
    this.#columns.flags[i]! |= flag;
    if (flag !== Flag.paddr) this.#dirty = true;
    return this.#hex(key, hi, lo, bytes, view, p, i);
  }

  #cleared(bytes: Uint8Array, view: DataView, p: number, i: number): number {
    p = this.#begin(Key.cleared, bytes, p);
    if (p < 0) return SLOW;
    const literal = view.getInt32(p, true);
    this.#columns.flags[i]! |= literal === TRUE ? Flag.clearedTrue : Flag.clearedFalse;
    if (literal === TRUE) return p + 4;
    return literal === FALSE && bytes[p + 4] === 0x65 ? p + 5 : SLOW;
  }

  #rights(bytes: Uint8Array, p: number, i: number): number {
    p = this.#begin(Key.rights, bytes, p);
    if (p < 0 || bytes[p] !== QUOTE) return SLOW;
    let rights = 0;
    let letter = LETTERS[bytes[++p]!]!;
    for (; letter !== 0; letter = LETTERS[bytes[++p]!]!) rights |= letter;
    this.#columns.rights[i] = rights;
    return bytes[p] === QUOTE ? p + 1 : SLOW;
  }

  #bits(bytes: Uint8Array, p: number, i: number): number {
    p = this.#begin(Key.bits, bytes, p);
    const tens = bytes[p]! - ZERO;
    const ones = bytes[p + 1]! - ZERO;
    // Two digits, as all sizes of pages have.
    if (p < 0 || tens < 1 || tens > 6 || ones < 0 || ones > 9 || (tens === 6 && ones > 3)) return SLOW;
    this.#columns.bits[i] = tens * 10 + ones;
    return p + 2;
  }

  #obj(bytes: Uint8Array, p: number, i: number): number {
    p = this.#begin(Key.obj, bytes, p);
    const obj = p < 0 ? -1 : indexOfText(OBJ_TEXTS, bytes, p);
    if (obj <= Obj.none) return SLOW;
    this.#columns.obj[i] = obj;
    return p + OBJ_TEXTS[obj]!.length;
  }

  #ret(bytes: Uint8Array, view: DataView, p: number, i: number): number {
    p = this.#begin(Key.ret, bytes, p);
    if (p < 0) return SLOW;
    if (view.getInt32(p, true) === OK_STRING) return p + 4;
    const code = indexOfText(RET_TEXTS, bytes, p);
    if (code < 0) return SLOW;
    this.#columns.outcome[i] = code;
    return p + RET_TEXTS[code]!.length;
  }

  #op(bytes: Uint8Array, view: DataView, p: number, i: number): number {
    p = this.#begin(Key.op, bytes, p);
    if (p < 0 || bytes[p] !== QUOTE) return SLOW;
    p++;
    const c = this.#columns;
    const word = view.getInt32(p, true);
    if (word === MAP) {
      c.op[i] = Op.map;
      return p + 4;
    }
    let op: number = Op.delete;
    if (word === UNMAP) op = bytes[p + 5] === QUOTE ? Op.unmap : Op.unmap_table;
    else if (word === COPY) op = Op.copy;
    else if (word === RETYPE) op = Op.retype;
    else if (word !== DELETE) op = indexOfText(OP_TEXTS, bytes, p);
    if (op <= 0 || !matches(bytes, p, OP_TEXTS[op]!)) return SLOW;
    p += OP_TEXTS[op]!.length;
    c.op[i] = op;
    return op === Op.state ? this.#state(bytes, p, i) : p;
  }

  /** A `state` line, from behind its `"op":"state"`. Returns the position of the next line. */
  #state(bytes: Uint8Array, p: number, i: number): number {
    const found = this.#seen === Key.op ? scanState(bytes, this.#start, p, this.#states) : undefined;
    if (found === undefined) return SLOW;
    const c = this.#columns;
    c.vspace[i] = this.#tables.slots.dense(found.vspace, 0);
    c.outcome[i] = -1;
    if (found.text !== undefined) c.states.set(i, found.text);
    return found.next;
  }

  /** Whether the record has the keys of its operation; completes its columns. */
  #accept(i: number): boolean {
    const c = this.#columns;
    const op = c.op[i]!;
    const seen = this.#seen;
    const rareSeen = this.#rare.seen;
    const required = REQUIRED[op]!;
    if ((seen & required) !== required || (seen & FORBIDDEN[op]!) !== 0) return false;
    if ((rareSeen | c.outcome[i]! | RARE_REQUIRED[op]!) !== 0 && !this.#acceptRare(op, i)) return false;
    if ((seen & Key.ret) === 0) c.outcome[i] = -1;
    if ((this.#sparse || this.#rare.cspace !== 0) && !this.#renumber(i)) return false;
    return op !== Op.retype || this.#acceptRetype(i);
  }

  #acceptRare(op: number, i: number): boolean {
    const c = this.#columns;
    const rare = this.#rare;
    if ((rare.seen & RARE_FORBIDDEN[op]!) !== 0 || (RARE_REQUIRED[op]! & ~rare.seen) !== 0) return false;
    const outcome = rare.outcome(c.outcome[i]!);
    if (outcome === SLOW) return false;
    c.outcome[i] = outcome;
    c.flags[i]! |= rare.flags;
    if (rare.seen !== 0) {
      this.#dirty = true;
      rare.store(c, i);
    }
    return true;
  }

  /** Slots with large numbers or of a named CSpace. */
  #renumber(i: number): boolean {
    const c = this.#columns;
    const { slots } = this.#tables;
    const cspace = this.#rare.cspace;
    if ((this.#seen & Key.cap) !== 0) c.cap[i] = slots.dense(c.cap[i]! - 1, cspace);
    if ((this.#seen & SOURCES) !== 0) c.src[i] = slots.dense(c.src[i]! - 1, cspace);
    if ((this.#seen & Key.vspace) !== 0) c.vspace[i] = slots.dense(c.vspace[i]! - 1, cspace);
    return ((this.#seen & Key.cap) === 0 || c.cap[i] !== 0) && ((this.#seen & SOURCES) === 0 || c.src[i] !== 0) && ((this.#seen & Key.vspace) === 0 || c.vspace[i] !== 0);
  }

  #acceptRetype(i: number): boolean {
    const c = this.#columns;
    if (c.obj[i] === Obj.page && (this.#seen & Key.bits) === 0) return false;
    const n = c.n[i]!;
    if (n <= 1) return true;
    if (n > MOST_OBJECTS) return c.outcome[i] !== Code.ok;
    const { slots } = this.#tables;
    // Only here slots that are consecutive in the trace may not be so in dense numbers.
    const list = slots.list(slots.nameOf(c.cap[i]!).number, this.#rare.cspace, n);
    if (list === null) return false;
    if (list !== undefined) c.slotLists.set(i, list);
    return true;
  }
}

/** Index of the text that stands at `p`, or -1. */
function indexOfText(list: readonly Uint8Array[], bytes: Uint8Array, p: number): number {
  for (let k = list.length - 1; k >= 0; k--) if (matches(bytes, p, list[k]!)) return k;
  return -1;
}
