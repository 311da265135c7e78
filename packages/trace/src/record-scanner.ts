import { Code, type Columns, Flag, Obj, Op } from '@overmap/core';
import { DECIMAL_PAIR, four, HEX, HEX_PAIR, SLOW, skipValue } from './ascii.ts';
import { clearCommonColumns, clearRareColumns, clearRecord } from './clear-columns.ts';
import { FORBIDDEN, Key as KeyBits, RARE_FORBIDDEN, RARE_REQUIRED, REQUIRED } from './key-bits.ts';
import { RareKeys } from './rare-keys.ts';
import { MOST_OBJECTS } from './record-keys.ts';
import { DIRECT_SLOTS } from './slots.ts';
import { scanState } from './state-line.ts';
import type { TraceTables } from './tables.ts';
import { readOp, readText } from './text-values.ts';

// Not imported from ascii.ts: an imported binding costs a load and a check at each use, a tenth of the whole scan.
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const DIRECT = DIRECT_SLOTS;

/** The keys that are read here; others are those of `RareKeys`. */
const Key = KeyBits;
const SOURCES = Key.src | Key.pool | Key.with;
const SLOTS = Key.cap | Key.vspace | SOURCES;
const INTEGERS = SLOTS | Key.attr | Key.n;
const ADDRESSES = Key.vaddr | Key.paddr | Key.entry | Key.was;
const MARKED = Key.paddr | Key.entry | Key.was;
const TRUTH = Key.entry | Key.was | Key.cleared;

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

/**
 * The fast path: one record from bytes into columns, its keys in any order. It accepts only what it has checked byte
 * by byte and what `JSON.parse` and `validateEvent` would accept with the same result; everything else it leaves to
 * them. (Exception: the text of a `state` line is not looked at unless states are wanted.)
 *
 * Values go straight into the columns. (In local variables they cost twice as much: too many for the registers, and
 * the method is left unoptimised for long whenever a rare branch throws its code away; see also `warmUp`.)
 */
