import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../../test/tools.ts';
import { makeFolder, overmap, recordings } from './program.ts';

const folder = makeFolder();
const LOADER = `#include <sel4/sel4.h>

void clear(seL4_CPtr *frames, int n)
{
    for (int i = 0; i < n; i++) {
        if (seL4_ARM_Page_Map(frames[i], seL4_CapInitThreadVSpace, WINDOW, seL4_ReadWrite, 3)) {
            abort();
        }
        memset((void *)WINDOW, 0, 4096);
    }
}
`;
const FIXED = LOADER.replace('4096);\n', '4096);\n        seL4_ARM_Page_Unmap(frames[i]);\n');
const VOID = `void put(seL4_CPtr frame, seL4_CPtr root, seL4_Word at)
{
    seL4_ARM_Page_Map(frame, root, at, seL4_ReadWrite, 3);
}
`;
let made = 0;
function tree(files: Readonly<Record<string, string>>): string {
  const path = folder.path(`tree${made++}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}
const git = (cwd: string, ...args: string[]): void => {
  const all = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'init.defaultBranch=main', ...args];
  const { status, stderr } = spawnSync('git', all, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};
const committed = (files: Readonly<Record<string, string>>): string => {
  const path = tree(files);
  git(path, 'init', '-q');
  git(path, 'add', '.');
  git(path, 'commit', '-qm', 'x');
  return path;
};

describe('the configuration', () => {
  it('chooses the rules that are rewritten, unless it is not read', async () => {
    const path = tree({ 'overmap.config.json': '{"off": ["OM101"], "fail-on": "note"}', 'src/loader.c': LOADER });
    const run = (...more: string[]) => overmap(['migrate', 'source', 'src', ...more], { cwd: path });
    expect(await run()).toMatchObject({ code: 0, stdout: '' });
    expect((await run('--no-config')).stdout).toContain('+        seL4_ARM_Page_Unmap(frames[i]);');
    const { code, stderr } = await overmap(['migrate', 'trace', 'a', '-o', 'b', '--batch', '--no-config']);
    expect(code).toBe(2);
    expect(stderr).toContain('--no-config belongs to migrate source.');
  });
});

describe('migrate source', () => {
  it('prints a diff, changes nothing, and ends with 0 when nothing is left', async () => {
    const path = tree({ 'src/loader.c': LOADER });
    const { code, stdout, stderr } = await overmap(['migrate', 'source', path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'overmap: 1 of 1 finding would be fixed in 1 file.\n' });
    expect(stdout).toMatch(/^--- a\/.*src\/loader\.c\n\+\+\+ b\/.*src\/loader\.c\n@@ .*\n/);
    expect(stdout).toContain('\n+        seL4_ARM_Page_Unmap(frames[i]);\n');
    expect(readFileSync(join(path, 'src/loader.c'), 'utf8')).toBe(LOADER);
  });

  it('explains what it leaves, and ends with 1', async () => {
    const path = tree({ 'put.c': VOID, 'loader.c': LOADER });
    const { code, stderr } = await overmap(['migrate', 'source', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/put\.c:3: OM103, seL4_ARM_Page_Map: put returns nothing by which it could tell/);
    expect(stderr).toContain('overmap: 1 of 2 findings would be fixed in 1 file; 1 left to you.\n');
  });

  it.skipIf(lacks('git'))('prints a patch that git applies (needs git)', async () => {
    const path = committed({ 'src/loader.c': LOADER });
    const patch = folder.path('loader.patch');
    const { code, stdout } = await overmap(['migrate', 'source', 'src', '--emit', 'patch', '-o', patch], { cwd: path });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    git(path, 'apply', patch);
    expect(readFileSync(join(path, 'src/loader.c'), 'utf8')).toBe(FIXED);
  });

  it('prints semantic patches', async () => {
    const { code, stdout } = await overmap(['migrate', 'source', tree({ 'loader.c': LOADER }), '--emit', 'cocci']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\/\/ OM101: .*\n@unmap_in_loop_seL4_ARM_Page@\n(?:.*;\n)+@@\n(?:[ +-].*\n)+$/);
    expect(stdout).toContain('+   seL4_ARM_Page_Unmap(frames[i]);');
  });

  it('says it in JSON', async () => {
    const { code, stdout, stderr } = await overmap([
      'migrate',
      'source',
      tree({ 'a.c': LOADER, 'b.c': VOID }),
      '--format',
      'json',
    ]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'source-migration',
      findings: 2,
      fixed: 1,
      added: 0,
      changes: [{ line: 6, function: 'clear', rule: 'OM101', rewrite: 'unmap-in-loop', callee: 'seL4_ARM_Page_Map' }],
      explanations: [{ line: 3, function: 'put', rule: 'OM103' }],
      suppressed: [],
    });
  });
});

describe.skipIf(lacks('git'))('migrate source --write (needs git)', () => {
  it('changes the files, keeps their mode, and has nothing to do a second time', async () => {
    const path = committed({ 'loader.c': LOADER });
    const file = join(path, 'loader.c');
    chmodSync(file, 0o600);
    const { code, stdout, stderr } = await overmap(['migrate', 'source', path, '--write']);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${file}\n1 of 1 finding fixed in 1 file.\n`,
      stderr: '',
    });
    expect(readFileSync(file, 'utf8')).toBe(FIXED);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await overmap(['migrate', 'source', path, '--write']);
    expect(again).toMatchObject({ code: 0, stdout: '0 of 0 findings fixed in 0 files.\n' });
  });

  it.each<[string, () => string, string]>([
    [
      'the tree has changes',
      () => {
        const path = committed({ 'loader.c': LOADER, 'other.c': '' });
        writeFileSync(join(path, 'other.c'), 'int x;\n');
        return path;
      },
      'changes that are not committed (other.c)',
    ],
    ['git does not keep the file', () => tree({ 'loader.c': LOADER }), 'could not give back what was there'],
  ])('refuses where %s, unless it is allowed', async (_, make, says) => {
    const path = make();
    const refused = await overmap(['migrate', 'source', path, '--write']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(says);
    expect(readFileSync(join(path, 'loader.c'), 'utf8')).toBe(LOADER);
    const allowed = await overmap(['migrate', 'source', path, '--write', '--allow-dirty']);
    expect(allowed).toMatchObject({ code: 0 });
    expect(readFileSync(join(path, 'loader.c'), 'utf8')).toBe(FIXED);
  });

  it('leaves alone what is not UTF-8', async () => {
    const path = tree({});
    mkdirSync(path, { recursive: true });
    const bytes = Buffer.concat([Buffer.from('// caf\xe9\n', 'latin1'), Buffer.from(LOADER)]);
    writeFileSync(join(path, 'loader.c'), bytes);
    const { code, stderr } = await overmap(['migrate', 'source', path, '--write', '--allow-dirty']);
    expect(code).toBe(1);
    expect(stderr).toContain('not UTF-8');
    expect(readFileSync(join(path, 'loader.c')).equals(bytes)).toBe(true);
  });
});

