import { escapeText } from '@overmap/trace';
import { type Finding, SEVERITIES, type Severity } from './finding.ts';

/** Groups whose counts are kept for one rule; a hostile trace can name a new test on every line. */
const MOST_GROUPS = 10_000;
/** Findings that are kept in all. */
const MOST_FINDINGS = 100_000;

/** The findings of one rule at one site, or in one test. */
export interface FindingGroup {
  /** "test PT0002", "client.c:12 (start)", "outside of any test"; safe to print. */
  readonly label: string;
  /** How many there are, and how many single occurrences they stand for. */
  findings: number;
  occurrences: number;
  /** The first of them. */
  readonly kept: Finding[];
}

/** The findings of one rule, as far as they are equally severe. */
export interface RuleGroup {
  readonly rule: string;
  readonly severity: Severity;
  findings: number;
  occurrences: number;
  /** In the order in which they were met. */
  readonly groups: FindingGroup[];
  /** Findings in groups beyond those that are kept. */
  elsewhere: number;
  /** What to do, if it is the same for all. */
  fix: string | null | undefined;
}

/** Findings by rule, then by site or test, with a bound on what is kept. */
export class FindingGroups {
  private readonly byRule: Map<string, RuleGroup & { readonly byKey: Map<string, FindingGroup> }> = new Map();
  private readonly keep: Readonly<Record<Severity, number>>;
  private total = 0;

  /** @param keep - how many of a group are kept, by severity */
  constructor(keep: Readonly<Record<Severity, number>>) {
    this.keep = keep;
  }

  /** Sort one finding in. */
  add(finding: Finding): void {
    const id = `${finding.severity} ${finding.rule}`;
    const fix = finding.fix?.text ?? null;
    let rule = this.byRule.get(id);
    if (rule === undefined) {
      const { rule: name, severity } = finding;
      rule = { rule: name, severity, findings: 0, occurrences: 0, groups: [], elsewhere: 0, fix, byKey: new Map() };
      this.byRule.set(id, rule);
    }
    if (rule.fix !== fix) rule.fix = undefined;
    const occurrences = finding.count ?? 1;
    rule.findings++;
    rule.occurrences += occurrences;
    const group = this.group(rule, finding);
    if (group === undefined) {
      rule.elsewhere++;
      return;
    }
    group.findings++;
    group.occurrences += occurrences;
    if (group.kept.length < this.keep[finding.severity] && this.total < MOST_FINDINGS) {
      group.kept.push(finding);
      this.total++;
    }
  }

  private group(
    rule: RuleGroup & { readonly byKey: Map<string, FindingGroup> },
    { site, test, process }: Finding,
  ): FindingGroup | undefined {
    const key = site === null ? `test ${process ?? test ?? ''}` : `site ${site.file}:${site.line}${functionOf(site)}`;
    let group = rule.byKey.get(key);
    if (group === undefined && rule.groups.length < MOST_GROUPS) {
      group = { label: labelOf(site, process ?? null, test), findings: 0, occurrences: 0, kept: [] };
      rule.byKey.set(key, group);
      rule.groups.push(group);
    }
    return group;
  }

  /** The rules that have findings: the most severe first, then by id. */
  rules(): RuleGroup[] {
    const rank = ({ severity }: RuleGroup): number => -SEVERITIES.indexOf(severity);
    return [...this.byRule.values()].sort((a, b) => rank(a) - rank(b) || (a.rule < b.rule ? -1 : 1));
  }
}

/** Where the line is not known, the function tells sites apart. */
const functionOf = (site: NonNullable<Finding['site']>): string => (site.line === 0 ? ` ${site.function ?? ''}` : '');

function labelOf(site: Finding['site'], process: string | null, test: string | null): string {
  if (site !== null) {
    const where = site.function === null ? '' : ` (${escapeText(site.function, 60)})`;
    return `${escapeText(site.file, 120)}${site.line === 0 ? '' : `:${site.line}`}${where}`;
  }
  if (process !== null) return escapeText(process, 120);
  return test === null ? 'outside of any test' : `test ${escapeText(test, 60)}`;
}
