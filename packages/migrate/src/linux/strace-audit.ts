import type { LinuxSummary, RangeEnd, RangeWriter } from '@overmap/report';
import {
  Call,
  CloneFlag,
  MapFlag,
  MremapFlag,
  type PendingClone,
  Prot,
  type StraceCall,
  StraceLog,
  type StraceSink,
  type StraceThread,
} from '@overmap/trace';
import type { CalledIn } from '../audit-observer.ts';
import type { FindingEmitter } from '../finding-emitter.ts';
import { type AddressSpace, type PieceGone, roundUp } from './address-space.ts';
import { AddressSpaces } from './address-spaces.ts';
import { CONSEQUENCES } from './consequences.ts';
import { FixedCallSites } from './fixed-call-sites.ts';
import { LinuxFindings } from './linux-findings.ts';
import { bytesText } from './linux-words.ts';
import { MappingRanges } from './mapping-ranges.ts';
import { Mappings, Trait } from './mappings.ts';
import { moveMapping } from './move-mapping.ts';
import { ProcessList } from './process-list.ts';
import { type NewMapping, Replaced } from './replaced.ts';
import { OL001, OL002, OL003, OL004, OL005, OL006, OL007, OL008, OL009, OL010 } from './rules/index.ts';
import type { LinuxRule } from './rules/rule.ts';

/** Above it, addresses are no numbers that can be told apart. */
const HIGHEST = Number.MAX_SAFE_INTEGER;

/** How a log is audited. */
export interface StraceAuditOptions {
  readonly emitter: FindingEmitter;
  /** Hold each MAP_FIXED against MAP_FIXED_NOREPLACE. */
  readonly noReplace: boolean;
  /** Wants the lives of mappings. */
  readonly ranges?: RangeWriter;
}

/**
 * The audit of an strace log: follows the address space of each process, and judges each call that takes the place of
 * another mapping. What execve maps itself is in no log and stays unknown.
 */
export class StraceAudit implements StraceSink {
  readonly log: StraceLog;
  readonly spaces: AddressSpaces;
  readonly mappings: Mappings;
  private readonly noReplace: boolean;
  private readonly findings: LinuxFindings;
  private readonly ranges: MappingRanges | null;
  private readonly list: ProcessList;
  private readonly replaced = new Replaced();
  private readonly sites = new FixedCallSites();
  private readonly counts = {
    execs: 0,
    forks: 0,
    vmClones: 0,
    mapFixed: 0,
    mapFixedOk: 0,
    replacing: 0,
    noReplace: 0,
    mremapFixed: 0,
    bytesReplaced: 0,
    bytesAtRisk: 0,
    bytesGivenBack: 0,
    unseen: 0,
    outcomeChanges: 0,
  };
  private readonly kinds = {
    sameFile: 0,
    anonOverFile: 0,
    overReserved: 0,
    anonOverAnon: 0,
    fileOverAnon: 0,
    other: 0,
  };

  constructor({ emitter, noReplace, ranges }: StraceAuditOptions) {
    this.noReplace = noReplace;
    this.mappings = new Mappings((marks) => this.spaces.mark(marks));
    this.log = new StraceLog((count) => this.neededFiles(count));
    this.findings = new LinuxFindings(emitter, this.log, this.mappings);
    this.ranges = ranges === undefined ? null : new MappingRanges(ranges, this.mappings, this.findings);
    this.list = new ProcessList((file) => this.findings.what(file));
    this.spaces = new AddressSpaces((space, line, time) => this.spaceGone(space, line, time));
  }

  appeared(thread: StraceThread, makers: readonly PendingClone[]): void {
    this.spaces.appeared(thread, makers);
  }

  cloning(call: StraceCall): void {
    this.spaces.cloning(call);
  }

  /** Calls are counted whether they return or not. */
  unreturned({ kind, flags }: StraceCall): void {
    if (kind === Call.mmap) this.countFixed(flags);
    else if (kind === Call.mremap && (flags & MremapFlag.fixed) !== 0) this.counts.mremapFixed++;
  }

  ended(thread: StraceThread, line: number, time: number): void {
    this.spaces.ended(thread, line, time);
  }

