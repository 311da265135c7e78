/**
 * What the report's program is given. Every text in it is safe to show: control, bidirectional and invisible characters
 * are written out, and what is huge is cut.
 */

/** The id of the element that has it. */
export const REPORT_DATA = 'report-data';

export type PageSeverity = 'error' | 'warning' | 'note';

/** An audit. */
export interface PageRun {
  /** "A", "B"…: where there are several. */
  readonly letter: string;
  readonly input: string;
  /** What it is of: a trace, source, or what has no records to show: an strace log, a recording of FreeBSD or Redox. */
  readonly kind: 'trace' | 'source' | 'log' | 'recording';
  /** It was made with `--context`: some finding has records. */
  readonly context: boolean;
  /** Records around findings, in the order of the trace. */
  readonly records: readonly PageRecord[];
}

/** A record of a trace: `event`, `line`, and its own keys. */
export interface PageRecord {
  readonly event: number;
  readonly line: number;
  readonly [key: string]: unknown;
}

/** A page that is mapped near the event's address. */
export interface PageMapping {
  readonly vaddr: string;
  readonly bits: number;
  readonly frame: string | null;
  readonly event: number | null;
}

interface PagePlace {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** A piece of a patch. */
export interface PageHunk {
  readonly file: string;
  /** First line of the old file, and how many lines of it. */
  readonly from: number;
  readonly lines: number;
  /** With their signs. */
  readonly text: readonly string[];
}

/** How a finding shows in one run. */
export interface PageOccurrence {
  /** Index of the run. */
  readonly run: number;
  readonly severity: PageSeverity;
  readonly message: string;
  readonly event: number;
  readonly line: number;
  readonly test: string | null;
  readonly cleanup: boolean;
  /** "client.c:12 (start)", "test PT0002", "process 12 (/bin/ls)", "outside of any test". */
  readonly place: string;
  readonly site: { readonly file: string; readonly line: number; readonly function: string | null } | null;
  readonly vaddr?: string;
  readonly bits?: number;
  readonly length?: number;
  readonly operation?: string;
  readonly protectionKey?: number;
  readonly process?: string;
  readonly time?: number;
  readonly confidence?: string;
  readonly cause?: number;
  readonly count?: number;
  readonly related: readonly { readonly event: number; readonly line: number; readonly role: string }[];
  readonly fix: string | null;
  readonly path?: readonly PagePlace[];
  /** First and last index in the run's records, of those around the event. */
  readonly records?: readonly [number, number];
  /** Events were left out of the page, to keep it small. */
  readonly cut?: true;
  readonly before?: readonly PageMapping[];
  readonly after?: readonly PageMapping[];
  /** Indexes of the hunks that are about it. */
  readonly hunks?: readonly number[];
  /** What a migration of the source says of it. */
  readonly says?: string;
}

/** A finding, by its fingerprint, in all runs that have it. */
export interface PageFinding {
  /** Fingerprint: its anchor is `#f-` and this. */
  readonly id: string;
  readonly rule: string;
  /** The worst of its occurrences. */
  readonly severity: PageSeverity;
  readonly seen: readonly PageOccurrence[];
}

export interface ReportData {
  readonly runs: readonly PageRun[];
  /** Titles of rules that have a card in the page. */
  readonly titles: Readonly<Record<string, string>>;
  readonly findings: readonly PageFinding[];
  readonly hunks: readonly PageHunk[];
}
