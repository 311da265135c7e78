import { describe, expect, it } from 'vitest';
import { readRunFile } from '../../src/report/run-file.ts';
import { auditJson, contextJson, findingJson } from './results.ts';

const lines = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

const FREEBSD = [
  'scenarios',
  'sequences',
  'operations',
  'pagesLost',
  'pagesLostUnderTarget',
  'pagesLostKeyZero',
  'pagesInherited',
  'pagesLeft',
  'pagesOtherKey',
  'answers',
];

describe('readRunFile', () => {
  it('reads audits: one on a line, laid out anew, or in a list', () => {
    const one = auditJson([findingJson(1, { context: contextJson(1) })]);
    for (const text of [lines(one, one), JSON.stringify([one, one], null, 2)])
      expect(readRunFile(text).map((result) => result.kind)).toEqual(['audit', 'audit']);
    const [audit] = readRunFile(JSON.stringify(one, null, 2));
    expect(audit?.kind === 'audit' && audit.findings[0]?.context).toHaveLength(3);
  });

  it('reads an audit that ended early, and one as lines', () => {
    const [early] = readRunFile(lines({ ...auditJson([]), summary: null, error: 'line 3 is malformed' }));
    expect(early).toMatchObject({ kind: 'audit', summary: null, error: 'line 3 is malformed' });
    const { findings: _, summary, ...head } = auditJson([]);
    const text = lines(
      head,
      { kind: 'finding', input: 'client.jsonl', ...findingJson(1) },
      { kind: 'summary', input: 'client.jsonl', ...(summary as object) },
      head,
      { kind: 'finding', input: 'client.jsonl', ...findingJson(2) },
    );
    const [whole, killed] = readRunFile(text);
    expect(whole).toMatchObject({ kind: 'audit', error: null, summary: { events: 100 } });
    expect(killed).toMatchObject({ kind: 'audit', summary: null, error: 'the file ends before its audit does' });
  });

  it('reads audits of every system, with what only they have', () => {
    const freebsd = {
      ...Object.fromEntries(FREEBSD.map((key) => [key, 1])),
      lostBy: { remove_keep: 1 },
      skipped: {},
    };
    const key = { operation: 'remove_keep', protectionKey: 5, related: [{ event: 3, line: 4, role: 'key' }] };
    const { summary, ...rest } = auditJson([findingJson(1, key)], { header: { system: 'freebsd' } });
    const common = { ...(summary as object), sel4: undefined };
    const [audit] = readRunFile(lines({ ...rest, summary: { ...common, freebsd } }));
    expect(audit?.kind === 'audit' && audit.findings[0]).toMatchObject(key);
    const refused =
      (part: object): (() => unknown) =>
      () =>
        readRunFile(lines({ ...rest, summary: { ...common, ...part } }));
    expect(refused({ freebsd: { ...freebsd, pagesLost: 'many' } })).toThrow('summary.freebsd.pagesLost is no number');
    expect(refused({ freebsd: { ...freebsd, lostBy: [] } })).toThrow('summary.freebsd.lostBy is no object');
    expect(refused({ redox: {} })).toThrow('summary.redox.sessions is no number');
    expect(refused({ linuxSource: { files: 1 } })).toThrow('summary.linuxSource.sites is no number');
  });

  it('reads patches, with and without lines that git adds', () => {
    const patch = `diff --git a/src/a.c b/src/a.c
--- a/src/a.c
+++ b/src/a.c
@@ -10,3 +10,4 @@ int main(void)
 one
-two
+2
+3
 four
@@ -40 +41 @@
---- a row of dashes
+++++ a row of pluses
\\ No newline at end of file
`;
    const [fixes] = readRunFile(patch);
    expect(fixes).toMatchObject({
      kind: 'fixes',
      hunks: [
        { file: 'src/a.c', from: 10, lines: 3, text: [' one', '-two', '+2', '+3', ' four'] },
        { file: 'src/a.c', from: 40, lines: 1, text: ['---- a row of dashes', '+++++ a row of pluses'] },
      ],
    });
  });

  it.each([
    ['', 'it is empty'],
    ['{', 'its line 1 is no JSON'],
    ['{\n"a":\n', 'it is no JSON'],
    [
      lines({ trace: 'overmap', version: 1 }),
      'it is a trace: audit it first, with overmap audit TRACE --context --format json',
    ],
    [lines({ overmap: 'holes' }), 'it holds "holes"; a report is made of'],
    [lines(7), 'it holds something else than'],
    [lines({ kind: 'summary', input: 'x' }), 'a "summary" comes before its audit'],
    [lines(auditJson([findingJson(1, { fingerprint: '"><script>' })])), 'findings[0] has no fingerprint'],
    [lines(auditJson([findingJson(1, { vaddr: '0x1"onerror' })])), 'findings[0].vaddr is no address in hex'],
    [lines(auditJson([findingJson(1, { bits: 4096 })])), 'findings[0].bits is no size of a page'],
    [lines(auditJson([findingJson(1, { severity: 'fatal' })])), 'findings[0].severity is none of note, warning, error'],
    [lines(auditJson([findingJson(1, { related: [{ event: 1 }] })])), 'findings[0].related.line is no number'],
    [lines(auditJson([], { summary: {} })), 'summary.events is no number'],
    [lines({ kind: 'bench', tool: { version: '1' }, measure: 'guessed' }), 'measure is none of modelled, timed'],
    ['--- a/x\n+++ b/x\n', 'it has no piece of a patch'],
    ['--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n', 'its line 6 is not of the piece that line 3 begins'],
  ])('refuses %j with a sentence', (text, message) => {
    expect(() => readRunFile(text)).toThrow(message);
  });
});