  superseded(thread: StraceThread, by: StraceThread): void {
    this.spaces.superseded(thread, by);
  }

  call(call: StraceCall): void {
    this.mappings.prepare();
    if (this.ranges !== null) {
      this.ranges.event = call.event;
      this.ranges.line = call.line;
      this.ranges.time = call.time;
    }
    switch (call.kind) {
      case Call.mmap:
        this.mmap(call);
        break;
      case Call.munmap:
        if (call.ok) this.munmap(call);
        break;
      case Call.mprotect:
        this.mprotect(call);
        break;
      case Call.mremap:
        this.mremap(call);
        break;
      case Call.brk:
        if (call.ok) this.spaces.of(call.thread).brk(call.result);
        break;
      case Call.execve:
        if (!call.ok) break;
        this.counts.execs++;
        this.spaces.exec(call);
        break;
      default:
        this.clone(call);
    }
  }

  /** Where a call was made, once it has been audited. */
  placeOf(call: StraceCall): CalledIn {
    const space = this.spaces.of(call.thread);
    const what = this.findings.what((call.flags & MapFlag.anonymous) !== 0 ? 0 : call.file);
    return { space: space.number, spaceName: this.findings.processName(space), what };
  }

  /** The end of the log. */
  finish(): LinuxSummary {
    for (const space of this.spaces) {
      this.ranges?.all(space, null);
      this.list.add(space);
    }
    const { counts, log } = this;
    return {
      calls: log.calls,
      execs: counts.execs,
      forks: counts.forks,
      vmClones: counts.vmClones,
      mmap: log.counts[Call.mmap],
      munmap: log.counts[Call.munmap],
      mprotect: log.counts[Call.mprotect],
      mremap: log.counts[Call.mremap],
      brk: log.counts[Call.brk],
      mapFixed: counts.mapFixed,
      mapFixedOk: counts.mapFixedOk,
      replacing: counts.replacing,
      noReplace: counts.noReplace,
      mremapFixed: counts.mremapFixed,
      kinds: { ...this.kinds },
      bytesReplaced: counts.bytesReplaced,
      bytesAtRisk: counts.bytesAtRisk,
      bytesGivenBack: counts.bytesGivenBack,
      unseen: counts.unseen,
      outcomeChanges: counts.outcomeChanges,
      guessedParents: this.spaces.guessed,
      processes: this.list.all(),
      processesNotListed: this.list.notListed,
      ...this.sites.list((site) => this.findings.siteOf(site)),
    };
  }

  private clone(call: StraceCall): void {
    if (call.ok && call.result > 0) {
      if ((call.flags & CloneFlag.vm) !== 0) this.counts.vmClones++;
      else this.counts.forks++;
    }
    this.spaces.cloned(call);
  }

  private mmap(call: StraceCall): void {
    const { counts, mappings } = this;
    const { flags, prot } = call;
    const fixed = this.countFixed(flags);
    const start = call.result;
    const end = start + roundUp(call.length);
    if (!call.ok || !(end > start) || end > HIGHEST) return;
    const space = this.spaces.of(call.thread);
    const file = (flags & MapFlag.anonymous) !== 0 ? 0 : call.file;
    let traits = (prot & Prot.write) !== 0 ? Trait.writable : 0;
    if ((flags & MapFlag.type & MapFlag.shared) !== 0) traits |= Trait.shared;
    if (prot === 0 && file === 0) traits |= Trait.reserved;
    let origin = call.event;
    if (fixed) {
      counts.mapFixedOk++;
      traits |= Trait.placed;
      const { replaced } = this;
      const made = { start, end, file, prot };
      replaced.look(space, mappings, made);
      if (replaced.pieces > 0) this.replaces(call, space, made);
      else this.unseen(call, space, made);
      if (replaced.pieces > 0 && replaced.staysReserved) {
        traits |= Trait.reserved;
        if (replaced.origin >= 0) origin = replaced.origin;
      }
    }
    space.map.replace(start, end, mappings.made(call, file, prot, traits, origin), this.goneAs(space, 'replaced'));
  }

