import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap, recordings } from './program.ts';

const folder = makeFolder();
const slice = join(recordings, 'sel4test/slices/slice-aarch64-PT0001.jsonl.gz');

describe('migrate trace --batch', () => {
  it('writes a batched trace that replays as it was recorded, and says what it saves', async () => {
    const out = folder.path('batched.jsonl.gz');
    const { code, stdout, stderr } = await overmap(['migrate', 'trace', slice, '-o', out, '--batch']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/kernel entries +[\d,]+ +[\d,]+ +[\d.]+ %/);
    expect(stdout).toContain('The states after both are the same.');
    const replay = await overmap(['replay', '--check', out]);
    expect(replay).toMatchObject({ code: 0, stderr: '' });
    expect(replay.stdout).toMatch(/ 0 divergences\n$/);
    const before = await overmap(['replay', slice]);
    expect(replay.stdout.split(',')[0]).toBe(before.stdout.trim().split('\n').at(-1)?.split(',')[0]);
  });

  it('says it in JSON', async () => {
    const out = folder.path('json.jsonl');
    const { stdout } = await overmap([
      'migrate',
      'trace',
      slice,
      '-o',
      out,
      '--batch',
      '--reorder',
      '--format',
      'json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      input: slice,
      output: out,
      difference: null,
      costs: expect.any(Array) as unknown,
    });
    expect(readFileSync(out, 'utf8')).toContain('"version":2');
  });

  it.each<[number, string, string[], string]>([
    [2, 'nothing to do', [slice, '-o', 'x'], 'or --batch'],
    [2, 'no output', [slice, '--batch'], 'add -o OUT'],
    [2, 'the other policy option', [slice, '-o', 'x', '--batch', '--from', 'strict'], '--policy'],
    [2, 'two inputs', [slice, slice, '-o', 'x', '--batch'], 'takes one trace'],
    [2, 'no input', ['-o', 'x', '--batch'], 'needs a trace'],
    [2, 'the output is the input', [slice, '-o', slice, '--batch'], 'name another file'],
    [3, 'a missing input', [folder.path('missing'), '-o', folder.path('never'), '--batch'], 'cannot read'],
    [6, 'an output that cannot be written', [slice, '-o', '/nowhere/x', '--batch'], 'cannot write'],
  ])('answers %i to %s', async (code, _, args, says) => {
    const ended = await overmap(['migrate', 'trace', ...args]);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(says);
    expect(existsSync(folder.path('never'))).toBe(false);
  });

  it('knows nothing but traces', async () => {
    expect(await overmap(['migrate', 'sources', 'x', '-o', 'y', '--batch'])).toMatchObject({ code: 2 });
  });
});
