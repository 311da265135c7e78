import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../src/commands/audit.ts';
import { readConfig } from '../src/config-file.ts';
import { UsageError } from '../src/usage-error.ts';

const top = mkdtempSync(join(tmpdir(), 'overmap-config-'));
const deep = join(top, 'a/b');
mkdirSync(deep, { recursive: true });
afterAll(() => rmSync(top, { recursive: true, force: true }));

const write = (folder: string, value: unknown): void =>
  writeFileSync(join(folder, 'overmap.config.json'), typeof value === 'string' ? value : JSON.stringify(value));
const read = (folder: string) => readConfig(folder, audit.options);
function complaint(value: unknown): string {
  write(top, value);
  try {
    read(top);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
}

beforeEach(() => {
  rmSync(join(top, 'a/overmap.config.json'), { force: true });
  rmSync(join(top, 'overmap.config.json'), { force: true });
});

describe('readConfig', () => {
  it('finds the nearest file, in the folder or above it', () => {
    expect(read(deep)).toBeUndefined();
    write(top, { drift: true });
    expect(read(deep)).toEqual({ path: '../../overmap.config.json', options: { drift: true } });
    write(join(top, 'a'), { to: 'exact' });
    expect(read(deep)).toEqual({ path: '../overmap.config.json', options: { to: 'exact' } });
    expect(read(top)).toEqual({ path: 'overmap.config.json', options: { drift: true } });
  });

  it('takes every long option of audit', () => {
    const all = {
      from: 'legacy',
      to: 'exact',
      drift: true,
      format: 'json',
      'fail-on': 'note',
      only: ['OM001', 'OM002'],
      off: 'OM004',
      context: false,
      'strict-input': true,
      verbose: true,
    };
    write(top, `\ufeff${JSON.stringify(all)}`);
    expect(read(top)?.options).toEqual({ ...all, off: ['OM004'] });
    // The option of a letter goes by its long name.
    write(top, { output: 'x', baseline: 'y' });
    expect(read(top)?.options).toEqual({ o: './x', baseline: './y' });
  });

  it('means paths from its own folder', () => {
    write(top, { baseline: 'known.json', to: './rules/same.mjs', output: '/tmp/out' });
    expect(read(deep)?.options).toEqual({
      baseline: '../../known.json',
      to: '../../rules/same.mjs',
      o: '/tmp/out',
    });
    write(top, { to: 'strict, ./rules/same.mjs,exact' });
    expect(read(deep)?.options).toEqual({ to: 'strict,../../rules/same.mjs,exact' });
    write(top, { to: 'strict', output: '-' });
    expect(read(deep)?.options).toEqual({ to: 'strict', o: '-' });
  });

  it.each<[unknown, string]>([
    ['{"to":', 'is no JSON'],
    [[], 'must be an object'],
    [{ formt: 'json' }, 'has the key "formt", which is no option of audit. Did you mean "format"?'],
    [{ 'no-config': true }, 'has the key "no-config"'],
    [{ o: 'x' }, 'has the key "o"'],
    [{ to: 3 }, '"to" must be a text.'],
    [{ to: '' }, '"to" must be a text.'],
    [{ drift: 'yes' }, '"drift" must be true or false.'],
    [{ only: [1] }, '"only" must be a text, or a list of texts.'],
    [{ only: [] }, '"only" must be a text, or a list of texts.'],
    [{ '\u001b[31m': 1 }, 'has the key "\\u{1b}[31m"'],
  ])('%j is refused', (value, why) => {
    expect(complaint(value)).toContain(why);
  });
});
