import { escapeText } from '@overmap/trace';
import { stringify } from 'csv-stringify/sync';
import type { AuditSink } from './audit-sink.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import type { TextSink } from './output.ts';

const COLUMNS = [
  'input',
  'rule',
  'severity',
  'message',
  'event',
  'line',
  'test',
  'phase',
  'file',
  'file_line',
  'function',
  'vaddr',
  'bits',
  'mapped_lines',
  'fix',
  'confidence',
  'cause',
  'count',
  'fingerprint',
] as const;

/** Characters of a cell: spreadsheets take 32,767, and escaping makes a text longer. */
const CELL = 4000;

/**
 * The findings of audits as CSV (RFC 4180, but with LF), one header row for all inputs. Cells that a spreadsheet would
 * take for formulas begin with an apostrophe. Counts are not in it.
 */
export class CsvAuditWriter implements AuditSink {
  private readonly out: TextSink;
  private input = '';
  private begun = false;

  constructor(out: TextSink) {
    this.out = out;
  }

  begin(head: AuditHead): void {
    this.input = head.input;
    if (!this.begun) this.row(COLUMNS);
    this.begun = true;
  }

  finding(finding: Finding): void {
    const { rule, severity, message, event, line, test, phase, site, vaddr, bits, fix } = finding;
    const mapped = finding.related.filter(({ role }) => role === 'mapped').map((other) => other.line);
    this.row([
      this.input,
      rule,
      severity,
      message,
      event,
      line,
      test ?? '',
      phase ?? '',
      site?.file ?? '',
      site?.line ?? '',
      site?.function ?? '',
      vaddr ?? '',
      bits ?? '',
      mapped.join(' '),
      fix?.text ?? '',
      finding.confidence ?? '',
      finding.cause ?? '',
      finding.count ?? '',
      finding.fingerprint ?? '',
    ]);
  }

  end(_summary: AuditSummary): void {
    // Counts are no rows.
  }

  fail(_message: string): void {
    // Standard error says it.
  }

  close(): void {
    // Every row is complete by itself.
  }

  private row(cells: readonly (string | number)[]): void {
    const safe = cells.map((cell) => (typeof cell === 'string' ? escapeText(cell, CELL) : cell));
    this.out.write(stringify([safe], { escape_formulas: true, record_delimiter: 'unix' }));
  }
}
