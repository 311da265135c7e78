import {
  applyEdits,
  decide,
  type Decision,
  type MremapCall,
  neededPermissions,
  nullDerived,
  PCUABI,
  type PcuabiCall,
  type PcuabiProfile,
  PROT,
  type UserCapability,
} from '@overmap/core';
import type { PcuabiSummary } from '@overmap/report';
import {
  Call,
  MapFlag,
  MremapFlag,
  type PendingClone,
  type StraceCall,
  StraceLog,
  type StraceSink,
  type StraceThread,
} from '@overmap/trace';
import type { FindingEmitter } from '../finding-emitter.ts';
import { type AddressSpace, roundUp } from '../linux/address-space.ts';
import { AddressSpaces } from '../linux/address-spaces.ts';
import { accessWords, PcuabiFindings } from './pcuabi-findings.ts';
import { CallAt, HIGHEST, nameOf } from './call-at.ts';
import { PcuabiProcess } from './pcuabi-process.ts';
import { detailOf, REASONS, RULE_OF } from './refusal-rules.ts';
import type { CallPlace, Placed } from './placed.ts';
import { rangeCall } from './range-call.ts';
import { OP003, OP005, OP006, OP007, OP008, OP009 } from './rules/index.ts';

/** As arm64 lays memory out: the search begins below the stack, where no address of an x86-64 log is. */
const STACK_GAP = 2 ** 30;

/** The target: PCuABI Linux on Morello, as its trees are read together. */
const TARGET: PcuabiProfile = { ...PCUABI, searchTop: PCUABI.end - STACK_GAP };

/**
 * Makes the calls of an strace log again on PCuABI, and tells which it would refuse. No state is shared: kernel-chosen
 * places are chosen again, and each pointer of the log is the capability that its mapping returned there. What execve
 * maps is in no log; calls about it are taken to pass.
 */
export class PcuabiAudit implements StraceSink {
  readonly log: StraceLog;
  private readonly spaces: AddressSpaces;
  private readonly processes = new Map<AddressSpace, PcuabiProcess>();
  private readonly findings: PcuabiFindings;
  private readonly counts = {
    replayed: 0,
    refused: 0,
    consequences: 0,
    assumed: 0,
    brk: 0,
    unusable: 0,
    placedAnew: 0,
    execs: 0,
    processes: 0,
  };
  private readonly refusedBy: Record<string, number> = {};

  constructor(emitter: FindingEmitter) {
    this.log = new StraceLog((count) => this.neededFiles(count));
    this.findings = new PcuabiFindings(emitter, this.log);
    this.spaces = new AddressSpaces(
      (space) => this.processes.delete(space),
      (child, parent) => this.forked(child, parent),
    );
  }

  appeared(thread: StraceThread, makers: readonly PendingClone[]): void {
    this.spaces.appeared(thread, makers);
  }

  cloning(): void {}

  unreturned(): void {}

  ended(thread: StraceThread, line: number, time: number): void {
    this.spaces.ended(thread, line, time);
  }

  superseded(thread: StraceThread, by: StraceThread): void {
    this.spaces.superseded(thread, by);
  }

  call(call: StraceCall): void {
    if (call.kind === Call.clone) {
      this.spaces.cloned(call);
      return;
    }
    if (!call.ok) return;
    if (call.kind === Call.execve) {
      this.counts.execs++;
      this.spaces.exec(call);
      return;
    }
    const space = this.spaces.of(call.thread);
    const process = this.processOf(space);
    const at = new CallAt(call, process, nameOf(space));
    if (call.kind === Call.mmap) this.mmap(at);
    else if (call.kind === Call.munmap) this.munmap(at);
    else if (call.kind === Call.mprotect) this.mprotect(at);
    else if (call.kind === Call.mremap) this.mremap(at);
    else if (call.kind === Call.brk) this.brk(at);
    else this.named(at);
  }

  /** The end of the log. */
  finish(): PcuabiSummary {
    return {
      calls: this.log.calls,
      ...this.counts,
      refusedBy: { ...this.refusedBy },
      guessedParents: this.spaces.guessed,
    };
  }

