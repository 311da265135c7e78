import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('shows in the README what `npm start` really prints', () => {
  const readme = readFileSync(`${root}README.md`, 'utf8');
  const session = /## A session[^]*?```\n([^]*?)```/.exec(readme)?.[1];
  const bootstrap = readFileSync(`${root}scripts/bootstrap.mjs`, 'utf8');
  const start = /start: \[([^\]]*)\]/.exec(bootstrap)?.[1] ?? '';
  const args = start.split(',').map((word) => word.trim().replace(/^'|'$/g, ''));
  const recording = /const recording = '([^']*)'/.exec(bootstrap)?.[1] ?? '';
  const { stdout, status } = spawnSync(
    process.execPath,
    args.map((word) => (word === 'recording' ? recording : word)),
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    },
  );
  expect(status).toBe(0);
  expect(session).toBe(stdout);
}, 60_000);
