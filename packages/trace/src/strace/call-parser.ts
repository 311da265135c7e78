import { ascii, CLOSE_BRACE, COMMA, four, HEX, HEX_PAIR, matches, NEWLINE, OPEN_BRACE, SPACE, ZERO } from '../ascii.ts';
import { hashOf } from './byte-texts.ts';
import { breaksOffAt, cloneFlags, endsName, endsWithoutResult, programName, text } from './call-text.ts';
import type { FileNames } from './file-names.ts';
import { FlagTexts } from './flag-texts.ts';
import type { RecurringTexts } from './quick-calls.ts';
import { RECENT_LONGEST, RecentTexts } from './recent-texts.ts';
import { Advice, Call, type CallKind, MremapFlag, type StraceCall } from './strace-call.ts';

const CLOSE = 0x29;
const EQUALS = 0x3d;
const LESS = 0x3c;
const GREATER = 0x3e;
const MINUS = 0x2d;
const QUESTION = 0x3f;
const UPPER_N = 0x4e;
const LOWER_X = 0x78;
const SLASH = 0x2f;

const NO_FILE = four('-1, ');
const DONT_FORK = ascii(', MADV_DONTFORK)');
const DO_FORK = ascii(', MADV_DOFORK)');

/** How the text of a call ended. */
export const Parsed = {
  whole: 0,
  /** `<unfinished ...>`: it has not returned. */
  unfinished: 1,
  bad: 2,
} as const;
/** A number of {@link Parsed}. */
export type ParsedHow = (typeof Parsed)[keyof typeof Parsed];

/**
 * Reads the arguments and the result of one call, from its opening parenthesis to the end of its line, by bytes. Every
 * loop ends at the newline at the latest.
 */
export class CallParser implements RecurringTexts {
  /** What was expected where the text is bad, and at which byte. */
  expected = '';
  at = 0;
  /** The newline of a line that was not read as a whole. */
  end = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private view = new DataView(this.bytes.buffer);
  private from = 0;
  readonly prots: RecentTexts = new RecentTexts(12);
  readonly flags: RecentTexts = new RecentTexts(20);
  readonly names: RecentTexts = new RecentTexts(32);
  private sweeps = 0;
  /** The number that was read last. */
  private read = Number.NaN;
  private readonly call: StraceCall;
  private readonly files: FileNames;
  private readonly flagTexts = new FlagTexts();

  constructor(call: StraceCall, files: FileNames) {
    this.call = call;
    this.files = files;
  }

  get stale(): boolean {
    return this.sweeps !== this.files.sweeps;
  }

  /**
   * @param kind - which call it is
   * @param view - of the same bytes
   * @param from - behind its opening parenthesis; a newline follows somewhere
   */
  parse(kind: CallKind, bytes: Uint8Array, view: DataView, from: number): ParsedHow {
    const { call } = this;
    call.kind = kind;
    this.bytes = bytes;
    this.view = view;
    this.from = from;
    this.at = from;
    this.expected = '';
    call.prot = 0;
    call.flags = 0;
    call.file = 0;
    switch (kind) {
      case Call.mmap:
        return this.mmap();
      case Call.munmap:
      case Call.mprotect:
        return this.range(kind);
      case Call.mremap:
        return this.mremap();
      case Call.brk:
        return this.brk();
      case Call.madvise:
      case Call.mlock:
      case Call.munlock:
      case Call.msync:
      case Call.mincore:
        return this.named(kind, from);
      default:
        return this.other(kind, from);
    }
  }

  private mmap(): ParsedHow {
    const { call, bytes } = this;
    // old_mmap of 32-bit systems: its arguments are a structure.
    if (bytes[this.at] === OPEN_BRACE) this.at++;
    this.number('the address');
    call.address = this.read;
    if (!this.comma()) return this.otherEnd();
    this.number('the length');
    call.length = this.read;
    if (!this.comma()) return this.otherEnd();
    call.prot = this.flagText(this.prots);
    if (call.prot < 0 || !this.comma()) return this.otherEnd();
    call.flags = this.flagText(this.flags);
    if (call.flags < 0 || !this.comma()) return this.otherEnd();
    if (!this.descriptor() || !this.comma()) return this.otherEnd();
    this.number('the offset');
    call.offset = this.read;
    if (bytes[this.at] === CLOSE_BRACE) this.at++;
    return this.result();
  }

