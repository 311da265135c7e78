import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { begin, clean, makeFolder, overmap, overmapped, recordings, textOf } from './program.ts';

const folder = makeFolder();
const good = folder.write('clean.jsonl', clean);
const bad = folder.write('overmapped.jsonl', overmapped);
const broken = folder.write('broken.jsonl', [
  ...clean,
  '{"op":"map",',
  'x'.repeat(10),
  { op: 'unmap', cap: 21, ret: 'ok' },
]);
const missing = folder.path('missing.jsonl');
const slice = join(recordings, 'sel4test/slices/slice-aarch32-PT0002.jsonl.gz');

interface Audit {
  readonly input: string;
  readonly to: string;
  readonly findings: readonly { readonly rule: string; readonly line: number }[];
  readonly summary: {
    readonly sel4: { readonly overmaps: number };
    readonly interrupted?: boolean;
    readonly badLines: number;
  };
}
const audits = (stdout: string): Audit[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Audit);

describe('the exit code of an audit', () => {
  it.each<[number, string, string[]]>([
    [0, 'nothing is found', [good]],
    [1, 'an error is found', [bad]],
    [0, 'findings do not matter', [bad, '--fail-on', 'never']],
    [0, 'the rule is off', [bad, '--off', 'OM001']],
    [0, 'another rule is asked for', [bad, '--only', 'om002,OM003']],
    [0, 'the target allows it', [good, '--to', 'legacy']],
    [2, 'the command line is wrong', [bad, '--frob']],
    [3, 'the input is missing', [missing]],
    [3, 'one of the inputs is missing', [bad, missing, broken]],
    [8, 'a line is malformed', [broken]],
    [8, 'a line is malformed, and the input strict', [broken, '--strict-input']],
    [8, 'malformed and findings', [bad, broken]],
    [8, 'it is no trace', [join(recordings, '../package.json')]],
    [6, 'the output cannot be written', [bad, '-o', folder.path('no/such/folder')]],
    [6, 'the output is full', [bad, broken, missing, '-o', '/dev/full']],
  ])('is %i when %s', async (code, _, args) => {
    const ended = await overmap(['audit', ...args]);
    expect(ended).toMatchObject({ code, signal: null });
    expect(ended.stderr).not.toContain('    at '); // no stack
  });

  it('depends on the severity that is asked for', async () => {
    // The replaced capability is left behind: a note.
    const args = ['audit', bad, '--off', 'OM001', '--fail-on'];
    expect(await overmap([...args, 'note'])).toMatchObject({ code: 1 });
    expect(await overmap([...args, 'warning'])).toMatchObject({ code: 0 });
  });
});

describe('inputs', () => {
  it('are audited in their order, whatever happens to one of them', async () => {
    const noTrace = folder.write('no-trace.jsonl', ['hello']);
    const { code, stdout, stderr } = await overmap(['audit', bad, missing, noTrace, good, '--format', 'json']);
    expect(code).toBe(3);
    expect(audits(stdout).map(({ input, findings }) => [input, findings.some(({ rule }) => rule === 'OM001')])).toEqual(
      [
        [bad, true],
        [good, false],
      ],
    );
    const [first, second, last] = stderr.trim().split('\n');
    expect(first).toMatch(/missing\.jsonl: there is no such file/);
    expect(second).toMatch(/no-trace\.jsonl: no trace/);
    expect(last).toMatch(/1 of 4 inputs could not be read; the first error: cannot read .*missing\.jsonl/);
  });

  it.each(['plain', 'gzip'])('come from standard input, %s', async (how) => {
    const text = textOf(overmapped);
    const input = how === 'gzip' ? gzipSync(text) : text;
    const { code, stdout } = await overmap(['audit', '-', '--format', 'json'], { input });
    expect(code).toBe(1);
    expect(audits(stdout)[0]).toMatchObject({ input: '-', summary: { sel4: { overmaps: 1 } } });
  });

  it('may have any name', async () => {
    const name = folder.write('-a\u001b[31m\n.jsonl', overmapped);
    const { code, stdout } = await overmap(['audit', '--', '-a\u001b[31m\n.jsonl'], { cwd: join(name, '..') });
    expect(code).toBe(1);
    expect(stdout).toContain('-a\\u{1b}[31m\\u{a}.jsonl\n');
  });

  it('of which none is given: say so', async () => {
    expect(await overmap([])).toMatchObject({ code: 2, stdout: '' });
    expect((await overmap(['audit'])).stderr).toBe(
      'overmap: audit needs at least one INPUT: a file, or - for standard input.\n',
    );
  });
});

