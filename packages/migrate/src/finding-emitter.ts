import type { AuditWriter, Finding, Severity } from '@overmap/report';

/** Findings of one rule at one site or test that are listed; the rest is counted. */
const LISTED = 1000;

/** Counts findings, leaves out those of suppressed rules, and passes on those that are to be listed. */
export class FindingEmitter {
  readonly byRule: Record<string, number> = {};
  readonly severities: Record<Severity, number> = { note: 0, warning: 0, error: 0 };
  readonly truncated: Record<string, number> = {};
  /** By rule, then by number of the site or name of the test. */
  private readonly listed: Map<string, Map<number | string, number>> = new Map();
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

  /**
   * Count a finding.
   *
   * @param rule - its id
   * @param where - number of its site, or without one the name of its test ('' = none)
   * @returns whether it is to be listed: only then it need be made at all
   */
  count(rule: string, severity: Severity, where: number | string): boolean {
    if (this.only?.has(rule) === false || this.off?.has(rule) === true) return false;
    this.byRule[rule] = (this.byRule[rule] ?? 0) + 1;
    this.severities[severity]++;
    let listed = this.listed.get(rule);
    if (listed === undefined) {
      listed = new Map();
      this.listed.set(rule, listed);
    }
    const n = listed.get(where) ?? 0;
    if (n < LISTED) {
      listed.set(where, n + 1);
      return true;
    }
    this.truncated[rule] = (this.truncated[rule] ?? 0) + 1;
    return false;
  }

  /** Pass on a finding that was counted. */
  list(finding: Finding): void {
    this.writer.finding(finding);
  }
}
