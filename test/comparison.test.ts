import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('docs/comparison.md is what the scenarios come to', { timeout: 60_000 }, async () => {
  const check = promisify(execFile)(process.execPath, ['scripts/comparison.mjs', '--check'], { cwd: root });
  await expect(check).resolves.toEqual({ stdout: '', stderr: '' });
});
