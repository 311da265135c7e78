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

/**
 * Counts findings, leaves out those of suppressed rules and those that are known, gives fingerprints, and passes on what
 * is to be listed.
 */
export class FindingEmitter {
  readonly byRule: Record<string, number> = {};
  readonly severities: Record<Severity, number> = { note: 0, warning: 0, error: 0 };
  readonly truncated: Record<string, number> = {};
  /** Findings that were known, by rule. */
  readonly known: Record<string, number> = {};
  /** Those of them that the earlier run had only counted. */
  private readonly knownUnlisted: Record<string, number> = {};
  /** By rule, then by number of the site or name of the test. */
  private readonly listed: Map<string, Map<number | string, number>> = new Map();
  private readonly fingerprints: Fingerprints = new Fingerprints();
  private readonly writer: AuditWriter;
  private readonly choice: FindingChoice;

  /** @param writer - where they go */
  constructor(writer: AuditWriter, choice: FindingChoice) {
    this.writer = writer;
    this.choice = choice;
  }

  /**
   * Whether a finding is to be made, and given to `list`. Beyond those that are listed it is counted here, and needs no
   * fingerprint either, so that no memory of it is kept.
   *
   * @param rule - its id
   * @param where - number of its site, or without one the name of its test ('' = none)
   */
  count(rule: string, severity: Severity, where: number | string): boolean {
    const { only, off } = this.choice;
    if (only?.has(rule) === false || off?.has(rule) === true) return false;
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
    if (this.isKnownUnlisted(rule)) {
      increment(this.known, rule);
      return false;
    }
    increment(this.byRule, rule);
    this.severities[severity]++;
    increment(this.truncated, rule);
    return false;
  }

  /** Pass on a finding that `count` has asked for, if it is not known. */
  list(finding: Finding): void {
    const { rule, severity } = finding;
    const fingerprint = this.fingerprints.of(finding);
    if (this.choice.known?.fingerprints.has(fingerprint) === true) {
      increment(this.known, rule);
      return;
    }
    increment(this.byRule, rule);
    this.severities[severity]++;
    this.writer.finding({ ...finding, fingerprint });
  }

  /** Of findings that were not listed the earlier run knows only how many there were. */
  private isKnownUnlisted(rule: string): boolean {
    const { known } = this.choice;
    if (known === undefined) return false;
    const left = (known.truncated[rule] ?? 0) - (this.knownUnlisted[rule] ?? 0);
    if (left > 0) increment(this.knownUnlisted, rule);
    return left > 0;
  }
}

function increment(counts: Record<string, number>, rule: string): void {
  counts[rule] = (counts[rule] ?? 0) + 1;
}
