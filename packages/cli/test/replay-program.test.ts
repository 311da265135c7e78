import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assumed, clean, divergent, makeFolder, overmap, recordings } from './program.ts';

const folder = makeFolder();
const good = folder.write('clean.jsonl', clean);
const other = folder.write('divergent.jsonl.gz', divergent);
const partial = folder.write('assumed.jsonl', assumed);
const broken = folder.write('broken.jsonl', [...divergent, '{"op":']);

describe('the exit code of a replay', () => {
  it.each<[number, string, string[]]>([
    [0, 'all agrees', ['--check', good]],
    [1, 'something differs', ['--check', other]],
    [0, 'nobody compares', [other]],
    [4, 'the trace is not complete', ['--check', partial]],
    [0, 'the trace need not be complete', ['--check', '--partial', partial]],
    [0, 'the trace is not complete and nobody compares', [partial]],
    [4, 'not complete and divergences', ['--check', partial, other]],
    [8, 'malformed, not complete and divergences', ['--check', broken, partial, other]],
    [3, 'an input is missing, too', ['--check', broken, partial, folder.path('missing')]],
    [6, 'the output cannot be written', ['--check', other, '-o', '/dev/full']],
    [2, 'the policy is unknown', ['--policy', 'strct', other]],
  ])('is %i when %s', async (code, _, args) => {
    expect(await overmap(['replay', ...args])).toMatchObject({ code, signal: null });
  });
});

it('gives one object for all inputs together', async () => {
  const { stdout } = await overmap(['replay', '--check', '--format', 'json', good, other, partial]);
  expect(JSON.parse(stdout)).toEqual({
    events: clean.length + divergent.length + assumed.length - 3,
    states: 0,
    skipped: expect.any(Object) as unknown,
    divergences: [{ input: other, event: 10, line: 12, field: 'ret', expected: 'DeleteFirst', actual: 'ok' }],
  });
});

it('ends with a line for scripts', async () => {
  const { stdout } = await overmap(['replay', '--check', good, other]);
  expect(stdout.split('\n').at(-2)).toBe(`${clean.length + divergent.length - 2} events, 0 states, 1 divergences`);
  expect(stdout).toContain('divergent.jsonl.gz:12 event 10 ret\n  expected DeleteFirst\n       got ok\n');
});

it('explains why a trace that is not complete proves little', async () => {
  const { stderr } = await overmap(['replay', '--check', partial]);
  expect(stderr).toMatch(
    /assumed\.jsonl: the trace uses 2 capabilities that it never created, so .* --partial accepts that\.\n/,
  );
});

it('lists some divergences and counts all', async () => {
  const path = folder.write('many.jsonl', [...divergent, ...Array.from({ length: 40 }, () => divergent.at(-1) ?? {})]);
  const table = await overmap(['replay', '--check', path]);
  expect(table.stdout.match(/ event \d+ ret$/gm)).toHaveLength(20);
  expect(table.stdout).toMatch(/and 21 more divergences \(--verbose shows more\)\n\n.*41 divergences\n$/s);
  const json = await overmap(['replay', '--check', '--format', 'json', path]);
  expect((JSON.parse(json.stdout) as { divergences: unknown[] }).divergences).toHaveLength(41);
});

it('writes nothing when no input could be read', async () => {
  expect(await overmap(['replay', folder.path('missing')])).toMatchObject({ code: 3, stdout: '' });
});

it('agrees with a recording', async () => {
  const path = join(recordings, 'sel4/x86_64/legacy/0001.jsonl.gz');
  const { code, stdout } = await overmap(['replay', '--check', path]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+ events, \d+ states, 0 divergences$/m);
});
