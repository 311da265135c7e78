import { PROT, type Refusal } from '@overmap/core';
import type { Finding, RelatedEvent, Severity } from '@overmap/report';
import { Call, escapeText, type StraceCall, type StraceLog } from '@overmap/trace';
import type { FindingEmitter } from '../finding-emitter.ts';
import { accessText, bytesText, hex } from '../linux/linux-words.ts';
import type { CallPlace, Placed } from './placed.ts';
import type { PcuabiRule } from './rules/rule.ts';

const NAME = 200;
const CALL_NAMES: Readonly<Record<number, string>> = {
  [Call.mmap]: 'mmap',
  [Call.munmap]: 'munmap',
  [Call.mprotect]: 'mprotect',
  [Call.mremap]: 'mremap',
  [Call.brk]: 'brk',
  [Call.madvise]: 'madvise',
  [Call.mlock]: 'mlock',
  [Call.munlock]: 'munlock',
  [Call.msync]: 'msync',
  [Call.mincore]: 'mincore',
};

/** What a finding is about besides its call. */
export interface PcuabiAbout {
  readonly rule: PcuabiRule;
  /** The range, as the log has it. */
  readonly start: number;
  readonly length: number;
  /** Where its start is at the target; null: nowhere. */
  readonly target: number | null;
  readonly refusal?: Refusal;
  /** The mappings that it goes through or meets: the first is the one to name. */
  readonly mappings: readonly Placed[];
  readonly detail?: string;
  /** The refusal that this one follows from. */
  readonly cause?: CallPlace;
  /** A call that made a hole. */
  readonly cleared?: CallPlace | undefined;
}

/** Makes findings of an audit for PCuABI: each names both addresses, and both places. */
export class PcuabiFindings {
  private readonly emitter: FindingEmitter;
  private readonly log: StraceLog;

  constructor(emitter: FindingEmitter, log: StraceLog) {
    this.emitter = emitter;
    this.log = log;
  }

  /** Tell of a call. */
  tell(call: StraceCall, name: string, about: PcuabiAbout): void {
    const { rule, start, length, mappings, cause } = about;
    const severity: Severity = rule.severity;
    if (!this.emitter.count(rule.id, severity, call.site === 0 ? '' : call.site)) return;
    const site = this.log.sites.site(call.site);
    const kind = CALL_NAMES[call.kind] ?? 'call';
    const finding: Finding = {
      rule: rule.id,
      severity,
      message: rule.say({
        call: kind,
        who: call.thread.pid > 0 ? `thread ${call.thread.pid}` : 'the thread',
        at: about.target === null ? hex(start) : both(start, about.target),
        size: bytesText(length),
        error: about.refusal?.error ?? '',
        mapping: mappings.length === 0 ? '' : this.mapping(mappings[0]),
        detail: about.detail ?? '',
      }),
      event: call.event,
      line: call.line,
      test: null,
      site: site === undefined ? null : { file: site.module, line: 0, function: site.function },
      vaddr: hex(start),
      ...(length === 0 ? {} : { length }),
      process: name,
      ...(Number.isNaN(call.time) ? {} : { time: call.time }),
      key: JSON.stringify([
        name.replace(/\d+/, ''),
        kind,
        rule.id,
        length,
        mappings.map(({ file }) => this.what(file)),
      ]),
      related: related(about),
      fix: rule.fix,
      ...(cause === undefined ? {} : { cause: cause.event }),
    };
    this.emitter.list(finding);
  }

  /** "the 1 MiB of anonymous memory (---) mapped at line 52 (0x… in the log, 0x… on PCuABI)". */
  private mapping(placed: Placed): string {
    const { start, end, capability, line, file, prot, brk } = placed;
    const where = capability === null ? `${hex(start)} in the log, refused on PCuABI` : both(start, capability.address);
    if (brk) return `the brk range of ${bytesText(end - start)} (${where})`;
    return `the ${bytesText(end - start)} of ${this.what(file)} (${accessText(prot, false)}) mapped at line ${line} (${where})`;
  }

  /** A file by name, or "anonymous memory". */
  private what(file: number): string {
    return file === 0 ? 'anonymous memory' : escapeText(this.log.files.name(file), NAME);
  }
}

/** An address at both places. */
const both = (recorded: number, target: number): string => `${hex(recorded)} in the log, ${hex(target)} on PCuABI`;

/** The calls that made what the finding is about, each once. */
function related({ mappings, cause, cleared }: PcuabiAbout): RelatedEvent[] {
  const found = new Map<string, RelatedEvent>();
  const add = ({ event, line }: CallPlace, role: RelatedEvent['role']): void => {
    if (line > 0) found.set(`${role} ${event}`, { event, line, role });
  };
  for (const placed of mappings) add(placed, 'mapped');
  if (cleared !== undefined) add(cleared, 'cleared');
  if (cause !== undefined) add(cause, 'cause');
  return [...found.values()];
}

/** "read and write". */
export function accessWords(prot: number): string {
  const words = [
    ...((prot & PROT.read) !== 0 ? ['read'] : []),
    ...((prot & PROT.write) !== 0 ? ['write'] : []),
    ...((prot & PROT.execute) !== 0 ? ['execute'] : []),
  ];
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
