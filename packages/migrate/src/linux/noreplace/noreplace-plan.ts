import type { Finding, ReplacedKinds, UnmigratedCall } from '@overmap/report';
import {
  Call,
  CloneFlag,
  MapFlag,
  MremapFlag,
  type PendingClone,
  type StraceCall,
  type StraceSink,
  type StraceThread,
} from '@overmap/trace';
import { FindingEmitter } from '../../finding-emitter.ts';
import { OM012 } from '../../rules/om012-window.ts';
import { type AddressSpace, roundUp } from '../address-space.ts';
import { bytesText, hex } from '../linux-words.ts';
import { Replaced } from '../replaced.ts';
import { StraceAudit } from '../strace-audit.ts';
import { LineEdits } from './line-edits.ts';
import { RecentChanges } from './recent-changes.ts';

/** Windows, and calls that stay as they are, that are listed; all are counted. */
const LISTED = 1000;
const EVERYWHERE = Number.POSITIVE_INFINITY;
/** MAP_SHARED_VALIDATE: the kernel checks every flag, and of a file does not take MAP_FIXED_NOREPLACE. */
const SHARED_VALIDATE = 3;

/** An audit that tells nobody: it follows the address spaces. */
export function quietAudit(noReplace: boolean): StraceAudit {
  const nobody = { begin() {}, finding() {}, end() {} };
  return new StraceAudit({ emitter: new FindingEmitter(nobody, { only: new Set() }), noReplace });
}

/**
 * Reads a log, and decides what is edited so that no call replaces anything: what a MAP_FIXED or MREMAP_FIXED call took
 * the place of is unmapped in front of it, and MAP_FIXED becomes MAP_FIXED_NOREPLACE.
 */
export class NoReplacePlan implements StraceSink {
  readonly edits = new LineEdits();
  readonly windows: Finding[] = [];
  readonly unmigrated: UnmigratedCall[] = [];
  readonly kinds: Record<keyof ReplacedKinds, number> = {
    sameFile: 0,
    anonOverFile: 0,
    overReserved: 0,
    anonOverAnon: 0,
    fileOverAnon: 0,
    other: 0,
  };
  readonly counts = {
    /** Unmaps put in front of calls: as many as there are windows. */
    munmaps: 0,
    /** Windows in an address space that several threads had. */
    sharedWindows: 0,
    /** Calls that got MAP_FIXED_NOREPLACE; calls of mremap, and of mmap with MAP_SHARED_VALIDATE, which cannot. */
    noReplace: 0,
    mremaps: 0,
    keptFlag: 0,
    /** Bytes that the calls had replaced. */
    bytes: 0,
    unmigrated: 0,
    /** Those of them that are calls of mmap. */
    unmigratedMmaps: 0,
  };
  readonly audit: StraceAudit = quietAudit(false);
  private readonly replaced = new Replaced();
  private readonly changes = new RecentChanges();
  /** Forks that have not returned: their children may be there, or not. By event. */
  private readonly forks: Map<number, StraceThread> = new Map();

  appeared(thread: StraceThread, makers: readonly PendingClone[]): void {
    this.audit.appeared(thread, makers);
  }

  cloning(call: StraceCall): void {
    if ((call.flags & CloneFlag.vm) === 0) this.forks.set(call.event, call.thread);
    this.audit.cloning(call);
  }

  unreturned(): void {}

  ended(thread: StraceThread, line: number, time: number): void {
    for (const [event, forking] of this.forks) if (forking === thread) this.forks.delete(event);
    this.audit.ended(thread, line, time);
  }

  superseded(thread: StraceThread, by: StraceThread): void {
    this.audit.superseded(thread, by);
  }

  call(call: StraceCall): void {
    const { kind, flags, line } = call;
    const space = this.audit.spaces.of(call.thread);
    if (kind === Call.mmap && call.ok) {
      const end = call.result + roundUp(call.length);
      const fixed = (flags & MapFlag.fixed) !== 0 && (flags & MapFlag.fixedNoReplace) === 0;
      if (fixed) this.placed(call, space, call.result, end);
      this.changes.add(space, line, call.result, end);
    } else if (kind === Call.mremap && call.ok) {
      const end = call.result + roundUp(call.newLength);
      if ((flags & MremapFlag.fixed) !== 0) this.placed(call, space, call.result, end);
      this.changes.add(space, line, call.result, end);
      this.changes.add(space, line, call.address, call.address + roundUp(Math.max(call.length, call.newLength)));
    } else if (kind === Call.munmap || kind === Call.mprotect) {
      this.changes.add(space, line, call.address, call.address + roundUp(call.length));
    } else if (kind === Call.clone && (flags & CloneFlag.vm) === 0) {
      this.forks.delete(call.event);
      this.changes.add(space, line, 0, EVERYWHERE);
    } else if (kind === Call.brk && call.ok) {
      const { heapStart, heapEnd } = space;
      this.changes.add(
        space,
        line,
        heapStart <= call.result ? heapStart : 0,
        Math.max(roundUp(call.result), heapEnd || 0) + 1,
      );
    }
    this.audit.call(call);
  }

