import type { Columns } from '@overmap/core';
import type { AuditHead, AuditSummary, AuditWriter, ContextRecord, Finding, NearMapping } from '@overmap/report';
import { eventAt, type TraceTables } from '@overmap/trace';
import type { Neighbourhood, Place } from './neighbourhood.ts';

/** Records that a finding gets from before its event and from behind it: 64 with its own. */
const BEFORE = 32;
const BEHIND = 31;

interface Waiting {
  readonly finding: Finding;
  readonly before: readonly NearMapping[] | null;
  after: readonly NearMapping[] | null;
  readonly context: ContextRecord[];
  /** Records that it still lacks. */
  lacks: number;
}

/**
 * Gives each finding the records around it, and what was mapped near its address before it and after it. It keeps the
 * last few records, and holds a finding back until those behind it are known; their order stays.
 */
export class ContextWriter implements AuditWriter {
  private readonly writer: AuditWriter;
  /** The last records, the present one included. */
  private readonly last: ContextRecord[] = [];
  private readonly waiting: Waiting[] = [];
  /** Looks at the mappings; set once there is a kernel. */
  neighbourhood: Neighbourhood | null = null;
  /** The place of the present record, and what was mapped there before it. */
  private place: Place | null = null;
  private before: readonly NearMapping[] | null = null;
  private event = -1;

  constructor(writer: AuditWriter) {
    this.writer = writer;
  }

  begin(head: AuditHead): void {
    this.writer.begin(head);
  }

  /** A record is about to be audited. */
  row(columns: Columns, i: number, tables: TraceTables): void {
    this.lookAfter();
    this.event = columns.event[i];
    this.place = this.neighbourhood?.placeOf(columns, i) ?? null;
    this.before = this.place === null ? null : (this.neighbourhood?.mappings(this.place) ?? null);
    const record: ContextRecord = {
      event: columns.event[i],
      line: columns.line[i],
      ...eventAt(columns, i, tables),
    };
    this.last.push(record);
    if (this.last.length > BEFORE + 1) this.last.shift();
    for (const waiting of this.waiting) {
      waiting.context.push(record);
      waiting.lacks--;
    }
    while (this.waiting[0]?.lacks === 0) this.pass();
  }

  finding(finding: Finding): void {
    const { place } = this;
    // What is told at a later record than it happened has no place that could be looked at.
    const here = place !== null && finding.event === this.event && finding.vaddr === `0x${place.vaddr.toString(16)}`;
    const before = here ? this.before : null;
    this.waiting.push({ finding, before, after: null, context: [...this.last], lacks: BEHIND });
  }

  end(summary: AuditSummary): void {
    this.flush();
    this.writer.end(summary);
  }

  /** Pass on what waits for records that will not come. */
  flush(): void {
    this.lookAfter();
    while (this.waiting.length > 0) this.pass();
  }

  /** The present record is done: what is mapped now is what its findings left. */
  private lookAfter(): void {
    if (this.place === null || this.neighbourhood === null) return;
    for (let n = this.waiting.length - 1; n >= 0; n--) {
      const waiting = this.waiting[n];
      if (waiting === undefined || waiting.lacks < BEHIND) break;
      if (waiting.before !== null) waiting.after = this.neighbourhood.mappings(this.place);
    }
    this.place = null;
  }

  private pass(): void {
    const waiting = this.waiting.shift();
    if (waiting === undefined) return;
    const { finding, before, after, context } = waiting;
    const neighbourhood = before === null || after === null ? {} : { neighbourhood: { before, after } };
    this.writer.finding({ ...finding, context, ...neighbourhood });
  }
}