  private mmap(at: CallAt): void {
    const { call, process } = at;
    const { flags } = call;
    const start = call.result;
    const end = start + roundUp(call.length);
    if (!(end > start) || end > HIGHEST) return;
    const noReplace = (flags & MapFlag.fixedNoReplace) !== 0;
    const fixed = (flags & MapFlag.fixed) !== 0 && !noReplace;
    const found = call.address === 0 ? { pointer: nullDerived(0), placed: undefined } : process.pointerTo(call.address);
    const { pointer, placed } = found;
    const prot = call.prot & 7;
    const file = (flags & MapFlag.anonymous) !== 0 ? 0 : call.file;
    const made = { start, end, event: call.event, line: call.line, thread: call.thread.pid, file, prot, brk: false };
    if (placed?.capability === null && fixed) {
      this.follows(at, placed.cause ?? placed, start, end - start, 'memory that PCuABI would not have given');
      process.add({ ...made, capability: null, reservation: 0, cause: placed.cause ?? placed });
      return;
    }
    const decision = this.run(process, {
      call: 'mmap',
      address: pointer,
      length: call.length,
      prot,
      fixed,
      noReplace,
      shared: (flags & MapFlag.type & MapFlag.shared) !== 0,
      growsDown: (flags & MapFlag.growsDown) !== 0,
      object: file,
    });
    if (decision.refusal === null) {
      if (decision.chosen) this.counts.placedAnew++;
      if (pointer.tag) this.overMapped(at, placed, pointer, prot);
      else
        process.add({ ...made, capability: decision.returned, reservation: reservationAt(process, decision.returned) });
      return;
    }
    const cause = this.refused(at, decision, {
      start,
      length: end - start,
      pointer,
      placed,
      fixed: fixed || noReplace,
    });
    process.add({ ...made, capability: null, reservation: 0, cause });
  }

  /** Pages in an earlier mapping were replaced: its pointer stays, with the permissions that it has. */
  private overMapped(at: CallAt, placed: Placed | undefined, pointer: UserCapability, prot: number): void {
    if ((neededPermissions(prot) & ~pointer.permissions) === 0) return;
    this.counts.unusable++;
    this.findings.tell(at.call, at.name, {
      rule: OP005,
      start: at.call.result,
      length: roundUp(at.call.length),
      target: pointer.address,
      mappings: placed === undefined ? [] : [placed],
      detail: `access to ${accessWords(prot)}`,
    });
  }

  private munmap(at: CallAt): void {
    const { call, process } = at;
    const range = at.range();
    if (range === null) return;
    const { start, end } = range;
    const touched = process.within(start, end);
    if (touched.length === 0) {
      this.counts.assumed++;
      return;
    }
    const { pointer, placed } = process.pointerTo(start);
    if (placed?.capability === null) {
      this.follows(at, placed.cause ?? placed, start, end - start, 'memory that PCuABI would not have given');
      process.forget(start, end);
      return;
    }
    const decision = this.run(process, { call: 'munmap', address: pointer, length: call.length });
    if (decision.refusal !== null) {
      this.refused(at, decision, { start, length: end - start, pointer, placed, fixed: true });
      return;
    }
    for (const one of touched) one.hole = { event: call.event, line: call.line };
    process.prune(touched);
  }

  private mprotect(at: CallAt): void {
    const { call, process } = at;
    const range = at.range();
    if (range === null) return;
    const { start, end } = range;
    if (!process.knows(start, end)) {
      this.counts.assumed++;
      return;
    }
    const { pointer, placed } = process.pointerTo(start);
    if (placed?.capability === null) {
      this.follows(at, placed.cause ?? placed, start, end - start, 'memory that PCuABI would not have given');
      return;
    }
    const prot = call.prot & 7;
    const decision = this.run(process, { call: 'mprotect', address: pointer, length: call.length, prot });
    if (decision.refusal !== null)
      this.refused(at, decision, {
        start,
        length: end - start,
        pointer,
        placed,
        fixed: true,
        detail: `access to ${accessWords(prot)}`,
      });
  }

