import { matches, ascii } from '../ascii.ts';
import type { CloneParents } from './clone-parents.ts';
import type { StraceCall } from './strace-call.ts';
import type { StraceLog } from './strace-log.ts';
import type { StraceThread } from './strace-threads.ts';

const STRACE = ascii('strace: Process ');
const decoder = new TextDecoder('latin1');

/** Whom the lines of a log are about: threads come when they speak first, and go when the log says so. */
export class Speakers {
  /** Whom the last line was about that told of somebody. */
  last: StraceThread | undefined;
  private readonly log: StraceLog;
  private readonly parents: CloneParents;
  private readonly pid: number | undefined;

  /** @param pid - whom lines without a number are about, where the log is that of one thread alone */
  constructor(log: StraceLog, parents: CloneParents, pid: number | undefined) {
    this.log = log;
    this.parents = parents;
    this.pid = pid;
  }

  /**
   * Whom a line is about.
   *
   * @param pid - the number in front of it; -1 = none
   * @param resumesClone - it ends a clone, so that its thread must be one that began one
   */
  of(pid: number, line: number, resumesClone: boolean): StraceThread {
    const { last } = this;
    if (last !== undefined && last.pid === pid) return last;
    const { threads } = this.log;
    let found = pid >= 0 ? threads.find(pid) : this.unnumbered();
    if (found === undefined && pid >= 0) {
      const unnamed = threads.find(0);
      // The log begins to number its lines when there are two threads: the one that it had not numbered, or its child?
      if (unnamed !== undefined && (resumesClone || unnamed.headLength === 0)) {
        threads.rename(unnamed, pid);
        found = unnamed;
      }
    }
    if (found === undefined) {
      found = threads.start(pid >= 0 ? pid : (this.pid ?? 0), line);
      this.last = found;
      this.parents.appeared(found);
    }
    this.last = found;
    return found;
  }

  /** A clone has returned: gives the call the thread that it made, which may have spoken already, or be gone. */
  cloned(call: StraceCall, line: number): void {
    const { threads } = this.log;
    const { parents } = this;
    call.child = null;
    call.childSpoke = false;
    const interrupted = call.entry !== call.line;
    if (!call.ok || call.result <= 0) {
      if (interrupted) parents.returned(call.event, null);
      return;
    }
    const gone = interrupted ? parents.goneChild(call.result, call.entry) : undefined;
    if (gone !== undefined) {
      call.childSpoke = true;
      parents.returned(call.event, gone);
      return;
    }
    let child = threads.find(call.result);
    call.childSpoke = child !== undefined && child.since >= call.entry && child !== call.thread && !child.claimed;
    if (child !== undefined && !call.childSpoke) {
      if (child === call.thread) {
        if (interrupted) parents.returned(call.event, null);
        return;
      }
      // Its end is not in the log, and its number was given out again.
      this.end(child, line, call.time);
      child = undefined;
    }
    child ??= threads.start(call.result, line);
    child.claimed = true;
    call.child = child;
    if (interrupted) parents.returned(call.event, child);
  }

  /** `+++ exited with 0 +++`, `+++ killed by SIGKILL +++`. */
  end(thread: StraceThread, line: number, time: number): void {
    this.parents.ended(thread, line, time);
    this.log.threads.end(thread);
    if (this.last === thread) this.last = undefined;
  }

  /** `+++ superseded by execve in pid 12 +++`. */
  superseded(thread: StraceThread, bytes: Uint8Array, p: number, end: number): void {
    const by = /pid (\d+)/.exec(decoder.decode(bytes.subarray(p, Math.min(end, p + 80))));
    const other = by === null ? undefined : this.log.threads.find(Number(by[1]));
    if (other === undefined || other === thread) return;
    this.parents.superseded(thread, other);
    if (other.headLength > 0) thread.interrupt(other.head, 0, other.headLength, other.headEvent, other.headLine);
    this.log.threads.end(other);
    if (this.last === other) this.last = undefined;
  }

  /** `strace: Process 12 attached`: a thread that has not spoken yet. Other messages say nothing of address spaces. */
  attached(bytes: Uint8Array, p: number, end: number, line: number): void {
    if (!matches(bytes, p, STRACE)) return;
    const said = /^strace: Process (\d+) attached/.exec(decoder.decode(bytes.subarray(p, Math.min(end, p + 60))));
    const pid = said === null ? 0 : Number(said[1]);
    if (pid === 0 || this.log.threads.find(pid) !== undefined) return;
    this.parents.appeared(this.log.threads.start(pid, line));
  }

  /** Whom a line without a number is about, if it is known. */
  private unnumbered(): StraceThread | undefined {
    return this.pid === undefined ? (this.log.threads.unnamed ?? this.last) : this.log.threads.find(this.pid);
  }
}
