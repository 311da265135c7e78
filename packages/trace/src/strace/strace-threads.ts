import { copyBytes } from './call-text.ts';

/** Most bytes that are kept of a call that was interrupted. */
const LONGEST_HEAD = 64 * 1024;

/** Buffers that are kept for threads to come. */
const HEADS = 64;
const NO_BYTES = new Uint8Array(0);

/** A thread of a log. Processes are threads, too: which of them share an address space is not for the log to say. */
export class StraceThread {
  /** As the log numbers it; 0 = the one whose number the log has not told yet. */
  pid: number;
  /** A small number that no other thread has while this one lives; used again afterwards. */
  readonly slot: number;
  /** The line on which it first spoke, or was spoken of. */
  readonly since: number;
  /** The clone that made it has returned. */
  claimed = false;
  /** Bytes of the call that is interrupted, from its name on; 0 = none. */
  headLength = 0;
  head: Uint8Array = NO_BYTES;
  /** The event and line of that call. */
  headEvent = 0;
  headLine = 0;

  constructor(pid: number, slot: number, since: number) {
    this.since = since;
    this.pid = pid;
    this.slot = slot;
  }

  /** Keep the beginning of a call. @returns false: it is longer than any that strace prints of these */
  interrupt(bytes: Uint8Array, from: number, to: number, event: number, line: number): boolean {
    const length = to - from;
    if (length > LONGEST_HEAD) return false;
    if (this.head.length < length) this.head = new Uint8Array(Math.max(256, length * 2));
    copyBytes(bytes, from, to, this.head, 0);
    this.headLength = length;
    this.headEvent = event;
    this.headLine = line;
    return true;
  }
}

/** The threads that live at a place of a log. */
export class StraceThreads {
  readonly #byPid: Map<number, StraceThread> = new Map();
  readonly #freeSlots: number[] = [];
  #slots = 0;
  #last: StraceThread | undefined = undefined;
  /** Room for interrupted calls that threads of the past have left. */
  readonly #heads: Uint8Array[] = [];

  /** Threads at present. */
  get count(): number {
    return this.#byPid.size;
  }

  /** The thread of a number, if it lives. */
  find(pid: number): StraceThread | undefined {
    const last = this.#last;
    if (last !== undefined && last.pid === pid) return last;
    const found = this.#byPid.get(pid);
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** A thread that was not there. */
  start(pid: number, line: number): StraceThread {
    const thread = new StraceThread(pid, this.#freeSlots.pop() ?? this.#slots++, line);
    thread.head = this.#heads.pop() ?? thread.head;
    this.#byPid.set(pid, thread);
    return thread;
  }

  end(thread: StraceThread): void {
    if (this.#byPid.get(thread.pid) !== thread) return;
    this.#byPid.delete(thread.pid);
    this.#freeSlots.push(thread.slot);
    if (thread.head.length > 0 && this.#heads.length < HEADS) this.#heads.push(thread.head);
    thread.head = NO_BYTES;
    thread.headLength = 0;
    if (this.#last === thread) this.#last = undefined;
  }

  /** The log tells the number of a thread that it had not numbered. */
  rename(thread: StraceThread, pid: number): void {
    this.#byPid.delete(thread.pid);
    thread.pid = pid;
    this.#byPid.set(pid, thread);
  }

  /** The only thread that lives, or the one that was last at work: whom a line without a number is about. */
  get unnamed(): StraceThread | undefined {
    if (this.#byPid.size === 1) for (const only of this.#byPid.values()) return only;
    return this.#byPid.get(0);
  }

  *[Symbol.iterator](): IterableIterator<StraceThread> {
    yield* this.#byPid.values();
  }
}
