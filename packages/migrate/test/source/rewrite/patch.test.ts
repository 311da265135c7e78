import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../../../test/tools.ts';
import { treeState } from '../../../src/source/rewrite/git-tree.ts';
import { applyEdits, disjoint, lineEnd } from '../../../src/source/rewrite/text-edit.ts';
import { unifiedDiff } from '../../../src/source/rewrite/unified-diff.ts';

const scratch = mkdtempSync(join(tmpdir(), 'overmap-patch-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let made = 0;
function folder(files: Readonly<Record<string, string>>): string {
  const path = join(scratch, String(made++));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}
const run = (cwd: string, tool: string, args: readonly string[], input?: string) =>
  spawnSync(tool, args, { cwd, encoding: 'utf8', ...(input === undefined ? {} : { input }) });

const CASES: Readonly<Record<string, readonly [string, string]>> = {
  'a/plain.c': ['one\ntwo\nthree\n', 'one\n2\nthree\n'],
  'a/crlf.c': ['one\r\ntwo\r\nthree\r\n', 'one\r\ntwo\r\nnew\r\nthree\r\n'],
  'a/mixed.c': ['one\r\ntwo\nthree', 'one\r\ntwo\nthree\n4'],
  'a/no-end.c': ['one\ntwo', 'one\nTWO'],
  'with space/é.md': ['# x\n', '# x\ny\n'],
  'a/far.c': [
    Array.from({ length: 60 }, (_, i) => `line ${i}\n`).join(''),
    Array.from({ length: 60 }, (_, i) => (i === 3 || i === 50 ? `${i}\n` : `line ${i}\n`)).join(''),
  ],
  // What looks like a header of a patch.
  'a/dashes.c': ['-- a\n++ b\n', '-- a\n++ c\n'],
};

describe('a patch', () => {
  const before = Object.fromEntries(Object.entries(CASES).map(([name, [old]]) => [name, old]));
  const patch = Object.entries(CASES)
    .map(([name, [old, now]]) => unifiedDiff(name, old, now))
    .join('');
  const check = (path: string): void => {
    for (const [name, [, now]] of Object.entries(CASES)) expect(readFileSync(join(path, name), 'utf8'), name).toBe(now);
  };

  it.skipIf(lacks('git'))('applies by git (needs git)', () => {
    const path = folder(before);
    expect(run(path, 'git', ['apply', '--whitespace=nowarn', '-'], patch)).toMatchObject({ status: 0, stderr: '' });
    check(path);
  });

  it.skipIf(lacks('patch'))('applies by patch -p1 (needs patch)', () => {
    const path = folder(before);
    expect(run(path, 'patch', ['-p1', '--binary', '--no-backup-if-mismatch'], patch)).toMatchObject({
      status: 0,
      stderr: '',
    });
    check(path);
  });

  it('is empty for what did not change, and shows paths from the folder', () => {
    expect(unifiedDiff('a.c', 'x\n', 'x\n')).toBe('');
    expect(unifiedDiff('./a.c', 'x\n', 'y\n')).toBe('--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-x\n+y\n');
    expect(unifiedDiff('"odd\u001b".c', 'x\n', 'y\n')).toContain('--- "a/\\"odd\\033\\".c"\n');
  });
});

describe('edits of a text', () => {
  it('leave everything else as it was', () => {
    const pieces = fc.array(fc.tuple(fc.string(), fc.string({ minLength: 1 }), fc.string()), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, fc.string(), (parts, tail) => {
        let text = '';
        let expected = '';
        const edits = parts.map(([kept, old, now]) => {
          const start = text.length + kept.length;
          text += kept + old;
          expected += kept + now;
          return { start, end: start + old.length, text: now };
        });
        expect(applyEdits(text + tail, edits.toReversed())).toBe(expected + tail);
      }),
    );
  });

  it('do not overlap, nor insert at one place twice', () => {
    expect(
      disjoint([
        { start: 0, end: 2, text: '' },
        { start: 1, end: 3, text: '' },
      ]),
    ).toBe(false);
    expect(
      disjoint([
        { start: 1, end: 1, text: 'a' },
        { start: 1, end: 1, text: 'b' },
      ]),
    ).toBe(false);
    expect(() => applyEdits('ab', [{ start: 1, end: 3, text: '' }])).toThrow(RangeError);
  });

  it('see how a line ends', () => {
    expect(lineEnd('a\r\nb\nc', 0)).toBe('\r\n');
    expect(lineEnd('a\r\nb\nc', 3)).toBe('\n');
    expect(lineEnd('a\r\nb', 3)).toBe('\r\n');
  });
});

describe.skipIf(lacks('git'))('the state of a tree (needs git)', () => {
  const git = (cwd: string, ...args: string[]): void => {
    const { status, stderr } = run(cwd, 'git', [
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@example.org',
      '-c',
      'init.defaultBranch=main',
      ...args,
    ]);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  };
  const tracked = (): string => {
    const path = folder({ 'a.c': 'a\n', 'b.c': 'b\n' });
    git(path, 'init', '-q');
    git(path, 'add', '.');
    git(path, 'commit', '-qm', 'x');
    return path;
  };

  it('is clean behind a commit; what is not tracked and not written does not matter', () => {
    const path = tracked();
    writeFileSync(join(path, 'new.c'), 'x');
    expect(treeState([join(path, 'a.c')])).toEqual({ kind: 'clean' });
  });

  it('is dirty when anything that is tracked was changed', () => {
    const path = tracked();
    writeFileSync(join(path, 'b.c'), 'x');
    expect(treeState([join(path, 'a.c')])).toEqual({ kind: 'dirty', changed: ['b.c'] });
  });

  it('is unknown for a file that git does not track, or outside of git', () => {
    const path = tracked();
    writeFileSync(join(path, 'new.c'), 'x');
    expect(treeState([join(path, 'new.c')])).toMatchObject({ kind: 'unknown' });
    const outside = folder({ 'a.c': '' });
    expect(treeState([join(outside, 'a.c')])).toMatchObject({ kind: 'unknown' });
  });

  it('does not run what a repository names', () => {
    const path = tracked();
    const trap = join(path, 'trap.sh');
    writeFileSync(trap, `#!/bin/sh\ntouch ${join(path, 'sprung')}\n`);
    chmodSync(trap, 0o755);
    git(path, 'config', 'core.fsmonitor', trap);
    treeState([join(path, 'a.c')]);
    expect(existsSync(join(path, 'sprung'))).toBe(false);
  });
});
