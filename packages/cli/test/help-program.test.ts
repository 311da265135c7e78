import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { overmap } from './program.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

it('--version is that of the package', async () => {
  const expected = { code: 0, stdout: `${manifest.version}\n`, stderr: '' };
  expect(await overmap(['--version'])).toMatchObject(expected);
  expect(await overmap(['audit', '--version'])).toMatchObject(expected);
});

it('--help goes to standard output', async () => {
  const { code, stdout, stderr } = await overmap(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('overmap audit');
});

it('without a verb, help is talk', async () => {
  const { code, stdout, stderr } = await overmap([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('overmap audit');
});

it('speaks one language, whatever the locale is', async () => {
  const { stderr } = await overmap(['audit', 'x', '-o'], { env: { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' } });
  expect(stderr).toBe('overmap: Not enough arguments following: o.\n');
});
