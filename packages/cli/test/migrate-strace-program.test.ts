import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { clean, makeFolder, overmap } from './program.ts';

const folder = makeFolder();
const recording = (name: string): string =>
  fileURLToPath(new URL(`../../../recordings/strace/${name}.strace.gz`, import.meta.url));
const migrate = (input: string, output: string, ...more: string[]): ReturnType<typeof overmap> =>
  overmap(['migrate', 'trace', input, '-o', output, '--to', 'noreplace', ...more]);
const leftovers = (): string[] => readdirSync(dirname(folder.path('x'))).filter((name) => name.includes('.tmp'));

const ANON = 'PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0';
const FIXED = 'PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0';

describe('migrate trace --to noreplace', () => {
  it('writes a log in which nothing is replaced, and says what it took', async () => {
    const out = folder.path('ls.strace.gz');
    const { code, stdout, stderr } = await migrate(recording('ls'), out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('linux to noreplace: 44 calls in, 55 out\n');
    expect(stdout).toContain('edits: 11 munmaps inserted, 11 calls with MAP_FIXED_NOREPLACE\n');
    expect(stdout).toContain('note OM012 window: 11\n');
    expect(stdout).toMatch(
      /Proven: the same mappings after each of 43 calls, but for the windows, and no call is\s+refused\.\n$/,
    );
    expect(
      gunzipSync(readFileSync(out))
        .toString()
        .match(/MAP_FIXED_NOREPLACE/g),
    ).toHaveLength(11);
    const audit = await overmap(['audit', out, '--to', 'noreplace', '--format', 'json']);
    expect(audit.code).toBe(0);
    expect((JSON.parse(audit.stdout) as { summary: { linux: object } }).summary.linux).toMatchObject({
      replacing: 0,
      noReplace: 11,
      outcomeChanges: 0,
    });
    const again = folder.path('again.strace.gz');
    expect(await migrate(out, again)).toMatchObject({ code: 0 });
    expect(readFileSync(again).equals(readFileSync(out))).toBe(true);
  });

  it('says it in JSON', async () => {
    const out = folder.path('java.strace');
    const { code, stdout } = await migrate(recording('java'), out, '--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'linux-migration',
      from: 'linux',
      to: 'noreplace',
      output: out,
      calls: { in: 471, out: 471 + 82 },
      edits: { munmaps: 82, noReplace: 82, mremaps: 0, keptFlag: 0 },
      kinds: { sameFile: 30, anonOverFile: 4, overReserved: 36, anonOverAnon: 10, fileOverAnon: 2, other: 0 },
      bytesReplaced: 500_572_160,
      windowCount: 82,
      unmigratedCount: 0,
      proof: { failure: null },
    });
  });

  it('answers 1 when a call had to be left', async () => {
    const input = folder.write('left.strace', [
      `1 mmap(NULL, 8192, ${ANON}) = 0x10000000`,
      '1 clone(flags=CLONE_VM|CLONE_THREAD) = 2',
      `1 mmap(0x10000000, 8192, ${FIXED} <unfinished ...>`,
      '2 munmap(0x10001000, 4096) = 0',
      '1 <... mmap resumed>) = 0x10000000',
    ]);
    const { code, stdout } = await migrate(input, folder.path('left.out'));
    expect(code).toBe(1);
    expect(stdout).toContain('not migrated: 1 call\n  line 3: The mmap of thread 1 at 0x10000000');
    expect(readFileSync(folder.path('left.out'), 'utf8')).toBe(readFileSync(input, 'utf8'));
  });

  it('answers 4 when there is no proof, and writes nothing', async () => {
    const out = folder.path('unproven.out');
    const input = folder.write('unproven.strace', [
      `1 mmap(NULL, 8192, ${ANON}) = 0x10000000`,
      '1 mmap(0x10000000, 8192 <unfinished ...>',
      '2 getpid() = 2',
      '1 <... mmap resumed>, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x10000000',
    ]);
    const { code, stdout } = await migrate(input, out);
    expect(code).toBe(4);
    expect(stdout).toContain('Not proven, at line 2: the flags of the call are not on the line');
    expect(existsSync(out)).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  it('answers 8 to malformed lines, and writes the rest as it is', async () => {
    const lines = [
      `1 mmap(NULL, 4096, ${ANON}) = 0x10000000`,
      '1 mmap(???',
      `1 mmap(0x10000000, 4096, ${FIXED}) = 0x10000000`,
    ];
    const input = folder.write('bad.strace', lines);
    const { code, stderr } = await migrate(input, folder.path('bad.out'));
    expect(code).toBe(8);
    expect(stderr).toContain(':2: malformed');
    expect(readFileSync(folder.path('bad.out'), 'utf8').split('\n')).toHaveLength(5);
    expect(await migrate(input, folder.path('never'), '--strict-input')).toMatchObject({ code: 8 });
    expect(existsSync(folder.path('never'))).toBe(false);
  });

  it('knows what belongs to which system', async () => {
    const out = folder.path('never.out');
    const strict = await overmap(['migrate', 'trace', recording('ls'), '-o', out, '--to', 'strict']);
    expect(strict).toMatchObject({ code: 2, stdout: '' });
    expect(strict.stderr).toContain('is an strace log of Linux, which has no policies of seL4: use --to noreplace');
    const sel4 = await migrate(folder.write('clean.jsonl', clean), out);
    expect(sel4).toMatchObject({ code: 2, stdout: '' });
    expect(sel4.stderr).toContain('is no strace log: --to noreplace is about Linux programs');
    expect((await migrate(recording('ls'), out, '--from', 'legacy')).stderr).toContain('--from names a policy of seL4');
    expect((await migrate('-', out)).stderr).toContain('standard input cannot be');
    expect((await migrate(dirname(recording('ls')), out)).stderr).toContain('is a directory');
    expect(await migrate(folder.path('missing'), out)).toMatchObject({ code: 3 });
    expect(existsSync(out)).toBe(false);
  });
});
