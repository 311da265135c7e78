import { COLON, NEWLINE, SPACE, ZERO } from '../ascii.ts';

const DOT = 0x2e;
const OPEN = 0x28;
const CLOSE = 0x29;
const PLUS = 0x2b;
const LESS = 0x3c;
const GREATER = 0x3e;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Linux' highest process number; above it a bare number is a time. */
export const PIDS = 4194304;
const DAY = 86400;

/**
 * What strace puts in front of a call: the thread (`12345`, `[pid 12345]`, with `<name>` behind it), time stamps of -t,
 * -tt, -ttt and -r, the number of the call (-n) and the instruction pointer (-i).
 */
export class LinePrefix {
  /** The thread; -1 = the line does not tell it. */
  pid = -1;
  /** Seconds since midnight, since 1970, or with -r alone since the log's first line; NaN = no line has told. */
  time: number = Number.NaN;
  /** The time is of a clock: it can be compared with that of another file. */
  absolute = false;
  /** Midnights that have passed. */
  private days = 0;
  private lastOfDay = 0;
  /** The number read last was a time. */
  private wasTime = false;
  /** Where the fraction read last ends. */
  private end = 0;

  /** @returns where the prefix ends */
  read(bytes: Uint8Array, start: number): number {
    let p = start;
    this.pid = -1;
    let timed = false;
    for (;;) {
      const c = bytes[p];
      if (c === SPACE) p++;
      else if (c >= ZERO && c <= 0x39) {
        const end = this.numeric(bytes, p, timed);
        if (end < 0) return p;
        timed ||= this.wasTime;
        p = end;
      } else if (c === OPEN_BRACKET) {
        const end = this.bracket(bytes, p);
        if (end < 0) return p;
        p = end;
      } else if (c === OPEN && bytes[p + 1] === PLUS) {
        // `(+     0.000149)`: -r together with -t, which counts.
        while (bytes[p] !== CLOSE && bytes[p] !== NEWLINE) p++;
        if (bytes[p] === CLOSE) p++;
      } else if (c === PLUS && bytes[p + 1] !== PLUS) p++;
      else return p;
    }
  }

  /** A thread's number or a time stamp. @returns its end, or -1: it is none of these */
  private numeric(bytes: Uint8Array, from: number, timed: boolean): number {
    let p = from;
    let value = 0;
    while (bytes[p] >= ZERO && bytes[p] <= 0x39) value = value * 10 + bytes[p++] - ZERO;
    this.wasTime = true;
    if (bytes[p] === COLON) return this.clock(bytes, p + 1, value);
    if (bytes[p] === DOT) {
      const seconds = value + this.fraction(bytes, p + 1);
      if (bytes[this.end] !== SPACE) return -1;
      // Alone, small numbers are the time since the line before (-r).
      if (timed) return this.end;
      if (value > PIDS) {
        this.time = seconds;
        this.absolute = true;
      } else this.time = (Number.isNaN(this.time) ? 0 : this.time) + seconds;
      return this.end;
    }
    if (bytes[p] === LESS && this.pid < 0) {
      while (bytes[p] !== GREATER && bytes[p] !== NEWLINE) p++;
      if (bytes[p] === GREATER) p++;
    }
    if (bytes[p] !== SPACE) return -1;
    if (value > PIDS) {
      this.time = value;
      this.absolute = true;
    } else if (this.pid < 0) {
      this.wasTime = false;
      this.pid = value;
    } else return -1;
    return p;
  }

  /** Behind the hours: `41:10` or `41:10.417912`. */
  private clock(bytes: Uint8Array, from: number, hours: number): number {
    const minutes = two(bytes, from);
    const seconds = two(bytes, from + 3);
    if (minutes < 0 || seconds < 0 || bytes[from + 2] !== COLON) return -1;
    let end = from + 5;
    let time = hours * 3600 + minutes * 60 + seconds;
    if (bytes[end] === DOT) {
      time += this.fraction(bytes, end + 1);
      end = this.end;
    }
    if (bytes[end] !== SPACE) return -1;
    // A clock that goes back by hours has passed midnight; a little is another thread's line.
    if (time < this.lastOfDay - DAY / 2) this.days++;
    this.lastOfDay = time;
    this.time = this.days * DAY + time;
    this.absolute = true;
    return end;
  }

  private fraction(bytes: Uint8Array, from: number): number {
    let p = from;
    let value = 0;
    let scale = 1;
    while (bytes[p] >= ZERO && bytes[p] <= 0x39) {
      value = value * 10 + bytes[p++] - ZERO;
      scale *= 10;
    }
    this.end = p;
    return value / scale;
  }

  /** `[pid 12345]`, `[pid 12345<name>]`; `[  10]` and `[00007f6232663ce7]` say nothing of interest. */
  private bracket(bytes: Uint8Array, from: number): number {
    let p = from + 1;
    if (bytes[p] === 0x70 && bytes[p + 1] === 0x69 && bytes[p + 2] === 0x64) {
      p += 3;
      while (bytes[p] === SPACE) p++;
      let value = 0;
      const digits = p;
      while (bytes[p] >= ZERO && bytes[p] <= 0x39) value = value * 10 + bytes[p++] - ZERO;
      if (p > digits) this.pid = value;
    }
    let length = 0;
    while (bytes[p] !== CLOSE_BRACKET) {
      if (bytes[p] === NEWLINE || ++length > 64) return -1;
      p++;
    }
    return p + 1;
  }
}

function two(bytes: Uint8Array, p: number): number {
  const tens = bytes[p] - ZERO;
  const ones = bytes[p + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
