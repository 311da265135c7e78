import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

// The figures are the model's, so they are the same on every machine.
it('docs/results.md and its pictures are what the model says', { timeout: 240_000 }, async () => {
  const check = promisify(execFile)(process.execPath, ['scripts/results.mjs', '--check'], { cwd: root });
  await expect(check).resolves.toEqual({ stdout: '', stderr: '' });
});
