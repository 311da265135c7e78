import { Call, CloneFlag, MapFlag, type StraceCall, type StraceThread } from '@overmap/trace';
import type { ProofFailure } from '../../migration-proof.ts';
import { type AddressSpace, roundUp } from '../address-space.ts';
import { accessText, hex } from '../linux-words.ts';
import { FollowedLog, type Piece } from './followed-log.ts';
import { quietAudit } from './noreplace-plan.ts';

/** Arguments and answers that are the same in both logs. */
const SAME = [
  'kind',
  'ok',
  'result',
  'error',
  'address',
  'length',
  'prot',
  'offset',
  'newLength',
  'newAddress',
  'program',
] as const;

/** An inserted unmap whose call has not returned. */
interface Window {
  /** Of the migrated log. */
  readonly thread: StraceThread;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a log and its migration side by side, and compares the address spaces after each call of the original: start,
 * end, protection, file. They may differ between an inserted unmap and its call, within the range of that call. It knows
 * what was put in front of which line, and nothing of why.
 */
export class NoReplaceProof {
  failure: ProofFailure | null = null;
  /** Calls of the original after which address spaces were compared. */
  compared = 0;
  /** The line at hand. */
  private at = 0;
  private windows: Window[] = [];
  private readonly original: FollowedLog;
  private readonly output: FollowedLog;
  /** The output's call claims that nothing is there. */
  private claimed: string | null = null;

  /** @param parents - whose children the threads are that speak before their clones return, as the plan has found */
  constructor(parents: readonly number[]) {
    const original = {
      before: (call: StraceCall, space: AddressSpace) => this.beforeOriginal(call, space),
      leaving: (thread: StraceThread, space: AddressSpace) => this.compareAll(thread, space),
    };
    const output = { before: (call: StraceCall, space: AddressSpace) => this.beforeOutput(call, space) };
    this.original = new FollowedLog(quietAudit(false), original, { parents });
    this.output = new FollowedLog(quietAudit(true), output, { parents });
  }

  /**
   * A line of the original, and what stands in its place.
   *
   * @param inserted - lines in front of it
   */
  line(bytes: Uint8Array, inserted: readonly Uint8Array[], edited: Uint8Array): void {
    if (this.failure !== null) return;
    this.at = this.original.scanner.lines + 1;
    for (const unmap of inserted) this.inserted(unmap);
    const { original, output } = this;
    const before = [original.returned, output.returned];
    original.line(bytes);
    if (this.stopped()) return;
    output.line(edited);
    this.calls(original.returned - before[0], output.returned - before[1]);
  }

  /** Both are at their end. @param unmigrated - calls of mmap that stayed as they are */
  end(unmigrated: number): void {
    const { original, output } = this;
    if (this.failure !== null) return;
    const before = [original.returned, output.returned];
    original.scanner.end();
    output.scanner.end();
    this.calls(original.returned - before[0], output.returned - before[1]);
    if (this.failure !== null) return;
    if (this.windows.length > 0) this.fail(`${this.windows.length} inserted unmaps have no call behind them`, true);
    const bad = [original.scanner.badLines, output.scanner.badLines];
    if (bad[0] !== bad[1])
      this.fail(`${bad[1]} lines of the migrated log cannot be read, and ${bad[0]} of the original`, true);
    for (const thread of original.audit.log.threads) this.compareAll(thread, original.audit.spaces.of(thread));
    const refused = output.audit.finish().outcomeChanges;
    if (refused !== unmigrated)
      this.fail(
        `${refused} calls of the migrated log would be refused, where ${unmigrated} were left as they are`,
        true,
      );
  }

  private stopped(): boolean {
    return this.failure !== null;
  }

  private inserted(unmap: Uint8Array): void {
    const { output } = this;
    const before = output.returned;
    output.line(unmap);
    const { last } = output;
    if (output.returned !== before + 1 || last.kind !== Call.munmap || !last.ok)
      this.fail('what was put in front of it is not read as an unmap');
    else this.windows.push({ thread: last.thread, start: last.address, end: last.address + roundUp(last.length) });
  }

  /** The lines had so many calls that returned. */
  private calls(original: number, output: number): void {
    if (this.failure !== null) return;
    if (original !== output || original > 1)
      this.fail(`the original has ${original} calls that return here, and the migrated log ${output}`);
    else if (original === 1) this.together();
  }

  /** A call returned in both. */
  private together(): void {
    const a = this.original.last;
    const b = this.output.last;
    const other = SAME.find((key) => a[key] !== b[key]);
    if (other !== undefined || a.thread.pid !== b.thread.pid) {
      this.fail(`the call is another one: its ${other ?? 'thread'} differs`);
      return;
    }
    if (this.original.fileOf(a.file) !== this.output.fileOf(b.file)) this.fail('the call is of another file');
    const asFixed = (b.flags & ~MapFlag.fixedNoReplace) | MapFlag.fixed;
    const gotFlag =
      a.kind === Call.mmap && a.flags !== b.flags && (a.flags & MapFlag.fixed) !== 0 && asFixed === a.flags;
    if (a.flags !== b.flags && !gotFlag)
      this.fail('the call has other flags, and not MAP_FIXED_NOREPLACE for MAP_FIXED');
    if (this.claimed !== null && gotFlag) this.fail(this.claimed);
    this.closeWindows(a, b.thread);
    if (this.failure !== null) return;
    this.compared++;
    const { spaces } = this.original.audit;
    for (const [start, end] of touched(a)) this.compare(a.thread, spaces.of(a.thread), start, end);
    // The child's is a copy, or the same one.
    if (a.kind === Call.clone && a.ok && a.child !== null && (a.flags & CloneFlag.vm) === 0)
      this.compareAll(a.child, spaces.of(a.child));
  }