  /** madvise, mlock, munlock, msync and mincore: they change no mapping, and must show a capability all the same. */
  private named(at: CallAt): void {
    const { call, process } = at;
    const range = at.range();
    const request = range === null ? null : rangeCall(call);
    if (range === null || request === null) return;
    const { start, end } = range;
    if (!process.knows(start, end)) {
      this.counts.assumed++;
      return;
    }
    const { pointer, placed } = process.pointerTo(start);
    if (placed?.capability === null) {
      this.follows(at, placed.cause ?? placed, start, end - start, 'memory that PCuABI would not have given');
      return;
    }
    const decision = this.run(process, { ...request, address: pointer, length: call.length });
    if (decision.refusal === null) return;
    const detail = 'the question which pages are there';
    this.refused(at, decision, { start, length: end - start, pointer, placed, fixed: true, detail });
  }

  private mremap(at: CallAt): void {
    const { call, process } = at;
    const range = at.range();
    const start = call.result;
    const end = start + roundUp(call.newLength);
    if (!(end > start) || end > HIGHEST) return;
    const { pointer, placed } = process.pointerTo(call.address);
    if (placed === undefined) {
      // Memory that execve mapped, wherever it goes.
      this.counts.assumed++;
      process.forget(start, end);
      return;
    }
    const { event, line } = call;
    const { file, prot } = placed;
    const made = { start, end, event, line, thread: call.thread.pid, file, prot, brk: false };
    if (placed.capability === null) {
      const cause = placed.cause ?? placed;
      this.follows(at, cause, call.address, roundUp(call.length), 'memory that PCuABI would not have given');
      if (range !== null) process.forget(range.start, range.end);
      process.add({ ...made, capability: null, reservation: 0, cause });
      return;
    }
    const fixed = (call.flags & MremapFlag.fixed) !== 0;
    const dontUnmap = (call.flags & MremapFlag.dontUnmap) !== 0;
    const named = fixed || (dontUnmap && call.newAddress > 0);
    const request: MremapCall = {
      call: 'mremap',
      address: pointer,
      oldLength: call.length,
      newLength: call.newLength,
      mayMove: (call.flags & MremapFlag.mayMove) !== 0,
      fixed,
      dontUnmap,
      ...(named ? { to: process.pointerTo(call.newAddress).pointer } : {}),
    };
    const decision = this.run(process, request);
    if (decision.refusal !== null) {
      const cause = this.refused(at, decision, {
        start: call.address,
        length: roundUp(call.length),
        pointer,
        placed,
        fixed,
      });
      process.add({ ...made, capability: null, reservation: 0, cause });
      return;
    }
    if (decision.chosen) this.counts.placedAnew++;
    const reservation = reservationAt(process, decision.returned);
    process.add({ ...made, capability: decision.returned, reservation });
    placed.hole = { event, line };
    process.prune([placed]);
  }

  /** brk: told once for each process; its range is one mapping, which grows and shrinks as it does on Linux. */
  private brk(at: CallAt): void {
    const { call, process } = at;
    const { result } = call;
    if (!process.brkTold) {
      process.brkTold = true;
      this.counts.brk++;
      const { refusal } = decide(process.space, { call: 'brk' });
      const about = { rule: OP003, start: result, length: 0, target: null, mappings: [] };
      this.findings.tell(call, at.name, refusal === null ? about : { ...about, refusal });
    }
    // The first call only asks, or the log begins in the middle.
    if (!(result >= process.heapStart)) process.heapStart = result;
    const { heap, heapStart } = process;
    const end = roundUp(result);
    if (heap?.end === end) return;
    if (heap?.capability !== null && heap !== null) {
      make(process, { call: 'munmap', address: heap.capability, length: heap.end - heap.start });
      process.forget(heap.start, heap.end);
      process.heap = null;
    }
    const start = Math.floor(heapStart / TARGET.pageSize) * TARGET.pageSize;
    if (end <= start) return;
    const prot = PROT.read | PROT.write;
    const { returned } = make(process, { call: 'mmap', address: nullDerived(0), length: end - start, prot });
    const { event, line } = call;
    const made = { start, end, event, line, thread: call.thread.pid, file: 0, prot, brk: true };
    process.heap = process.add({ ...made, capability: returned, reservation: reservationAt(process, returned) });
  }