export class RecordScanner {
  readonly #columns: Columns;
  readonly #tables: TraceTables;
  readonly #rare: RareKeys;
  readonly #states: boolean;
  /** Keys whose values are passed over: those of the ground truth, unless it is wanted. */
  readonly #unread: number;
  /** A slot number is outside the range in which dense numbers are known without a table. */
  #sparse = false;
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
    this.#unread = truth ? 0 : TRUTH;
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
    if (next === SLOW) {
      this.#sparse = false;
      clearRecord(this.#columns, i);
    }
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

  /** Reads the record's keys and values; returns where the next line begins. */
  #keys(bytes: Uint8Array, view: DataView, start: number, i: number): number {
    const c = this.#columns;
    let seen = 0;
    let p = start + 1;
    this.#rare.reset();
    for (;;) {
      if (bytes[p] !== QUOTE) return SLOW;
      // 1. Which key: whole names are compared, the closing quote included. `p` moves behind that quote.
      const word = view.getInt32(p + 1, true);
      let key = 0;
      let column: Int32Array = c.cap;
      let hiColumn: Int32Array = c.vaddrHi;
      let from = p;
      switch (word) {
        case CAP:
          key = Key.cap;
          p += 5;
          break;
        case VSPACE:
          if ((view.getInt32(p + 5, true) & 0xffffff) === CE_QUOTE) key = Key.vspace;
          column = c.vspace;
          p += 8;
          break;
        case VADDR:
          if ((view.getInt32(p + 5, true) & 0xffff) === R_QUOTE) key = Key.vaddr;
          column = c.vaddrLo;
          p += 7;
          break;
        case RIGHTS:
          if ((view.getInt32(p + 5, true) & 0xffffff) === TS_QUOTE) key = Key.rights;
          p += 8;
          break;
        case ATTR:
          if (bytes[p + 5] === QUOTE) key = Key.attr;
          column = c.attr;
          p += 6;
          break;
        case RET:
          key = Key.ret;
          p += 5;
          break;
        case OP:
          key = Key.op;
          p += 4;
          break;
        case ENTRY:
          if ((view.getInt32(p + 5, true) & 0xffff) === Y_QUOTE) key = Key.entry;
          column = c.entryLo;
          hiColumn = c.entryHi;
          p += 7;
          break;
        case CLEARED:
          if (view.getInt32(p + 5, true) === RED_QUOTE) key = Key.cleared;
          p += 9;
          break;
        case PADDR:
          if ((view.getInt32(p + 5, true) & 0xffff) === R_QUOTE) key = Key.paddr;
          column = c.paddrLo;
          hiColumn = c.paddrHi;
          p += 7;
          break;
        case SRC:
          key = Key.src;
          column = c.src;
          p += 5;
          break;
        case OBJ:
          key = Key.obj;
          p += 5;
          break;
        case BITS:
          if (bytes[p + 5] === QUOTE) key = Key.bits;
          p += 6;
          break;
        case WAS:
          key = Key.was;
          column = c.wasLo;
          hiColumn = c.wasHi;
          p += 5;
          break;
        case POOL:
          if (bytes[p + 5] === QUOTE) key = Key.pool;
          column = c.src;
          p += 6;
          break;
        case WITH:
          if (bytes[p + 5] === QUOTE) key = Key.with;
          column = c.src;
          p += 6;
          break;
        default:
          if ((word & 0xffffff) === N) {
            key = Key.n;
            column = c.n;
            p += 3;
          }
      }
      // 2. Its value.
      if (key === 0) {
        p = this.#rare.key(bytes, view, from);
        if (p < 0) return SLOW;
      } else {
        if (bytes[p] !== COLON) return SLOW;
        p++;
        if (bytes[p] === SPACE) p++;
        if ((key & this.#unread) !== 0) {
          p = skipValue(bytes, view, p);
          if (p < 0) return SLOW;
        } else {
          if ((seen & key) !== 0) return SLOW;
          seen |= key;
          if ((key & INTEGERS) !== 0) {
            from = p;
            let v = 0;
            for (let d = DECIMAL_PAIR[view.getUint16(p, true)]; d >= 0; d = DECIMAL_PAIR[view.getUint16(p, true)]) {
              v = (Math.imul(v, 100) + d) | 0;
              p += 2;
            }
            const d = bytes[p] - ZERO;
            if (d >>> 0 <= 9) {
              v = (Math.imul(v, 10) + d) | 0;
              p++;
            }
            // No number of several digits begins with 0. Of `attr` the low 32 bits are wanted, which is what this
            // arithmetic keeps; other numbers of more than nine digits are the slow path's.
            const most = key === Key.attr ? 15 : 9;
            if (p - from !== 1 && (bytes[from] === ZERO || p === from || p - from > most)) return SLOW;
            column[i] = (key & SLOTS) === 0 ? v : v + 1;
            if (v >= DIRECT) this.#sparse = true;
          } else if ((key & ADDRESSES) !== 0) {
            if ((view.getInt32(p, true) & 0xffffff) !== HEX_PREFIX) return SLOW;
            p += 3;
            from = p;
            let lo = 0;
            let hi = 0;
            for (let d = HEX_PAIR[view.getUint16(p, true)]; d >= 0; d = HEX_PAIR[view.getUint16(p, true)]) {
              hi = (hi << 8) | (lo >>> 24);
              lo = (lo << 8) | d;
              p += 2;
            }
            const d = HEX[bytes[p]];
            if (d >= 0) {
              hi = (hi << 4) | (lo >>> 28);
              lo = (lo << 4) | d;
              p++;
            }
            if (bytes[p] !== QUOTE || p === from || p - from > 16) return SLOW;
            p++;
            column[i] = lo;
            hiColumn[i] = hi;
          } else if (key === Key.op) {
            p = readOp(c, bytes, view, p, i);
            if (c.op[i] === Op.state) return seen === Key.op ? this.#state(bytes, start, p, i) : SLOW;
            if (p < 0) return SLOW;
          } else if (key === Key.ret && view.getInt32(p, true) === OK_STRING) {
            p += 4;
          } else {
            p = readText(key, c, bytes, view, p, i);
            if (p < 0) return SLOW;
          }
        }
      }
      // 3. What separates it from the next.
      const separator = bytes[p];
      p++;
      if (separator !== COMMA) {
        if (separator !== CLOSE_BRACE || !this.#accept(seen, i)) return SLOW;
        if (bytes[p] === NEWLINE) return p + 1;
        return bytes[p] === RETURN && bytes[p + 1] === NEWLINE ? p + 2 : SLOW;
      }
      if (bytes[p] === SPACE) p++;
    }
  }

  /** A `state` line, from behind its `"op":"state"`. Returns the position of the next line. */
  #state(bytes: Uint8Array, start: number, p: number, i: number): number {
    const found = scanState(bytes, start, p, this.#states);
    if (found === undefined) return SLOW;
    const c = this.#columns;
    c.vspace[i] = this.#tables.slots.dense(found.vspace, 0);
    c.outcome[i] = -1;
    if (found.text !== undefined) c.states.set(i, found.text);
    return found.next;
  }

  /** Whether the record has the keys of its operation; completes its columns. */
  #accept(seen: number, i: number): boolean {
    const c = this.#columns;
    const op = c.op[i];
    const rareSeen = this.#rare.seen;
    const required = REQUIRED[op];
    if ((seen & required) !== required || (seen & FORBIDDEN[op]) !== 0) return false;
    if ((rareSeen | c.outcome[i] | RARE_REQUIRED[op]) !== 0 && !this.#acceptRare(op, i)) return false;
    if ((seen & Key.ret) === 0) c.outcome[i] = -1;
    if ((seen & MARKED) !== 0) this.#mark(seen, i);
    if ((this.#sparse || this.#rare.cspace !== 0) && !this.#renumber(seen, i)) return false;
    return op !== Op.retype || this.#acceptRetype(seen, i);
  }

  #acceptRare(op: number, i: number): boolean {
    const c = this.#columns;
    const rare = this.#rare;
    if ((rare.seen & RARE_FORBIDDEN[op]) !== 0 || (RARE_REQUIRED[op] & ~rare.seen) !== 0) return false;
    const outcome = rare.outcome(c.outcome[i]);
    if (outcome === SLOW) return false;
    c.outcome[i] = outcome;
    c.flags[i] |= rare.flags;
    if (rare.seen !== 0) {
      this.#dirty = true;
      rare.store(c, i);
    }
    return true;
  }

  /** Flags of addresses that may be absent. */
  #mark(seen: number, i: number): void {
    let flags = 0;
    if ((seen & Key.paddr) !== 0) flags |= Flag.paddr;
    if ((seen & (Key.entry | Key.was)) !== 0) {
      this.#dirty = true;
      if ((seen & Key.entry) !== 0) flags |= Flag.entry;
      if ((seen & Key.was) !== 0) flags |= Flag.was;
    }
    this.#columns.flags[i] |= flags;
  }

  /** Slots with large numbers or of a named CSpace. */
  #renumber(seen: number, i: number): boolean {
    const c = this.#columns;
    const { slots } = this.#tables;
    const cspace = this.#rare.cspace;
    this.#sparse = false;
    if ((seen & Key.cap) !== 0) c.cap[i] = slots.dense(c.cap[i] - 1, cspace);
    if ((seen & SOURCES) !== 0) c.src[i] = slots.dense(c.src[i] - 1, cspace);
    if ((seen & Key.vspace) !== 0) c.vspace[i] = slots.dense(c.vspace[i] - 1, cspace);
    return (
      ((seen & Key.cap) === 0 || c.cap[i] !== 0) &&
      ((seen & SOURCES) === 0 || c.src[i] !== 0) &&
      ((seen & Key.vspace) === 0 || c.vspace[i] !== 0)
    );
  }

  #acceptRetype(seen: number, i: number): boolean {
    const c = this.#columns;
    if (c.obj[i] === Obj.page && (seen & Key.bits) === 0) return false;
    const n = c.n[i];
    if (n <= 1) return true;
    if (n > MOST_OBJECTS) return c.outcome[i] !== Code.ok;
    const { slots } = this.#tables;
    // Only here slots that are consecutive in the trace may not be so in dense numbers.
    const list = slots.list(slots.nameOf(c.cap[i]).number, this.#rare.cspace, n);
    if (list === null) return false;
    if (list !== undefined) c.slotLists.set(i, list);
    return true;
  }
}
