import type { AuditSink } from './audit-sink.ts';
import { type Compared, comparisonByTest, comparisonTable, withoutZeroColumns } from './comparison-table.ts';
import { tableCsv } from './data-table-csv.ts';
import { tableMarkdown } from './data-table-markdown.ts';
import { tableText } from './data-table-text.ts';
import type { DataTable } from './data-table.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import type { TextSink } from './output.ts';
import type { Style } from './style.ts';

/** The formats of a comparison that are tables. JSON has each input's counts beside its findings. */
export const COMPARISON_TABLES = ['table', 'csv', 'md'] as const;

/** How a comparison is shown. */
export interface ComparisonOptions {
  readonly style?: Style;
  /** Columns of the terminal. */
  readonly width?: number;
  /** A second table: the same by test. */
  readonly all?: boolean;
}

/** Audits against several policies as one table for all inputs, written at the end. Findings are not shown. */
export class ComparisonWriter implements AuditSink {
  private readonly out: TextSink;
  private readonly format: (typeof COMPARISON_TABLES)[number];
  private readonly options: ComparisonOptions;
  private readonly audits: Compared[] = [];
  private head: AuditHead | null = null;

  constructor(out: TextSink, format: (typeof COMPARISON_TABLES)[number], options: ComparisonOptions = {}) {
    this.out = out;
    this.format = format;
    this.options = options;
  }

  begin(head: AuditHead): void {
    this.head = head;
  }

  finding(_finding: Finding): void {
    // `overmap audit --to` with one policy lists them.
  }

  end(summary: AuditSummary): void {
    if (this.head !== null) this.audits.push({ head: this.head, summary });
    this.head = null;
  }

  fail(message: string): void {
    const last = this.audits.at(-1);
    if (this.head !== null) this.audits.push({ head: this.head, summary: null, error: message });
    // A trace that breaks off has its counts up to there, and then says why.
    else if (last?.summary?.interrupted === true && last.error === undefined)
      this.audits[this.audits.length - 1] = { ...last, error: message };
    this.head = null;
  }

  close(): void {
    const { audits, format, options } = this;
    if (audits.length === 0) return;
    const tables = [comparisonTable(audits), ...(options.all === true ? [comparisonByTest(audits)] : [])];
    if (format === 'csv') this.out.write(tableCsv(tables));
    else this.out.write(tables.map((table) => this.text(table)).join('\n'));
  }

  private text(table: DataTable): string {
    const shown = withoutZeroColumns(table);
    return this.format === 'md' ? tableMarkdown(shown) : tableText(shown, this.options);
  }
}