  /** @returns whether a call of mmap replaces what is there */
  private countFixed(flags: number): boolean {
    if ((flags & MapFlag.fixedNoReplace) !== 0) {
      this.counts.noReplace++;
      return false;
    }
    if ((flags & MapFlag.fixed) === 0) return false;
    this.counts.mapFixed++;
    return true;
  }

  /** A MAP_FIXED took the place of what was there. */
  private replaces(call: StraceCall, space: AddressSpace, made: NewMapping): void {
    const { replaced, counts } = this;
    counts.replacing++;
    counts.bytesReplaced += replaced.bytes;
    this.kinds[replaced.kind(made)]++;
    const rule = this.judge(space, made, OL001);
    if (rule === OL002) counts.bytesGivenBack += replaced.writable;
    this.account(space, rule === OL002 ? 0 : replaced.writable);
    this.sites.call(call.site, space, rule === OL002 || rule === OL003 ? 'meant' : 'lost');
    this.tell(call, space, made, rule);
    if (this.noReplace) this.refused(call, space, made, rule);
  }

  /** Which rule a replacement falls under. @param risky - the one for what may lose data */
  private judge(space: AddressSpace, made: NewMapping, risky: LinuxRule): LinuxRule {
    const { replaced, mappings } = this;
    if (replaced.heap > 0) return OL010;
    if (replaced.onlyBlank || replaced.givesBack(made)) return OL002;
    if (replaced.wanted > 0) return OL010;
    if (!replaced.onlyOneFile) return risky;
    const { file } = replaced;
    if (made.file !== 0) return made.file === file || file === 0 ? OL003 : risky;
    const below = space.map.find(made.start - 1);
    return below >= 0 && mappings.file[below] === file ? OL003 : risky;
  }

  private account(space: AddressSpace, atRisk: number): void {
    const { replaced, mappings } = this;
    this.counts.bytesAtRisk += atRisk;
    const total = space.replaced;
    total.replacing++;
    total.bytes += replaced.bytes;
    total.atRisk += atRisk;
    for (let i = 0; i < replaced.named; i++) {
      const id = replaced.ids[i];
      // Beyond the pieces that are named, all goes to the last.
      const rest = i === replaced.named - 1 ? replaced.unnamed : 0;
      const key = mappings.file[id] * 2 + (mappings.event[id] < space.event ? 1 : 0);
      total.origins.set(key, (total.origins.get(key) ?? 0) + replaced.ends[i] - replaced.starts[i] + rest);
    }
  }

  private tell(call: StraceCall, space: AddressSpace, made: NewMapping, rule: LinuxRule): void {
    const { replaced } = this;
    const { start, end } = made;
    if (this.findings.wants(rule, call)) {
      const detail = rule === OL010 ? this.whyWanted() : '';
      const confidence =
        (rule === OL001 || rule === OL002) && replaced.writable > 0 ? { confidence: 'writes-not-traced' } : {};
      this.findings.make(call, space, { rule, start, end, made, replaced, detail, ...confidence });
    }
    const { below, above } = replaced;
    if (rule === OL002 || rule === OL003 || (below === 0 && above === 0)) return;
    if (!this.findings.wants(OL004, call)) return;
    const parts = [
      ...(below > 0 ? [`${bytesText(below)} of the mapping below it`] : []),
      ...(above > 0 ? [`${bytesText(above)} of the mapping above it`] : []),
    ];
    this.findings.make(call, space, { rule: OL004, start, end, made, replaced, detail: parts.join(' and ') });
  }

  private whyWanted(): string {
    if (this.replaced.heap > 0) return 'The allocator of the C library counts on it.';
    return `${bytesText(this.replaced.wanted)} of it had been made read-only after they had been written, or moved by mremap: what was there is gone.`;
  }

  private refused(call: StraceCall, space: AddressSpace, made: NewMapping, rule: LinuxRule): void {
    this.counts.outcomeChanges++;
    if (!this.findings.wants(OL009, call)) return;
    const { start, end } = made;
    const detail = CONSEQUENCES.get(rule) ?? '';
    this.findings.make(call, space, { rule: OL009, start, end, made, replaced: this.replaced, detail });
  }