describe('malformed lines', () => {
  it('are named with their place, and the rest is audited', async () => {
    const { stderr, stdout } = await overmap(['audit', broken, '--format', 'json']);
    const offset = textOf(clean).length;
    expect(stderr).toContain(`broken.jsonl:${clean.length + 1}: malformed at byte ${offset + 12}: expected a key`);
    expect(audits(stdout)[0]).toMatchObject({ summary: { badLines: 2 } });
  });

  it('are counted after the first ten', async () => {
    const path = folder.write('many.jsonl', [...clean, ...Array.from({ length: 25 }, () => '{"op":')]);
    const { stderr } = await overmap(['audit', path]);
    expect(stderr.match(/malformed at byte/g)).toHaveLength(10);
    expect(stderr).toContain('many.jsonl: and 15 more malformed lines\n');
  });

  it('end a strict run at the first, and what was found before is written', async () => {
    const path = folder.write('strict.jsonl', [...overmapped, '{"op":', '{"op":']);
    const { code, stdout, stderr } = await overmap(['audit', path, '--strict-input', '--format', 'json']);
    expect(code).toBe(8);
    expect(stderr).toMatch(/strict\.jsonl: line 13: expected/);
    expect(stderr).not.toContain('line 14');
    expect(audits(stdout)[0]?.findings.length).toBeGreaterThan(0);
  });

  it('of other output are counted', async () => {
    const path = folder.write('serial.log', ['boot', ...overmapped.slice(0, 5), 'hello', ...overmapped.slice(5)]);
    const { code, stderr } = await overmap(['audit', path]);
    expect(code).toBe(1);
    expect(stderr).toContain('serial.log: 2 lines of other output were skipped\n');
  });
});

describe('-o', () => {
  it('writes the file when it is complete, and nothing to standard output', async () => {
    const path = folder.path('out.json');
    const { code, stdout } = await overmap(['audit', bad, '--format', 'json', '-o', path]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(audits(readFileSync(path, 'utf8'))).toHaveLength(1);
  });

  it.each<[string, string[], number]>([
    ['no input can be read', [missing], 3],
    ['the rule fails', [bad, '--to', folder.path('throws.mjs')], 2],
  ])('leaves the file as it was when %s', async (_, args, code) => {
    writeFileSync(folder.path('throws.mjs'), "export default () => { throw new Error('no'); };");
    const inside = folder.path('kept');
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, 'a.json'), 'old');
    expect(await overmap(['audit', ...args, '-o', join(inside, 'a.json')])).toMatchObject({ code });
    expect(readFileSync(join(inside, 'a.json'), 'utf8')).toBe('old');
    expect(readdirSync(inside)).toEqual(['a.json']);
  });

  it('does not replace an input', async () => {
    const { code, stderr } = await overmap(['audit', bad, '-o', bad]);
    expect(code).toBe(2);
    expect(stderr).toContain('The output is also an input');
    expect(readFileSync(bad, 'utf8')).toBe(textOf(overmapped));
  });

  it('explains a missing folder', async () => {
    const { stderr } = await overmap(['audit', bad, '-o', folder.path('no/a.json')]);
    expect(stderr).toMatch(/^overmap: .*no\/a\.json cannot be written: its folder does not exist/);
    expect(existsSync(folder.path('no'))).toBe(false);
  });
});

describe('a user rule', () => {
  it('is what the trace is held against', async () => {
    const rule = folder.path('never.mjs');
    writeFileSync(rule, "export default (slot) => (slot.entry === null ? 'ok' : 'IllegalOperation');");
    const { code, stdout } = await overmap(['audit', bad, '--to', rule, '--format', 'json']);
    expect(code).toBe(1);
    expect(audits(stdout)[0]?.to).toBe(rule);
    expect(stdout).toContain('IllegalOperation');
  });

  it('that fails is explained, without a stack', async () => {
    const rule = folder.path('fails.mjs');
    writeFileSync(rule, 'export default (slot) => slot.entry.bits;');
    const { code, stdout, stderr } = await overmap(['audit', bad, '--to', rule, '--format', 'json']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^overmap: The rule .*fails\.mjs failed: TypeError: .*\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ summary: null, error: expect.stringContaining('failed') });
  });
});

