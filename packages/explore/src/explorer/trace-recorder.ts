import { type Columns, Flag, type Follower, OP_MARK, type PolicyName } from '@overmap/core';
import type { AuditObserver, CalledIn } from '@overmap/migrate';
import type { AuditHead, AuditSummary, AuditWriter, Finding, MappingWriter, RangeWriter } from '@overmap/report';
import { Call, escapeText, type StraceCall, type TraceHeader, type TraceTables } from '@overmap/trace';
import { KeptRows } from '../page-format/explore/event-columns.ts';
import { type FollowerState, stateOf } from '../page-format/explore/follower-state.ts';
import { CALL_KEYS } from '../page-format/explore/page-data.ts';
import type { EventWindow } from './choose-windows.ts';
import { LifeTable } from './life-table.ts';
import { StaleTable } from './stale-table.ts';
import { Texts } from './texts.ts';

/** Characters of a name that a page shows. */
const NAME = 200;
/** Bits that are no user's: more than the numbers of a page hold. */
const LIMIT = 2 ** 52;

type CallTable = Record<(typeof CALL_KEYS)[number], number[]>;

/** What was recorded of an seL4 trace besides what every input has. */
export interface RecordedTrace {
  readonly header: TraceHeader;
  readonly from: PolicyName;
  readonly tables: TraceTables;
  readonly follower: Follower;
}

/** Where the state jumps over records that are left out: the states before and behind them. */
export interface Jump {
  /** The state after the window before; null = that in which the trace begins. */
  readonly from: FollowerState | null;
  readonly to: FollowerState;
}

/**
 * Watches an audit and keeps what a page shows of it: in the windows every record, the lives of mappings that they see,
 * when capabilities were stale, and the states between which a window jumps; and all findings.
 */
export class TraceRecorder implements AuditWriter, AuditObserver {
  readonly findings: Finding[] = [];
  readonly texts: Texts = new Texts();
  readonly lives: LifeTable;
  readonly rows: KeptRows = new KeptRows();
  readonly calls: CallTable;
  /** Tests that run where windows begin. */
  readonly tests: (string | null)[] = [];
  readonly jumps: (Jump | null)[] = [];
  trace: RecordedTrace | null = null;
  stale: StaleTable | null = null;
  head: AuditHead | null = null;
  summary: AuditSummary | null = null;
  /** Records of a trace, or one more than the index of the last call of a log. */
  events = 0;
  /** Records or calls that were seen; a log has others between them, which are no business of an address space. */
  seen = 0;
  private readonly windows: readonly EventWindow[];
  /** The window that is open or comes next. */
  private at = 0;
  private inside = false;
  private test: string | null = null;
  private left: FollowerState | null = null;

  /** @param windows - in order, without overlap */
  constructor(windows: readonly EventWindow[]) {
    this.windows = windows;
    this.lives = new LifeTable(this.texts, (from, to) => this.shows(from, to));
    this.lives.onEnd = (mapping, how) => this.stale?.mappingEnded(mapping, how);
    this.calls = Object.fromEntries(CALL_KEYS.map((key) => [key, [] as number[]])) as CallTable;
  }

  get mappings(): MappingWriter {
    return this.lives;
  }

  get ranges(): RangeWriter {
    return this.lives;
  }

  begin(head: AuditHead): void {
    this.head = head;
  }

  finding(finding: Finding): void {
    this.findings.push(finding);
    if (finding.rule === 'OM014' || finding.rule === 'OM005' || finding.rule === 'OM006') this.stale?.aliasSeen();
  }

  end(summary: AuditSummary): void {
    this.summary = summary;
    if (this.inside) this.stale?.end(this.events);
  }

  begins(header: TraceHeader, follower: Follower, tables: TraceTables, from: PolicyName): void {
    this.trace = { header, follower, tables, from };
    this.stale = new StaleTable(follower.kernel);
  }

  row(columns: Columns, i: number): void {
    const event = columns.event[i];
    this.events = event + 1;
    this.seen++;
    if (this.inside && event > (this.windows[this.at]?.last ?? -1)) this.leave(event);
    if (!this.inside && event >= (this.windows[this.at]?.first ?? Number.POSITIVE_INFINITY)) this.enter(event);
    if (columns.name[i] !== 0 && this.trace !== null) this.mark(columns, i, this.trace.tables);
    if (!this.inside) return;
    this.stale?.row(columns, i);
    this.rows.add(columns, i);
  }

  called(call: StraceCall, { space, spaceName, what }: CalledIn): void {
    this.events = call.event + 1;
    this.seen++;
    const window = this.windows[this.at];
    if (window !== undefined && call.event > window.last && this.at + 1 < this.windows.length) this.at++;
    const open = this.windows[this.at];
    if (open === undefined || call.event < open.first || call.event > open.last) return;
    this.lives.space(space, spaceName);
    const { calls, texts } = this;
    const put = (key: (typeof CALL_KEYS)[number], value: number): void => {
      calls[key].push(Number.isFinite(value) && Math.abs(value) < LIMIT ? value : 0);
    };
    put('kind', call.kind);
    put('event', call.event);
    put('line', call.line);
    put('pid', call.thread.pid);
    put('space', space);
    put('ok', call.ok ? 1 : 0);
    put('result', call.result);
    put('error', texts.of(escapeText(call.error, NAME)));
    put('address', call.address);
    put('length', call.length);
    put('prot', call.prot);
    put('flags', call.flags);
    put('newLength', call.newLength);
    put('newAddress', call.newAddress);
    put('what', texts.of(call.kind === Call.execve ? escapeText(call.program, NAME) : what));
  }

  private enter(event: number): void {
    this.inside = true;
    this.tests.push(this.test);
    // Where a trace begins the page makes the state itself.
    this.jumps.push(event === 0 || this.trace === null ? null : { from: this.left, to: stateOf(this.trace.follower) });
    this.stale?.begin(event);
  }

  private leave(event: number): void {
    this.inside = false;
    this.at++;
    this.stale?.end(event);
    // The last window is left for good.
    this.left = this.trace === null || this.at >= this.windows.length ? null : stateOf(this.trace.follower);
  }

  private mark(columns: Columns, i: number, { names }: TraceTables): void {
    if (columns.op[i] !== OP_MARK) return;
    const name = escapeText(String(names.values[columns.name[i]] ?? ''), NAME);
    if ((columns.flags[i] & Flag.markEnd) === 0) this.test = name;
    else if (this.test === name) this.test = null;
  }

  private shows(from: number, to: number): boolean {
    return this.windows.some(({ first, last }) => from <= last && to >= first);
  }
}