  /** A MAP_FIXED onto memory in which the log shows nothing. */
  private unseen(call: StraceCall, space: AddressSpace, made: NewMapping): void {
    const { start, end } = made;
    const { replaced } = this;
    this.sites.call(call.site, space, replaced.heap > 0 ? 'lost' : 'clean');
    if (replaced.heap > 0) {
      if (this.findings.wants(OL010, call))
        this.findings.make(call, space, { rule: OL010, start, end, made, replaced, detail: this.whyWanted() });
      return;
    }
    this.counts.unseen++;
    if (this.findings.wants(OL008, call))
      this.findings.make(call, space, { rule: OL008, start, end, made, replaced: null, confidence: 'cannot-know' });
  }

  private munmap(call: StraceCall): void {
    const { address, entry, line } = call;
    const end = address + roundUp(call.length);
    if (!(end > address) || end > HIGHEST) return;
    const space = this.spaces.of(call.thread);
    const bytes = space.clear(this.mappings, address, end, entry, line, this.goneAs(space, 'unmapped') ?? null);
    const other = end - address - bytes;
    // An interrupted call may have left to others what they mapped meanwhile.
    if (bytes === 0 || other === 0 || entry !== line || space.inHeap(address, end) > 0) return;
    if (!this.findings.wants(OL007, call)) return;
    const about = { rule: OL007, start: address, end, made: null, replaced: null, bytes };
    this.findings.make(call, space, { ...about, detail: bytesText(other), confidence: 'cannot-know' });
  }

  private mprotect(call: StraceCall): void {
    const { address, entry, prot } = call;
    const length = roundUp(call.length);
    let end = address + length;
    if (!(end > address) || end > HIGHEST) return;
    const space = this.spaces.of(call.thread);
    if (!call.ok) {
      // What the kernel passed before it met the hole keeps the new protection.
      if (call.error !== 'ENOMEM') return;
      const changed = space.mappedUntil(address, end) - address;
      if (changed === 0 || changed === length) return;
      end = address + changed;
      if (this.findings.wants(OL006, call)) {
        const about = { rule: OL006, start: address, end: address + length, made: null, replaced: null };
        this.findings.make(call, space, { ...about, bytes: changed, detail: call.error, confidence: 'cannot-know' });
      }
    }
    space.protect(this.mappings, address, end, prot & 7, entry);
  }

  private mremap(call: StraceCall): void {
    const fixed = (call.flags & MremapFlag.fixed) !== 0;
    if (fixed) this.counts.mremapFixed++;
    const end = call.result + roundUp(call.newLength);
    if (!call.ok || end > HIGHEST || call.address + roundUp(call.length) > HIGHEST) return;
    const space = this.spaces.of(call.thread);
    if (fixed && end > call.result) {
      const source = space.map.find(call.address);
      const { file, prot } = this.mappings;
      const made = {
        start: call.result,
        end,
        file: source < 0 ? 0 : file[source],
        prot: source < 0 ? Prot.read | Prot.write : prot[source],
      };
      this.replaced.look(space, this.mappings, made);
      if (this.replaced.pieces > 0 || this.replaced.heap > 0)
        this.tell(call, space, made, this.judge(space, made, OL005));
    }
    moveMapping(space, this.mappings, call, (how) => this.goneAs(space, how));
  }

  private goneAs(space: AddressSpace, how: RangeEnd): PieceGone | undefined {
    const { ranges } = this;
    return ranges === null ? undefined : (start, end, id) => ranges.ended(space, start, end, id, how);
  }

  private spaceGone(space: AddressSpace, line: number, time: number): void {
    this.list.add(space);
    if (this.ranges === null) return;
    if (line > 0) this.ranges.line = line;
    if (!Number.isNaN(time)) this.ranges.time = time;
    this.ranges.all(space, 'gone');
  }

  private neededFiles(count: number): Uint8Array {
    const needed = new Uint8Array(count + 1);
    for (const map of this.spaces.maps())
      map.forEach((_start, _end, id) => {
        needed[this.mappings.file[id]] = 1;
      });
    for (const space of this.spaces) {
      for (const key of space.replaced.origins.keys()) needed[Math.floor(key / 2)] = 1;
    }
    return needed;
  }
}
