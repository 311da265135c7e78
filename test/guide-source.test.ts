import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('shows in the guide to source what the command really prints', () => {
  const guide = readFileSync(`${root}docs/guide-source.md`, 'utf8');
  const sessions = [...guide.matchAll(/^```\n\$ overmap ([^\n]*)\n([\s\S]*?)^```$/gm)];
  expect(sessions).not.toEqual([]);
  for (const [, args = '', shown] of sessions) {
    const { stdout, stderr } = spawnSync(process.execPath, ['packages/cli/bin/overmap.js', ...args.split(' ')], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    expect(shown).toBe(stdout + stderr);
  }
}, 60_000);
