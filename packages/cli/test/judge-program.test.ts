import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { makeFolder, overmap } from './program.ts';

vi.setConfig({ testTimeout: 180_000 });

const folder = makeFolder();

describe('holes', () => {
  it('writes traces that the model agrees with, and ends with 1', async () => {
    const out = folder.path('holes');
    const { code, stdout, stderr } = await overmap([
      'holes',
      '--policy',
      'strict',
      '--arch',
      'riscv32',
      '--depth',
      '5',
      '-o',
      out,
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('remap of a page that was mapped without rights, on riscv32 with 4 KiB pages');
    expect(stderr).toMatch(/states of 2 small worlds, up to 5 steps, in \d/);
    const traces = readdirSync(out).map((name) => join(out, name));
    expect(traces.length).toBeGreaterThan(5);
    const replayed = await overmap(['replay', '--check', ...traces]);
    expect(replayed).toMatchObject({ code: 0 });
    expect(replayed.stdout).toMatch(/ 0 divergences/);
  });

  it('finds none in exact, and says what was covered', async () => {
    const { code, stdout } = await overmap([
      'holes',
      '--policy',
      'exact',
      '--arch',
      'ia32',
      '--depth',
      '4',
      '--format',
      'json',
    ]);
    expect(code).toBe(0);
    const document = JSON.parse(stdout) as {
      holes: unknown[];
      states: number;
      depth: number;
      worlds: { depth: number }[];
    };
    expect(document).toMatchObject({ holes: [], depth: 4 });
    expect(document.states).toBeGreaterThan(500);
    expect(document.worlds.map(({ depth }) => depth)).toEqual([4, 4]);
  });

  it('takes a rule of the user', async () => {
    const rule = folder.write('rule.mjs', ["export default () => 'ok';"]);
    const { code, stdout } = await overmap(['holes', '--to', rule, '--arch', 'riscv32', '--depth', '2']);
    expect(code).toBe(1);
    expect(stdout).toContain('over-map');
  });

  it.each([
    [['--policy', 'strict', '--to', 'exact'], 'both name the rule'],
    [['--policy', 'strikt'], 'There is no policy "strikt". Did you mean "strict"?'],
    [['--arch', 'arm'], 'There is no architecture "arm"'],
    [['--depth', '0'], 'a whole number from 1'],
    [['strict'], 'takes no arguments'],
  ])('%j is a mistake', async (args, words) => {
    const { code, stderr } = await overmap(['holes', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});

describe('vectors', () => {
  it('writes a suite that its own policy passes, and no other one does', async () => {
    const out = folder.path('suite.jsonl');
    const { code, stderr } = await overmap([
      'vectors',
      '--policy',
      'strict',
      '--arch',
      'ia32',
      '-o',
      out,
      '--format',
      'md',
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/\d+ vectors in [\d,]+ records, written to /);
    expect(readFileSync(folder.path('suite.md'), 'utf8')).toContain('refutes alone a kernel that');
    expect(await overmap(['replay', '--check', out])).toMatchObject({ code: 0 });
    for (const other of ['legacy', 'exact', 'permissive', 'permissive-aware'])
      expect(await overmap(['replay', '--check', '--policy', other, out])).toMatchObject({ code: 1 });
  });

  it.each([
    [['-o', 'x.jsonl'], 'vectors needs one architecture'],
    [['--arch', 'ia32'], 'vectors needs a file'],
  ])('%j is a mistake', async (args, words) => {
    const { code, stderr } = await overmap(['vectors', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
