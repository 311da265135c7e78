import type { AuditWriter, Finding, Severity } from '@overmap/report';

/** Findings of one rule at one site or test that are listed; the rest is counted. */
const LISTED = 1000;

/** Passes findings on: leaves out suppressed rules, and counts. */
export class FindingEmitter {
  readonly byRule: Record<string, number> = {};
  readonly severities: Record<Severity, number> = { note: 0, warning: 0, error: 0 };
  readonly truncated: Record<string, number> = {};
  private readonly listed: Map<string, number> = new Map();
  private readonly writer: AuditWriter;
  private readonly only: ReadonlySet<string> | undefined;
  private readonly off: ReadonlySet<string> | undefined;

  /**
   * @param writer - where they go
   * @param only - report these rules only; undefined = all
   * @param off - do not report these
   */
  constructor(writer: AuditWriter, only: ReadonlySet<string> | undefined, off: ReadonlySet<string> | undefined) {
    this.writer = writer;
    this.only = only;
    this.off = off;
  }

  /** Whether anybody wants findings of a rule. */
  wants(rule: string): boolean {
    return (this.only === undefined || this.only.has(rule)) && this.off?.has(rule) !== true;
  }

  /** Report one finding. */
  emit(finding: Finding): void {
    if (!this.wants(finding.rule)) return;
    this.byRule[finding.rule] = (this.byRule[finding.rule] ?? 0) + 1;
    this.severities[finding.severity]++;
    const at = finding.site === null ? `test ${finding.test ?? ''}` : `site ${finding.site.file}:${finding.site.line}`;
    const key = `${finding.rule} ${at}`;
    const n = (this.listed.get(key) ?? 0) + 1;
    this.listed.set(key, n);
    if (n > LISTED) this.truncated[finding.rule] = (this.truncated[finding.rule] ?? 0) + 1;
    else this.writer.finding(finding);
  }
}
