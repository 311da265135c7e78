import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputUnreadableError } from '@overmap/trace';
import { describe, expect, it } from 'vitest';
import { at, auditLog, logFile, mmap } from './strace-log.ts';

let folders = 0;
/** Files of `strace -ff`, with time stamps or without. */
function folder(
  files: Readonly<Record<string, readonly (readonly [seconds: number, call: string])[]>>,
  stamped = true,
): string {
  const path = `${logFile('')}.${++folders}`;
  mkdirSync(path);
  for (const [name, lines] of Object.entries(files)) {
    const text = lines.map(([s, call]) => `${stamped ? `12:00:${String(s).padStart(2, '0')}.000001 ` : ''}${call}\n`);
    writeFileSync(join(path, name), text.join(''));
  }
  return path;
}
/** A call without the number of its thread. */
const plain = (line: string): string => line.replace(/^\d+ /, '');

const THREADS = {
  'app.strace.10': [
    [0, 'execve("/bin/a", ["a"], NULL) = 0'],
    [1, plain(mmap(0, 4))],
    [2, 'clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 11'],
    [3, 'clone(child_stack=NULL, flags=SIGCHLD) = 12'],
    [5, `munmap(${at(0)}, 4096) = 0`],
    [9, '+++ exited with 0 +++'],
  ],
  'app.strace.11': [
    [4, plain(mmap(0, 1, { fixed: true }))],
    [6, plain(mmap(0, 1, { fixed: true }))],
  ],
  'app.strace.12': [[8, plain(mmap(1, 1, { fixed: true }))]],
} as const;

describe('the files of strace -ff', () => {
  it('are one log, in the order of their time stamps', async () => {
    const { findings, linux } = await auditLog(folder(THREADS));
    // The munmap came between the two calls of thread 11.
    expect(linux).toMatchObject({ mapFixedOk: 3, replacing: 2, unseen: 1, forks: 1, vmClones: 1, calls: 8 });
    expect(findings.filter(({ rule }) => rule === 'OL001')).toMatchObject([
      { line: 1, process: 'process 10 (/bin/a)' },
      { line: 1, process: 'process 12 (/bin/a)' },
    ]);
  });

  it('without time stamps are read one after the other, and it is said what cannot be known', async () => {
    const warnings: string[] = [];
    const path = folder(THREADS, false);
    const { linux } = await auditLog(path, { onWarning: (text) => void warnings.push(text) });
    expect(warnings).toEqual([expect.stringContaining('cannot be known')]);
    expect(linux).toMatchObject({ calls: 8, mapFixedOk: 3 });
  });

  it('must be there, and of one run', async () => {
    await expect(auditLog(folder({ 'readme.txt': [] }))).rejects.toThrow(InputUnreadableError);
    await expect(auditLog(folder({ 'a.1': [], 'b.2': [] }))).rejects.toThrow(/2 runs/);
  });

  it('may have lines that are longer than what is read at a time', async () => {
    const long = `openat(AT_FDCWD, "${'x'.repeat(300_000)}", O_RDONLY) = 3`;
    const path = folder({
      'a.1': [
        [0, long],
        [1, plain(mmap(0, 1))],
        [2, plain(mmap(0, 1, { fixed: true }))],
      ],
    });
    expect((await auditLog(path)).linux).toMatchObject({ calls: 3, replacing: 1 });
  });
});
