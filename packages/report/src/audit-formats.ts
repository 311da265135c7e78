import type { AuditSink } from './audit-sink.ts';
import { AuditTableWriter, type TableOptions } from './audit-table.ts';
import { JsonAuditWriter } from './json.ts';
import { JsonlAuditWriter } from './jsonl.ts';
import type { TextSink } from './output.ts';
import type { RuleCard } from './rule-card.ts';

/** The formats in which an audit can be written. */
export const AUDIT_FORMATS = ['table', 'json', 'jsonl', 'sarif', 'github', 'csv', 'md', 'trace-events'] as const;
/** A format of audits. */
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

/** What writers of audits need to know. */
export interface AuditSinkOptions {
  /** The rules that findings may name. */
  readonly rules: readonly RuleCard[];
  /** The URI of the report with these findings, to which SARIF links. */
  readonly page?: string;
  /** How a table is drawn. */
  readonly table?: TableOptions;
}

/** The writer of a format. Only that one is loaded. */
export async function auditSink(format: AuditFormat, out: TextSink, options: AuditSinkOptions): Promise<AuditSink> {
  const titleOf = (id: string): string | undefined => options.rules.find((rule) => rule.id === id)?.title;
  switch (format) {
    case 'table':
      return new AuditTableWriter(out, { titleOf, ...options.table });
    case 'json':
      return new JsonAuditWriter(out);
    case 'jsonl':
      return new JsonlAuditWriter(out);
    case 'sarif': {
      const { SarifAuditWriter } = await import('./sarif.ts');
      return new SarifAuditWriter(out, options.rules, options.page);
    }
    case 'github': {
      const { GithubAuditWriter } = await import('./github.ts');
      return new GithubAuditWriter(out, titleOf);
    }
    case 'csv': {
      const { CsvAuditWriter } = await import('./csv.ts');
      return new CsvAuditWriter(out);
    }
    case 'md': {
      const { MarkdownAuditWriter } = await import('./audit-markdown.ts');
      return new MarkdownAuditWriter(out, titleOf);
    }
    case 'trace-events': {
      const { TraceEventsAuditWriter } = await import('./trace-events.ts');
      return new TraceEventsAuditWriter(out);
    }
  }
}
