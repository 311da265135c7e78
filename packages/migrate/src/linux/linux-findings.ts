import type { Finding, FindingSite, RelatedEvent, Severity } from '@overmap/report';
import { Call, escapeText, type StraceCall, type StraceLog } from '@overmap/trace';
import type { FindingEmitter } from '../finding-emitter.ts';
import type { AddressSpace } from './address-space.ts';
import { accessText, bytesText, hex } from './linux-words.ts';
import { type Mappings, Trait } from './mappings.ts';
import type { NewMapping, Replaced } from './replaced.ts';
import type { LinuxFacts, LinuxRule } from './rules/rule.ts';

const NAME = 200;

/** What a finding is about besides its call. */
export interface FindingAbout {
  readonly rule: LinuxRule;
  readonly start: number;
  readonly end: number;
  /** What is there now, and what was there; null where that is not the matter. */
  readonly made: NewMapping | null;
  readonly replaced: Replaced | null;
  /** Bytes that the rule tells of, and more of its words. */
  readonly bytes?: number;
  readonly detail?: string;
  readonly confidence?: string;
}

/** Makes findings of an strace log: only those that are to be listed cost more than a count. */
export class LinuxFindings {
  private readonly emitter: FindingEmitter;
  private readonly log: StraceLog;
  private readonly mappings: Mappings;
  /** Names of files, escaped, as long as their numbers are theirs. */
  private readonly names: Map<number, string> = new Map();
  private sweeps = 0;

  constructor(emitter: FindingEmitter, log: StraceLog, mappings: Mappings) {
    this.emitter = emitter;
    this.log = log;
    this.mappings = mappings;
  }

  /** Whether a finding of a call is to be made; it is counted in any case. */
  wants(rule: LinuxRule, call: StraceCall): boolean {
    return this.emitter.count(rule.id, rule.severity, call.site === 0 ? '' : call.site);
  }

  /** @returns nothing; call it only if `wants` said so */
  make(call: StraceCall, space: AddressSpace, about: FindingAbout): void {
    const { rule, start, end, replaced } = about;
    const site = this.siteOf(call.site);
    const { fix } = rule;
    const severity: Severity = rule.severity;
    const finding: Finding = {
      rule: rule.id,
      severity,
      message: rule.say(this.facts(call, about)),
      event: call.event,
      line: call.line,
      test: null,
      site,
      vaddr: hex(start),
      length: end - start,
      process: this.processName(space),
      ...(Number.isNaN(call.time) ? {} : { time: call.time }),
      key: this.key(space, about),
      related: replaced === null ? [] : this.related(replaced),
      fix,
      ...(about.confidence === undefined ? {} : { confidence: about.confidence }),
    };
    this.emitter.list(finding);
  }

  /** "process 9609 (/usr/bin/ls)". */
  processName({ pid, program }: AddressSpace): string {
    const number = pid > 0 ? `process ${pid}` : 'the process';
    return program === null ? number : `${number} (${escapeText(program, NAME)})`;
  }

  /** A file by name, or "anonymous". */
  what(file: number): string {
    if (file === 0) return 'anonymous';
    const { files } = this.log;
    if (this.sweeps !== files.sweeps) this.names.clear();
    this.sweeps = files.sweeps;
    let name = this.names.get(file);
    if (name === undefined) {
      name = escapeText(files.name(file), NAME);
      this.names.set(file, name);
    }
    return name;
  }

  private facts(call: StraceCall, about: FindingAbout): LinuxFacts {
    const { start, end, made, replaced, bytes = 0, detail = '' } = about;
    const names = { [Call.mmap]: 'mmap', [Call.mremap]: 'mremap', [Call.munmap]: 'munmap' } as Record<number, string>;
    return {
      call: names[call.kind] ?? 'mprotect',
      who: who(call.thread.pid),
      at: hex(start),
      size: bytesText(end - start),
      made: made === null ? '' : this.memory(made.file, made.prot, false),
      was: replaced === null ? '' : this.was(replaced),
      bytes: bytes === 0 ? '' : bytesText(bytes),
      writable: replaced === null || replaced.writable === 0 ? '' : bytesText(replaced.writable),
      heap: replaced === null || replaced.heap === 0 ? '' : bytesText(replaced.heap),
      detail,
    };
  }

  /** "16 KiB of anonymous memory (rw-, mapped at line 52 by thread 9980)", for the first pieces. */
  private was(replaced: Replaced): string {
    const { mappings } = this;
    const said = [...replaced.ids.subarray(0, replaced.named)].map((id, i) => {
      const memory = this.memory(mappings.file[id], mappings.prot[id], (mappings.traits[id] & Trait.shared) !== 0);
      const since = `mapped at line ${mappings.line[id]} by ${who(mappings.thread[id])}`;
      const size = bytesText(replaced.ends[i] - replaced.starts[i]);
      return (mappings.traits[id] & Trait.unknown) !== 0
        ? `${size} of memory that mremap moved there at line ${mappings.line[id]}`
        : `${size} of ${memory.replace(/\)$/, '')}, ${since})`;
    });
    const more = replaced.pieces - said.length;
    return `${said.join(' and ')}${more > 0 ? ` and ${more} more` : ''}`;
  }

  private memory(file: number, prot: number, shared: boolean): string {
    return `${file === 0 ? 'anonymous memory' : this.what(file)} (${accessText(prot, shared)})`;
  }

  /** The calls that mapped what was replaced, each once. */
  private related(replaced: Replaced): RelatedEvent[] {
    const { mappings } = this;
    const events = new Map<number, RelatedEvent>();
    for (const id of replaced.ids.subarray(0, replaced.named))
      events.set(mappings.event[id], { event: mappings.event[id], line: mappings.line[id], role: 'mapped' });
    return [...events.values()];
  }

  /** The place of a call, by its number in the log; null where no stack tells it. */
  siteOf(id: number): FindingSite | null {
    const site = this.log.sites.site(id);
    if (site === undefined) return null;
    const { module, function: name, source } = site;
    return { file: source?.file ?? module, line: source?.line ?? 0, function: name };
  }

  /** Addresses change from run to run: the program, what is put, over what, and how much do not. */
  private key(space: AddressSpace, { start, end, made, replaced }: FindingAbout): string {
    const over =
      replaced === null
        ? []
        : [...replaced.ids.subarray(0, replaced.named)].map((id) => this.what(this.mappings.file[id]));
    return JSON.stringify([space.program, made === null ? null : this.what(made.file), over, end - start]);
  }
}

const who = (pid: number): string => (pid > 0 ? `thread ${pid}` : 'the thread');
