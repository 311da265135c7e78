import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaErrors } from '../../report/test/sarif-schema.ts';
import { begin, clean, makeFolder, overmap, overmapped, recordings } from './program.ts';

const folder = makeFolder();
const good = folder.write('clean.jsonl', clean);
const bad = folder.write('overmapped.jsonl', overmapped);
const slice = join(recordings, 'sel4test/slices/slice-aarch32-PT0002.jsonl.gz');
const missing = folder.path('missing.jsonl');

interface Log {
  readonly runs: readonly {
    readonly results: readonly { readonly ruleId: string; readonly partialFingerprints: object }[];
    readonly invocations: readonly { readonly executionSuccessful: boolean }[];
    readonly tool: { readonly driver: { readonly rules: readonly object[] } };
  }[];
}

describe('--format', () => {
  it('sarif: one valid log for all inputs', async () => {
    const { code, stdout } = await overmap(['audit', bad, missing, good, slice, '--format', 'sarif']);
    expect(code).toBe(3);
    const log = JSON.parse(stdout) as Log;
    expect(schemaErrors(log)).toEqual([]);
    expect(log.runs.map(({ results }) => results.filter(({ ruleId }) => ruleId === 'OM001').length)).toEqual([1, 0, 4]);
    const prints = log.runs[2]?.results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
    expect(new Set(prints).size).toBe(8);
    expect(log.runs[0]?.tool.driver.rules.length).toBeGreaterThan(10);
  });

  it('sarif: a trace that breaks off is a run that failed', async () => {
    const whole = readFileSync(slice);
    const broken = folder.path('broken.jsonl.gz');
    writeFileSync(broken, whole.subarray(0, whole.length - 2000));
    const { code, stdout } = await overmap(['audit', broken, '--format', 'sarif']);
    expect(code).toBe(8);
    const log = JSON.parse(stdout) as Log;
    expect(schemaErrors(log)).toEqual([]);
    expect(log.runs[0]?.invocations[0]?.executionSuccessful).toBe(false);
  });

  it('github, csv, md: into a file as to standard output', async () => {
    for (const format of ['github', 'csv', 'md']) {
      const { stdout } = await overmap(['audit', bad, '--format', format]);
      const file = folder.path(`out.${format}`);
      expect(await overmap(['audit', bad, '--format', format, '-o', file])).toMatchObject({ code: 1, stdout: '' });
      expect(readFileSync(file, 'utf8')).toBe(stdout);
      expect(stdout).toContain('OM001');
    }
  });

  it('trace-events: the mappings and the findings of all inputs', async () => {
    const { stdout } = await overmap(['audit', bad, slice, '--format', 'trace-events']);
    const { traceEvents } = JSON.parse(stdout) as { traceEvents: { ph: string; pid: number; name: string }[] };
    const count = (pid: number, ph: string): number =>
      traceEvents.filter((event) => event.pid === pid && event.ph === ph).length;
    expect([count(1, 'b'), count(1, 'e')]).toEqual([2, 2]);
    expect([count(2, 'b'), count(2, 'e')]).toEqual([2262, 2262]); // the maps that succeeded
    expect(traceEvents.filter(({ name }) => name === 'OM001')).toHaveLength(5);
  });

  it('that is misspelled is explained', async () => {
    expect((await overmap(['audit', bad, '--format', 'sarf'])).stderr).toContain('Did you mean "sarif"?');
  });
});

describe('--baseline', () => {
  const again = folder.write('again.jsonl', [
    ...overmapped,
    { op: 'map', cap: 20, vspace: 10, vaddr: '0x401000', rights: 'rw', attr: 0, ret: 'InvalidArgument', arg: 0 },
    { op: 'retype', obj: 'page', bits: 12, cap: 30, n: 2, paddr: '0x204000', ret: 'ok' },
    { op: 'map', cap: 30, vspace: 10, vaddr: '0x402000', rights: 'rw', attr: 0, ret: 'ok' },
    { op: 'map', cap: 31, vspace: 10, vaddr: '0x402000', rights: 'rw', attr: 0, ret: 'ok' },
  ]);

  it.each(['json', 'jsonl'])('of %s: what is known does not count', async (format) => {
    const known = folder.path(`known.${format}`);
    await overmap(['audit', bad, '--format', format, '-o', known]);
    const same = await overmap(['audit', bad, '--baseline', known]);
    expect(same.code).toBe(0);
    expect(same.stdout).toContain('No findings.');
    expect(same.stdout).toMatch(/findings that the baseline has, not listed +2/);
    const more = await overmap(['audit', again, '--baseline', known, '--format', 'jsonl']);
    expect(more.code).toBe(1);
    const lines = more.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ baseline: known });
    expect(lines.filter(({ rule }) => rule === 'OM001')).toMatchObject([{ vaddr: '0x402000' }]);
    expect(lines.at(-1)).toMatchObject({ kind: 'summary', known: { OM001: 1 }, findings: { OM001: 1 } });
    const sarif = await overmap(['audit', again, '--baseline', known, '--format', 'sarif']);
    expect(JSON.parse(sarif.stdout)).toMatchObject({ runs: [{ results: [{ baselineState: 'new' }] }] });
  });

  it('that is missing, or something else, ends the run before anything is written', async () => {
    const out = folder.path('never.json');
    const args = ['audit', bad, '-o', out, '--baseline'];
    expect(await overmap([...args, missing])).toMatchObject({ code: 3, stdout: '' });
    const { code, stderr } = await overmap([...args, bad]);
    expect(code).toBe(8);
    expect(stderr).toMatch(/baseline .*overmapped\.jsonl is not what audit --format json writes: it holds something/);
    expect(() => readFileSync(out)).toThrow('ENOENT');
  });

  it('is not replaced by what is new', async () => {
    const known = folder.path('kept.json');
    await overmap(['audit', bad, '--format', 'json', '-o', known]);
    const before = readFileSync(known, 'utf8');
    expect(await overmap(['audit', bad, '--baseline', known, '-o', known])).toMatchObject({ code: 2 });
    expect(readFileSync(known, 'utf8')).toBe(before);
  });
});

