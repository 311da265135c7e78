import { MAINTENANCE_NAMES } from '@overmap/core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../src/bench-case.ts';
import { errorOf, leaveOut, predict } from '../../src/costs/fit.ts';
import { RECORDED_ARCHS, RECORDED_ROWS, type RecordedRow } from '../../src/costs/recorded-costs.ts';
import { pairedLevels, shippedFit, shippedTable } from '../../src/costs/shipped-table.ts';
import { PHASES, phasesOf } from '../../src/phases.ts';
import { LEVELS, type PriceTable, priceUnder } from '../../src/price-table.ts';
import { WORK, type Work } from '../../src/work.ts';

function table(arch: (typeof BUILDS)[number]): PriceTable {
  const found = shippedTable(arch);
  if (found === undefined) throw new Error(`no table of ${arch}`);
  return found;
}

/** A worst error, in words that name its row. */
const worst = (rows: readonly RecordedRow[], errors: readonly number[]): string => {
  const most = Math.max(...errors.map(Math.abs));
  const { operation, policy } = rows[errors.findIndex((error) => Math.abs(error) === most)];
  return `${operation} (${policy})`;
};

describe.each(RECORDED_ARCHS)('the fit of %s', (arch) => {
  const fit = shippedFit(arch);

  it('has at most 12 parameters, all of them needed, none negative', () => {
    expect(fit.parameters.length).toBeLessThanOrEqual(12);
    // Two works of one price count once, what is read off counts as well: no price comes from elsewhere.
    expect(new Set(Object.values(fit.prices)).size).toBe(fit.parameters.length);
    expect(fit.atZero).toEqual([]);
    for (const work of fit.parameters) {
      expect(fit.prices[work], work).toBeGreaterThan(0);
      expect(
        fit.rows.some(({ features }) => (features[work] ?? 0) > 0),
        work,
      ).toBe(true);
    }
  });

  it('explains every recorded row within 5 %', () => {
    const errors = fit.rows.map((row) => errorOf(row, fit.prices));
    expect(Math.max(...errors.map(Math.abs)), worst(fit.rows, errors)).toBeLessThanOrEqual(0.05);
  });

  it.each([
    ['row', false],
    ['operation', true],
  ])('predicts a %s that is left out within 15 %% in the median', (_, together) => {
    const { median, medianWithSole, errors } = leaveOut(fit.rows, fit.model, together);
    expect(errors.filter((error) => error !== null).length).toBeGreaterThan(fit.rows.length / 3);
    expect(median).toBeLessThanOrEqual(0.15);
    expect(medianWithSole).toBeLessThanOrEqual(0.15);
  });
});

