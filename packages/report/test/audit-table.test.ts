import { AuditTableWriter, type AuditSummary, type Finding, type Style, type TableOptions } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { Collected, finding, head, hostile, note, summaryOf, UNSAFE } from './samples.ts';

function table(findings: readonly Finding[], summary: AuditSummary, options: TableOptions = {}, of = head): string {
  const out = new Collected();
  const writer = new AuditTableWriter(out, options);
  writer.begin(of);
  for (const one of findings) writer.finding(one);
  expect(out.text).toBe(''); // it is grouped, so it comes at the end
  writer.end(summary);
  return out.text;
}

/** The part before the counts. */
const upper = (text: string): string => text.slice(text.indexOf('\n\n') + 2, text.indexOf('\n\ncounts'));
const verdict = (text: string): string => text.trimEnd().split('\n\n').at(-1)?.replaceAll('\n', ' ') ?? '';

describe('AuditTableWriter', () => {
  it('shows an audit', () => {
    const counts = { maps: 316_990, mapsOk: 316_760, unmaps: 1171, overmaps: 1, outcomeChanges: 1, deadDeletes: 12 };
    const titles: Readonly<Record<string, string>> = { OM001: 'over-map', OM003: 'stale capability left behind' };
    const text = table([note, finding], summaryOf(counts, { PT0001: {}, PT0002: { overmaps: 1 } }), {
      titleOf: (rule) => titles[rule],
      hint: '--verbose shows all',
    });
    expect(text).toBe(`trace.jsonl
seL4, x86_64: legacy → strict
a test

error OM001 over-map: 1 finding
  test PT0002
    line 12, event 10, 0x400000, 4 KiB
      Capability 8 replaced the page of frame 0x1000. strict answers DeleteFirst.
      mapped at line 10
  fix: Unmap first.

note OM003 stale capability left behind: 1 finding, 3 occurrences
  test PT0002  3

counts
  events                                    1,234,567
  states                                            8
  maps                                        316,990
    successful                                316,760
      remaps                                        0
      over-maps                                     1
      stale remaps                                  0
      alias maps                                    0
  table maps                                        0
  unmaps                                        1,171
    dead unmaps                                     0
    alias unmaps                                    0
  dead deletes                                     12
  calls through a reused ASID                       0
  stale capabilities at a test's end                0
  stale at the next test's start                    0
  stale at the end of the trace                     0
  calls that would be answered differently          1

1 of 316,760 successful maps replaced another frame; strict would refuse it. It is in 1 of 2 tests:
PT0002.
`);
  });

  it('puts errors first, then warnings, then notes, and rules by their number', () => {
    const rules: Finding[] = [
      { ...note, rule: 'OM004' },
      { ...finding, rule: 'OM007', severity: 'warning' },
      { ...finding, rule: 'OM002' },
      note,
      finding,
    ];
    const heads = upper(table(rules, summaryOf({}))).match(/^(error|warning|note) OM\d+/gm);
    expect(heads).toEqual(['error OM001', 'error OM002', 'warning OM007', 'note OM003', 'note OM004']);
  });

  it('groups by site where the trace knows it, by test otherwise', () => {
    const site = { file: 'src/vm.c', line: 42, function: 'remap' };
    const text = upper(
      table(
        [
          { ...finding, site },
          { ...finding, test: null },
          { ...finding, site: { ...site, function: null } },
        ],
        summaryOf({}),
      ),
    );
    expect(text.match(/^ {2}\S.*$/gm)).toEqual([
      '  src/vm.c:42 (remap)',
      '  outside of any test',
      '  fix: Unmap first.',
    ]);
    expect(text).toContain('4 KiB, test PT0002');
  });

  it('shows the first of many and says how to see the rest', () => {
    const many = Array.from({ length: 1007 }, (_, i) => ({ ...finding, line: i + 100, event: i }));
    const text = upper(table(many, summaryOf({}), { hint: 'ask' }));
    expect(text).toContain('error OM001: 1,007 findings');
    expect(text.match(/ {4}line/g)).toHaveLength(5);
    expect(text).toContain('    and 1,002 more (ask)');
    expect(upper(table(many, summaryOf({}), { all: true })).match(/ {4}line/g)).toHaveLength(1007);
  });

  it('shows the first of many tests', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ ...finding, test: `T${i}` }));
    expect(upper(table(many, summaryOf({}), { hint: 'ask' }))).toContain('  and in 10 other tests (ask)');
    const notes = many.map((one, i): Finding => ({ ...one, severity: 'note', count: i + 1 }));
    const text = upper(table(notes, summaryOf({})));
    expect(text).toContain('30 findings, 465 occurrences\n  test T29  30\n  test T28  29\n');
    expect(text).toContain('  and in 25 other tests\n');
  });

  it('shows each note when all are wanted', () => {
    const text = upper(table([note], summaryOf({}), { all: true }));
    expect(text).toContain("line 22, event 20, in the test's clean-up\n      3 capabilities still record");
  });

  it('counts what the audit did not list', () => {
    const summary = summaryOf({}, {}, { truncated: { OM001: 500 } });
    expect(upper(table([finding], summary))).toContain('OM001: 501 findings (500 of them not listed)');
  });

  it('names cause, certainty, and fixes that differ', () => {
    const text = upper(
      table(
        [
          { ...finding, severity: 'note', cause: 7, confidence: 'after-divergence' },
          { ...finding, severity: 'note', fix: { kind: 'x', text: 'Other.' } },
        ],
        summaryOf({}),
        { all: true },
      ),
    );
    expect(text).toContain('less certain: after-divergence');
    expect(text).toContain('a consequence of event 7');
    expect(text.match(/^ {6}fix: .*$/gm)).toEqual(['      fix: Unmap first.', '      fix: Other.']);
  });

  it('names a line once', () => {
    const said = { ...finding, message: 'Replaced the page (mapped at line 10).' };
    expect(upper(table([said], summaryOf({}))).match(/line 10\b/g)).toHaveLength(1);
    const other = { ...finding, message: 'Replaced the page (mapped at line 100).' };
    expect(upper(table([other], summaryOf({})))).toContain('      mapped at line 10\n');
  });

  it('wraps to the width', () => {
    const text = table([{ ...finding, message: 'word '.repeat(100) }], summaryOf({}), { width: 60 });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it('says that nothing was found', () => {
    expect(upper(table([], summaryOf({})))).toBe('No findings.');
  });

  it('shows what was found before an audit failed', () => {
    const out = new Collected();
    const writer = new AuditTableWriter(out);
    writer.fail('no header');
    expect(out.text).toBe('');
    writer.begin(head);
    writer.finding(finding);
    writer.fail('I/O error');
    expect(out.text).toContain('error OM001');
    expect(out.text).toMatch(/The audit ended early, so there are no counts: I\/O error\n$/);
  });

  it('begins each audit afresh', () => {
    const out = new Collected();
    const writer = new AuditTableWriter(out);
    writer.begin(head);
    writer.finding(finding);
    writer.end(summaryOf({}));
    const first = out.text.length;
    writer.begin({ ...head, input: 'second.jsonl' });
    writer.end(summaryOf({}));
    expect(out.text.slice(first)).toMatch(/^\n\nsecond\.jsonl\n/);
    expect(out.text.slice(first)).toContain('No findings.');
  });

  it('lets nothing through that a terminal acts on, and cuts long texts', () => {
    for (const bad of Object.values(hostile)) {
      const site = { file: bad, line: 1, function: bad };
      const findings: Finding[] = [
        { ...finding, message: bad, test: bad, vaddr: bad, confidence: bad, fix: { kind: bad, text: bad } },
        { ...finding, site },
        { ...note, test: bad },
      ];
      const odd = { ...head, input: bad, from: bad, to: bad, header: { system: bad, arch: bad, source: bad } };
      const summary = summaryOf({ mapsOk: 1, overmaps: 1 }, { [bad]: { overmaps: 1 } });
      const text = table(findings, summary, {}, odd);
      expect(text).not.toMatch(UNSAFE);
      expect(text.length).toBeLessThan(10_000);
      // A line feed in a name would begin a line of its own.
      expect(text).not.toMatch(/^[bcd]$/m);
    }
  });

  it('bounds what it keeps', () => {
    const many = Array.from({ length: 10_050 }, (_, i) => ({ ...finding, test: `T${i}` }));
    const text = upper(table(many, summaryOf({})));
    expect(text).toContain('10,050 findings');
    expect(text).toContain('  and 50 in places that are not kept apart');
  });

  it('colours what the style says', () => {
    const mark = (sign: string) => (text: string) => `${sign}${text}${sign}`;
    const style: Style = {
      strong: mark('*'),
      faint: mark('.'),
      error: mark('!'),
      warning: mark('?'),
      note: mark('~'),
      good: mark('+'),
    };
    const text = table([finding, note], summaryOf({}), { style });
    expect(text).toContain('*trace.jsonl*');
    expect(text).toContain('!error! *OM001*: 1 finding');
    expect(text).toContain('~note~ *OM003*');
    expect(text).toContain('.line 12, event 10, 0x400000, 4 KiB.');
  });
});

