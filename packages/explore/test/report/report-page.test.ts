import { describe, expect, it } from 'vitest';
import { reportPage } from '../../src/report/report-page.ts';
import { readRunFile } from '../../src/report/run-file.ts';
import type { ReportData } from '../../src/page-format/report-data.ts';
import { auditJson, contextJson, findingJson, fingerprint } from './results.ts';

const report = (...files: readonly unknown[]) =>
  reportPage(
    files.flatMap((value) =>
      readRunFile(typeof value === 'string' ? value : JSON.stringify(value)).map((result) => ({ name: 'x', result })),
    ),
    { cards: [], program: '', version: '1.2.3' },
  );
const dataOf = (page: string): ReportData =>
  JSON.parse(/id="report-data">([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '') as ReportData;

describe('reportPage', () => {
  it('says the verdict first, and what a run has not', () => {
    const { page } = report(auditJson([findingJson(1)]));
    expect(page).toContain('<h1>1 of 50 successful maps replaced another frame; strict would refuse it.</h1>');
    expect(page).toContain('made without --context: there are no events and no address lines to show.');
    expect(page).toContain('No result of overmap bench was given: there are no costs.');
    expect(report(auditJson([findingJson(1, { context: contextJson(1) })])).page).not.toContain(
      'made without --context',
    );
  });

  it('says what was cut in the run, and how it ended', () => {
    const whole = auditJson([]);
    const summary = { ...(whole['summary'] as object), truncated: { OM004: 1234 }, interrupted: true, badLines: 2 };
    const { page } = report({ ...whole, summary });
    expect(page).toContain('beyond 1,000 of a rule at one place: 1,234 of OM004.');
    expect(page).toContain('the audit was interrupted');
    expect(page).toContain('2 malformed lines were left out of the audit.');
    const early = report({ ...whole, summary: null, error: 'no space' }).page;
    expect(early).toContain('<h1>The audit ended early.</h1>');
    expect(early).toContain('the audit ended early (no space): there are no counts.');
  });

  it('holds runs side by side by fingerprint', () => {
    const { page, findings } = report(
      auditJson([findingJson(1), findingJson(2)]),
      auditJson([findingJson(2), findingJson(3)]),
    );
    expect(page).toContain('1 of 3 findings are in every run.');
    expect(findings.map(({ id, seen }) => [id, seen.map(({ run }) => run)])).toEqual([
      [fingerprint(1), [0]],
      [fingerprint(2), [0, 1]],
      [fingerprint(3), [1]],
    ]);
  });

  it('keeps records that findings share once, and each finding its own', () => {
    const { page } = report(
      auditJson([findingJson(5, { context: contextJson(5) }), findingJson(6, { context: contextJson(6) })]),
    );
    const { runs, findings } = dataOf(page);
    expect(runs[0]?.records.map(({ event }) => event)).toEqual([4, 5, 6, 7]);
    expect(findings.map(({ seen }) => seen[0]?.records)).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it('stays below 5 MB and says what it left out: the least severe', () => {
    const many = Array.from({ length: 12_000 }, (_, n) =>
      // The notes are each the first one of their place, which must not put them in front of errors.
      findingJson(10 + n * 5, {
        ...(n % 2 === 0 ? { severity: 'note', test: `test ${n}` } : {}),
        context: contextJson(10 + n * 5),
      }),
    );
    const { page, findings, left } = report(auditJson(many));
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    expect(Buffer.byteLength(page)).toBeGreaterThan(4_000_000);
    expect(findings.length).toBeLessThan(12_000);
    expect(findings.filter(({ severity }) => severity === 'error')).toHaveLength(6000);
    expect(left).toHaveLength(2);
    expect(left[0]).toMatch(/^[\d,]+ findings are not in the page, to keep the page below 4.9 MB: the least severe\.$/);
    expect(findings.some(({ seen }) => seen[0]?.records !== undefined)).toBe(true);
    expect(findings.some(({ seen }) => seen[0]?.cut === true)).toBe(true);
  }, 60_000);

  it('gives a finding of source the piece of a patch that is about it', () => {
    const site = { file: './src/a.c', line: 11, function: 'main' };
    const patch =
      '--- a/src/a.c\n+++ b/src/a.c\n@@ -10,2 +10,3 @@\n one\n+unmap();\n map();\n@@ -90,1 +91,1 @@\n-x\n+y\n';
    const { page } = report(auditJson([findingJson(1, { site, path: [] })]), patch);
    const { findings, hunks } = dataOf(page);
    expect(findings[0]?.seen[0]?.hunks).toEqual([0]);
    expect(hunks).toEqual([{ file: 'src/a.c', from: 10, lines: 2, text: [' one', '+unmap();', ' map();'] }]);
  });

  it('shows every text of a run as text', () => {
    const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u001b[31m\u0000${'x'.repeat(100_000)}`;
    const { page } = report(
      auditJson(
        [
          findingJson(1, {
            message: evil,
            test: evil,
            process: evil,
            confidence: evil,
            rule: evil,
            fix: { kind: evil, text: evil },
            site: { file: evil, line: 3, function: evil },
            path: [{ file: evil, line: 1, what: evil }],
            context: [{ event: 1, line: 3, [evil]: evil, op: evil, nested: { a: [evil] } }],
          }),
        ],
        { input: evil, to: evil, header: { system: evil, arch: evil, source: evil } },
      ),
    );
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
    // oxlint-disable-next-line no-control-regex -- these must not be there
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
    expect(page.length).toBeLessThan(250_000);
  });
});
