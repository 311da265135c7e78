import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputUnreadableError, MalformedInputError } from '@overmap/trace';
import { afterAll, describe, expect, it } from 'vitest';
import { type Calibration, calibrate } from '../../src/costs/calibrate.ts';
import { RECORDED_ARCHS, RECORDED_ROWS, type RecordedArch } from '../../src/costs/recorded-costs.ts';
import { type PhaseSamples, type Sel4benchPhase, sel4benchJson } from '../../src/costs/sel4bench-json.ts';
import { shippedTable } from '../../src/costs/shipped-table.ts';
import { breakEven, savingOf } from '../../src/break-even.ts';
import { priceOf } from '../../src/price-table.ts';
import type { WorkCounts } from '../../src/work.ts';

const REAL = fileURLToPath(new URL('../../../../recordings/sel4bench/page_mapping-aarch64.json', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'overmap-calibrate-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const PATH = join(scratch, 'sel4bench.json');

const from = (text: string, arch: RecordedArch = 'aarch64'): Promise<Calibration> => {
  writeFileSync(PATH, text);
  return calibrate(PATH, arch);
};

const MAPPING = ['Mapping', 'Protect Pages as Read Only', 'Unprotect Pages'] as const;
const SIZES = [1, 512, 2048];
const WAIT = { aarch64: 'tlbiPage', riscv64: 'sfence', x86_64: 'invlpg' } as const;

/** Samples in which a page of each phase takes so much, and the rest of the phase `base`. */
function samples(
  perPage: (phase: Sel4benchPhase) => number,
  base = 500,
  noise: readonly number[] = [1],
): PhaseSamples[] {
  return MAPPING.flatMap((phase) =>
    SIZES.map((pages) => ({ phase, pages, cycles: noise.map((factor) => base + pages * perPage(phase) * factor) })),
  );
}

/** What the model prices a page of a phase at. */
function modelled(arch: RecordedArch): (phase: Sel4benchPhase) => number {
  const shipped = shippedTable(arch);
  if (shipped === undefined) throw new Error(arch);
  return (phase) => {
    const operation = phase === 'Mapping' ? 'Page_Map fresh 4K' : 'remap of a 4K page, rights changed';
    const row = RECORDED_ROWS.find((one) => one.arch === arch && one.operation === operation);
    return priceOf(row?.features ?? {}, shipped).middle;
  };
}

describe('calibrate', () => {
  it.each(RECORDED_ARCHS)("on an export of the model's own prices of %s gives them back", async (arch) => {
    const { factor, table, warnings } = await from(sel4benchJson(samples(modelled(arch))), arch);
    for (const one of [factor.low, factor.middle, factor.high]) expect(one).toBeCloseTo(1, 9);
    expect(warnings).toEqual([]);
    const shipped = shippedTable(arch)?.prices ?? {};
    expect(Object.keys(table.prices).toSorted()).toEqual(Object.keys(shipped).toSorted());
    for (const [work, { low, middle, high }] of Object.entries(shipped)) {
      const price = table.prices[work as keyof typeof shipped];
      expect(price?.low, work).toBeCloseTo(low, 6);
      expect(price?.middle, work).toBeCloseTo(middle, 6);
      expect(price?.high, work).toBeCloseTo(high, 6);
    }
  });

  it('prices a map as measured, and says what was not measured', async () => {
    const { table } = await from(sel4benchJson(samples(() => 1300)));
    expect(table.unit).toBe('cycles');
    expect(table.source).toContain('Unmapping was not measured');
    expect(table.prices.map?.origin).toBe('fitted');
    expect(table.prices.map?.note).toContain('1300 cycles for a Page_Map');
    expect(table.prices.unmap?.origin).toBe('assumed');
    expect(table.prices.unmap?.note).toContain('never unmaps');
    for (const price of Object.values(table.prices)) expect(['fitted', 'assumed']).toContain(price.origin);
  });

  it('takes the median phase, and the spread of phases and quartiles for the range', async () => {
    const own = modelled('aarch64');
    const scale: Partial<Record<Sel4benchPhase, number>> = { Mapping: 2, 'Unprotect Pages': 4 };
    const { factor } = await from(
      sel4benchJson(samples((phase) => (scale[phase] ?? 3) * own(phase), 0, [0.9, 1, 1.1])),
    );
    expect(factor.middle).toBeCloseTo(3, 9);
    expect(factor.low).toBeCloseTo(2 * 0.95, 9);
    expect(factor.high).toBeCloseTo(4 * 1.05, 9);
  });

  it.each(RECORDED_ARCHS)('moves no comparison on %s: the factor is common to all prices', async (arch) => {
    const own = modelled(arch);
    const scale: Partial<Record<Sel4benchPhase, number>> = { Mapping: 2, 'Unprotect Pages': 4 };
    const { table, warnings } = await from(
      sel4benchJson(samples((phase) => (scale[phase] ?? 3) * own(phase), 0, [0.9, 1, 1.1])),
      arch,
    );
    const shipped = shippedTable(arch);
    if (shipped === undefined) throw new Error(arch);
    for (const [work, { low, middle, high }] of Object.entries(shipped.prices)) {
      const price = table.prices[work as keyof typeof shipped.prices];
      for (const [got, expected] of [
        [price?.low, low],
        [price?.middle, middle],
        [price?.high, high],
      ]) {
        expect(got, work).toBeCloseTo((expected ?? 0) * 3, 6);
      }
    }
    const single = (n: number): WorkCounts => ({ entry: n, call: n, map: n, walkLevel: 4 * n, [WAIT[arch]]: n });
    const batched = (n: number): WorkCounts => ({
      entry: 1,
      call: 1,
      batch: 1,
      element: n,
      elementLookup: n,
      elementWrite: n,
      walkLevel: 4,
      [WAIT[arch]]: 1,
    });
    const saved = savingOf(single(20), batched(20), shipped);
    const again = savingOf(single(20), batched(20), table);
    expect(saved.low).toBeLessThan(saved.high);
    for (const level of ['low', 'middle', 'high'] as const) expect(again[level]).toBeCloseTo(saved[level], 9);
    const rungs = Array.from({ length: 20 }, (_, i) => ({
      pages: i + 1,
      single: single(i + 1),
      batched: batched(i + 1),
    }));
    expect(breakEven(rungs, table)).toEqual(breakEven(rungs, shipped));
    // What the phases and quartiles say of the factor is told: 1.9 to 4.2 of 3.
    for (const text of [table.source, warnings.join('\n')]) {
      expect(text).toContain('every price may be 36.7 % lower to 40.0 % higher, all together');
    }
    expect(warnings.join('\n')).toContain('too far apart for one factor');
  });

  it('is not bent by a wild sample, nor by what a phase takes besides pages', async () => {
    const wild = samples(() => 1000, 123_456).map((one) => ({ ...one, cycles: [...one.cycles, ...one.cycles, 9e12] }));
    const { phases } = await from(sel4benchJson(wild));
    for (const { cyclesPerPage } of phases) expect(cyclesPerPage.middle).toBeCloseTo(1000, 6);
  });

  it('is not bent by one size that went wrong', async () => {
    const sizes = [1, 512, 1024, 2048];
    const odd = MAPPING.flatMap((phase) =>
      sizes.map((pages) => ({ phase, pages, cycles: [pages === 512 ? 9e9 : 500 + pages * 1000] })),
    );
    const { phases } = await from(sel4benchJson(odd));
    for (const { cyclesPerPage } of phases) expect(cyclesPerPage.middle).toBeCloseTo(1000, 6);
  });

  it('uses the quartiles where raw results are left out, and skips other benchmarks', async () => {
    const [mapping] = JSON.parse(sel4benchJson(samples(() => 1000))) as [{ Results: Record<string, unknown>[] }];
    for (const result of mapping.Results) delete result['Raw results'];
    const whole = [{ Benchmark: 'One way IPC microbenchmarks', Results: [{ Anything: 1 }] }, mapping];
    const { phases } = await from(JSON.stringify(whole));
    expect(phases.map(({ cyclesPerPage }) => Math.round(cyclesPerPage.middle))).toEqual([1000, 1000, 1000]);
  });

  it('warns of the bundled recording: its kernel was emulated and printed', async () => {
    const { warnings, phases } = await calibrate(REAL, 'aarch64');
    expect(phases[0].cyclesPerPage.middle).toBeGreaterThan(400_000);
    expect(warnings.join('\n')).toMatch(/no speed of a kernel/);
  });

  it.each<[string, string, RegExp]>([
    ['text', 'junk', /is not JSON/],
    ['an object', '{}', /no output of sel4bench/],
    ['numbers', '[1]', /no output of sel4bench/],
    ['other benchmarks only', '[{"Benchmark":"IRQ","Results":[]}]', /has no "Mapping Benchmark", only "IRQ"/],
    ['an empty array', '[]', /has no "Mapping Benchmark": run/],
    ['no results', '[{"Benchmark":"Mapping Benchmark","Results":[]}]', /phase "Mapping" has no results/],
    [
      'an unknown phase',
      '[{"Benchmark":"Mapping Benchmark","Results":[{"Num of Page Mapped":1,"Phase":"X"}]}]',
      /result 0 .*Phase/,
    ],
    [
      'no figures',
      '[{"Benchmark":"Mapping Benchmark","Results":[{"Num of Page Mapped":1,"Phase":"Mapping"}]}]',
      /neither "Raw results" nor "Median"/,
    ],
    ['one size', sel4benchJson(samples(() => 1000).filter(({ pages }) => pages === 512)), /one number of pages only/],
    ['what does not grow', sel4benchJson(samples(() => 0)), /does not take longer for more pages/],
  ])('refuses %s', async (_, text, message) => {
    const error = await from(text).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(MalformedInputError);
    expect(error).toHaveProperty('message', expect.stringMatching(message));
  });

  it('refuses an architecture whose shape is not known, and a file that is not there', async () => {
    await expect(calibrate(REAL, 'riscv32')).rejects.toThrow(
      /calibrating for riscv32 is not possible.*aarch64, riscv64, x86_64/,
    );
    await expect(calibrate(join(scratch, 'none.json'), 'aarch64')).rejects.toThrow(InputUnreadableError);
  });
});

describe('sel4benchJson', () => {
  it('writes what sel4bench wrote of the same raw results', () => {
    type Result = Record<string, unknown> & { Phase: Sel4benchPhase; 'Raw results': number[] };
    const [{ Results: real }] = JSON.parse(readFileSync(REAL, 'utf8')) as [{ Results: Result[] }];
    const again = sel4benchJson(
      real.map((result) => ({
        phase: result.Phase,
        pages: Number(result['Num of Page Mapped']),
        cycles: result['Raw results'],
      })),
    );
    const [{ Benchmark, Results: made }] = JSON.parse(again) as [{ Benchmark: string; Results: Result[] }];
    expect(Benchmark).toBe('Mapping Benchmark');
    expect(made).toHaveLength(15);
    made.forEach((result, i) => {
      expect(Object.keys(result)).toEqual(Object.keys(real[i]));
      for (const [key, value] of Object.entries(result)) {
        // sel4bench computes in floats of its own.
        const near = typeof value === 'number' && Math.abs(value / Number(real[i][key]) - 1) < 1e-6;
        expect(near || JSON.stringify(value) === JSON.stringify(real[i][key]), key).toBe(true);
      }
    });
  });

  it('refuses a phase without samples', () => {
    expect(() => sel4benchJson([{ phase: 'Mapping', pages: 1, cycles: [] }])).toThrow(
      /"Mapping" of 1 pages has no samples/,
    );
  });
});