  /** The windows of a thread end with its next call, which must fill them. */
  private closeWindows(call: StraceCall, thread: StraceThread): void {
    const own = this.windows.filter((window) => window.thread === thread);
    if (own.length === 0) return;
    this.windows = this.windows.filter((window) => window.thread !== thread);
    const end = call.result + roundUp(call.kind === Call.mremap ? call.newLength : call.length);
    const fills = call.ok && (call.kind === Call.mmap || call.kind === Call.mremap);
    for (const window of own)
      if (!fills || window.start < call.result || window.end > end)
        this.fail(`the unmap in front of it takes away ${hex(window.start)}, which the call does not fill`);
  }

  private beforeOriginal(call: StraceCall, space: AddressSpace): void {
    if (call.kind === Call.execve && call.ok) this.compareAll(call.thread, space);
  }

  private beforeOutput(call: StraceCall, space: AddressSpace): void {
    this.claimed = null;
    if (call.kind !== Call.mmap || !call.ok || (call.flags & MapFlag.fixedNoReplace) === 0) return;
    const start = call.result;
    const end = start + roundUp(call.length);
    const heap = space.inHeap(start, end);
    if (space.map.overlaps(start, end))
      this.claimed = 'something is mapped where the migrated call says that nothing is';
    else if (heap > 0 && this.unmapped(space.heapStart, roundUp(space.heapEnd), start, end) < heap)
      this.claimed = 'the heap is where the migrated call says that nothing is';
  }

  /** Bytes of [low, high) that open windows have, within [start, end). */
  private unmapped(low: number, high: number, start: number, end: number): number {
    let bytes = 0;
    for (const window of this.windows)
      bytes += Math.max(0, Math.min(window.end, high, end) - Math.max(window.start, low, start));
    return bytes;
  }

  private compareAll(thread: StraceThread, space: AddressSpace): void {
    this.compare(thread, space, 0, Number.MAX_SAFE_INTEGER);
  }

  /** The same in both, but for windows that are open. */
  private compare(thread: StraceThread, space: AddressSpace, start: number, end: number): void {
    if (this.failure !== null || !(end > start)) return;
    const { original, output } = this;
    const other = output.audit.log.threads.find(thread.pid);
    // The original is a line ahead when a thread's first line makes it leave.
    if (other === undefined) {
      if (space.map.overlaps(start, end)) this.fail(`thread ${thread.pid} is not in the migrated log`);
      return;
    }
    const copy = output.audit.spaces.of(other);
    const open = this.windows
      .filter((window) => output.audit.spaces.of(window.thread) === copy)
      .toSorted((a, b) => a.start - b.start);
    let from = start;
    for (const window of [...open, { start: end, end }]) {
      const to = Math.min(window.start, end);
      if (to > from) this.same(original.pieces(space, from, to), output.pieces(copy, from, to));
      from = Math.max(from, window.end);
    }
  }

  private same(a: readonly Piece[], b: readonly Piece[]): void {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const [x, y] = [a.at(i), b.at(i)];
      if (x !== undefined && y !== undefined && alike(x, y)) continue;
      this.fail(`the original has ${piece(x)}, and the migrated log ${piece(y)}`);
      return;
    }
  }

  private fail(message: string, atEnd = false): void {
    const { event } = this.original.last;
    this.failure ??= { event: atEnd ? -1 : event, line: atEnd ? -1 : this.at, message };
  }
}

const alike = (x: Piece, y: Piece): boolean =>
  x.start === y.start && x.end === y.end && x.prot === y.prot && x.shared === y.shared && x.file === y.file;

/** "0x7f0000000000 to 0x7f0000004000 (rw-, anonymous)". */
const piece = (of: Piece | undefined): string =>
  of === undefined
    ? 'nothing more'
    : `${hex(of.start)} to ${hex(of.end)} (${accessText(of.prot, of.shared)}, ${of.file ?? 'anonymous'})`;

/** The ranges of the address space that a call may have changed. */
function touched(call: StraceCall): [start: number, end: number][] {
  const { kind, ok, address, result } = call;
  const end = address + roundUp(call.length);
  switch (kind) {
    case Call.mmap:
      return ok ? [[result, result + roundUp(call.length)]] : [];
    case Call.munmap:
    case Call.mprotect:
      return [[address, end]];
    case Call.mremap:
      return ok
        ? [
            [address, Math.max(end, address + roundUp(call.newLength))],
            [result, result + roundUp(call.newLength)],
          ]
        : [];
    default:
      return [];
  }
}
