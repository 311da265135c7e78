import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditFormat, AUDIT_FORMATS, type AuditSummary, auditSink, type Finding } from '@overmap/report';
import { afterAll, describe, expect, it } from 'vitest';
import { schemaErrors } from '../../../report/test/sarif-schema.ts';
import { SOURCE_RULES } from '../../src/index.ts';
import { readEvidence } from '../../src/source/evidence.ts';
import { auditSource } from '../../src/source/audit-source.ts';

const scratch = mkdtempSync(join(tmpdir(), 'overmap-audit-source-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
function folder(files: Readonly<Record<string, string>>): string {
  const at = join(scratch, String(folders++));
  mkdirSync(at);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text);
  return at;
}

async function audited(
  path: string,
): Promise<{ findings: Finding[]; sites: readonly object[]; summary: AuditSummary }> {
  const findings: Finding[] = [];
  let sites: readonly object[] = [];
  let summary: AuditSummary | undefined;
  await auditSource(
    path,
    { version: 'test' },
    {
      begin: () => {},
      finding: (finding) => findings.push(finding),
      sites: (all) => void (sites = all),
      end: (said) => void (summary = said),
    },
  );
  if (summary === undefined) throw new Error('no summary');
  return { findings, sites, summary };
}

async function written(path: string, format: AuditFormat): Promise<string> {
  let text = '';
  const writer = await auditSink(format, { write: (piece) => void (text += piece) }, { rules: SOURCE_RULES });
  await auditSource(path, { version: 'test' }, writer);
  writer.close();
  return text;
}

const WINDOW = `void clear(int *frames, int n)
{
    for (int i = 0; i < n; i++) {
        int error = seL4_ARM_Page_Map(frames[i], vspace, WINDOW, rights, 0);
        assert(!error);
        memset((void *)WINDOW, 0, 4096);
    }
}
`;
const TWO = `int two(int a, int b)
{
    int error = seL4_ARM_Page_Map(a, vspace, 0x1000, rights, 0);
    if (error) return error;
    error = seL4_ARM_Page_Map(b, vspace, 0x1000, rights, 0);
    return error;
}
`;

describe('an audit of source', () => {
  it('gives a finding with both places, the calls, and counts', async () => {
    const path = folder({
      'two.c': TWO,
      'notes.md': 'Text.\n\n```c\nseL4_X86_Page_MapEPT(frame, ept, address, rights, 0);\n```\n',
    });
    const { findings, sites, summary } = await audited(path);
    const file = join(path, 'two.c');
    const relies = findings.find(({ rule }) => rule === 'OM101');
    expect(relies).toMatchObject({ severity: 'warning', line: 5, site: { file, line: 5, function: 'two' } });
    expect(relies?.path?.map(({ line }) => line)).toEqual([3, 5]);
    expect(relies?.fingerprint).toMatch(/^[\da-f]{32}$/);
    expect(sites).toHaveLength(3);
    expect(sites[0]).toMatchObject({ sink: 'strict map', verdict: 'already strict', rule: null, language: 'c' });
    expect(summary.source).toMatchObject({ files: 2, lines: 12, sites: 3, direct: 3, wrapped: 0, unparsed: [] });
    expect(Object.values(summary.source?.byVerdict ?? {}).reduce((a, b) => a + b, 0)).toBe(3);
  });

  it('leaves out what a comment suppresses with a reason, and says which comments suppress nothing', async () => {
    const suppressed = WINDOW.replace(
      '        int error',
      '        /* overmap-ignore OM101: the monitor clears it */\n        int error',
    );
    const unused = '/* overmap-ignore OM103: long gone */\nint nothing(void) { return 0; }\n';
    const { findings } = await audited(folder({ 'a.c': suppressed, 'b.c': unused }));
    expect(findings.map(({ rule, line }) => ({ rule, line }))).toEqual([{ rule: 'OM903', line: 1 }]);
  });

  it('says that a path is missing', async () => {
    await expect(audited(join(scratch, 'no'))).rejects.toThrow(/no cannot be read: there is no such file or folder\./);
  });

  it('is SARIF with both places in the flow of the code', async () => {
    const path = folder({ 'two.c': TWO });
    const log = JSON.parse(await written(path, 'sarif')) as { runs: { results: Record<string, never>[] }[] };
    expect(schemaErrors(log)).toEqual([]);
    const result = log.runs[0]?.results.find((each) => (each['ruleId'] as string) === 'OM101') as unknown as {
      locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[];
      codeFlows: {
        threadFlows: { locations: { location: { physicalLocation: { region: { startLine: number } } } }[] }[];
      }[];
    };
    expect(result.locations[0]?.physicalLocation.artifactLocation.uri).toMatch(/two\.c$/);
    expect(result.locations[0]?.physicalLocation.region.startLine).toBe(5);
    const flow = result.codeFlows[0]?.threadFlows[0]?.locations.map(
      ({ location }) => location.physicalLocation.region.startLine,
    );
    expect(flow).toEqual([3, 5]);
  });

  it.each(AUDIT_FORMATS)('can be written as %s', async (format) => {
    const text = await written(folder({ 'two.c': TWO }), format);
    if (format === 'trace-events') return;
    expect(text).toContain('OM101');
    expect(text).toContain('two.c');
  });

  it('as JSON lists every call', async () => {
    const { findings, sites, summary } = JSON.parse(await written(folder({ 'two.c': TWO }), 'json')) as Record<
      string,
      { source?: object; length: number }
    >;
    expect(sites).toHaveLength(2);
    expect(findings).toBeDefined();
    expect(summary?.source).toBeDefined();
  });
});

describe('the cards of the rules of source', () => {
  it.each(SOURCE_RULES)('$id: the analysis finds the bad code and not the good one', async ({ id, bad, good }) => {
    const rules = async (lines: readonly string[]): Promise<string[]> =>
      (await audited(folder({ 'card.c': `${lines.join('\n')}\n` }))).findings.map(({ rule }) => rule);
    expect(await rules(bad.lines)).toContain(id);
    expect(await rules(good.lines)).not.toContain(id);
  });
});

describe('with a recorded run', () => {
  it('gives each call what the run says of it, in JSON and SARIF', async () => {
    const path = folder({
      'a.c': `int put(int frame, int at)\n{\n    return seL4_ARM_Page_Map(frame, vspace, at, rights, 0);\n}\n${TWO}`,
    });
    const found = { rule: 'OM001', severity: 'error', site: { file: 'a.c', line: 3, function: 'put' } };
    const evidence = readEvidence(JSON.stringify({ kind: 'audit', findings: [found], summary: {} }));
    const sites: object[] = [];
    const findings: Finding[] = [];
    let summary: AuditSummary | undefined;
    await auditSource(
      path,
      { version: 'test', evidence },
      {
        begin: () => {},
        finding: (finding) => findings.push(finding),
        sites: (all) => void sites.push(...all),
        end: (said) => void (summary = said),
      },
    );
    // The analysis cannot tell; the run can.
    expect(sites[0]).toMatchObject({ verdict: 'relies', rule: 'OM101', analysed: 'cannot tell', recorded: 'proved' });
    expect(sites.slice(1).every((site) => 'recorded' in site && site.recorded === 'not exercised')).toBe(true);
    expect(findings[0]).toMatchObject({ rule: 'OM101', severity: 'error', recorded: 'proved' });
    expect(findings[1]?.message).toMatch(/No recorded run called it\.$/);
    expect(summary?.source?.evidence).toMatchObject({ proved: 1, notExercised: sites.length - 1 });
    let text = '';
    const writer = await auditSink('sarif', { write: (piece) => void (text += piece) }, { rules: SOURCE_RULES });
    await auditSource(path, { version: 'test', evidence }, writer);
    writer.close();
    expect(schemaErrors(JSON.parse(text))).toEqual([]);
    expect(text).toContain('"recorded":"not exercised"');
  });
});