describe('suppressions', () => {
  const marked = (comment: string): string =>
    LOADER.replace('        if (', `        // overmap-ignore ${comment}\n        if (`);

  it('are heeded with a reason', async () => {
    const { code, stdout, stderr } = await overmap([
      'migrate',
      'source',
      tree({ 'a.c': marked('OM101: the kernel is ours') }),
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toBe('overmap: 0 of 0 findings would be fixed in 0 files; 1 suppressed.\n');
  });

  it('are told without one, and when they suppress nothing', async () => {
    const without = await overmap(['migrate', 'source', tree({ 'a.c': marked('OM101') })]);
    expect(without.stdout).not.toBe('');
    expect(without.stderr).toMatch(/a\.c:6: OM903: This suppression of OM101 has no reason/);
    const unused = await overmap(['migrate', 'source', tree({ 'a.c': marked('OM106: why not') })]);
    expect(unused.stderr).toMatch(/a\.c:6: OM903: This suppression of OM106 suppresses nothing any more/);
  });
});

describe('--evidence', () => {
  const TRACE = (file: string): string =>
    [
      '{"trace":"overmap","version":1,"system":"sel4","arch":"aarch64","policy":"legacy","source":"by hand","config":{"asidPool":1}}',
      '{"op":"retype","obj":"vspace","cap":2,"n":1,"paddr":"0x40000000","ret":"ok"}',
      '{"op":"assign","pool":1,"vspace":2,"ret":"ok"}',
      '{"op":"retype","obj":"table","cap":3,"n":3,"paddr":"0x40001000","ret":"ok"}',
      ...[3, 4, 5].map((cap) => `{"op":"map_table","cap":${cap},"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}`),
      '{"op":"retype","obj":"page","bits":12,"cap":10,"n":3,"paddr":"0x50000000","ret":"ok"}',
      ...[10, 11].map(
        (cap) =>
          `{"op":"map","cap":${cap},"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok","site":{"file":"/build/${file}","line":6,"function":"clear"}}`,
      ),
      '{"op":"map","cap":12,"vspace":2,"vaddr":"0x10001000","rights":"rw","attr":0,"ret":"ok","site":{"file":"/build/put.c","line":3,"function":"put"}}',
      '',
    ].join('\n');

  it('says what the run proved, and what was run and is clean', async () => {
    const path = tree({ 'src/loader.c': LOADER, 'src/put.c': VOID });
    const trace = folder.path('run.jsonl');
    writeFileSync(trace, TRACE('src/loader.c'));
    const audit = folder.path('audit.json');
    const audited = await overmap(['audit', trace, '--format', 'json', '-o', audit]);
    expect(audited.stderr).toBe('');
    const { summary } = JSON.parse(readFileSync(audit, 'utf8')) as { summary: { sel4: Record<string, unknown> } };
    expect(summary.sel4).toMatchObject({
      sites: [
        { file: '/build/src/loader.c', line: 6, function: 'clear', maps: 2, refused: 0 },
        { file: '/build/put.c', line: 3, function: 'put', maps: 1, refused: 0 },
      ],
      moreSites: 0,
    });
    const { stderr } = await overmap(['migrate', 'source', path, '--evidence', audit]);
    expect(stderr).toMatch(/loader\.c:6: the recorded run found OM001 here, 1 time; the analysis says: relies\./);
    expect(stderr).toContain('1 call site was exercised in the recorded run, and clean.');

    const joined = await overmap(['audit', path, '--evidence', audit, '--format', 'json']);
    const { findings, summary: source } = JSON.parse(joined.stdout) as {
      findings: Record<string, unknown>[];
      summary: Record<string, unknown>;
    };
    expect(findings).toMatchObject([
      {
        rule: 'OM101',
        severity: 'error',
        line: 6,
        message: expect.stringMatching(/^The recorded run found OM001 here, once\./) as unknown,
      },
      {
        rule: 'OM103',
        severity: 'warning',
        line: 3,
        message: expect.stringContaining('called it once, and nothing was found') as unknown,
      },
    ]);
    expect(source).toMatchObject({ source: { evidence: { proved: 1, clean: 1, notExercised: 0, unmatched: 0 } } });
    expect(findings).toMatchObject([{ recorded: 'proved' }, { recorded: 'clean' }]);
    // Without the run, the first is what it always is; with a run that saw nothing of it, a suspicion.
    writeFileSync(audit, '{"kind":"audit","findings":[],"summary":{}}');
    const unproved = await overmap(['audit', path, '--evidence', audit, '--format', 'json']);
    const alone = JSON.parse(unproved.stdout) as { findings: object[]; sites: object[]; summary: object };
    expect(alone.findings[0]).toMatchObject({ rule: 'OM101', severity: 'warning', recorded: 'not exercised' });
    expect(alone.sites).toMatchObject([{ recorded: 'not exercised' }, { recorded: 'not exercised' }]);
    expect(alone.summary).toMatchObject({ source: { evidence: { proved: 0, clean: 0, notExercised: 2 } } });
    expect(unproved.code).toBe(0);
  });

  it.each<[number, string, string]>([
    [8, '{"kind":"other"}', 'an object that is no audit'],
    [8, 'nonsense', 'is not JSON'],
  ])('answers %i to %s', async (code, text, says) => {
    const evidence = folder.path('evidence.json');
    writeFileSync(evidence, text);
    const ended = await overmap(['migrate', 'source', tree({ 'a.c': LOADER }), '--evidence', evidence]);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(says);
  });
});

it('audit takes --evidence for source only', async () => {
  const ended = await overmap([
    'audit',
    join(recordings, 'sel4test/slices/slice-aarch64-PT0001.jsonl.gz'),
    '--evidence',
    'x.json',
  ]);
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toMatch(/evidence/);
});

describe('a wrong command line', () => {
  it.each<[number, readonly string[], string]>([
    [2, [], 'needs a file or folder of source'],
    [2, ['-'], 'not standard input'],
    [2, ['.', '--to', 'strict'], 'leave --to out, or say --to noreplace'],
    [2, ['.', '--write', '--emit', 'patch'], 'choose one'],
    [2, ['.', '--emit', 'json'], 'There is no --emit value'],
    [2, ['.', '--emit', 'patch', '--format', 'json'], 'choose one'],
    [2, ['.', '--allow-dirty'], 'belongs to --write'],
    [3, ['/nowhere/at/all'], 'cannot read /nowhere/at/all: there is no such file'],
    [3, ['.', '--evidence', '/nowhere/at/all'], 'cannot read the evidence'],
  ])('answers %i to %j', async (code, args, says) => {
    const ended = await overmap(['migrate', 'source', ...args], { cwd: tree({ 'x.txt': '' }) });
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(says);
  });

  it('keeps the options of the two migrations apart', async () => {
    const ended = await overmap(['migrate', 'trace', 'x', '-o', 'y', '--to', 'strict', '--write']);
    expect(ended).toMatchObject({ code: 2 });
    expect(ended.stderr).toContain('--write belongs to migrate source');
    expect(existsSync('y')).toBe(false);
  });
});