  private range(kind: CallKind): ParsedHow {
    const { call } = this;
    this.number('the address');
    call.address = this.read;
    if (!this.comma()) return this.otherEnd();
    this.number('the length');
    call.length = this.read;
    if (kind === Call.mprotect) {
      if (!this.comma()) return this.otherEnd();
      call.prot = this.flagText(this.prots);
      if (call.prot < 0) return this.otherEnd();
      // pkey_mprotect: the key does not matter here.
      if (this.bytes[this.at] === COMMA && this.comma()) this.number('the key');
    }
    return this.result();
  }

  private mremap(): ParsedHow {
    const { call } = this;
    this.number('the address');
    call.address = this.read;
    if (!this.comma()) return this.otherEnd();
    this.number('the length');
    call.length = this.read;
    if (!this.comma()) return this.otherEnd();
    this.number('the new length');
    call.newLength = this.read;
    if (!this.comma()) return this.otherEnd();
    call.flags = this.flagText(this.flags);
    if (call.flags < 0) return this.otherEnd();
    call.newAddress = 0;
    if ((call.flags & (MremapFlag.fixed | MremapFlag.dontUnmap)) !== 0 && this.bytes[this.at] === COMMA) {
      if (!this.comma()) return this.otherEnd();
      this.number('the new address');
      call.newAddress = this.read;
    }
    return this.result();
  }

  private brk(): ParsedHow {
    this.number('the address');
    this.call.address = this.read;
    return this.result();
  }

  /** execve and clone: their arguments are of many shapes. */
  private other(kind: CallKind, from: number): ParsedHow {
    const { call, bytes } = this;
    const end = bytes.indexOf(NEWLINE, from);
    this.end = end;
    if (kind === Call.execve) call.program = programName(bytes, from, end);
    else call.flags = cloneFlags(bytes, from, end);
    return this.lastResult(from, end);
  }

  /** A call that only names a range: what stands behind its length is of many shapes, too. */
  private named(kind: CallKind, from: number): ParsedHow {
    const { call, bytes } = this;
    this.number('the address');
    call.address = this.read;
    if (!this.comma()) return this.otherEnd();
    this.number('the length');
    call.length = this.read;
    if (this.expected !== '') return this.otherEnd();
    if (kind === Call.madvise) call.flags = this.advice();
    const end = bytes.indexOf(NEWLINE, from);
    this.end = end;
    return endsWithoutResult(bytes, from, end) ? this.otherEnd() : this.lastResult(from, end);
  }

  /** `, MADV_DONTFORK`: a number of {@link Advice}, or 0. */
  private advice(): number {
    const { bytes, at } = this;
    if (matches(bytes, at, DONT_FORK)) return Advice.dontFork;
    return matches(bytes, at, DO_FORK) ? Advice.doFork : 0;
  }

  /** The result is what follows the last " = ". */
  private lastResult(from: number, end: number): ParsedHow {
    const { call, bytes } = this;
    if (breaksOffAt(bytes, from, end) >= 0) return Parsed.unfinished;
    let p = end - 1;
    while (p > from && !(bytes[p] === EQUALS && bytes[p - 1] === SPACE && bytes[p + 1] === SPACE)) p--;
    if (p <= from) return this.bad(end, 'expected " = " and the result');
    this.at = p + 2;
    const parsed = this.value();
    // In a namespace of processes, the log's numbers are strace's: `= 5 /* 31299 in strace's PID NS */`.
    if (call.ok && bytes[this.at] === SPACE && bytes[this.at + 1] === SLASH) {
      const outside = /^ \/\* (\d+) in strace/.exec(text(bytes, this.at, Math.min(end, this.at + 60)));
      if (outside !== null) call.result = Number(outside[1]);
    }
    return parsed;
  }

