import type { Cell, DataColumn, DataTable } from './data-table.ts';
import type { AuditHead, AuditSummary } from './finding.ts';
import type { TargetCounts } from './target-counts.ts';
import { counted, grouped } from './words.ts';

/** The audit of one input against several policies, as far as its table needs it. */
export interface Compared {
  readonly head: AuditHead;
  /** Null: the audit ended before its summary. */
  readonly summary: AuditSummary | null;
  /** Why it ended early. */
  readonly error?: string;
}

const FIGURES: readonly (DataColumn & { readonly key: string; readonly of: keyof TargetCounts })[] = [
  { key: 'refused', title: 'refused', of: 'refused', digits: 0 },
  { key: 'refused_only_here', title: 'only here', of: 'refusedOnlyHere', digits: 0 },
  { key: 'newly_accepted', title: 'newly accepted', of: 'newlyAccepted', digits: 0 },
  { key: 'other_error', title: 'other error', of: 'otherError', digits: 0 },
  { key: 'displacing', title: 'displacing', of: 'displacing', digits: 0 },
  { key: 'windows', title: 'windows', of: 'windows', digits: 0 },
  { key: 'stale_at_test_end', title: "stale at tests' ends", of: 'staleAtTestEnd', digits: 0 },
  { key: 'stale_at_next_start', title: 'stale at next starts', of: 'staleAtNextStart', digits: 0 },
  { key: 'stale_at_end', title: 'stale at the end', of: 'staleAtEnd', digits: 0 },
];
const COLUMNS: readonly DataColumn[] = FIGURES.map(({ key, title, digits = 0 }) => ({ key, title, digits }));

const LEGEND =
  'Each map of a recording is held against each policy on the recorded state; what a client would do after a refusal is not followed. Refused: the recording accepted it. Only here: and every other policy of this table accepts it. Newly accepted: the recording refused it. Displacing: accepted, though the place holds another frame. Windows: refused, and the place holds a page, so a client must unmap first. Stale: capabilities that are stale, without those whose page was taken by a map that the policy refuses.';

/**
 * What several policies would do to several clients: a row for each client and policy.
 *
 * @param audits - of inputs that have counts for each policy; those that ended early are told in a note
 */
export function comparisonTable(audits: readonly Compared[]): DataTable {
  const label = labels(audits);
  return {
    title: 'What each policy would do',
    columns: [
      { key: 'client', title: 'client' },
      { key: 'recorded', title: 'recorded' },
      { key: 'policy', title: 'policy' },
      { key: 'maps', title: 'maps', digits: 0 },
      ...COLUMNS,
    ],
    rows: audits.flatMap(({ head, summary }) =>
      Object.entries(summary?.targets ?? {}).map(([policy, counts]): Cell[] => [
        label(head.input),
        head.from,
        policy,
        summary?.sel4?.maps ?? null,
        ...FIGURES.map(({ of }) => counts[of]),
      ]),
    ),
    notes: [LEGEND, ...audits.flatMap((audit) => remarks(audit, label(audit.head.input)))],
  };
}

/** The same by test; tests in which a policy counts nothing have no row for it. */
export function comparisonByTest(audits: readonly Compared[]): DataTable {
  const label = labels(audits);
  return {
    title: 'By test',
    columns: [
      { key: 'client', title: 'client' },
      { key: 'recorded', title: 'recorded' },
      { key: 'test', title: 'test' },
      { key: 'policy', title: 'policy' },
      ...COLUMNS,
    ],
    rows: audits.flatMap(({ head, summary }) => {
      const targets = Object.entries(summary?.targets ?? {});
      const tests = new Set(targets.flatMap(([, { byTest }]) => Object.keys(byTest)));
      return [...tests].flatMap((test) =>
        targets.flatMap(([policy, { byTest }]): Cell[][] => {
          const counts = Object.hasOwn(byTest, test) ? byTest[test] : undefined;
          return counts === undefined
            ? []
            : [[label(head.input), head.from, test, policy, ...FIGURES.map(({ of }) => counts[of])]];
        }),
      );
    }),
  };
}

/** What a reader must know of one input before using its figures. */
function remarks({ summary, error }: Compared, name: string): string[] {
  const said: string[] = [];
  if (error !== undefined)
    said.push(`${name}: the audit ended early${summary === null ? ', without counts' : ''}: ${error}`);
  if (summary === null) return said;
  if (summary.interrupted === true) said.push(`${name}: the figures cover what was read.`);
  if (summary.divergences > 0)
    said.push(
      `${name}: ${counted(summary.divergences, 'recorded answer is', 'recorded answers are')} not the model's.`,
    );
  const unjudged = summary.sel4?.undecidable['OM013'] ?? 0;
  if (unjudged > 0)
    said.push(
      `${name}: ${grouped(unjudged)} refused ${unjudged === 1 ? 'map is' : 'maps are'} not judged, since what is known of this partial trace does not explain the answer.`,
    );
  return said;
}

/** A table for people: figures that are 0 in every row have no column, and a note says so. */
export function withoutZeroColumns(table: DataTable): DataTable {
  const zero = table.columns.map((column, n) => COLUMNS.includes(column) && table.rows.every((row) => row[n] === 0));
  const left = table.columns.filter((_, n) => zero[n]).map(({ title }) => title);
  if (left.length === 0 || table.rows.length === 0) return table;
  return {
    ...table,
    columns: table.columns.filter((_, n) => !zero[n]),
    rows: table.rows.map((row) => row.filter((_, n) => !zero[n])),
    notes: [`0 in every row: ${left.join(', ')}.`, ...(table.notes ?? [])],
  };
}

/** Inputs are named by their file, as far as that tells them apart. */
function labels(audits: readonly Compared[]): (input: string) => string {
  const short = (input: string): string =>
    (input.split(/[/\\]/).at(-1) ?? input).replace(/\.jsonl(\.gz)?$/, '') || input;
  const names = new Map<string, Set<string>>();
  for (const { head } of audits) {
    const name = short(head.input);
    names.set(name, (names.get(name) ?? new Set()).add(head.input));
  }
  return (input) => (names.get(short(input))?.size === 1 ? short(input) : input);
}
