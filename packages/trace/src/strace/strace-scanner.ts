import { ascii, matches, NEWLINE, RETURN, SPACE, ZERO } from '../ascii.ts';
import { LineCarry, viewOf } from '../line-carry.ts';
import type { InputReader } from '../read-input.ts';
import { LONGEST_LINE } from '../scanner.ts';
import { CallParser, Parsed } from './call-parser.ts';
import { BadLines } from './bad-lines.ts';
import { BrokenLine } from './broken-line.ts';
import { breaksOffAt, isLeftOff } from './call-text.ts';
import { callKind, FREQUENT_LENGTHS, frequentKind } from './call-kind.ts';
import { CloneParents } from './clone-parents.ts';
import { JoinedCall } from './joined-call.ts';
import { LinePrefix, PIDS } from './line-prefix.ts';
import { QuickCalls } from './quick-calls.ts';
import { Speakers } from './speakers.ts';
import { StackSites } from './stack-sites.ts';
import { Call, type CallKind, CloneFlag, emptyCall, type StraceCall, type StraceSink } from './strace-call.ts';
import type { StraceLog } from './strace-log.ts';
import type { StraceScannerOptions } from './strace-scanner-options.ts';
import type { StraceThread } from './strace-threads.ts';

const OPEN = 0x28;
const LESS = 0x3c;
const GREATER = 0x3e;
const MINUS = 0x2d;
const PLUS = 0x2b;
const UNDERSCORE = 0x5f;
const QUESTION = 0x3f;
const RESUMED = ascii('<... ');
const BEHIND_RESUMED = ascii(' resumed>');
const STRACE = ascii('strace:');

/**
 * Reads the output of strace by bytes: no string for a line, no object for a call. Calls that do not change an address
 * space are counted and passed over. What was interrupted is joined, and told when it took effect.
 */
export class StraceScanner implements InputReader {
  bytes = 0;
  lines = 0;
  /** Lines that are not strace's: what the program itself wrote. */
  otherLines = 0;
  private readonly log: StraceLog;
  private readonly sink: CloneParents;
  private readonly speakers: Speakers;
  private readonly options: StraceScannerOptions;
  private readonly complaints: BadLines;
  private readonly carry = new LineCarry(LONGEST_LINE);
  private readonly call: StraceCall;
  private readonly parser: CallParser;
  private readonly quick: QuickCalls;
  private readonly prefix = new LinePrefix();
  private readonly sites: StackSites;
  /** A call has been read, and is held back until it is known whether its stack follows. */
  private held = false;
  /** Its stack has begun. */
  private stacked = false;
  private readonly joined = new JoinedCall();
  /** Where in the input the line begins that ended it. */
  private joinedAt = 0;
  /** Of the bytes at hand. */
  private view = this.joined.view;
  private readonly broken = new BrokenLine();
  /** Lines of this log begin with a number. */
  private numbered = false;
  /** Bytes before the buffer at hand. */
  private before = 0;

  constructor(log: StraceLog, sink: StraceSink, options: StraceScannerOptions = {}) {
    this.log = log;
    this.sink = new CloneParents(sink, options.recordParents, options.parents);
    this.speakers = new Speakers(log, this.sink, options.pid);
    this.options = options;
    this.complaints = new BadLines(options);
    log.heldFiles.push((needed) => this.sink.markFiles(needed));
    this.call = emptyCall(log.nobody);
    this.parser = new CallParser(this.call, log.files);
    this.quick = new QuickCalls(this.call, this.parser);
    this.sites = new StackSites(log.sites);
  }

  /** Seconds of the last line that had a time stamp; NaN = none yet. */
  get time(): number {
    return this.prefix.time;
  }

  get badLines(): number {
    return this.complaints.count;
  }

  /** Whose children the threads were that spoke before their clones returned, with `recordParents`. */
  get parents(): readonly number[] {
    return this.sink.found;
  }