describe('shippedTable', () => {
  it('knows the recorded builds only: a relative is another kernel', () => {
    expect(BUILDS.filter((build) => shippedTable(build) !== undefined)).toEqual(['x86_64', 'aarch64', 'riscv64']);
  });

  it('is made once', () => {
    expect(shippedTable('aarch64')).toBe(shippedTable('aarch64'));
  });

  describe.each(RECORDED_ARCHS)('of %s', (arch) => {
    const { prices, merged = {} } = table(arch);
    const { rows, model, parameters, prices: fitted } = shippedFit(arch);

    it('prices or merges whatever its rows did', () => {
      const done = new Set(rows.flatMap(({ features }) => Object.keys(features) as Work[]));
      for (const work of done) expect(prices[work] ?? merged[work], work).toBeDefined();
    });

    it('prices single invocations as the fit does, whatever the assumptions, but for the waits', () => {
      // Waits are 0 in the low scenario; in the others, take them away.
      const still: PriceTable = {
        ...table(arch),
        prices: Object.fromEntries(
          Object.entries(prices).map(([work, price]) => [
            work,
            price.origin === 'assumed' && work !== 'walkLevel' ? { ...price, low: 0, middle: 0, high: 0 } : price,
          ]),
        ),
      };
      for (const { features } of rows) {
        const expected = predict(features, fitted);
        expect(priceUnder(features, table(arch), 'low')).toBeCloseTo(expected, 6);
        for (const level of LEVELS) expect(priceUnder(features, still, level)).toBeCloseTo(expected, 6);
      }
    });

    it('says of each price where it comes from, and of each assumption why', () => {
      for (const [work, { origin, note = '', low, middle, high }] of Object.entries(prices)) {
        const from = model.alike?.[work as Work] ?? (work as Work);
        const known = model.readOff?.[from] === undefined ? 'fitted' : 'recorded';
        expect(origin, work).toBe(parameters.includes(from) ? known : 'assumed');
        const reasoned = note.length > 40 && low <= middle && middle <= high;
        expect(origin === 'fitted' || reasoned, work).toBe(true);
      }
    });

    it('has the maintenance that such a kernel does, and no other', () => {
      const maintenance: Record<typeof arch, readonly Work[]> = {
        aarch64: ['cleanEntry', 'tlbiPage', 'tlbiAsid', 'shootdown'],
        riscv64: ['sfence', 'remoteFence'],
        x86_64: ['invlpg', 'structureCacheFlush', 'flushAsid', 'shootdown'],
      };
      const kinds = MAINTENANCE_NAMES.filter((name) => prices[name as Work] !== undefined);
      expect(kinds.toSorted()).toEqual(maintenance[arch].toSorted());
    });

    it('leaves nothing else without a price', () => {
      const kinds: readonly string[] = MAINTENANCE_NAMES;
      for (const work of WORK.filter((name) => !kinds.includes(name))) {
        expect(prices[work] ?? merged[work], work).toBeDefined();
      }
    });

    it('shows a level of walk as walks where it was recorded, and what only batches do by itself', () => {
      const walk = phasesOf({ walkLevel: 4 }, table(arch), 'middle');
      const shown = arch === 'x86_64' ? 'checks and entries' : 'walks';
      expect(PHASES.filter((phase) => walk[phase] > 0)).toEqual([shown]);
      const batch = phasesOf({ batch: 1, element: 1, elementLookup: 1, elementWrite: 1 }, table(arch), 'middle');
      expect(PHASES.filter((phase) => batch[phase] > 0)).toEqual(['batch work (assumed)']);
      const all = Object.fromEntries((Object.keys(prices) as Work[]).map((work) => [work, 3]));
      const sum = Object.values(phasesOf(all, table(arch), 'high')).reduce((total, one) => total + one, 0);
      expect(sum).toBeCloseTo(priceUnder(all, table(arch), 'high'), 6);
    });

    it('takes all translations of an address space for dearer than one page', () => {
      const { tlbiPage, tlbiAsid, invlpg, flushAsid } = prices;
      for (const [page, space] of [
        [tlbiPage, tlbiAsid],
        [invlpg, flushAsid],
      ]) {
        expect((space?.middle ?? 1) > (page?.middle ?? 0) && (space?.high ?? 1) > (page?.high ?? 0)).toBe(true);
      }
    });

    it('merges into what has a price, and only what has none', () => {
      for (const [work, into] of Object.entries(merged) as [Work, Work][]) {
        expect(prices[work], work).toBeUndefined();
        expect(prices[into], into).toBeDefined();
      }
    });
  });
});

describe('RECORDED_ROWS', () => {
  it('are those that were taken', () => {
    const count = (arch: string): number => RECORDED_ROWS.filter((row) => row.arch === arch).length;
    expect(RECORDED_ARCHS.map(count)).toEqual([38, 19, 31]);
    const sum = (arch: string, policy: string): number =>
      RECORDED_ROWS.filter((row) => row.arch === arch && row.policy === policy).reduce(
        (total, { instructions }) => total + instructions,
        0,
      );
    // Sums of the columns as they were taken.
    expect([sum('aarch64', 'legacy'), sum('aarch64', 'strict')]).toEqual([11_632, 11_674]);
    expect(sum('riscv64', 'strict')).toBe(14_918);
    expect([sum('x86_64', 'legacy'), sum('x86_64', 'strict')]).toEqual([16_080, 15_461]);
  });

  it('tell what a level costs by 4K less 2M as well', () => {
    expect(pairedLevels('aarch64')).toEqual([17, 16, 16, 16]);
    expect(pairedLevels('riscv64')).toEqual([21, 21]);
    expect(pairedLevels('x86_64')).toEqual([]);
  });

  it('price a level of walk as their mean', () => {
    expect(shippedFit('aarch64').prices.walkLevel).toBe((17 + 16 + 16 + 16) / 4);
    expect(shippedFit('riscv64').prices.walkLevel).toBe(21);
    expect(shippedFit('x86_64').prices.walkLevel).toBeUndefined();
  });
});

describe('what a refusal before the walk costs', () => {
  const share = (arch: 'aarch64' | 'riscv64'): number => {
    const { earlyRefusal = 0, map = 0 } = shippedFit(arch).prices;
    return earlyRefusal / map;
  };

  it('is less than a map where it was recorded', () => {
    expect(share('aarch64')).toBeCloseTo(0.81, 2);
    expect(share('riscv64')).toBeCloseTo(0.85, 2);
  });

  it('is the middle of their shares on x86_64, and nothing to all of a map', () => {
    const { earlyRefusal, map } = table('x86_64').prices;
    if (earlyRefusal === undefined || map === undefined) throw new Error('no price');
    expect(earlyRefusal.middle / map.middle).toBeCloseTo((share('aarch64') + share('riscv64')) / 2, 2);
    expect([earlyRefusal.low, earlyRefusal.high]).toEqual([0, map.high]);
  });
});
