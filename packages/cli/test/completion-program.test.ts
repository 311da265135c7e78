import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap } from './program.ts';

const folder = makeFolder();
const bin = fileURLToPath(new URL('../bin/overmap.js', import.meta.url));
const VERBS = ['audit', 'completion', 'explain', 'migrate', 'replay'];
const OPTIONS = ['--format', '--fail-on', '--baseline', '--context', '--no-config', '--output', '--strict-input'];

/** The program under its name, for scripts that call it. */
function onPath(): string {
  const path = folder.path('overmap');
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
  chmodSync(path, 0o755);
  return `${dirname(path)}:${process.env['PATH'] ?? ''}`;
}
const ask = (shell: string, option: string, script: string): string =>
  spawnSync(shell, [option, '-c', script], { encoding: 'utf8' }).stdout;
const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** What bash would offer for a line, its last word being completed. */
async function offered(...line: string[]): Promise<string[]> {
  const { stdout: script } = await overmap(['completion', 'bash']);
  const words = line.map((word) => `'${word}'`).join(' ');
  const ask = `${script}\nCOMP_WORDS=(${words})\nCOMP_CWORD=${line.length - 1}\n$(complete -p overmap | sed 's/.*-F \\([^ ]*\\).*/\\1/')\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`;
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', ask], {
    encoding: 'utf8',
    env: { ...process.env, PATH: onPath() },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((word) => word !== '');
}

describe.skipIf(!has('bash') && !process.env['OVERMAP_REQUIRE_TOOLS'])('bash (needs bash)', () => {
  it('completes verbs', async () => {
    expect(await offered('overmap', '')).toEqual(expect.arrayContaining(VERBS));
    expect(await offered('overmap', 'ex')).toEqual(['explore', 'explain']);
  });

  it('completes the long options of a verb', async () => {
    expect(await offered('overmap', 'audit', '--')).toEqual(expect.arrayContaining(OPTIONS));
    expect(await offered('overmap', 'audit', '--fo')).toEqual(['--format']);
    expect(await offered('overmap', 'replay', '--ch')).toEqual(['--check']);
    expect(await offered('overmap', 'replay', '--base')).toEqual([]);
  });

  it('offers no letter as a long option', async () => {
    expect(await offered('overmap', 'audit', '--o')).toEqual(expect.not.arrayContaining(['--o']));
  });

  it('leaves inputs to the names of files', async () => {
    expect(await offered('overmap', 'audit', 'some')).toEqual([]);
  });
});

describe('zsh', () => {
  it('has a script that asks the program, whatever shell it was made in', async () => {
    const made = await overmap(['completion', 'zsh'], { env: { SHELL: '/bin/bash' } });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(/^#compdef overmap\n/);
    expect(made.stdout).toContain('overmap --get-yargs-completions');
    const bash = await overmap(['completion', 'bash'], { env: { SHELL: '/bin/zsh', ZSH_NAME: 'zsh' } });
    expect(bash.stdout).toContain('complete -o bashdefault -o default -F');
  });

  it('gets words with their descriptions', async () => {
    const env = { SHELL: '/bin/zsh' };
    const verbs = await overmap(['--get-yargs-completions', 'overmap', ''], { env });
    for (const verb of VERBS) expect(verbs.stdout).toMatch(new RegExp(`^${verb}:`, 'm'));
    const { stdout } = await overmap(['--get-yargs-completions', 'overmap', 'audit', '--'], { env });
    for (const option of OPTIONS) expect(stdout).toMatch(new RegExp(`^${option}:`, 'm'));
    expect(stdout).not.toMatch(/^--o:/m);
  });
});

describe('fish', () => {
  it('has every verb and every long option, quoted', async () => {
    const { code, stdout } = await overmap(['completion', 'fish']);
    expect(code).toBe(0);
    for (const verb of VERBS) expect(stdout).toContain(` -f -a ${verb} -d '`);
    for (const option of OPTIONS)
      expect(stdout).toContain(`"__fish_seen_subcommand_from audit" -l ${option.slice(2)} `);
    expect(stdout).toContain('-l output -s o -r -d ');
    // Every line is one command whose quotes are closed.
    for (const line of stdout.trim().split('\n').slice(1))
      expect(line).toMatch(/^complete -c overmap (?:[^'"]|"[^"]*"|'(?:[^'\\]|\\.)*')*$/);
  });

  it.skipIf(!has('fish'))('is understood by fish', async () => {
    const { stdout } = await overmap(['completion', 'fish']);
    expect(ask('fish', '--no-config', `${stdout}\ncomplete -C "overmap audit --fo"\n`)).toMatch(/^--format/m);
  });
});

it('an unknown shell is a mistake', async () => {
  expect(await overmap(['completion'])).toMatchObject({ code: 2 });
  expect((await overmap(['completion', 'bsh'])).stderr).toContain('Did you mean "bash"?');
});