  /** An argument was not understood: perhaps the call breaks off there. */
  private otherEnd(): ParsedHow {
    const end = this.bytes.indexOf(NEWLINE, this.from);
    this.end = end;
    if (breaksOffAt(this.bytes, this.from, end) >= 0) return Parsed.unfinished;
    if (endsWithoutResult(this.bytes, this.from, end)) {
      this.expected = '';
      this.at = end;
      this.call.error = '';
      this.call.ok = false;
      this.call.result = 0;
      return Parsed.whole;
    }
    if (this.expected === '') this.expected = 'expected the arguments of the call';
    return Parsed.bad;
  }

  /** `)`, spaces, `=`, and what was returned. */
  private result(): ParsedHow {
    const { bytes } = this;
    let p = this.at;
    // Older versions leave a space behind "resumed>".
    if (bytes[p] === SPACE && bytes[p + 1] === CLOSE) p++;
    if (this.expected !== '' || bytes[p] !== CLOSE) {
      if (this.expected === '') this.expected = 'expected ")"';
      return this.otherEnd();
    }
    p++;
    while (bytes[p] === SPACE) p++;
    if (bytes[p] !== EQUALS || bytes[p + 1] !== SPACE) {
      this.at = p;
      this.expected = 'expected "=" and the result';
      return this.otherEnd();
    }
    this.at = p + 2;
    return this.value();
  }

  private value(): ParsedHow {
    const { bytes, call } = this;
    let p = this.at;
    call.error = '';
    call.ok = false;
    call.result = 0;
    if (bytes[p] === QUESTION) return Parsed.whole;
    if (bytes[p] === MINUS) {
      p++;
      while (bytes[p] >= ZERO && bytes[p] <= 0x39) p++;
      if (bytes[p] === SPACE) {
        const from = ++p;
        while (bytes[p] > SPACE) p++;
        call.error = text(bytes, from, Math.min(p, from + 32));
      }
      return Parsed.whole;
    }
    this.expected = '';
    this.number('the result');
    call.result = this.read;
    if (this.expected !== '') return this.bad(p, 'expected the result: an address, a number or -1');
    call.ok = true;
    return Parsed.whole;
  }

  private bad(at: number, expected: string): ParsedHow {
    this.at = at;
    this.end = this.bytes.indexOf(NEWLINE, this.from);
    this.expected = expected;
    return Parsed.bad;
  }

  /** Reads into `read` (a number that a function returns is an object) a number: hexadecimal, decimal, octal 0, NULL; also a product (`4*1024`), and one with a remark behind it. */
  private number(what: string): void {
    const { bytes } = this;
    let p = this.at;
    // A structure's field: `addr=NULL`.
    if (bytes[p] >= 0x61 && bytes[p] <= 0x7a) {
      let q = p;
      while (bytes[q] >= 0x61 && bytes[q] <= 0x7a) q++;
      if (bytes[q] === EQUALS) p = this.at = q + 1;
    }
    let value = 0;
    const first = bytes[p];
    if (first === ZERO && bytes[p + 1] === LOWER_X) {
      p += 2;
      const from = p;
      const { view } = this;
      // Most addresses have twelve digits; six of them are a small integer.
      for (const end = view.byteLength - 6; p <= end; p += 6) {
        const high = HEX_PAIR[view.getUint16(p, true)];
        const middle = HEX_PAIR[view.getUint16(p + 2, true)];
        const low = HEX_PAIR[view.getUint16(p + 4, true)];
        if ((high | middle | low) < 0) break;
        value = value * 0x1000000 + ((high << 16) | (middle << 8) | low);
      }
      // Fewer than six are left, unless the buffer ends near by.
      for (let d = HEX[bytes[p]]; d >= 0; d = HEX[bytes[++p]]) value = value * 16 + d;
      if (p === from) this.expected = `expected ${what}: a number`;
    } else if (first >= ZERO && first <= 0x39) {
      for (let d = first - ZERO; d >= 0 && d <= 9; d = bytes[++p] - ZERO) value = value * 10 + d;
      // strace writes some sizes as products: `8*1024`.
      for (let factor = 0; bytes[p] === 0x2a && bytes[p + 1] >= ZERO && bytes[p + 1] <= 0x39; value *= factor) {
        factor = 0;
        for (let d = bytes[++p] - ZERO; d >= 0 && d <= 9; d = bytes[++p] - ZERO) factor = factor * 10 + d;
      }
    } else if (first === UPPER_N && bytes[p + 1] === 0x55 && bytes[p + 2] === 0x4c && bytes[p + 3] === 0x4c) {
      p += 4;
    } else this.expected = `expected ${what}: a number`;
    this.at = p;
    this.read = value;
  }

