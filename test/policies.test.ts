import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

// The larger recordings are compared, too, where OVERMAP_RECORDINGS names them.
it('docs/policies.md is what the recordings say', { timeout: 240_000 }, async () => {
  const check = promisify(execFile)(process.execPath, ['scripts/policies.mjs', '--check'], { cwd: root });
  await expect(check).resolves.toEqual({ stdout: '', stderr: '' });
});
