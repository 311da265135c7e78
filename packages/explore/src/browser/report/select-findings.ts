import type { PageFinding, PageOccurrence, PageSeverity } from '../../page-format/report-data.ts';

/** What is asked of the list of findings. */
export interface Selection {
  /** Words that all have to occur somewhere in a finding; small and capital letters are the same. */
  readonly text: string;
  readonly severities: ReadonlySet<PageSeverity>;
  /** '' = all rules. */
  readonly rule: string;
  /** All; those of one run alone (its index); those that every run has. */
  readonly runs: 'all' | 'every' | number;
  readonly sort: 'severity' | 'order' | 'address';
}

/** Findings of one rule, in the order asked for, and where each place begins among them. */
export interface RuleRows {
  readonly rule: string;
  readonly severity: PageSeverity;
  readonly rows: readonly PageFinding[];
  /** Different places, and single occurrences that grouped findings stand for. */
  readonly places: number;
  readonly occurrences: number;
}

const RANK: Readonly<Record<PageSeverity, number>> = { error: 0, warning: 1, note: 2 };

/** A finding as its first run shows it. */
export function firstOf(finding: PageFinding): PageOccurrence {
  const first = finding.seen[0];
  if (first === undefined) throw new Error('A finding of this page was seen nowhere.');
  return first;
}

/** Texts of findings that a search looks at, each made when it is first asked for. */
const texts = new WeakMap<PageFinding, string>();

function textOf(finding: PageFinding): string {
  let text = texts.get(finding);
  if (text === undefined) {
    const parts = finding.seen.flatMap(({ message, place, vaddr, test, process, line, path = [] }) => [
      message,
      place,
      vaddr ?? '',
      test ?? '',
      process ?? '',
      `line ${line}`,
      ...path.map(({ file, line: at }) => `${file}:${at}`),
    ]);
    text = [finding.rule, finding.id, ...parts].join(' ').toLowerCase();
    texts.set(finding, text);
  }
  return text;
}

/** Findings whose texts are made in one go, so that nothing waits for it. */
const STEP = 400;

/** Makes the texts that searches look at, a few at a time, so that the first search need not. */
export function prepareSearch(findings: readonly PageFinding[], from = 0): void {
  for (const finding of findings.slice(from, from + STEP)) textOf(finding);
  if (from + STEP < findings.length) setTimeout(() => prepareSearch(findings, from + STEP), 10);
}

/** The findings that a selection leaves. `runs` is how many runs the page has. */
export function selectFindings(
  findings: readonly PageFinding[],
  { text, severities, rule, runs }: Selection,
  count: number,
): PageFinding[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return findings.filter((finding) => {
    if (!severities.has(finding.severity) || (rule !== '' && finding.rule !== rule)) return false;
    if (runs === 'every' && finding.seen.length !== count) return false;
    if (typeof runs === 'number' && (finding.seen.length !== 1 || firstOf(finding).run !== runs)) return false;
    return words.every((word) => textOf(finding).includes(word));
  });
}

/** Findings by rule: the most severe rules first, and in each one place after the other, unless another order is asked. */
export function byRule(findings: readonly PageFinding[], sort: Selection['sort']): RuleRows[] {
  const groups = new Map<string, PageFinding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.rule);
    if (group === undefined) groups.set(finding.rule, [finding]);
    else group.push(finding);
  }
  return [...groups]
    .map(([rule, rows]) => {
      const severity = rows.reduce<PageSeverity>(
        (worst, one) => (RANK[one.severity] < RANK[worst] ? one.severity : worst),
        'note',
      );
      return {
        rule,
        severity,
        rows: sorted(rows, sort),
        places: new Set(rows.map((one) => firstOf(one).place)).size,
        occurrences: rows.reduce((sum, one) => sum + (firstOf(one).count ?? 1), 0),
      };
    })
    .sort((a, b) => RANK[a.severity] - RANK[b.severity] || (a.rule < b.rule ? -1 : 1));
}

function sorted(rows: readonly PageFinding[], sort: Selection['sort']): PageFinding[] {
  const order = (a: PageFinding, b: PageFinding): number => {
    const [one, other] = [firstOf(a), firstOf(b)];
    return one.run - other.run || one.event - other.event || one.line - other.line;
  };
  if (sort === 'order') return [...rows].sort(order);
  if (sort === 'address') {
    const address = (one: PageFinding): bigint => BigInt(firstOf(one).vaddr ?? '0xffffffffffffffff');
    return [...rows].sort((a, b) => compare(address(a), address(b)) || order(a, b));
  }
  // Places in the order in which they were met, each with all of its findings.
  const places = new Map<string, number>();
  for (const one of [...rows].sort(order)) {
    const { place } = firstOf(one);
    if (!places.has(place)) places.set(place, places.size);
  }
  const placeOf = (one: PageFinding): number => places.get(firstOf(one).place) ?? 0;
  return [...rows].sort((a, b) => RANK[a.severity] - RANK[b.severity] || placeOf(a) - placeOf(b) || order(a, b));
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