describe('--context', () => {
  it('gives records with each finding', async () => {
    const { stdout } = await overmap(['audit', bad, '--context', '--format', 'json', '--only', 'OM001']);
    const [{ context = [] } = {}] = (JSON.parse(stdout) as { findings: { context?: object[] }[] }).findings;
    // Line by line what the trace says.
    expect(context).toEqual(overmapped.slice(1).map((record, n) => ({ event: n, line: n + 2, ...record })));
    expect(context).toHaveLength(begin.length + 1);
  });

  it('is refused where it would not show', async () => {
    const { code, stderr } = await overmap(['audit', bad, '--context']);
    expect(code).toBe(2);
    expect(stderr).toContain('--context shows in json and jsonl only, not in table');
  });
});

describe('overmap.config.json', () => {
  const project = folder.path('project');
  mkdirSync(join(project, 'deep'), { recursive: true });
  writeFileSync(
    join(project, 'overmap.config.json'),
    JSON.stringify({ format: 'jsonl', 'fail-on': 'never', only: ['OM001'] }),
  );
  const run = (...args: string[]) => overmap(['audit', bad, ...args], { cwd: join(project, 'deep') });
  const kinds = (stdout: string): unknown[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { rule?: string; kind: string }).rule ?? 'other');

  it('is found above, and gives options', async () => {
    const { code, stdout, stderr } = await run('--verbose');
    expect(code).toBe(0);
    expect(kinds(stdout)).toEqual(['other', 'OM001', 'other']);
    expect(stderr).toContain('options from ../overmap.config.json');
  });

  it('yields to the command line', async () => {
    const { code, stdout } = await run('--fail-on', 'error', '--off', 'OM001');
    expect(code).toBe(0);
    expect(kinds(stdout)).toEqual(['other', 'OM003', 'other']);
    expect(await run('--fail-on', 'error')).toMatchObject({ code: 1 });
    expect((await run('--format', 'json')).stdout.trim().split('\n')).toHaveLength(1);
  });

  it('is left alone with --no-config, and by other verbs', async () => {
    const { code, stdout } = await run('--no-config');
    expect(code).toBe(1);
    expect(stdout).toContain('error OM001 over-map');
    expect(await overmap(['replay', bad], { cwd: project })).toMatchObject({ code: 0 });
  });

  it('that is wrong is a mistake in the use', async () => {
    const wrong = folder.path('wrong');
    mkdirSync(wrong);
    writeFileSync(join(wrong, 'overmap.config.json'), '{"fail_on": "note"}');
    const { code, stderr } = await overmap(['audit', bad], { cwd: wrong });
    expect(code).toBe(2);
    expect(stderr).toContain('The configuration overmap.config.json has the key "fail_on"');
    expect(stderr).toContain('Did you mean "fail-on"?');
  });
});

describe('patterns', () => {
  const traces = folder.path('traces');
  mkdirSync(join(traces, 'deep'), { recursive: true });
  for (const name of ['b.jsonl', 'a.jsonl', 'deep/c.jsonl'])
    writeFileSync(join(traces, name), readFileSync(name === 'a.jsonl' ? bad : good));

  it('in quotes are expanded by the program, in one order', async () => {
    const { stdout } = await overmap(['audit', '**/*.jsonl', '--format', 'json'], { cwd: traces });
    const inputs = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { input: string }).input);
    expect(inputs).toEqual(['a.jsonl', 'b.jsonl', 'deep/c.jsonl']);
    const replay = await overmap(['replay', '*.jsonl', '--format', 'json'], { cwd: traces });
    expect(JSON.parse(replay.stdout)).toMatchObject({ events: 2 * (overmapped.length - 1) + 1 });
  });

  it('that match nothing are missing inputs', async () => {
    const { code, stderr } = await overmap(['audit', '*.nothing'], { cwd: traces });
    expect(code).toBe(3);
    expect(stderr).toContain('cannot read *.nothing: there is no such file');
  });

  it('do not let the output replace an input', async () => {
    expect(await overmap(['audit', '*.jsonl', '-o', 'a.jsonl'], { cwd: traces })).toMatchObject({ code: 2 });
    expect(readFileSync(join(traces, 'a.jsonl'), 'utf8')).toBe(readFileSync(bad, 'utf8'));
  });
});