  /** Make a call of the log again at the target. */
  private run(process: PcuabiProcess, call: PcuabiCall): Decision {
    this.counts.replayed++;
    return make(process, call);
  }

  /** The target refuses what Linux did. @returns the refusal that later ones follow from */
  private refused(at: CallAt, { refusal }: Decision, about: RefusedAbout): CallPlace {
    const { call, process } = at;
    const { placed, pointer, start, length } = about;
    const here: CallPlace = { event: call.event, line: call.line };
    if (refusal === null) return here;
    const repeats = refusal.check === 'above-permissions' ? placed?.cause : null;
    if (repeats !== null && repeats !== undefined) {
      this.follows(at, repeats, start, length, `the refusal at line ${repeats.line}, for the same reason`);
      return repeats;
    }
    this.counts.refused++;
    this.refusedBy[refusal.check] = (this.refusedBy[refusal.check] ?? 0) + 1;
    const maker = refusal.reservation === undefined ? undefined : process.makerOf(refusal.reservation);
    const others = process.within(start, start + length).filter((one) => one !== placed && one !== maker);
    const named = [placed, maker].filter((one) => one !== undefined);
    const mappings = [...new Set([...named, ...others])];
    const hints = !about.fixed && refusal.check === 'inside-reservation';
    const rule = hints ? OP007 : (RULE_OF[refusal.check] ?? OP008);
    const hole = rule === OP006 || rule === OP007 ? placed?.hole : undefined;
    const reason = REASONS[refusal.check] ?? `${refusal.check.replaceAll('-', ' ')}`;
    this.findings.tell(call, at.name, {
      rule,
      start,
      length,
      target: pointer.address,
      refusal,
      mappings,
      detail: detailOf(rule, { others, hole, given: about.detail, reason }),
      cleared: hole ?? undefined,
    });
    if (placed !== undefined) placed.cause ??= here;
    return here;
  }

  /** A call that follows from an earlier refusal. */
  private follows(at: CallAt, cause: CallPlace, start: number, length: number, what: string): void {
    this.counts.consequences++;
    const { pointer, placed } = at.process.pointerTo(start);
    this.findings.tell(at.call, at.name, {
      rule: OP009,
      start,
      length,
      target: pointer.address,
      mappings: placed === undefined ? [] : [placed],
      detail: what.includes('line') ? what : `the refusal at line ${cause.line}: it is ${what}`,
      cause,
    });
  }

  private processOf(space: AddressSpace): PcuabiProcess {
    const known = this.processes.get(space);
    if (known !== undefined) return known;
    const process = new PcuabiProcess(TARGET);
    this.counts.processes++;
    this.processes.set(space, process);
    return process;
  }

  private forked(child: AddressSpace, parent: AddressSpace): void {
    const process = this.processes.get(parent);
    if (process === undefined) return;
    const copy = new PcuabiProcess(TARGET, process);
    make(copy, { call: 'fork' });
    this.counts.processes++;
    this.processes.set(child, copy);
  }

  private neededFiles(count: number): Uint8Array {
    const needed = new Uint8Array(count + 1);
    for (const process of this.processes.values()) for (const { file } of process.placed.values()) needed[file] = 1;
    return needed;
  }
}

/** Make a call at the target. */
function make(process: PcuabiProcess, call: PcuabiCall): Decision {
  const decision = decide(process.space, call);
  applyEdits(process.space, decision.edits, null);
  return decision;
}

/** What a refused call was about. */
interface RefusedAbout {
  readonly start: number;
  readonly length: number;
  readonly pointer: UserCapability;
  readonly placed: Placed | undefined;
  readonly fixed: boolean;
  readonly detail?: string;
}

/** The reservation that a capability spans. */
function reservationAt(process: PcuabiProcess, capability: UserCapability | null): number {
  if (capability === null) return 0;
  return process.space.reservationAround(capability.base, capability.top)?.number ?? 0;
}