describe('output', () => {
  it('has no colour in a pipe, and none with NO_COLOR', async () => {
    expect((await overmap(['audit', bad])).stdout).not.toContain('\u001b');
    expect((await overmap(['audit', bad], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[');
    const both = { env: { FORCE_COLOR: '1', NO_COLOR: '1' } };
    expect((await overmap(['audit', bad], both)).stdout).not.toContain('\u001b');
  });

  it('is JSON Lines when asked', async () => {
    const { stdout } = await overmap(['audit', bad, '--format', 'jsonl']);
    const kinds = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds).toEqual(['audit', ...kinds.slice(1, -1).map(() => 'finding'), 'summary']);
    expect(kinds.length).toBeGreaterThan(2);
  });

  it('of which the reader has gone ends the run quietly', async () => {
    // Enough findings for many pipes.
    const again = Array.from({ length: 3000 }, (_, i) => [
      { op: 'mark', name: `T${i}`, at: 'start' },
      ...overmapped.slice(-2),
      { op: 'unmap', cap: 20, ret: 'ok' },
      { op: 'unmap', cap: 21, ret: 'ok' },
      { op: 'mark', name: `T${i}`, at: 'end', result: 'passed' },
    ]).flat();
    const path = folder.write('long.jsonl', [...begin, ...again]);
    const all = await overmap(['audit', path, '--format', 'json']);
    expect(all.stdout.length).toBeGreaterThan(1_000_000);
    const ended = await overmap(['audit', path, '--format', 'json'], {
      during: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
    });
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('tells figures when asked', async () => {
    expect((await overmap(['audit', good, '--verbose'])).stderr).toMatch(
      /: 12 records, \d+ of them the slow way, in 0\.\d\d s\n/,
    );
  });
});

describe('a folder', () => {
  it('is source, and it is said where there is none', async () => {
    const { code, stderr } = await overmap(['audit', recordings]);
    expect(code).toBe(0);
    expect(stderr).toContain('no line of C, C++, Rust or Markdown is in it');
  });
});

describe('an interrupted audit', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('writes what it has found, on %s', async (signal) => {
    const ended = await overmap(['audit', '-', '--format', 'json'], {
      during: (child) => {
        // Nothing comes after this, and that the last line is complained of is the sign that it was read.
        child.stdin?.write(textOf([...overmapped, '{"op":']));
        child.stderr?.once('data', () => child.kill(signal));
      },
    });
    expect(ended).toMatchObject({ code: 130, signal: null });
    expect(ended.stderr).toContain('overmap: interrupted; what was found until then is written.\n');
    expect(audits(ended.stdout)[0]).toMatchObject({ summary: { interrupted: true, sel4: { overmaps: 1 } } });
  });
});

describe('an internal error', () => {
  // Something that cannot happen happens.
  const patch =
    "import fs from 'node:fs'; import { syncBuiltinESMExports as sync } from 'node:module';" +
    "fs.fstatSync = () => { throw new TypeError('boom \\u001b[31m'); }; sync();";
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(patch)}`;

  it('is told shortly, and leaves no output behind', async () => {
    const inside = folder.path('internal');
    mkdirSync(inside);
    const { code, stderr } = await overmap(['audit', bad, '-o', join(inside, 'a.json')], { env: { NODE_OPTIONS } });
    expect(code).toBe(70);
    expect(stderr).toMatch(/^overmap: internal error: boom \\u\{1b\}\[31m\n.*Please report/s);
    expect(stderr).not.toContain('    at ');
    expect(readdirSync(inside)).toEqual([]);
  });

  it('says where it happened, when asked', async () => {
    const { stderr } = await overmap(['audit', bad], { env: { NODE_OPTIONS, OVERMAP_DEBUG: '1' } });
    expect(stderr).toMatch(/TypeError: boom .*\n {4}at /);
  });
});

describe('a recording', () => {
  it('has the over-maps that the kernel saw', async () => {
    const { code, stdout } = await overmap(['audit', slice, '--format', 'json']);
    expect(code).toBe(1);
    const errors = audits(stdout)[0]?.findings.filter(({ rule }) => rule === 'OM001');
    expect(errors?.map(({ line }) => line)).toEqual([5755, 5765, 5779, 5789]);
  });

  it('is shown to people', async () => {
    const { stdout, stderr } = await overmap(['audit', slice]);
    expect(stderr).toBe('');
    expect(stdout).toContain(
      'error OM001 over-map: 4 findings\n  test PT0002\n    line 5755, event 5753, 0x13000000, 16 MiB\n',
    );
    expect(stdout.replaceAll('\n', ' ')).toContain(
      '4 of 2,262 successful maps replaced another frame; strict would refuse them. They are in 1 of 1 test: PT0002.',
    );
  });
});
