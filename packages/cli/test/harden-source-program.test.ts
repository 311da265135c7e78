import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../../test/tools.ts';
import { makeFolder, overmap } from './program.ts';

const folder = makeFolder();
const HEAP = `#include <errno.h>
#include <sys/mman.h>

void *heap(void)
{
    void *p = mmap((void *)0x200000000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return p == MAP_FAILED ? 0 : p;
}
`;
const LOST = HEAP.replace('heap', 'show').replace('0x2', '0x3');
let made = 0;
function tree(files: Readonly<Record<string, string>>): string {
  const path = folder.path(`tree${made++}`);
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}
function textFile(name: string, text: string): string {
  writeFileSync(folder.path(name), text);
  return folder.path(name);
}
const git = (cwd: string, ...args: string[]): void => {
  const all = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'init.defaultBranch=main', ...args];
  const { status, stderr } = spawnSync('git', all, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};

const place = (at: string, name: string): string =>
  `7 mmap(${at}, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = ${at}\n > /opt/app(${name}+0x2e) [0x11ab]\n`;
/** A run in which `heap` found its range free, and `show` did not the second time. */
const LOG = `7 execve("/opt/app", ["app"], 0x7ffc /* 3 vars */) = 0\n${place('0x200000000000', 'heap')}${place('0x300000000000', 'show')}${place('0x300000000000', 'show')}`;
async function evidence(): Promise<string> {
  const log = textFile('run.strace', LOG);
  const audit = folder.path('audit.json');
  const { code } = await overmap(['audit', log, '--format', 'json', '-o', audit, '--fail-on', 'never']);
  expect(code).toBe(0);
  return audit;
}
const harden = (...args: readonly string[]) => overmap(['migrate', 'source', ...args, '--to', 'noreplace']);

describe('migrate source --to noreplace', () => {
  it('rewrites what the recorded run calls likely safe, tells what it lost, and ends with 1', async () => {
    const path = tree({ 'heap.c': HEAP, 'show.c': LOST });
    const { code, stdout, stderr } = await harden(path, '--evidence', await evidence());
    expect(code).toBe(1);
    expect(stdout).toMatch(/^--- a\/.*heap\.c\n/);
    expect(stdout).toContain('\n+        errno = EEXIST;\n');
    expect(stdout).not.toContain('show.c');
    expect(stderr).toMatch(
      /show\.c:6: OL101, mmap: .*called it 2 times in one process, and took away live memory once\./,
    );
    expect(stderr).toContain('overmap: 1 call would be hardened in 1 file; 1 left to you.\n');
    expect(readFileSync(join(path, 'heap.c'), 'utf8')).toBe(HEAP);
  });

  it('rewrites nothing without a run, which is no failure, unless it is told to', async () => {
    const path = tree({ 'heap.c': HEAP });
    expect(await harden(path)).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: 'overmap: 0 calls would be hardened in 0 files; 1 note.\n',
    });
    const { code, stdout } = await harden(path, '--without-evidence');
    expect(code).toBe(0);
    expect(stdout).toContain('MAP_FIXED_NOREPLACE');
  });

  it('without --to is about over-mapping in seL4 alone', async () => {
    const { code, stdout, stderr } = await overmap(['migrate', 'source', tree({ 'heap.c': HEAP })]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'overmap: 0 of 0 findings would be fixed in 0 files.\n',
    });
  });

  it('says it in JSON', async () => {
    const { code, stdout } = await harden(
      tree({ 'heap.c': HEAP, 'show.c': LOST }),
      '--format',
      'json',
      '--evidence',
      await evidence(),
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'source-migration',
      to: 'noreplace',
      changes: [{ line: 6, function: 'heap', rule: 'OL101', callee: 'mmap' }],
      left: [{ line: 6, function: 'show', rule: 'OL101', note: false }],
      kept: {},
      unmatched: [],
      patch: expect.stringContaining('+++ b/'),
    });
  });

  it.each([
    [['--to', 'strict'], 'leave --to out, or say --to noreplace'],
    [['--without-evidence'], '--without-evidence belongs to --to noreplace'],
    [['--to', 'noreplace', '--emit', 'cocci'], 'A semantic patch cannot know'],
    [['--to', 'noreplace', '--without-evidence', '--evidence', 'x.json'], 'choose one'],
  ])('refuses %j', async (args, says) => {
    const { code, stderr } = await overmap(['migrate', 'source', tree({ 'heap.c': HEAP }), ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });

  it('says when the evidence has no call sites, and what cannot be read', async () => {
    const bare = textFile('bare.json', JSON.stringify({ kind: 'audit', findings: [], summary: { linux: {} } }));
    const { code, stderr } = await harden(tree({ 'heap.c': HEAP }), '--evidence', bare);
    expect(code).toBe(0);
    expect(stderr).toContain('names no call site of MAP_FIXED');
    expect((await harden(tree({}), '--evidence', folder.path('none.json'))).code).toBe(3);
    const missing = await harden(folder.path('nowhere'));
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain('there is no such file or folder');
  });

  it.skipIf(lacks('git'))('--write asks git first, writes, and has nothing to do again (needs git)', async () => {
    const path = tree({ 'heap.c': HEAP });
    const refused = await harden(path, '--without-evidence', '--write');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(readFileSync(join(path, 'heap.c'), 'utf8')).toBe(HEAP);
    git(path, 'init', '-q');
    git(path, 'add', '.');
    git(path, 'commit', '-qm', 'x');
    const { code, stdout } = await harden(path, '--without-evidence', '--write');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${join(path, 'heap.c')}\n1 call hardened in 1 file.\n`,
    });
    expect(readFileSync(join(path, 'heap.c'), 'utf8')).toContain('MAP_FIXED_NOREPLACE');
    const again = await harden(path, '--without-evidence', '--write', '--allow-dirty');
    expect(again).toMatchObject({ code: 0, stdout: '0 calls hardened in 0 files; 1 left alone.\n' });
  });

  it.skipIf(lacks('git'))('prints a patch that git applies (needs git)', async () => {
    const path = tree({ 'heap.c': HEAP });
    git(path, 'init', '-q');
    const patch = folder.path('harden.patch');
    const args = ['migrate', 'source', '.', '--to', 'noreplace', '--without-evidence', '--emit', 'patch', '-o', patch];
    expect(await overmap(args, { cwd: path })).toMatchObject({ code: 0, stdout: '' });
    git(path, 'apply', patch);
    expect(readFileSync(join(path, 'heap.c'), 'utf8')).toContain('MAP_FIXED_NOREPLACE');
  });
});

describe('audit and explain', () => {
  it('tell calls of Linux in source', async () => {
    const { code, stdout } = await overmap(['audit', tree({ 'heap.c': HEAP }), '--fail-on', 'note']);
    expect(code).toBe(1);
    expect(stdout).toContain('note OL101 fixed address without NOREPLACE: 1 finding');
    expect(stdout).toContain('None of 1 call of Linux that may replace is known to lose anything.');
    expect(await overmap(['explain', 'OL101'])).toMatchObject({ code: 0 });
  });
});