  /** @throws {@link MalformedInputError} with `strictInput`, at a bad line */
  feed(bytes: Uint8Array, length: number = bytes.length): void {
    const { carry } = this;
    let from = 0;
    const text = length === bytes.length ? bytes : bytes.subarray(0, length);
    if (carry.pending) {
      const newline = text.indexOf(NEWLINE);
      const to = newline < 0 ? length : newline + 1;
      if (!carry.skipping && !carry.append(text, 0, to)) this.tooLong(text);
      this.bytes += to;
      if (newline < 0) return;
      if (!carry.skipping) this.carried();
      carry.skipping = false;
      carry.drop(carry.length);
      from = to;
    }
    const last = text.lastIndexOf(NEWLINE);
    if (last >= from) {
      this.before = this.bytes - from;
      this.view = viewOf(text);
      for (let p = from; p <= last; ) p = this.line(text, p);
      this.bytes += last + 1 - from;
      from = last + 1;
    }
    if (from < length && !carry.append(text, from, length)) this.tooLong(text.subarray(from));
    this.bytes += length - from;
  }

  /** Hand out what is complete. */
  flush(): void {
    if (this.held) this.deliver();
  }

  end(): void {
    const { carry } = this;
    if (carry.length > 0 && !carry.skipping) {
      carry.append(Uint8Array.of(NEWLINE), 0, 1);
      this.carried();
      carry.drop(carry.length);
    }
    this.settle();
  }

  /** Nothing more is to come: tell what was held back, and the calls that never returned. Harmless when done twice. */
  settle(): void {
    this.flush();
    const { pid } = this.options;
    for (const thread of this.log.threads) if (pid === undefined || thread.pid === pid) this.leftOff(thread);
    this.sink.settle();
  }

  private carried(): void {
    this.before = this.bytes - this.carry.length;
    this.view = this.carry.view;
    this.line(this.carry.bytes, 0);
  }

  private tooLong(text: Uint8Array): void {
    const { carry } = this;
    this.lines++;
    carry.skipping = true;
    const beginning = carry.length > 0 ? carry.bytes.subarray(0, carry.length) : text;
    this.complaints.tooLong(this.lines, this.bytes - carry.length, beginning, carry.longest);
  }

  /** One line, whose newline is in the buffer. @returns where the next one begins */
  private line(bytes: Uint8Array, start: number): number {
    this.lines++;
    let p = start;
    let c = bytes[p];
    if (c === SPACE && bytes[p + 1] === GREATER) return this.stack(bytes, p);
    if (this.held) this.deliver();
    let pid = -1;
    if (c >= ZERO && c <= 0x39) {
      let number = 0;
      do {
        number = number * 10 + c - ZERO;
        c = bytes[++p];
      } while (c >= ZERO && c <= 0x39);
      if (c === SPACE && number <= PIDS) {
        pid = number;
        do c = bytes[++p];
        while (c === SPACE);
      }
    }
    if (c < UNDERSCORE || c > 0x7a || (pid < 0 && p > start)) {
      // Time stamps, brackets, or no call.
      p = this.prefix.read(bytes, start);
      pid = this.prefix.pid;
      c = bytes[p];
      if (c < UNDERSCORE || c > 0x7a) return this.noCall(bytes, start, p, pid);
    }
    const name = p;
    // So near to the end of the buffer, it is looked up like a rare one.
    const kind = p + 9 <= bytes.length ? frequentKind(this.view, p) : -1;
    if (kind >= 0) {
      p += FREQUENT_LENGTHS[kind];
      this.call.event = this.log.calls++;
      this.call.entry = this.lines;
      this.log.counts[kind]++;
      if (pid >= 0) this.numbered = true;
      const thread = this.speakers.of(pid, this.lines, false);
      const end = kind === Call.mremap ? -1 : this.quick.read(kind as CallKind, bytes, this.view, p);
      if (end < 0) return this.read(kind as CallKind, thread, bytes, start, name, p);
      this.about(thread);
      this.held = true;
      return end + 1;
    }
    return this.rareCall(bytes, start, name, pid);
  }

