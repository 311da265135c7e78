import type { AuditObserver } from '@overmap/migrate';
import type { AuditSummary, AuditWriter, Finding } from '@overmap/report';

/** Learns how long an input is and what an audit finds in it. */
export class AuditScout implements AuditWriter, AuditObserver {
  readonly findings: Finding[] = [];
  summary: AuditSummary | null = null;
  /** One more than the index of the last record or call. */
  events = 0;

  begin(): void {}

  finding(finding: Finding): void {
    this.findings.push(finding);
  }

  end(summary: AuditSummary): void {
    this.summary = summary;
  }

  begins(): void {}

  row(): void {
    this.events++;
  }

  called({ event }: { readonly event: number }): void {
    this.events = Math.max(this.events, event + 1);
  }
}