describe('the verdict', () => {
  const errors = { severities: { note: 0, warning: 0, error: 1 } };
  it.each<[string, AuditSummary, string]>([
    [
      'nothing replaced',
      summaryOf({ mapsOk: 3 }),
      'None of 3 successful maps replaced another frame; strict would answer every call the same.',
    ],
    [
      'several, in several tests',
      summaryOf(
        { mapsOk: 9, overmaps: 4, outcomeChanges: 4 },
        { A: { overmaps: 1 }, B: { overmaps: 2 }, C: {} },
        errors,
      ),
      '4 of 9 successful maps replaced another frame; strict would refuse them. They are in 2 of 3 tests: A, B, and 1 outside of any test.',
    ],
    [
      'both kinds, which strict treats differently',
      summaryOf({ mapsOk: 9, overmaps: 2, staleRemaps: 1, outcomeChanges: 2 }),
      '3 of 9 successful maps replaced another frame (2 over-maps, 1 stale remap); strict would answer 2 calls differently.',
    ],
    [
      'an interrupted run with malformed lines',
      summaryOf({ mapsOk: 1 }, {}, { interrupted: true, badLines: 2 }),
      'Interrupted: the figures cover what was read until then. None of 1 successful map replaced another frame; strict would answer every call the same. 2 lines were malformed and left out.',
    ],
  ])('says of %s', (_, summary, expected) => {
    expect(verdict(table([], summary))).toBe(expected);
  });

  it('names a few of many tests', () => {
    const byTest = Object.fromEntries(['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((name) => [name, { overmaps: 1 }]));
    const text = table([], summaryOf({ mapsOk: 9, overmaps: 7, outcomeChanges: 7 }, byTest));
    expect(verdict(text)).toContain('in 7 of 7 tests: A, B, C, D, E and 2 more.');
  });

  it('leaves out what a system has not', () => {
    const { sel4: _, ...summary } = summaryOf({});
    const text = table([], summary, {}, { ...head, header: { system: 'linux' } });
    expect(text).toContain('Linux: legacy');
    expect(text).not.toContain('maps');
    expect(verdict(text)).toBe('No error and no warning.');
  });
});