  /** A call that is rare, or does not matter. */
  private rareCall(bytes: Uint8Array, start: number, name: number, pid: number): number {
    let p = name;
    let c = bytes[p];
    while ((c >= 0x61 && c <= 0x7a) || c === UNDERSCORE || (c >= ZERO && c <= 0x39)) c = bytes[++p];
    if (c !== OPEN) return this.noCall(bytes, start, name, pid);
    const event = this.log.calls++;
    const kind = this.wanted(callKind(bytes, name, p));
    if (pid >= 0) this.numbered = true;
    if (kind < 0) {
      const end = bytes.indexOf(NEWLINE, p);
      // A message of strace's broke its line.
      if (bytes[end - 1] === 0x64 && breaksOffAt(bytes, p, end) >= 0) this.broken.begin(null, this.lines);
      return end + 1;
    }
    this.log.counts[kind]++;
    this.call.event = event;
    this.call.entry = this.lines;
    return this.read(kind as CallKind, this.speakers.of(pid, this.lines, false), bytes, start, name, p + 1);
  }

  /** The call is this thread's, and stands on this line. */
  private about(thread: StraceThread): void {
    const { call } = this;
    call.thread = thread;
    call.line = this.lines;
    call.time = this.prefix.time;
    call.site = 0;
    call.child = null;
  }

  /** The kind, or -1 if nobody wants to be told of it. */
  private wanted(kind: number): number {
    return kind > Call.clone && this.options.rangeCalls !== true ? -1 : kind;
  }

  /** A call of interest, whole or broken off. @returns where the next line begins */
  private read(
    kind: CallKind,
    thread: StraceThread,
    bytes: Uint8Array,
    start: number,
    name: number,
    from: number,
  ): number {
    const { call, parser } = this;
    this.about(thread);
    const parsed = parser.parse(kind, bytes, bytes === this.joined.bytes ? this.joined.view : this.view, from);
    // vfork has no flags to say so.
    if (kind === Call.clone && bytes[name] === 0x76) call.flags |= CloneFlag.vm;
    if (parsed === Parsed.whole) {
      if (kind === Call.clone) this.speakers.cloned(call, this.lines);
      this.held = true;
      let p = parser.at;
      while (bytes[p] !== NEWLINE) p++;
      return p + 1;
    }
    const { end } = parser;
    if (parsed === Parsed.unfinished) {
      const to = breaksOffAt(bytes, name, end);
      if (thread.headLength > 0) this.leftOff(thread);
      thread.interrupt(bytes, name, to < 0 ? end : to, call.event, call.entry);
      if (kind === Call.clone) this.sink.cloning(call);
      // The message stands in the middle of the call's own line.
      if (to >= 0 && bytes[to] === STRACE[0]) {
        this.broken.begin(thread, this.lines);
        this.speakers.attached(bytes, to, end, this.lines);
      }
    } else this.bad(bytes, start, end, parser.expected, parser.at);
    return end + 1;
  }

  /** A call returned on another line than it was entered. */
  private resumed(bytes: Uint8Array, start: number, p: number, pid: number): number {
    const end = bytes.indexOf(NEWLINE, p);
    const name = p + RESUMED.length;
    let to = name;
    while (bytes[to] > SPACE) to++;
    const kind = this.wanted(callKind(bytes, name, to));
    if (kind < 0) return end + 1;
    if (!matches(bytes, to, BEHIND_RESUMED)) {
      this.bad(bytes, start, end, 'expected "resumed>"', to);
      return end + 1;
    }
    const thread = this.speakers.of(pid, this.lines, kind === Call.clone);
    if (thread.headLength === 0) this.bad(bytes, start, end, 'expected a call whose beginning is in the log', p);
    else this.join(thread, kind as CallKind, bytes, start, to + BEHIND_RESUMED.length, end);
    return end + 1;
  }

  /** The beginning of a thread's call, and its end. */
  private join(
    thread: StraceThread,
    kind: CallKind,
    bytes: Uint8Array,
    start: number,
    tail: number,
    end: number,
  ): void {
    const { headEvent, headLine } = thread;
    this.joinedAt = this.before + start;
    this.joined.put(thread, bytes, tail, end);
    const joined = this.joined.bytes;
    const open = joined.indexOf(OPEN);
    if (callKind(joined, 0, open) !== kind) {
      this.bad(bytes, start, end, 'expected the end of the call that this thread had begun', tail);
      return;
    }
    this.call.event = headEvent;
    this.call.entry = headLine;
    const bad = this.badLines;
    this.read(kind, thread, joined, 0, 0, open + 1);
    if (this.badLines > bad) this.held = false;
  }

