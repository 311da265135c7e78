import type { AuditSink } from './audit-sink.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import { jsonText } from './json-text.ts';
import type { TextSink } from './output.ts';

/**
 * Audits as JSON Lines: a line for the head (`"kind":"audit"`), one for each finding (`"kind":"finding"`) and each call
 * in source (`"kind":"site"`, with its own kind as `sink`), and one for
 * the summary (`"kind":"summary"`) or, where there is none, the failure (`"kind":"error"`). Each names its input.
 */
export class JsonlAuditWriter implements AuditSink {
  private readonly out: TextSink;
  private input: string | undefined;

  constructor(out: TextSink) {
    this.out = out;
  }

  begin(head: AuditHead): void {
    this.input = head.input;
    this.line(head);
  }

  finding(finding: Finding): void {
    this.line({ kind: 'finding', input: this.input, ...finding });
  }

  sites(sites: readonly object[]): void {
    for (const site of sites) this.line({ kind: 'site', input: this.input, ...site });
  }

  end(summary: AuditSummary): void {
    this.line({ kind: 'summary', input: this.input, ...summary });
    this.input = undefined;
  }

  fail(message: string): void {
    if (this.input === undefined) return;
    this.line({ kind: 'error', input: this.input, message });
    this.input = undefined;
  }

  close(): void {
    // Every line is complete by itself.
  }

  private line(value: object): void {
    this.out.write(`${jsonText(value)}\n`);
  }
}
