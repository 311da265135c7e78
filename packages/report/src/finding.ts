import type { LinuxSourceSummary } from './linux-source-summary.ts';
import type { FreebsdSummary } from './freebsd-summary.ts';
import type { LinuxSummary } from './linux-summary.ts';
import type { MappingWriter } from './mapping-writer.ts';
import type { PcuabiSummary } from './pcuabi-summary.ts';
import type { RangeWriter } from './range-writer.ts';
import type { RedoxSummary } from './redox-summary.ts';
import type { TargetSummary } from './target-counts.ts';

/** How bad a finding is; `--fail-on` compares in this order. */
export const SEVERITIES = ['note', 'warning', 'error'] as const;
/** The severity of a finding. */
export type Severity = (typeof SEVERITIES)[number];

/** Where in a client's source an event was made, if the trace knows. */
export interface FindingSite {
  readonly file: string;
  readonly line: number;
  readonly function: string | null;
}

/** Another event that a finding is about. */
export interface RelatedEvent {
  readonly event: number;
  readonly line: number;
  /**
   * What that event did: made the mapping, cleared it, removed the table, caused a drift, was a map that was refused, or
   * set a protection key.
   */
  readonly role: 'mapped' | 'cleared' | 'table' | 'cause' | 'refused' | 'key';
}

/** A place in source that a finding rests on. */
export interface FindingPlace {
  readonly file: string;
  readonly line: number;
  /** What happens there, in a few words. */
  readonly what: string;
}

/** What an audit reports of one event, or of one call in source. */
export interface Finding {
  /** Stable id: OM001… */
  readonly rule: string;
  readonly severity: Severity;
  /** One sentence that a client's author understands. */
  readonly message: string;
  /** Zero-based index among all records after the header; in source, among the calls that map. */
  readonly event: number;
  /** Physical line, from 1: of the trace, or of the file that `site` names. */
  readonly line: number;
  /** The innermost open mark, or null. */
  readonly test: string | null;
  /** The event lies after that test's end mark and before the next start. */
  readonly phase?: 'cleanup';
  readonly site: FindingSite | null;
  /** Address, lower-case hex. */
  readonly vaddr?: string;
  /** log2 of the page's size in bytes. */
  readonly bits?: number;
  /** How many bytes from `vaddr` on it is about, where they are no page of one size. */
  readonly length?: number;
  /** The operation by name, where a line has several or the message alone says it: "swapout". */
  readonly operation?: string;
  /** The protection key that it is about. */
  readonly protectionKey?: number;
  /** The process, where the log is of several: "process 9609 (/usr/bin/ls)". */
  readonly process?: string;
  /** Seconds on the clock of the log, where it has one. */
  readonly time?: number;
  /** What the finding is known by in another run, where addresses change from run to run. */
  readonly key?: string;
  readonly related: readonly RelatedEvent[];
  readonly fix: { readonly kind: string; readonly text: string } | null;
  /** In source: the places that it rests on, as they run; its own is among them. */
  readonly path?: readonly FindingPlace[];
  /** In source, with recorded runs: what they say of the call. */
  readonly recorded?: 'proved' | 'clean' | 'not exercised';
  /** Why the finding is less than certain: "after-divergence", "assumed". */
  readonly confidence?: string;
  /** Under `--drift`: the event of the first difference that led here. */
  readonly cause?: number;
  /** How many single occurrences a grouped finding stands for. */
  readonly count?: number;
  /** The same for the same finding in another run, whatever else has changed in the trace; see `Fingerprints`. */
  readonly fingerprint?: string;
  /** Records around the event, in the order of the trace, where they were asked for. */
  readonly context?: readonly ContextRecord[];
  /** With them: what was mapped near the event's address before it and after it, if the event is about an address. */
  readonly neighbourhood?: { readonly before: readonly NearMapping[]; readonly after: readonly NearMapping[] };
}

/** A page that is mapped near an event's address. */
export interface NearMapping {
  /** Address, lower-case hex. */
  readonly vaddr: string;
  /** log2 of the page's size in bytes. */
  readonly bits: number;
  /** Physical address of the frame, lower-case hex; null where the trace does not tell it. */
  readonly frame: string | null;
  /** The map that made it; null where it came before the trace. */
  readonly event: number | null;
}

/** A record of a trace, with its place. */
export interface ContextRecord {
  readonly event: number;
  readonly line: number;
  /** The keys of the record. */
  readonly [key: string]: unknown;
}