  private comma(): boolean {
    const { bytes } = this;
    if (this.expected !== '') return false;
    if (bytes[this.at] !== COMMA || bytes[this.at + 1] !== SPACE) {
      this.expected = 'expected ", "';
      return false;
    }
    this.at += 2;
    return true;
  }

  /** Flags, up to the comma or parenthesis behind them. */
  private flagText(recent: RecentTexts): number {
    const { bytes, view } = this;
    const from = this.at;
    if (from + RECENT_LONGEST < view.byteLength) {
      const known = recent.match(view, from);
      if (known > 0) {
        this.at = from + known - 1;
        return recent.value;
      }
    }
    let p = from;
    let c = bytes[p];
    while (c !== COMMA && c !== CLOSE && c !== NEWLINE && c !== LESS) {
      c = bytes[++p];
      // `16<<MAP_HUGE_SHIFT`
      if (c === LESS && bytes[p + 1] === LESS) {
        p += 2;
        c = bytes[p];
      }
    }
    const value = this.flagTexts.value(bytes, from, p, hashOf(bytes, from, p));
    if (value < 0) this.expected = 'expected flags';
    else {
      if (p + 1 < view.byteLength && (c === COMMA || c === CLOSE)) recent.add(view, from, p + 1, value);
      this.at = p;
    }
    return value;
  }

  /** `-1`, `3`, or `3</lib/libc.so.6>`: with -y, files are told apart by their names. */
  private descriptor(): boolean {
    const { call, view, names } = this;
    const from = this.at;
    if (this.stale) {
      this.sweeps = this.files.sweeps;
      names.clear();
    }
    if (from + RECENT_LONGEST < view.byteLength) {
      if (view.getInt32(from, true) === NO_FILE) {
        this.at = from + 2;
        return true;
      }
      const known = names.match(view, from);
      // `3</a>,b>` is another name than `3</a>`.
      if (known > 0 && this.bytes[from + known] === SPACE) {
        call.file = names.value;
        this.at = from + known - 1;
        return true;
      }
    }
    if (!this.newDescriptor()) return false;
    // Before it is remembered: naming it may have been what gave numbers out again.
    if (!this.stale && this.at + 1 < view.byteLength && this.bytes[this.at] === COMMA)
      names.add(view, from, this.at + 1, call.file);
    return true;
  }

  private newDescriptor(): boolean {
    const { bytes, call } = this;
    let p = this.at;
    const from = p;
    // A structure's field: `fd=3`.
    if (bytes[p] === 0x66 && bytes[p + 1] === 0x64 && bytes[p + 2] === EQUALS) p += 3;
    const digits = p;
    if (bytes[p] === MINUS) p++;
    while (bytes[p] >= ZERO && bytes[p] <= 0x39) p++;
    if (p === digits) {
      this.at = from;
      this.expected = 'expected a file descriptor';
      return false;
    }
    if (bytes[p] !== LESS) {
      call.file = bytes[digits] === MINUS ? 0 : this.files.intern(bytes, digits, p);
      this.at = p;
      return true;
    }
    const name = p + 1;
    p = name;
    // strace escapes angle brackets in names; older ones do not, and -yy nests them.
    while (bytes[p] !== NEWLINE && !(bytes[p] === GREATER && endsName(bytes, p + 1))) p++;
    if (bytes[p] === NEWLINE) {
      this.at = name;
      this.expected = 'expected ">" behind the name of a file';
      return false;
    }
    let to = p;
    p++;
    while (bytes[p] !== COMMA) p++;
    if (p > to + 1) to = p;
    call.file = this.files.intern(bytes, name, to);
    this.at = p;
    return true;
  }
}
