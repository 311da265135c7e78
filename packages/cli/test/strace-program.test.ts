import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap } from './program.ts';

const folder = makeFolder();
const recording = (name: string): string =>
  fileURLToPath(new URL(`../../../recordings/strace/${name}.strace.gz`, import.meta.url));

describe('overmap audit of an strace log', () => {
  it('says what was replaced', async () => {
    const { code, stdout, stderr } = await overmap(['audit', recording('ls')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('\nLinux, strace log: what MAP_FIXED replaced\n');
    expect(stdout).toContain('note OL003 segment of a file placed: 11 findings\n  process 9609 (/usr/bin/ls)  11\n');
    expect(stdout).toContain('11 of 11 successful MAP_FIXED calls replaced live memory;');
  });

  it('is asked of one target at a time', async () => {
    const { code, stderr } = await overmap(['audit', recording('ls'), '--to', 'noreplace,pcuabi']);
    expect(code).toBe(2);
    expect(stderr).toContain('Run the audit once for each: --to noreplace, then --to pcuabi.');
    expect((await overmap(['audit', recording('ls'), '--to', 'pcuabi'])).stdout).toContain(
      '\nLinux, strace log: what PCuABI would refuse\n',
    );
  });

  it('reads a folder of strace -ff as one log, and takes no other folder for one', async () => {
    const logs = folder.path('threads');
    mkdirSync(logs);
    const map = 'mmap(0x7f0000000000, 8192, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000';
    writeFileSync(
      `${logs}/app.strace.10`,
      `1.000001 execve("/bin/a", ["a"], NULL) = 0\n1.000002 ${map}\n1.000003 ${map}\n`,
    );
    const { code, stdout } = await overmap(['audit', logs, '--format', 'json']);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { summary: object }).summary).toMatchObject({ linux: { execs: 1, replacing: 1 } });
    const pages = folder.path('man');
    mkdirSync(pages);
    writeFileSync(`${pages}/a.1`, 'main(void) is called\n');
    writeFileSync(`${pages}/b.c`, 'int main(void) { return 0; }\n');
    const source = await overmap(['audit', pages, '--format', 'json']);
    expect((JSON.parse(source.stdout) as { summary: object }).summary).toMatchObject({ source: { files: 1 } });
  });

  it('--verbose shows it by process and origin', async () => {
    const { stdout } = await overmap(['audit', recording('bash'), '--verbose']);
    expect(stdout).toContain('what was replaced, by process');
    expect(stdout).toMatch(/process 9616 \(\/usr\/bin\/ls\), forked by 9613, from line \d+: 11 calls, 2,600,960 bytes/);
    expect(stdout).toMatch(/^ +[\d,]+ {2}\/usr\/lib\/x86_64-linux-gnu\/libc\.so\.6$/m);
  });

  it('warns of what may have lost data, and --fail-on decides', async () => {
    expect((await overmap(['audit', recording('java')])).code).toBe(0);
    const { code, stdout } = await overmap(['audit', recording('java'), '--fail-on', 'warning', '--only', 'OL001']);
    expect(code).toBe(1);
    expect(stdout).toContain('warning OL001 replaces live memory of another origin: 12 findings');
  });

  it('--to noreplace refuses what replaces', async () => {
    const { code, stdout } = await overmap(['audit', recording('ls'), '--to', 'noreplace', '--format', 'json']);
    expect(code).toBe(1);
    const { summary } = JSON.parse(stdout) as { summary: { findings: object; linux: object } };
    expect(summary.findings).toEqual({ OL003: 11, OL009: 11 });
    expect(summary.linux).toMatchObject({ outcomeChanges: 11, replacing: 11 });
  });

  it('has nothing of seL4, and the other way round', async () => {
    const strict = await overmap(['audit', recording('ls'), '--to', 'strict']);
    expect(strict).toMatchObject({ code: 2, stdout: '' });
    expect(strict.stderr).toContain('is an strace log of Linux');
    expect((await overmap(['audit', recording('ls'), '--drift'])).stderr).toContain('there is no --drift');
    const trace = folder.path('trace.jsonl');
    writeFileSync(
      trace,
      '{"trace":"overmap","version":1,"system":"sel4","arch":"x86_64","policy":"legacy","source":"","config":{}}\n',
    );
    const sel4 = await overmap(['audit', trace, '--to', 'noreplace']);
    expect(sel4.code).toBe(2);
    expect(sel4.stderr).toContain('is no strace log');
  });

  it.each(['sarif', 'md', 'csv', 'github', 'jsonl', 'trace-events'])('is written as %s', async (format) => {
    const { code, stdout, stderr } = await overmap(['audit', recording('xz'), '--format', format]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('OL003');
    expect(stdout).toContain('xz');
  });

  it('tells malformed lines, and goes on', async () => {
    const log = folder.path('bad.strace');
    writeFileSync(log, '1 brk(NULL) = 0x1000\n1 munmap(0x1000, \u001b[31m) = 0\n1 brk(NULL) = 0x1000\n');
    const { code, stdout, stderr } = await overmap(['audit', log, '--format', 'json']);
    expect(code).toBe(8);
    expect(stderr).toContain(':2');
    expect(stderr).not.toContain('\u001b');
    expect(JSON.parse(stdout)).toMatchObject({ summary: { badLines: 1, linux: { calls: 3, brk: 2 } } });
  });

  it('explains its rules', async () => {
    const { code, stdout } = await overmap(['explain', 'OL001']);
    expect(code).toBe(0);
    expect(stdout).toContain('warning OL001 replaces live memory of another origin');
  });
});