/** The counts of an seL4 audit, in all or under one test. */
export interface Sel4Counts {
  /** Page_Map invocations, and those that succeeded. */
  maps: number;
  mapsOk: number;
  /** Page_Unmap invocations that succeeded. */
  unmaps: number;
  /** Table maps that succeeded. */
  tableMaps: number;
  /** Maps that took a place which this capability recorded and whose entry held its frame. */
  remaps: number;
  overmaps: number;
  staleRemaps: number;
  aliasMaps: number;
  aliasUnmaps: number;
  deadUnmaps: number;
  deadDeletes: number;
  /** Invocations through an ASID that had changed hands. */
  reusedAsid: number;
  /** Stale frame capabilities, counted at each test's end mark, at the next start mark, and at the end of the trace. */
  staleAtTestEnd: number;
  staleAtNextStart: number;
  staleAtEnd: number;
  /** Invocations that the target would answer differently. */
  outcomeChanges: number;
}

/** A call site that a trace names, and its Page_Map invocations that were recorded. */
export interface ExercisedSite extends FindingSite {
  readonly maps: number;
  readonly refused: number;
}

/** The counts of a whole seL4 audit. */
export interface Sel4Summary extends Sel4Counts {
  /** Judgements that the trace does not allow, by rule. */
  undecidable: Record<string, number>;
  byTest: Record<string, Sel4Counts>;
  /** Where maps were called, if the trace says so; at most 4,096, and how many more there are. */
  sites?: readonly ExercisedSite[];
  moreSites?: number;
}

/** The counts of an audit of source. */
export interface SourceSummary {
  /** Files of a known language, and their lines. */
  readonly files: number;
  readonly lines: number;
  /** Calls that map: all; those by a name of the kernel; those through wrappers, libraries, macros and pointers. */
  readonly sites: number;
  readonly direct: number;
  readonly wrapped: number;
  /** Calls by what they were judged to be. */
  readonly byVerdict: Readonly<Record<string, number>>;
  /** Where recorded runs were held against it: calls that a run proved, calls that were run and clean, those that no
   * run called, and recorded sites that fit no single call. */
  readonly evidence?: {
    readonly proved: number;
    readonly clean: number;
    readonly notExercised: number;
    readonly unmatched: number;
  };
  /** Files that did not parse whole. */
  readonly unparsed: readonly { readonly file: string; readonly line: number; readonly why: string }[];
}

/** What an audit says at its end. */
export interface AuditSummary {
  /** Records after the header except states and marks. */
  events: number;
  states: number;
  /** Findings, by rule and by severity; suppressed ones are not counted. */
  findings: Record<string, number>;
  severities: Record<Severity, number>;
  /** Findings beyond the first 1,000 of a rule at one site or test, by rule. */
  truncated: Record<string, number>;
  /** With a baseline: findings that it has already, by rule. `findings`, `severities` and `truncated` have the others. */
  known?: Record<string, number>;
  /** Malformed lines, lines of other output, and capabilities that the trace used but never created. */
  badLines: number;
  otherLines: number;
  assumed: number;
  /** Events whose recorded answer was not the one of the `from` model. */
  divergences: number;
  /** The run was interrupted: the figures cover what was read. */
  interrupted?: boolean;
  sel4?: Sel4Summary;
  /** Of a comparison of several policies: what each would do to the client, by its name, in the order asked for. */
  targets?: Record<string, TargetSummary>;
  source?: SourceSummary;
  /** Of source with calls that may replace what is mapped on Linux. */
  linuxSource?: LinuxSourceSummary;
  linux?: LinuxSummary;
  pcuabi?: PcuabiSummary;
  freebsd?: FreebsdSummary;
  redox?: RedoxSummary;
}

/** What an audit knows before its first finding. */
export interface AuditHead {
  readonly kind: 'audit';
  readonly tool: { readonly name: string; readonly version: string };
  readonly input: string;
  /** The trace's header as it stands in the file. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly from: string;
  /** Of a comparison all policies, with commas between; findings are about the first. */
  readonly to: string;
  /** The findings of an earlier run, which are not told again; absent where there are none. */
  readonly baseline?: string;
}

/** The receiver of an audit: one `begin`, then findings as they come, then one `end`. */
export interface AuditWriter {
  /** Gets the life of every mapping, too; absent where nobody wants it. */
  readonly mappings?: MappingWriter;
  /** Gets every call in source that maps, whatever it was judged to be, after the findings; absent as above. */
  sites?(sites: readonly object[]): void;
  /** The same of address spaces whose mappings are ranges of any length. */
  readonly ranges?: RangeWriter;
  begin(head: AuditHead): void;
  finding(finding: Finding): void;
  end(summary: AuditSummary): void;
}

/** One difference between a model and a recording. */
export interface Divergence {
  readonly input: string;
  readonly event: number;
  readonly line: number;
  /** The key of the record that differs: ret, arg, lookup, paddr, asid, entry, entries, tables… */
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The result of replaying traces. */
export interface ReplayReport {
  readonly events: number;
  readonly states: number;
  /** What was not compared, by kind. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly divergences: readonly Divergence[];
}
