import { type AuditWriter, type Finding, Fingerprints, type KnownFindings, type Severity } from '@overmap/report';

/** Findings of one rule at one site or test that are listed; the rest is counted. */
const LISTED = 1000;

/** Which findings are reported. */
export interface FindingChoice {
  /** Report these rules only; absent = all. */
  readonly only?: ReadonlySet<string>;
  /** Do not report these. */
  readonly off?: ReadonlySet<string>;
  /** Do not report these, which an earlier run has found. */
  readonly known?: KnownFindings;
}

/** Passes findings on: leaves out suppressed rules and what is known, gives fingerprints, and counts. */
export class FindingEmitter {
  readonly byRule: Record<string, number> = {};
  readonly severities: Record<Severity, number> = { note: 0, warning: 0, error: 0 };
  readonly truncated: Record<string, number> = {};
  /** Findings that were known, by rule. */
  readonly known: Record<string, number> = {};
  /** Those of them that the earlier run had only counted. */
  private readonly knownUnlisted: Record<string, number> = {};
  private readonly listed: Map<string, number> = new Map();
  private readonly fingerprints: Fingerprints = new Fingerprints();
  private readonly writer: AuditWriter;
  private readonly choice: FindingChoice;

  /** @param writer - where they go */
  constructor(writer: AuditWriter, choice: FindingChoice) {
    this.writer = writer;
    this.choice = choice;
  }

  /** Whether anybody wants findings of a rule. */
  wants(rule: string): boolean {
    const { only, off } = this.choice;
    return (only === undefined || only.has(rule)) && off?.has(rule) !== true;
  }

  /** Report one finding. */
  emit(finding: Finding): void {
    const { rule, site, test, severity } = finding;
    if (!this.wants(rule)) return;
    const key = `${rule} ${site === null ? `test ${test ?? ''}` : `site ${site.file}:${site.line}`}`;
    const n = (this.listed.get(key) ?? 0) + 1;
    this.listed.set(key, n);
    // Beyond those that are listed there are no fingerprints either, so that no memory of them is needed.
    const fingerprint = n > LISTED ? undefined : this.fingerprints.of(finding);
    if (this.isKnown(rule, fingerprint)) {
      count(this.known, rule);
      return;
    }
    count(this.byRule, rule);
    this.severities[severity]++;
    if (fingerprint === undefined) count(this.truncated, rule);
    else this.writer.finding({ ...finding, fingerprint });
  }

  /** Of findings that were not listed the earlier run knows only how many there were. */
  private isKnown(rule: string, fingerprint: string | undefined): boolean {
    const { known } = this.choice;
    if (known === undefined) return false;
    if (fingerprint !== undefined) return known.fingerprints.has(fingerprint);
    const left = (known.truncated[rule] ?? 0) - (this.knownUnlisted[rule] ?? 0);
    if (left > 0) count(this.knownUnlisted, rule);
    return left > 0;
  }
}

function count(counts: Record<string, number>, rule: string): void {
  counts[rule] = (counts[rule] ?? 0) + 1;
}