  /** A call put something at an address of its own choice. */
  private placed(call: StraceCall, space: AddressSpace, start: number, end: number): void {
    if (!(end > start) || end > Number.MAX_SAFE_INTEGER) return;
    const mmap = call.kind === Call.mmap;
    const file = mmap && (call.flags & MapFlag.anonymous) === 0 ? call.file : 0;
    const made = { start, end, file, prot: call.prot };
    const { replaced, counts } = this;
    replaced.look(space, this.audit.mappings, made);
    if (replaced.pieces === 0 && replaced.heap === 0) return;
    if (call.entry !== call.line && this.disturbed(call, space, start, end)) {
      this.leave(call, start, end);
      return;
    }
    const bounds = liveRanges(space, start, end);
    const takesFlag =
      mmap && ((call.flags & MapFlag.anonymous) !== 0 || (call.flags & MapFlag.type) !== SHARED_VALIDATE);
    this.edits.add(call.entry, bounds, takesFlag);
    if (takesFlag) counts.noReplace++;
    else if (mmap) counts.keptFlag++;
    else counts.mremaps++;
    counts.bytes += replaced.bytes;
    const kind = replaced.pieces === 0 ? null : replaced.kind(made);
    if (kind !== null && mmap) this.kinds[kind]++;
    for (let i = 0; i < bounds.length; i += 2)
      this.window(call, space, bounds[i], bounds[i + 1], kind === null ? 'the heap' : WORDS[kind]);
  }

  /** While it was interrupted, its range changed, or a fork may have copied it: in front of its entry is too early. */
  private disturbed(call: StraceCall, space: AddressSpace, start: number, end: number): boolean {
    for (const forking of this.forks.values()) if (this.audit.spaces.of(forking) === space) return true;
    return this.changes.since(space, call.entry, start, end);
  }

  private leave(call: StraceCall, start: number, end: number): void {
    const { counts, unmigrated } = this;
    const mmap = call.kind === Call.mmap;
    counts.unmigrated++;
    if (mmap) counts.unmigratedMmaps++;
    if (unmigrated.length >= LISTED) return;
    const name = mmap ? 'mmap' : 'mremap';
    unmigrated.push({
      event: call.event,
      line: call.entry,
      vaddr: hex(start),
      length: end - start,
      reason: 'interrupted',
      message: `The ${name} of ${who(call)} at ${hex(start)} (${bytesText(end - start)}) was interrupted, and returned on line ${call.line}. Meanwhile its range changed or its process forked, so that an unmap in front of it would take away something else.`,
    });
  }

  private window(call: StraceCall, space: AddressSpace, start: number, end: number, was: string): void {
    const { counts, windows } = this;
    counts.munmaps++;
    const others = space.users - 1;
    if (others > 0) counts.sharedWindows++;
    if (windows.length >= LISTED) return;
    const { id, severity, fix } = OM012;
    const name = call.kind === Call.mmap ? 'mmap' : 'mremap';
    const shared =
      others === 0
        ? ''
        : ` ${others === 1 ? '1 other thread shares' : `${others} other threads share`} the address space.`;
    windows.push({
      rule: id,
      severity,
      message: `${hex(start)} (${bytesText(end - start)}) is empty between the munmap and this ${name} of ${who(call)}; before there was ${was}.${shared}`,
      event: call.event,
      line: call.entry,
      test: null,
      site: null,
      vaddr: hex(start),
      length: end - start,
      ...(Number.isNaN(call.time) ? {} : { time: call.time }),
      related: [],
      fix,
    });
  }
}

const who = ({ thread }: StraceCall): string => (thread.pid > 0 ? `thread ${thread.pid}` : 'the thread');

/** What was there, by the kind of the replacement. */
const WORDS: Readonly<Record<keyof ReplacedKinds, string>> = {
  sameFile: 'another part of the same file',
  anonOverFile: 'a part of a file',
  overReserved: 'a reservation (PROT_NONE)',
  anonOverAnon: 'anonymous memory',
  fileOverAnon: 'anonymous memory',
  other: 'a part of another file',
};

/** What is mapped in [start, end), and what is heap there; ranges that touch are one. */
function liveRanges(space: AddressSpace, start: number, end: number): number[] {
  const ranges = space.pieces(start, end).map((piece) => ({ start: piece.start, end: piece.end }));
  if (space.inHeap(start, end) > 0)
    ranges.push({ start: Math.max(start, space.heapStart), end: Math.min(end, roundUp(space.heapEnd)) });
  const bounds: number[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = bounds.length - 1;
    if (last > 0 && bounds[last] >= range.start) bounds[last] = Math.max(bounds[last], range.end);
    else bounds.push(range.start, range.end);
  }
  return bounds;
}
