import type { AuditSink } from './audit-sink.ts';
import type { AuditHead, AuditSummary, Finding } from './finding.ts';
import { jsonText } from './json-text.ts';
import type { TextSink } from './output.ts';

/**
 * Audits as JSON: one object for each input, each on one line. Findings are written as they come, so that memory is
 * bounded; calls in source follow in `sites`, the counts of each policy of a comparison in `targets`. An audit that
 * failed has `"summary":null` and says why in `error`.
 */
export class JsonAuditWriter implements AuditSink {
  private readonly out: TextSink;
  private open = false;
  private first = true;

  constructor(out: TextSink) {
    this.out = out;
  }

  begin(head: AuditHead): void {
    this.open = true;
    this.first = true;
    this.out.write(`${jsonText(head).slice(0, -1)},"findings":[`);
  }

  finding(finding: Finding): void {
    this.out.write(this.first ? jsonText(finding) : `,${jsonText(finding)}`);
    this.first = false;
  }

  sites(sites: readonly object[]): void {
    this.out.write('],"sites":[');
    sites.forEach((site, i) => this.out.write(i === 0 ? jsonText(site) : `,${jsonText(site)}`));
  }

  end({ targets, ...summary }: AuditSummary): void {
    this.open = false;
    const compared = targets === undefined ? '' : `,"targets":${jsonText(targets)}`;
    this.out.write(`],"summary":${jsonText(summary)}${compared}}\n`);
  }

  fail(message: string): void {
    if (!this.open) return;
    this.open = false;
    this.out.write(`],"summary":null,"error":${jsonText(message)}}\n`);
  }

  close(): void {
    // Every object is complete by itself.
  }
}
