import type { PendingClone, StraceCall, StraceSink } from './strace-call.ts';
import type { StraceThread } from './strace-threads.ts';

/** Events that are held back at most until it is known whose child a thread is; then the clone that waits longest. */
const MOST_HELD = 32_768;
/** Threads that were gone before their clone returned: so many are remembered. */
const MOST_GONE = 4096;

/** A clone that has not returned, and the thread that is taken for its child. */
interface OpenClone extends PendingClone {
  /** How many began before it. */
  readonly ordinal: number;
  child: StraceThread | null;
  /** Killed: its thread was gone before it returned, but may have made a child. */
  state: 'open' | 'returned' | 'killed';
}

/** A thread that spoke before its clone returned. */
interface Birth {
  readonly thread: StraceThread;
  /** The clones that may have made it, the longest waiting first. */
  makers: OpenClone[];
  /** Somebody was cloning. */
  readonly early: boolean;
}

type HeldEvent =
  | { readonly what: 'call' | 'unreturned' | 'cloning'; readonly call: StraceCall }
  | { readonly what: 'appeared'; readonly birth: Birth }
  | { readonly what: 'ended'; readonly thread: StraceThread; readonly line: number; readonly time: number }
  | { readonly what: 'superseded'; readonly thread: StraceThread; readonly by: StraceThread };

/**
 * Finds the clone that made a thread which speaks before that clone has returned. Where several are under way, all that
 * follows is held back, in its order, until one of them returns the thread's number or only one is left. So what hears
 * of the log learns the parent before the child's first call.
 */
export class CloneParents {
  /** What the children were given to, in the order in which they appeared: ordinals of clones, -1 = none. */
  readonly found: number[] = [];
  private readonly sink: StraceSink;
  private readonly known: readonly number[] | undefined;
  private readonly records: boolean;
  private births = 0;
  private cloneCount = 0;
  private clones: OpenClone[] = [];
  private undecided: Birth[] = [];
  private held: HeldEvent[] = [];
  private gone: StraceThread[] = [];

  /**
   * @param sink - who is told of the log
   * @param records - keep what was `found`
   * @param known - what was found when the same threads were read before: nothing is held back then
   */
  constructor(sink: StraceSink, records = false, known?: readonly number[]) {
    this.sink = sink;
    this.records = records;
    this.known = known;
  }

  /** A clone was entered, and has not returned. */
  cloning(call: StraceCall): void {
    const { thread, event, entry, flags } = call;
    this.clones.push({ thread, event, entry, flags, ordinal: this.cloneCount++, child: null, state: 'open' });
    if (this.holds()) this.hold({ what: 'cloning', call: { ...call } });
    else this.sink.cloning(call);
  }

  /** A thread is there that was not before. */
  appeared(thread: StraceThread): void {
    const early = this.clones.length > 0;
    const birth: Birth = { thread, early, makers: this.clones.filter(({ child }) => child === null) };
    if (early && this.known !== undefined) {
      const ordinal = this.known[this.births++] ?? -1;
      birth.makers = this.clones.filter((clone) => clone.ordinal === ordinal);
    }
    if (birth.makers.length > 1) this.undecided.push(birth);
    else if (birth.makers.length === 1) birth.makers[0].child = thread;
    if (this.holds()) this.hold({ what: 'appeared', birth });
    else this.tell({ what: 'appeared', birth });
  }

  /** A clone that had been interrupted returned. @param child - the thread that it made; null = it failed */
  returned(event: number, child: StraceThread | null): void {
    const { clones } = this;
    const at = clones.findIndex((clone) => clone.event === event);
    if (at < 0) return;
    const [clone] = clones.splice(at, 1);
    if (child !== null) {
      // It was taken for another's child: that one's is still to come.
      const wrong = clones.find((other) => other.child === child);
      if (wrong !== undefined) wrong.child = clone.child;
    }
    clone.child = child;
    clone.state = 'returned';
    if (clones.length === 0) this.gone = [];
    this.decide();
  }

  /** The thread of a number that came and went since a line, of which no clone has told yet. It is told once. */
  goneChild(pid: number, entry: number): StraceThread | undefined {
    const at = this.gone.findIndex((thread) => thread.pid === pid && thread.since >= entry);
    return at < 0 ? undefined : this.gone.splice(at, 1)[0];
  }

  call(call: StraceCall): void {
    if (this.holds()) this.hold({ what: 'call', call: { ...call } });
    else this.sink.call(call);
  }

  unreturned(call: StraceCall): void {
    if (this.holds()) this.hold({ what: 'unreturned', call: { ...call } });
    else this.sink.unreturned(call);
  }

  ended(thread: StraceThread, line: number, time: number): void {
    if (this.clones.length > 0) {
      if (!thread.claimed && this.clones.some(({ entry }) => entry <= thread.since)) {
        if (this.gone.length >= MOST_GONE) this.gone.shift();
        this.gone.push(thread);
      }
      for (const clone of this.clones) if (clone.thread === thread) clone.state = 'killed';
      this.clones = this.clones.filter(({ state }) => state === 'open');
    }
    if (this.holds()) this.hold({ what: 'ended', thread, line, time });
    else this.sink.ended(thread, line, time);
    this.decide();
  }

  superseded(thread: StraceThread, by: StraceThread): void {
    if (this.holds()) this.hold({ what: 'superseded', thread, by });
    else this.sink.superseded(thread, by);
  }

  /** The log is at its end: what is not decided is guessed, and all is told. */
  settle(): void {
    this.guess();
  }

  /** Mark the files of calls that are held back. */
  markFiles(needed: Uint8Array): void {
    for (const event of this.held) if ('call' in event) needed[event.call.file] = 1;
  }

  private holds(): boolean {
    return this.undecided.length > 0;
  }

  private hold(event: HeldEvent): void {
    this.held.push(event);
    if (this.held.length >= MOST_HELD) this.guess();
  }

  /** What is known now of the threads whose clone was not: those that have returned made no other. */
  private decide(): void {
    if (this.undecided.length === 0) return;
    let changed = true;
    while (changed) {
      changed = false;
      this.undecided = this.undecided.filter((birth) => {
        const { thread } = birth;
        const own = birth.makers.find(({ child }) => child === thread);
        const left = birth.makers.filter(({ child, state }) => child === null && state !== 'returned');
        if (own !== undefined) birth.makers = [own];
        else if (left.length > 1 && left.some(({ state }) => state === 'open')) {
          birth.makers = left;
          return true;
        } else {
          birth.makers = left;
          if (left.length > 0) left[0].child = thread;
        }
        changed = true;
        return false;
      });
    }
    if (this.undecided.length === 0) this.release();
  }

  private guess(): void {
    for (const birth of this.undecided) {
      const free = birth.makers.filter(({ child }) => child === null);
      if (free.length > 0) {
        birth.makers = free;
        free[0].child = birth.thread;
      }
    }
    this.undecided = [];
    this.release();
  }

  private release(): void {
    const { held } = this;
    this.held = [];
    for (const event of held) this.tell(event);
  }

  private tell(event: HeldEvent): void {
    const { sink } = this;
    switch (event.what) {
      case 'appeared':
        if (this.records && event.birth.early) this.found.push(event.birth.makers.at(0)?.ordinal ?? -1);
        sink.appeared(event.birth.thread, event.birth.makers);
        break;
      case 'ended':
        sink.ended(event.thread, event.line, event.time);
        break;
      case 'superseded':
        sink.superseded(event.thread, event.by);
        break;
      default:
        sink[event.what](event.call);
    }
  }
}
