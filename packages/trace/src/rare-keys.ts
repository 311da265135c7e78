import {
  CODE_NAMES,
  Code,
  type CodeName,
  type Columns,
  Flag,
  failedLookup,
  invalidArgument,
  Lookup,
  rangeError,
  Why,
} from '@overmap/core';
import {
  ascii,
  CLOSE_BRACE,
  COLON,
  four,
  HEX,
  matches,
  OPEN_BRACE,
  QUOTE,
  SLOW,
  SPACE,
  skipFlatObject,
  skipString,
  skipValue,
  ZERO,
} from './ascii.ts';
import { MIGRATED_NAMES } from './record-keys.ts';
import type { TraceTables } from './tables.ts';

/** Keys that are read out of line, and their bits in {@link RareKeys.seen}. */
const Rare = {
  arg: 1 << 0,
  min: 1 << 1,
  max: 1 << 2,
  lookup: 1 << 3,
  avail: 1 << 4,
  badge: 1 << 5,
  via: 1 << 6,
  name: 1 << 7,
  at: 1 << 8,
  result: 1 << 9,
  replaced: 1 << 10,
  remap: 1 << 11,
  alias: 1 << 12,
  wasValid: 1 << 13,
  why: 1 << 14,
  found: 1 << 15,
  asid: 1 << 16,
  boot: 1 << 17,
  synth: 1 << 18,
  assume: 1 << 19,
  seq: 1 << 20,
  thread: 1 << 21,
  cspace: 1 << 22,
  site: 1 << 23,
  part: 1 << 24,
  migrated: 1 << 25,
} as const;
type RareName = keyof typeof Rare;

const NAMES = Object.keys(Rare) as RareName[];
const BYTES = NAMES.map((name) => ascii(`${name}"`));
/** Index in {@link NAMES} by a key's first four bytes, which differ for all of them. */
const BY_WORD: ReadonlyMap<number, number> = new Map(NAMES.map((name, k) => [four(`${name}":`), k]));
const TRUTH = Rare.replaced | Rare.remap | Rare.alias | Rare.wasValid | Rare.why | Rare.found | Rare.asid;
const DETAILS = Rare.arg | Rare.min | Rare.max | Rare.lookup | Rare.avail;
const DETAILED: readonly CodeName[] = ['InvalidArgument', 'InvalidCapability', 'RangeError', 'FailedLookup'];
/** By code: 1 for the errors whose packed outcome holds details. */
const HAS_DETAILS = Uint8Array.from(CODE_NAMES, (name) => (DETAILED.includes(name) ? 1 : 0));
const FLAG_OF: Partial<Record<RareName, number>> = {
  remap: Flag.remap,
  alias: Flag.alias,
  boot: Flag.boot,
  synth: Flag.synth,
  assume: Flag.assume,
  part: Flag.part,
};

const texts = (...list: string[]): Uint8Array[] => list.map((text) => ascii(`"${text}"`));
const VIA = texts('swap');
const AT = texts('start', 'end');
const RESULT = texts('passed', 'failed');
const WHY = texts(...Object.keys(Why).slice(1));
const MIGRATED = texts(...MIGRATED_NAMES);
const LOOKUPS = Object.entries(Lookup).map(([name, type]) => ({ text: ascii(`"${name}"`), type }));
const LOOKUP_FALSE = ascii('{"failedForSource":false,"type":');
const LOOKUP_TRUE = ascii('{"failedForSource":true,"type":');
const LOOKUP_BITS = ascii(',"bits":');
const LETTER_N = 0x6e;
const TRUE = ascii('true');
const FALSE = ascii('false');

/** The keys of one record that the fast path reads out of line: kept here until the record is accepted. */
export class RareKeys {
  /** Which keys the record has so far, see {@link Rare}. */
  seen = 0;
  /** Bits of `Columns.flags` that they stand for. */
  flags = 0;
  /** Number of the CSpace's name; 0 = none. */
  cspace = 0;
  #thread = 0;
  #site = 0;
  #name = 0;
  #arg = 0;
  #min = 0;
  #max = 0;
  #lookup = 0;
  #lookupBits = 0;
  #source = false;
  #avail = 0;
  #badge = 0;
  #seq = 0;
  #wasValid = 0;
  #why = 0;
  #asid = 0;
  #replacedLo = 0;
  #replacedHi = 0;
  #foundLo = 0;
  #foundHi = 0;
  #value = 0;
  #lo = 0;
  #hi = 0;
  readonly #truth: boolean;
  readonly #tables: TraceTables;

  /** @param truth - whether ground truth is read; otherwise its keys count as unknown */
  constructor(tables: TraceTables, truth: boolean) {
    this.#tables = tables;
    this.#truth = truth;
  }

  /** Forget the keys of the last record. */
  reset(): void {
    if (this.seen === 0) return;
    this.seen = 0;
    this.flags = 0;
    this.cspace = 0;
    this.#thread = 0;
    this.#site = 0;
    this.#name = 0;
  }

