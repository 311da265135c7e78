import { COMMA, four, HEX, HEX_PAIR, NEWLINE, SPACE, ZERO } from '../ascii.ts';
import { RECENT_LONGEST, type RecentTexts } from './recent-texts.ts';
import { Call, type CallKind, type StraceCall } from './strace-call.ts';

const CLOSE = 0x29;
const LOWER_X = 0x78;
/** As `DataView.getUint16(p, true)` reads `, `, `= ` and `0x`. */
const NEXT = COMMA | (SPACE << 8);
const EQUALS_SPACE = 0x3d | (SPACE << 8);
const HEX_PREFIX = ZERO | (LOWER_X << 8);
const NULL = four('NULL');
const NO_FILE = four('-1, ');
/** Most bytes that are read of a call: three texts that recur, and at most 64 for each number and the spaces. */
const ROOM = 3 * RECENT_LONGEST + 6 * 64;
/** In place of a number that is not of the shape that most have. */
const OTHER = -1;

/** The texts that calls repeat. */
export interface RecurringTexts {
  readonly prots: RecentTexts;
  readonly flags: RecentTexts;
  readonly names: RecentTexts;
  /** The numbers of files were given out again: `names` mean nothing. */
  readonly stale: boolean;
}

/**
 * Reads calls of the shape that nearly all have: successful, addresses of twelve digits or NULL, protection, flags and
 * file among those that came last. What is of another shape is left to the `CallParser`, which reads all.
 */
export class QuickCalls {
  private readonly call: StraceCall;
  private readonly texts: RecurringTexts;
  /** Behind the number that was read last. */
  private at = 0;

  constructor(call: StraceCall, texts: RecurringTexts) {
    this.call = call;
    this.texts = texts;
  }

  /**
   * Read a call into the one object, but for whose it is and where.
   *
   * @param view - of the same bytes
   * @param from - behind its opening parenthesis
   * @returns where its newline stands; -1 = it is of another shape, and what was read of it means nothing
   */
  read(kind: CallKind, bytes: Uint8Array, view: DataView, from: number): number {
    if (from + ROOM > bytes.length) return -1;
    const { call } = this;
    const address = this.address(view, from);
    if (address === OTHER) return -1;
    let p = this.at;
    let prot = 0;
    if (kind !== Call.brk) {
      if (view.getUint16(p, true) !== NEXT) return -1;
      const length = this.decimal(bytes, p + 2);
      if (length === OTHER) return -1;
      call.length = length;
      p = this.at;
      if (kind !== Call.munmap) {
        if (view.getUint16(p, true) !== NEXT) return -1;
        const { prots } = this.texts;
        const known = prots.match(view, p + 2);
        if (known === 0) return -1;
        prot = prots.value;
        p += known + 1;
      }
      if (kind === Call.mmap) {
        p = this.mapped(bytes, view, p);
        if (p < 0) return -1;
      }
    }
    if (bytes[p] !== CLOSE) return -1;
    do p++;
    while (bytes[p] === SPACE);
    if (view.getUint16(p, true) !== EQUALS_SPACE) return -1;
    p += 2;
    let result = 0;
    if (kind === Call.mmap || kind === Call.brk) {
      result = this.address(view, p);
      if (result === OTHER) return -1;
      p = this.at;
    } else if (bytes[p++] !== ZERO) return -1;
    if (bytes[p] !== NEWLINE) {
      // `<0.000057>`
      if (bytes[p] !== SPACE) return -1;
      do p++;
      while (bytes[p] !== NEWLINE);
    }
    if (kind !== Call.mmap) {
      call.flags = 0;
      call.file = 0;
    }
    call.kind = kind;
    call.address = address;
    call.prot = prot;
    call.ok = true;
    call.error = '';
    call.result = result;
    return p;
  }

  /** Flags, file and offset of an mmap. @param from - at the comma in front @returns where they end, or -1 */
  private mapped(bytes: Uint8Array, view: DataView, from: number): number {
    let p = from;
    if (view.getUint16(p, true) !== NEXT) return -1;
    const { call } = this;
    const { flags, names } = this.texts;
    const flagBytes = flags.match(view, p + 2);
    if (flagBytes === 0) return -1;
    call.flags = flags.value;
    p += flagBytes + 1;
    if (bytes[p] !== COMMA || bytes[p + 1] !== SPACE) return -1;
    p += 2;
    if (view.getInt32(p, true) === NO_FILE) {
      call.file = 0;
      p += 4;
    } else {
      if (this.texts.stale) return -1;
      const fileBytes = names.match(view, p);
      if (fileBytes === 0 || bytes[p + fileBytes] !== SPACE) return -1;
      call.file = names.value;
      p += fileBytes + 1;
    }
    if (bytes[p] !== ZERO) return -1;
    let offset = 0;
    if (bytes[++p] === LOWER_X) {
      // Sixteen digits at most, so that nothing is read beyond the room.
      const end = p + 17;
      for (let d = HEX[bytes[++p]]; d >= 0; d = HEX[bytes[++p]]) {
        if (p === end) return -1;
        offset = offset * 16 + d;
      }
    }
    call.offset = offset;
    return p;
  }

  /** NULL, or `0x` and up to fourteen digits. @returns the number, or OTHER */
  private address(view: DataView, from: number): number {
    if (view.getUint16(from, true) !== HEX_PREFIX) {
      this.at = from + 4;
      return view.getInt32(from, true) === NULL ? 0 : OTHER;
    }
    let p = from + 8;
    // Most have twelve digits; six of them are a small integer.
    const a = HEX_PAIR[view.getUint16(from + 2, true)];
    const b = HEX_PAIR[view.getUint16(from + 4, true)];
    const c = HEX_PAIR[view.getUint16(from + 6, true)];
    if ((a | b | c) < 0) return OTHER;
    let value = (a << 16) | (b << 8) | c;
    const d = HEX_PAIR[view.getUint16(from + 8, true)];
    const e = HEX_PAIR[view.getUint16(from + 10, true)];
    const f = HEX_PAIR[view.getUint16(from + 12, true)];
    let high = 0;
    if ((d | e | f) >= 0) {
      high = value;
      value = (d << 16) | (e << 8) | f;
      p += 6;
    }
    let digit = HEX[view.getUint8(p)];
    let all = high * 0x1000000 + value;
    for (const end = from + 16; digit >= 0; digit = HEX[view.getUint8(p)]) {
      if (p++ === end) return OTHER;
      all = all * 16 + digit;
    }
    this.at = p;
    return all;
  }

  /** A decimal number of up to fifteen digits, which does not begin with 0. @returns the number, or OTHER */
  private decimal(bytes: Uint8Array, from: number): number {
    let p = from;
    let c = bytes[p];
    if (c <= ZERO || c > 0x39) return OTHER;
    let value = 0.5;
    value -= 0.5;
    do {
      value = value * 10 + (c - ZERO);
      c = bytes[++p];
    } while (c >= ZERO && c <= 0x39);
    this.at = p;
    return p - from > 15 ? OTHER : value;
  }
}
