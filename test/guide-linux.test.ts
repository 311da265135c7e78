import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { lacks } from './tools.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'overmap-guide-linux-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const example = 'docs/examples/linux';
cpSync(join(root, example), join(scratch, example), { recursive: true });

const overmap = (...args: readonly string[]): string => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'packages/cli/bin/overmap.js'), ...args], {
    cwd: scratch,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return stdout + stderr;
};

it('shows in the guide to Linux what the commands really print', () => {
  const guide = readFileSync(join(root, 'docs/guide-linux.md'), 'utf8');
  const sessions = [...guide.matchAll(/^```\n((?:\$ overmap [^\n]*\n)[\s\S]*?)^```$/gm)];
  expect(sessions).not.toEqual([]);
  for (const [, session = ''] of sessions) {
    const commands = session.split(/^(?=\$ overmap )/m);
    const printed = commands.map((command) => {
      const [line = ''] = command.split('\n', 1);
      return `${line}\n${overmap(...line.replace('$ overmap ', '').split(' '))}`;
    });
    expect(session).toBe(printed.join(''));
  }
}, 60_000);

it.skipIf(lacks('cc', 'git'))(
  'the example compiles and runs, before and after (needs cc and git)',
  () => {
    const run = (command: string, ...args: readonly string[]): void => {
      const { status, stderr } = spawnSync(command, args, { cwd: join(scratch, example), encoding: 'utf8' });
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
    };
    const sources = ['main.c', 'heap.c', 'arena.c', 'screen.c'];
    const build = (): void => run('cc', '-Wall', '-Wextra', '-Werror', '-o', 'app', ...sources);
    build();
    run('./app');
    overmap('audit', `${example}/run.strace`, '--format', 'json', '-o', 'audit.json');
    const args = ['--to', 'noreplace', '--evidence', 'audit.json', '--write', '--allow-dirty'];
    expect(overmap('migrate', 'source', example, ...args)).toContain('2 calls hardened in 1 file');
    expect(readFileSync(join(scratch, example, 'heap.c'), 'utf8')).toContain('MAP_FIXED_NOREPLACE');
    build();
    run('./app');
  },
  60_000,
);