  /**
   * Read a key and its value.
   *
   * @param p - position of the key's opening quote
   * @returns position behind the value; `SLOW` when this path cannot tell
   */
  key(bytes: Uint8Array, view: DataView, p: number): number {
    const index = BY_WORD.get(view.getInt32(p + 1, true)) ?? -1;
    let end: number;
    let bit = 0;
    if (index >= 0 && matches(bytes, p + 1, BYTES[index])) {
      end = p + 1 + BYTES[index].length;
      bit = 1 << index;
      if (!this.#truth && (bit & TRUTH) !== 0) bit = 0;
    } else {
      end = skipString(bytes, p);
      if (end === SLOW) return SLOW;
    }
    if (bytes[end] !== COLON) return SLOW;
    end++;
    if (bytes[end] === SPACE) end++;
    if (bit === 0) return skipValue(bytes, view, end);
    if ((this.seen & bit) !== 0) return SLOW;
    // null: as if the key were absent.
    if (bytes[end] === LETTER_N) return skipValue(bytes, view, end);
    this.seen |= bit;
    return this.#read(NAMES[index], bytes, view, end);
  }

  /**
   * The packed outcome of an error with the details seen.
   *
   * @param code - a code other than ok
   * @returns `SLOW` when the details are not exactly those of this error
   */
  outcome(code: number): number {
    const details = this.seen & DETAILS;
    if (details === 0) {
      if (HAS_DETAILS[code] === 1) this.flags |= Flag.bareError;
      return code;
    }
    switch (code) {
      case Code.InvalidArgument:
      case Code.InvalidCapability:
        if (details !== Rare.arg || this.#arg > 0xfff) return SLOW;
        return invalidArgument(this.#arg) - Code.InvalidArgument + code;
      case Code.RangeError:
        if (details !== (Rare.min | Rare.max) || this.#min > 0xfff || this.#max > 0x7ff) return SLOW;
        return rangeError(this.#min, this.#max);
      case Code.FailedLookup:
        return details === Rare.lookup ? failedLookup(this.#lookup, this.#lookupBits, this.#source) : SLOW;
      case Code.NotEnoughMemory:
        if (details !== Rare.avail) return SLOW;
        this.flags |= Flag.avail;
        return code;
      default:
        return SLOW;
    }
  }

  /** Write what was seen into the columns; `flags` and the outcome are the caller's. */
  store(c: Columns, i: number): void {
    const seen = this.seen;
    c.name[i] = this.#name;
    c.thread[i] = this.#thread;
    c.cspace[i] = this.cspace;
    c.site[i] = this.#site;
    if ((seen & Rare.badge) !== 0) c.badge[i] = this.#badge;
    if ((seen & Rare.avail) !== 0) c.avail[i] = this.#avail;
    if ((seen & Rare.seq) !== 0) c.seq[i] = this.#seq;
    if ((seen & TRUTH) === 0) return;
    if ((seen & Rare.asid) !== 0) c.asid[i] = this.#asid;
    if ((seen & Rare.wasValid) !== 0) c.wasValid[i] = this.#wasValid;
    if ((seen & Rare.why) !== 0) c.why[i] = this.#why;
    if ((seen & Rare.replaced) !== 0) {
      c.replacedLo[i] = this.#replacedLo;
      c.replacedHi[i] = this.#replacedHi;
    }
    if ((seen & Rare.found) !== 0) {
      c.foundLo[i] = this.#foundLo;
      c.foundHi[i] = this.#foundHi;
    }
  }

  #read(name: RareName, bytes: Uint8Array, view: DataView, p: number): number {
    switch (name) {
      case 'boot':
      case 'synth':
      case 'assume':
      case 'part':
      case 'remap':
      case 'alias':
        if (matches(bytes, p, FALSE)) return p + 5;
        if (!matches(bytes, p, TRUE)) return SLOW;
        this.flags |= FLAG_OF[name] ?? 0;
        return p + 4;
      case 'lookup':
        return this.#readLookup(bytes, p);
      case 'via':
        this.flags |= Flag.viaSwap;
        return this.#oneOf(VIA, bytes, p);
      case 'at': {
        const end = this.#oneOf(AT, bytes, p);
        if (this.#value === 1) this.flags |= Flag.markEnd;
        return end;
      }
      case 'result': {
        const end = this.#oneOf(RESULT, bytes, p);
        this.flags |= this.#value === 1 ? Flag.markResult | Flag.markFailed : Flag.markResult;
        return end;
      }
      case 'why': {
        const end = this.#oneOf(WHY, bytes, p);
        this.#why = this.#value + 1;
        return end;
      }
      case 'migrated': {
        const end = this.#oneOf(MIGRATED, bytes, p);
        if (end !== SLOW) this.flags |= Flag[MIGRATED_NAMES[this.#value]];
        return end;
      }
      case 'name':
      case 'thread':
      case 'cspace':
      case 'site':
        return this.#readNamed(name, bytes, view, p);
      case 'replaced': {
        const end = this.#hex(bytes, p);
        this.#replacedLo = this.#lo;
        this.#replacedHi = this.#hi;
        this.flags |= Flag.replaced;
        return end;
      }
      case 'found': {
        const end = this.#hex(bytes, p);
        this.#foundLo = this.#lo;
        this.#foundHi = this.#hi;
        this.flags |= Flag.found;
        return end;
      }
      default:
        return this.#readNumber(name, bytes, p);
    }
  }

  #readNumber(
    name: 'arg' | 'min' | 'max' | 'avail' | 'badge' | 'seq' | 'wasValid' | 'asid',
    bytes: Uint8Array,
    p: number,
  ): number {
    const end = this.#integer(bytes, p);
    const v = this.#value;
    switch (name) {
      case 'arg':
        this.#arg = v;
        return end;
      case 'min':
        this.#min = v;
        return end;
      case 'max':
        this.#max = v;
        return end;
      case 'avail':
        this.#avail = v;
        return end;
      case 'badge':
        this.#badge = v;
        this.flags |= Flag.badge;
        return end;
      case 'seq':
        this.#seq = v;
        this.flags |= Flag.seq;
        return end;
      case 'wasValid':
        this.#wasValid = v;
        this.flags |= Flag.wasValid;
        return v > 255 ? SLOW : end;
      case 'asid':
        this.#asid = v;
        this.flags |= Flag.asid;
        return v > 0x7fffffff ? SLOW : end;
    }
  }

  /** A name, thread, CSpace or call site: its raw text is looked up in the trace's tables. */
  #readNamed(name: 'name' | 'thread' | 'cspace' | 'site', bytes: Uint8Array, view: DataView, p: number): number {
    const c = bytes[p];
    let end: number;
    if (name === 'site') {
      if (c !== OPEN_BRACE) return SLOW;
      end = skipFlatObject(bytes, p);
    } else {
      if (c !== QUOTE && (name === 'name' || c >= 0x61)) return SLOW;
      end = skipValue(bytes, view, p);
    }
    if (end === SLOW) return SLOW;
    const { names, sites } = this.#tables;
    const number = name === 'site' ? sites.internRaw(bytes, p, end) : names.internRaw(bytes, p, end);
    if (number === 0) return SLOW;
    if (name === 'site') this.#site = number;
    else if (name === 'thread') this.#thread = number;
    else if (name === 'name') this.#name = number;
    else if (number === names.othersIndex) return SLOW;
    else this.cspace = number;
    return end;
  }

  #readLookup(bytes: Uint8Array, p: number): number {
    this.#source = matches(bytes, p, LOOKUP_TRUE);
    if (!this.#source && !matches(bytes, p, LOOKUP_FALSE)) return SLOW;
    let end = p + (this.#source ? LOOKUP_TRUE : LOOKUP_FALSE).length;
    const found = LOOKUPS.find(({ text }) => matches(bytes, end, text));
    if (found === undefined) return SLOW;
    end += found.text.length;
    this.#lookup = found.type;
    this.#lookupBits = 0;
    if (found.type !== Lookup.invalid_root) {
      if (!matches(bytes, end, LOOKUP_BITS)) return SLOW;
      end = this.#integer(bytes, end + LOOKUP_BITS.length);
      if (end === SLOW || this.#value > 0xfff) return SLOW;
      this.#lookupBits = this.#value;
    }
    return bytes[end] === CLOSE_BRACE ? end + 1 : SLOW;
  }

  /** Leaves the index of the text that stands at `p` in `#value`. */
  #oneOf(list: readonly Uint8Array[], bytes: Uint8Array, p: number): number {
    this.#value = list.findIndex((text) => matches(bytes, p, text));
    return this.#value < 0 ? SLOW : p + list[this.#value].length;
  }

  /** An integer of up to 15 digits, left in `#value`. */
  #integer(bytes: Uint8Array, p: number): number {
    const from = p;
    let v = 0;
    let d = bytes[p] - ZERO;
    while (d >= 0 && d <= 9) {
      v = v * 10 + d;
      d = bytes[++p] - ZERO;
    }
    this.#value = v;
    return p === from || p - from > 15 || (bytes[from] === ZERO && p - from > 1) ? SLOW : p;
  }

  /** A hex string of up to 16 digits, left in `#hi` and `#lo`. */
  #hex(bytes: Uint8Array, p: number): number {
    if (bytes[p] !== QUOTE || bytes[p + 1] !== ZERO || bytes[p + 2] !== 0x78) return SLOW;
    const from = p + 3;
    let lo = 0;
    let hi = 0;
    p = from;
    for (let d = HEX[bytes[p]]; d >= 0; d = HEX[bytes[++p]]) {
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | d;
    }
    this.#lo = lo;
    this.#hi = hi;
    return p === from || p - from > 16 || bytes[p] !== QUOTE ? SLOW : p + 1;
  }
}

/** Which rare keys an operation may have; all others send the record to the slow path. */
export function rareBits(names: readonly string[]): number {
  let bits = DETAILS;
  for (const name of names) bits |= Rare[name as RareName] ?? 0;
  return bits;
}
