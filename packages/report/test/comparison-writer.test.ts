import type { AuditSummary, TargetSummary } from '@overmap/report';
import { ComparisonWriter, zeroTargetCounts } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { JsonAuditWriter } from '../src/json.ts';
import { Collected, finding, head, summaryOf } from './samples.ts';

const summary = summaryOf({ maps: 5000 });

/** The rows of a CSV without quotes. */
function rowsOf(text: string): Record<string, string>[] {
  const [names = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(names.map((name, n) => [name, row[n] ?? ''])));
}

const target = (more: Partial<TargetSummary> = {}): TargetSummary => ({ ...zeroTargetCounts(), byTest: {}, ...more });
const compared = (targets: Record<string, TargetSummary>, more: Partial<AuditSummary> = {}): AuditSummary => ({
  ...summary,
  targets,
  ...more,
});
const two = compared({
  strict: target({
    refused: 1234,
    refusedOnlyHere: 3,
    windows: 2,
    byTest: { PT0002: { ...zeroTargetCounts(), refused: 4, windows: 2 } },
  }),
  './rule.mjs': target({ newlyAccepted: 1, displacing: 5 }),
});

function written(
  format: 'table' | 'csv' | 'md',
  audits: readonly (readonly [input: string, summary: AuditSummary])[],
  all = false,
): string {
  const out = new Collected();
  const writer = new ComparisonWriter(out, format, { all });
  for (const [input, said] of audits) {
    writer.begin({ ...head, input, to: 'strict,./rule.mjs' });
    writer.finding(finding);
    writer.end(said);
  }
  expect(out.pieces).toEqual([]);
  writer.close();
  return out.text;
}

describe('a comparison', () => {
  it('has a row for each client and policy, without columns that are zero', () => {
    const lines = written('table', [['a/one.jsonl.gz', two]]).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'What each policy would do',
      '',
      '  client  recorded  policy       maps  refused  only here  newly accepted  displacing  windows',
      '  one     legacy    strict      5,000    1,234          3               0           0        2',
      '  one     legacy    ./rule.mjs  5,000        0          0               1           5        0',
    ]);
    expect(lines.join('\n')).toContain('0 in every row: other error, stale at tests');
    expect(lines.join('\n')).not.toContain('PT0002');
  });

  it('has the tests below, when all is asked for', () => {
    const text = written('table', [['one.jsonl', two]], true);
    expect(text).toContain('By test');
    expect(text).toMatch(/one\s+legacy\s+PT0002\s+strict\s+4\s+2\n/);
    // The other policy counts nothing there.
    expect(text.match(/PT0002/g)).toHaveLength(1);
  });

  it('calls clients by their file, and by their path where that is the same', () => {
    expect(
      written('md', [
        ['a/x.jsonl', two],
        ['b/x.jsonl', two],
        ['c/y.jsonl', two],
      ]),
    ).toMatch(/\| a\/x\.jsonl \|[^]*\| b\/x\.jsonl \|[^]*\| y \|/);
  });

  it('has every column in CSV, in one table for all inputs', () => {
    const rows = rowsOf(
      written('csv', [
        ['one.jsonl', two],
        ['two.jsonl', two],
      ]),
    );
    expect(rows.map(({ client, policy, refused }) => [client, policy, refused])).toEqual([
      ['one', 'strict', '1234'],
      ['one', './rule.mjs', '0'],
      ['two', 'strict', '1234'],
      ['two', './rule.mjs', '0'],
    ]);
    expect(Object.keys(rows[0] ?? {})).toEqual([
      'client',
      'recorded',
      'policy',
      'maps',
      'refused',
      'refused_only_here',
      'newly_accepted',
      'other_error',
      'displacing',
      'windows',
      'stale_at_test_end',
      'stale_at_next_start',
      'stale_at_end',
    ]);
    const tests = rowsOf(written('csv', [['one.jsonl', two]], true));
    expect(tests.map(({ table, test }) => [table, test])).toEqual([
      ['What each policy would do', ''],
      ['What each policy would do', ''],
      ['By test', 'PT0002'],
    ]);
  });

  it('says what a reader must know of an input', () => {
    const { sel4 } = summary;
    if (sel4 === undefined) throw new Error('no counts');
    const odd = compared(two.targets ?? {}, {
      divergences: 2,
      sel4: { ...sel4, undecidable: { OM013: 1 } },
    });
    const text = written('md', [['odd.jsonl', odd]]);
    expect(text).toContain("odd: 2 recorded answers are not the model's.");
    expect(text).toContain('odd: 1 refused map is not judged');
  });

  it('keeps the figures of an input that broke off, and tells of one without any', () => {
    const out = new Collected();
    const writer = new ComparisonWriter(out, 'table');
    writer.begin({ ...head, input: 'cut.jsonl' });
    writer.end({ ...two, interrupted: true });
    writer.fail('line 7 is no record.');
    writer.fail('cannot be opened.');
    writer.begin({ ...head, input: 'worse.jsonl' });
    writer.fail('the header is wrong.');
    writer.close();
    expect(out.text).toContain('cut: the audit ended early: line 7 is no record.');
    expect(out.text).toContain('cut: the figures cover what was read.');
    expect(out.text).toContain('worse: the audit ended early, without counts: the header is wrong.');
    expect(out.text).not.toContain('cannot be opened');
    expect(out.text).toMatch(/cut\s+legacy\s+strict/);
  });

  it('writes nothing when no input could be begun', () => {
    const out = new Collected();
    const writer = new ComparisonWriter(out, 'table');
    writer.fail('cannot be opened.');
    writer.close();
    expect(out.text).toBe('');
  });

  it.each(['table', 'csv', 'md'] as const)('lets nothing out that a terminal would act on: %s', (format) => {
    const evil = '\u001b[31m\u202eevil|`<b>';
    const zero = zeroTargetCounts();
    const byTest = { [evil]: { ...zero, refused: 1 }, __proto__x: zero };
    const text = written(format, [[`${evil}.jsonl`, compared({ [evil]: target({ byTest }) })]], true);
    expect(['\u001b', '\u202e'].filter((character) => text.includes(character))).toEqual([]);
    expect(text).toContain('evil');
  });
});

describe('JSON of a comparison', () => {
  it('has the counts of each policy beside the summary', () => {
    const out = new Collected();
    const writer = new JsonAuditWriter(out);
    writer.begin(head);
    writer.finding(finding);
    writer.end(two);
    const object = JSON.parse(out.text) as { targets: Record<string, unknown>; summary: Record<string, unknown> };
    expect(object.targets).toEqual(two.targets);
    expect(object.summary).not.toHaveProperty('targets');
    expect(Object.keys(object.targets)).toEqual(['strict', './rule.mjs']);
  });
});
