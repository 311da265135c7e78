import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap, recordings } from './program.ts';

const folder = makeFolder();
const slice = join(recordings, 'sel4test/slices/slice-aarch64-PT0001.jsonl.gz');
/** Runs the verb with words of a command line, and some that may have spaces in them. */
const bench = (words: string, ...more: string[]) => overmap(['bench', ...words.split(' '), ...more]);
const small = ['--pages', '24', '--batch', '1,4,16', '--arch', 'aarch64,ia32'];

describe('bench, modelled', () => {
  it('prices what it counts, in a table for each architecture', async () => {
    const { code, stdout, stderr } = await overmap(['bench', 'map', 'replace', ...small]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^overmap: \d+ cases in [\d.]+ s\.\n$/);
    expect(stdout).toContain('aarch64: modelled price of a page (instructions)');
    expect(stdout).toMatch(/map +contiguous +4K +\d+ \(\d+–\d+\)/);
    // Nobody has recorded an ia32 kernel: counts and no price.
    expect(stdout).toContain('ia32: modelled work for a page');
    expect(stdout).not.toMatch(/ia32.*instructions/);
  });

  it('gives the same document, byte for byte, with any number of workers', async () => {
    const [one, two, three] = await Promise.all(
      ['1', '2', '3'].map((workers) => overmap(['bench', ...small, '--format', 'json', '-j', workers])),
    );
    expect(one?.code).toBe(0);
    expect(two?.stdout).toBe(one?.stdout);
    expect(three?.stdout).toBe(one?.stdout);
    const { cases } = JSON.parse(one?.stdout ?? '') as { cases: { name: string }[] };
    expect(cases.length).toBeGreaterThan(100);
    expect(cases.map(({ name }) => name)).toEqual(cases.map(({ name }) => name).toSorted());
  });

  it('has no clock, host, path or number of workers in its document', async () => {
    const { stdout } = await overmap(['bench', 'map', ...small, '--format', 'json']);
    expect(Object.keys(JSON.parse(stdout) as object).toSorted()).toEqual(
      ['breakEven', 'cases', 'failures', 'kind', 'measure', 'seed', 'tables', 'tool'].toSorted(),
    );
  });

  it('takes another seed for other random addresses', async () => {
    const run = (seed: string) => overmap(['bench', 'map/random', ...small, '--format', 'json', '--seed', seed]);
    const [one, other] = await Promise.all([run('1'), run('2')]);
    expect(other?.stdout).not.toBe(one?.stdout);
  });

  it.each([
    ['csv', /^case,workload,addresses,build,/m],
    ['md', /^\| *workload *\|/m],
    ['svg', /^<svg [\s\S]*<\/svg>\n?$/],
  ])('writes %s', async (format, expected) => {
    const { code, stdout } = await overmap(['bench', 'map', ...small, '--format', format]);
    expect(code).toBe(0);
    expect(stdout).toMatch(expected);
  });

  it.each(['price', 'phases', 'break-even'])('draws the chart %s', async (chart) => {
    const file = folder.path(`${chart}.svg`);
    const { code, stdout } = await overmap(['bench', 'map', ...small, '--format', 'svg', '--chart', chart, '-o', file]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(readFileSync(file, 'utf8')).toContain('instructions');
  });

  it('takes price tables of the user', async () => {
    const costs = folder.path('costs.json');
    const table = { arch: 'ia32', unit: 'cycles', source: 'a test', prices: { entry: 100, call: 10, map: 50 } };
    writeFileSync(costs, JSON.stringify(table));
    const { code, stdout } = await overmap(['bench', 'map', ...small, '--costs', costs, '--format', 'json']);
    expect(code).toBe(0);
    const { cases } = JSON.parse(stdout) as { cases: { name: string; price: { unit: string } | null }[] };
    const single = cases.find(({ name }) => name === 'map/contiguous/ia32/4K/24/legacy/single');
    // Walks and maintenance have no price in that table, so the case has none.
    expect(single).toMatchObject({ price: null, unpriced: 'walkLevel' });
    const table_ = await overmap(['bench', 'map', ...small, '--costs', costs]);
    expect(table_.stdout).toContain('The table has no price for "walkLevel"');
  });

  it('fits a price table to what sel4bench printed, and says what makes it doubtful', async () => {
    const file = join(recordings, 'sel4bench/page_mapping-aarch64.json');
    const { code, stdout, stderr } = await bench('map --pages 24 --batch 1,16 --arch aarch64 --calibrate', file);
    expect(code).toBe(0);
    expect(stdout).toContain('modelled price of a page (cycles)');
    expect(stderr).toContain('page_mapping-aarch64.json');
  });

  it('exports the form of sel4bench, from which it calibrates to the same prices', async () => {
    const file = folder.path('exported.json');
    for (const pages of ['16', '512']) {
      const { code } = await bench(
        `map protect --pages ${pages} --batch 1 --arch aarch64 --format sel4bench -o`,
        `${file}.${pages}`,
      );
      expect(code).toBe(0);
    }
    const [small_, large] = ['16', '512'].map(
      (pages) => JSON.parse(readFileSync(`${file}.${pages}`, 'utf8')) as [{ Results: unknown[] }],
    );
    small_?.[0].Results.push(...(large?.[0].Results ?? []));
    writeFileSync(file, JSON.stringify(small_));
    const price = async (...more: string[]): Promise<number> => {
      const args = [
        'bench',
        'map/contiguous',
        '--pages',
        '64',
        '--batch',
        '1',
        '--arch',
        'aarch64',
        '--format',
        'json',
      ];
      const { stdout } = await overmap([...args, ...more]);
      return (JSON.parse(stdout) as { cases: { price: { middle: number } }[] }).cases[0]?.price.middle ?? 0;
    };
    expect(await price('--calibrate', file)).toBeCloseTo(await price(), -2);
  });
});

describe('bench --trace', () => {
  it("prices the trace's own operations, single and batched", async () => {
    const { code, stdout, stderr } = await overmap(['bench', '--trace', slice]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain("Modelled price of the trace's maps and unmaps (instructions)");
    expect(stdout).toContain('batched, reordered');
  });

  it('says it in JSON', async () => {
    const { stdout } = await overmap(['bench', '--trace', slice, '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'bench', measure: 'modelled', build: 'aarch64', failures: 0 });
  });
});

describe('bench, timed', () => {
  const few = ['map/contiguous/riscv64/strict', '--pages', '16', '--batch', '1', '--arch', 'riscv64', '--quick'];

  it('measures the simulation, labels it as such, and compares it with a baseline', { timeout: 120_000 }, async () => {
    const kept = folder.path('baseline.json');
    const first = await overmap(['bench', ...few, '--measure', 'timed', '--save-baseline', kept]);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('Speed of the simulation: host time of this program for a page (ns)');
    expect(first.stdout).not.toContain('instructions');
    // The same, as if it had been ten times as fast.
    const baseline = JSON.parse(readFileSync(kept, 'utf8')) as { timed: { samples: number[][] }[] };
    for (const { samples } of baseline.timed)
      for (const round of samples) round.forEach((ns, i) => (round[i] = ns / 10));
    writeFileSync(kept, JSON.stringify(baseline));
    const slower = await overmap(['bench', ...few, '--measure', 'timed', '--baseline', kept]);
    expect(slower.code).toBe(5);
    expect(slower.stderr).toMatch(/map\/contiguous\/riscv64.*the simulation takes [\d.]+ % more/);
  });

  it('compares modelled prices exactly', async () => {
    const kept = folder.path('prices.json');
    await overmap(['bench', 'map', ...small, '--save-baseline', kept]);
    const same = await overmap(['bench', 'map', ...small, '--baseline', kept, '--fail-if', 'slower:0%']);
    expect(same.code).toBe(0);
    expect(same.stderr).toContain(' compared at 0 %: 0 slower, 0 faster.');
    const other = await overmap(['bench', 'unmap', ...small, '--baseline', kept]);
    expect(other.code).toBe(4);
    expect(other.stderr).toContain('not compared, only in this run');
    writeFileSync(kept, readFileSync(kept, 'utf8').replaceAll(/"perPage":(\d+)/g, '"perPage":1'));
    const dearer = await overmap(['bench', 'map', ...small, '--baseline', kept]);
    expect(dearer.code).toBe(5);
    expect(dearer.stderr).toMatch(/costs [\d.]+ % more\./);
  });

  it('keeps the two measures in documents of their own', { timeout: 120_000 }, async () => {
    const csv = await overmap(['bench', ...few, '--measure', 'both', '--format', 'csv']);
    expect(csv.code).toBe(0);
    const { stdout } = await overmap(['bench', ...few, '--measure', 'both', '--format', 'json']);
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { measure: string });
    expect(documents.map(({ measure }) => measure)).toEqual(['modelled', 'timed']);
  });
});

describe('bench, what is wrong', () => {
  it.each<[string, string[], string]>([
    ['a case', ['mop'], 'did you mean "map"'],
    ['an architecture', ['--arch', 'arm64'], 'There is no architecture "arm64"'],
    ['a page size', ['--size', 'huge'], 'no page size'],
    ['a size that an architecture lacks', ['--arch', 'riscv64', '--size', '16M'], '16M'],
    ['a batch', ['--batch', '0'], '--batch is "0"; it must be a whole number from 1'],
    ['a number of pages', ['--pages', 'many'], '--pages is "many"'],
    ['a condition', ['--baseline', 'x', '--fail-if', 'worse'], 'slower:5%'],
    ['a condition without a baseline', ['--fail-if', 'slower:5%'], '--baseline'],
    ['a chart in a table', ['--chart', 'price'], '--format svg'],
    ['a chart without prices', ['map', '--arch', 'ia32', '--format', 'svg'], 'there is no price table of ia32'],
    ['a baseline of a trace', ['--trace', 'x', '--baseline', 'y'], 'a baseline is of cases'],
    ['a chart of times', ['--format', 'svg', '--measure', 'timed'], '--measure'],
    ['cases and a trace', ['map', '--trace', 'x'], '--trace'],
    ['two sources of prices', ['--costs', 'x', '--calibrate', 'y', '--arch', 'aarch64'], '--costs'],
    ['calibrating for all', ['--calibrate', 'y'], '--arch'],
    ['calibrating for what was never recorded', ['--calibrate', 'y', '--arch', 'ia32'], 'aarch64'],
  ])('refuses %s', async (_, args, hint) => {
    const { code, stdout, stderr } = await overmap(['bench', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
  });

  it.each<[number, string, string[]]>([
    [3, 'price tables that are not there', ['map', '--costs', '/nowhere/costs.json']],
    [3, 'a trace that is not there', ['--trace', '/nowhere/trace.jsonl']],
    [3, 'a baseline that is not there', ['map', ...small, '--baseline', '/nowhere/baseline.json']],
    [8, 'price tables that are none', ['map', '--costs', join(recordings, 'batch-drafts.json')]],
    [8, 'a trace that is none', ['--trace', join(recordings, 'batch-drafts.json')]],
    [8, 'a baseline that is none', ['map', ...small, '--baseline', join(recordings, 'batch-drafts.json')]],
    [6, 'a baseline that cannot be written', ['map', ...small, '--save-baseline', '/nowhere/baseline.json']],
    [6, 'an output that cannot be written', ['map', ...small, '-o', '/nowhere/out.txt']],
  ])('ends with %i for %s', async (code, _, args) => {
    const ended = await overmap(['bench', ...args]);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(/^overmap: .+/);
    expect(ended.stderr).not.toContain('    at ');
  });
});

it('leaves a valid partial result when it is interrupted', async () => {
  const file = folder.path('partial.json');
  const { code, stderr } = await overmap(
    ['bench', '--pages', '8192', '--batch', '1,2,3,4,5,6,7,8', '--format', 'json', '-j', '1', '-o', file],
    {
      // Not before the program listens to signals; its output's temporary file says that it does.
      during: (child) => {
        const timer = setInterval(() => {
          if (!readdirSync(dirname(file)).some((name) => name.endsWith('.tmp'))) return;
          clearInterval(timer);
          setTimeout(() => child.kill('SIGINT'), 300);
        }, 20);
      },
    },
  );
  expect(code).toBe(130);
  expect(stderr).toContain('interrupted');
  expect(existsSync(file)).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ kind: 'bench', interrupted: true });
});
