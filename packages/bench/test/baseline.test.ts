import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputUnreadableError, MalformedInputError, OutputError } from '@overmap/trace';
import { afterAll, describe, expect, it } from 'vitest';
import { type Baseline, BASELINE_FORMAT, parseBaseline, readBaseline, saveBaseline } from '../src/baseline.ts';
import { compareWithBaseline, parseFailIf } from '../src/compare-baseline.ts';
import { machine } from '../src/machine.ts';
import { measured, Noise, USUAL } from './draw-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-baseline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const timed = (name: string, time: number, seed: number): Baseline['timed'][number] => ({
  name,
  unit: 'ns',
  pages: 64,
  ...measured(new Noise(seed), { ...USUAL, time }),
});
const modelled = (name: string, perPage: number, unit = 'instructions') => ({ name, unit, perPage });
const baseline = (fields: Partial<Baseline> = {}): Baseline => ({
  ...BASELINE_FORMAT,
  tool: '0.1.0',
  machine: machine(),
  seed: 7,
  timed: [timed('map', 100, 1), timed('unmap', 50, 2)],
  modelled: [modelled('map', 200), modelled('unmap', 0)],
  ...fields,
});

describe('a baseline file', () => {
  it('is read as it was written, without what is not part of it', async () => {
    const path = join(folder, 'good.json');
    const { timed: cases, ...rest } = baseline();
    const withMore = cases.map((one) => ({ ...one, warnings: ['not kept'] }));
    await saveBaseline(path, { ...rest, timed: withMore });
    expect(await readBaseline(path)).toEqual(baseline());
    expect(readFileSync(path, 'utf8')).not.toContain('not kept');
    expect(readdirSync(folder)).toEqual(['good.json']);
  });

  it('says which file is missing or cannot be written', async () => {
    const path = join(folder, 'none', 'x.json');
    await expect(readBaseline(path)).rejects.toThrow(InputUnreadableError);
    await expect(readBaseline(path)).rejects.toThrow(`cannot read the baseline ${path}: ENOENT`);
    await expect(saveBaseline(path, baseline())).rejects.toThrow(OutputError);
    await expect(saveBaseline(path, baseline())).rejects.toThrow(`cannot write the baseline ${path}: ENOENT`);
  });

  it.each<[string, string, string]>([
    ['no JSON', '{"format', 'b.json is no baseline: it is not JSON'],
    ['something else', '{"findings": []}', 'b.json is no baseline: save one first'],
    ['another version', JSON.stringify({ ...baseline(), version: 2 }), 'of version 2, this program reads version 1'],
    [
      'a time of 0',
      JSON.stringify(baseline()).replace(/"samples":\[\[[^,]*/, '"samples":[[0'),
      'damaged at timed.0.samples.0.0',
    ],
    [
      'samples without reference',
      JSON.stringify(baseline({ timed: [{ ...timed('map', 1, 1), referenceSamples: [[1]] }] })),
      'damaged at timed.0: not a reference for each sample',
    ],
    [
      'a name twice',
      JSON.stringify(baseline({ modelled: [modelled('map', 1), modelled('map', 2)] })),
      'damaged at modelled: two cases have the same name',
    ],
  ])('is refused: %s', async (_, text, message) => {
    expect(() => parseBaseline(text, 'b.json')).toThrow(message);
    const path = join(folder, 'b.json');
    writeFileSync(path, text);
    await expect(readBaseline(path)).rejects.toThrow(MalformedInputError);
    rmSync(path);
  });
});

describe('compareWithBaseline', () => {
  const verdicts = (run: Partial<Baseline>, threshold = 0.05, before = baseline()) => {
    const { comparisons } = compareWithBaseline(before, baseline(run), { threshold });
    return comparisons.map(({ measure, name, verdict }) => `${measure} ${name} ${verdict}`);
  };

  it('finds the slower one of two timed cases, at the level of two', () => {
    const run = { timed: [timed('map', 101, 3), timed('unmap', 60, 4)] };
    expect(verdicts(run).slice(0, 2)).toEqual(['timed map same', 'timed unmap slower']);
    const [first] = compareWithBaseline(baseline(), baseline(run), { threshold: 0.05 }).comparisons;
    expect(first).toMatchObject({ level: 0.975, unit: 'ns' });
  });

  it('compares modelled cases exactly', () => {
    const at = (perPage: number) => verdicts({ modelled: [modelled('map', perPage), modelled('unmap', 0)] }).slice(2);
    expect(at(200)).toEqual(['modelled map same', 'modelled unmap same']);
    expect(at(209.9)[0]).toBe('modelled map same');
    expect(at(210.1)[0]).toBe('modelled map slower');
    expect(at(190)[0]).toBe('modelled map faster');
    expect(verdicts({ modelled: [modelled('map', 200.001)] }, 0).slice(2)).toEqual(['modelled map slower']);
    expect(verdicts({ modelled: [modelled('unmap', 1)] }).slice(2)).toEqual(['modelled unmap slower']);
  });

  it('names what has nothing to be compared with', () => {
    const run = baseline({
      timed: [timed('map', 100, 3), timed('protect', 10, 4)],
      modelled: [modelled('map', 200, 'cycles')],
    });
    const { comparisons, notCompared, warnings } = compareWithBaseline(baseline(), run, { threshold: 0.05 });
    expect(comparisons.map(({ name }) => name)).toEqual(['map']);
    expect(notCompared).toEqual([
      { measure: 'timed', name: 'protect', reason: 'only in this run' },
      { measure: 'timed', name: 'unmap', reason: 'only in the baseline' },
      { measure: 'modelled', name: 'unmap', reason: 'only in the baseline' },
      { measure: 'modelled', name: 'map', reason: 'in another unit than in the baseline' },
    ]);
    expect(warnings).toEqual([]);
  });

  it('warns of another machine', () => {
    const run = baseline({ machine: { ...machine(), cpu: 'Z80', v8: '1' } });
    const { warnings } = compareWithBaseline(baseline(), run, { threshold: 0.05 });
    expect(warnings).toEqual([expect.stringMatching(/another machine \(cpu .* and Z80; v8 .* and 1\)/)]);
  });
});

describe('parseFailIf', () => {
  it.each([
    ['slower:5%', 0.05],
    ['slower:12.5%', 0.125],
    ['slower:0%', 0],
  ])('%s', (text, threshold) => {
    expect(parseFailIf(text)).toEqual({ threshold });
  });

  it.each(['', 'slower', 'slower:5', 'slower:-5%', 'faster:5%', 'slower:5%,', 'slower: 5%', 'slower:%', 'slower:1e3%'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseFailIf(text)).toThrow(`"${text}" is no condition: say slower:5%`);
    },
  );
});