  /** A call of a thread that never returned, if it has one. */
  private leftOff(thread: StraceThread): void {
    if (thread.headLength === 0) return;
    const { call, parser } = this;
    // Whoever reads of it wants its arguments; a call that is at hand must not be lost by that.
    const atHand = { ...call };
    this.joined.put(thread, thread.head, 0, 0);
    const { bytes: joined, view } = this.joined;
    const open = joined.indexOf(OPEN);
    call.thread = thread;
    call.event = thread.headEvent;
    call.entry = thread.headLine;
    call.line = this.lines;
    parser.parse(callKind(joined, 0, open) as CallKind, joined, view, open + 1);
    call.ok = false;
    this.sink.unreturned(call);
    Object.assign(call, atHand);
  }

  /** Whatever is not a call: results of interrupted ones, signals, exits, strace's own messages, other output. */
  private noCall(bytes: Uint8Array, start: number, p: number, pid: number): number {
    const c = bytes[p];
    const end = bytes.indexOf(NEWLINE, p);
    // `????( <unfinished ...>`, `<... ???? resumed>) = ?`: a thread was gone before strace could see its call.
    if (c === QUESTION && bytes[p + 1] === QUESTION) return end + 1;
    // Behind a message that broke the call's line.
    if (c === LESS && isLeftOff(bytes, p, end)) {
      this.broken.take(this.lines);
      return end + 1;
    }
    if (c === LESS && matches(bytes, p, RESUMED))
      return bytes[p + RESUMED.length] === QUESTION ? end + 1 : this.resumed(bytes, start, p, pid);
    if (c === PLUS && bytes[p + 1] === PLUS && bytes[p + 2] === PLUS) this.ended(bytes, p, end, pid);
    else if (c === MINUS && bytes[p + 1] === MINUS && bytes[p + 2] === MINUS) return end + 1;
    else if (c === STRACE[0] && matches(bytes, p, STRACE)) {
      this.broken.message(this.lines);
      this.speakers.attached(bytes, p, end, this.lines);
    } else if (pid < 0 && this.continues(bytes, start, end)) return end + 1;
    else if (p < end && (p > start || this.numbered))
      this.bad(bytes, start, end, 'expected a call, a signal or an exit', p);
    else if (p < end && !(p === end - 1 && bytes[p] === RETURN)) this.otherLines++;
    return end + 1;
  }

  /** `, child_tidptr=0x…) = 12`, ` => {parent_tid=[12]}, 88) = 12`: the rest of a call whose line a message broke. */
  private continues(bytes: Uint8Array, start: number, end: number): boolean {
    const broken = this.broken.take(this.lines);
    if (broken === null) return true;
    if (broken === undefined || broken.headLength === 0) return false;
    const kind = callKind(broken.head, 0, broken.head.indexOf(OPEN));
    this.join(broken, kind as CallKind, bytes, start, start, end);
    return true;
  }

  /** `+++ exited with 0 +++`, `+++ killed by SIGKILL +++`, `+++ superseded by execve in pid 12 +++`. */
  private ended(bytes: Uint8Array, p: number, end: number, pid: number): void {
    const { log, lines, speakers } = this;
    const thread = log.threads.find(pid < 0 ? (this.options.pid ?? 0) : pid) ?? speakers.of(pid, lines, false);
    this.leftOff(thread);
    if (bytes[p + 4] === 0x73) speakers.superseded(thread, bytes, p, end);
    else speakers.end(thread, lines, this.prefix.time);
  }

  private stack(bytes: Uint8Array, p: number): number {
    const end = bytes.indexOf(NEWLINE, p);
    if (this.held) {
      if (!this.stacked) this.sites.begin();
      this.stacked = true;
      this.call.site = this.sites.frame(bytes, p, end);
    }
    return end + 1;
  }

  private deliver(): void {
    this.held = false;
    this.stacked = false;
    this.sink.call(this.call);
  }

  private bad(bytes: Uint8Array, start: number, end: number, expected: string, at: number): void {
    const offset = bytes === this.joined.bytes ? this.joinedAt : this.before + start;
    this.complaints.add(this.lines, offset, bytes, start, end, expected, at);
  }
}
