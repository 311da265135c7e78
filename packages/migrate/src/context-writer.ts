import type { Columns } from '@overmap/core';
import type { AuditHead, AuditSummary, AuditWriter, ContextRecord, Finding } from '@overmap/report';
import { eventAt, type TraceTables } from '@overmap/trace';

/** Records that a finding gets from before its event and from behind it: 64 with its own. */
const BEFORE = 32;
const BEHIND = 31;

interface Waiting {
  readonly finding: Finding;
  readonly context: ContextRecord[];
  /** Records that it still lacks. */
  lacks: number;
}

/**
 * Gives each finding the records around it. It keeps the last few records, and holds a finding back until those behind
 * it are known; their order stays.
 */
export class ContextWriter implements AuditWriter {
  private readonly writer: AuditWriter;
  /** The last records, the present one included. */
  private readonly last: ContextRecord[] = [];
  private readonly waiting: Waiting[] = [];

  constructor(writer: AuditWriter) {
    this.writer = writer;
  }

  begin(head: AuditHead): void {
    this.writer.begin(head);
  }

  /** A record is about to be audited. */
  row(columns: Columns, i: number, tables: TraceTables): void {
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
    this.waiting.push({ finding, context: [...this.last], lacks: BEHIND });
  }

  end(summary: AuditSummary): void {
    this.flush();
    this.writer.end(summary);
  }

  /** Pass on what waits for records that will not come. */
  flush(): void {
    while (this.waiting.length > 0) this.pass();
  }

  private pass(): void {
    const waiting = this.waiting.shift();
    if (waiting !== undefined) this.writer.finding({ ...waiting.finding, context: waiting.context });
  }
}
