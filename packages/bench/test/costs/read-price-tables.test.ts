import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputUnreadableError, MalformedInputError } from '@overmap/trace';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrate } from '../../src/costs/calibrate.ts';
import { readPriceTables } from '../../src/costs/read-price-tables.ts';
import { RECORDED_ARCHS } from '../../src/costs/recorded-costs.ts';
import { sel4benchJson } from '../../src/costs/sel4bench-json.ts';
import { shippedTable } from '../../src/costs/shipped-table.ts';
import { priceOf } from '../../src/price-table.ts';

const scratch = mkdtempSync(join(tmpdir(), 'overmap-costs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const PATH = join(scratch, 'costs.json');
const read = (json: unknown): ReturnType<typeof readPriceTables> => {
  writeFileSync(PATH, typeof json === 'string' ? json : JSON.stringify(json));
  return readPriceTables(PATH);
};

const table = { arch: 'aarch64', unit: 'cycles', source: 'Measured on a board.', prices: { entry: 300, map: 200 } };
const range = { low: 1, middle: 2, high: 3, note: 'a guess' };

describe('readPriceTables', () => {
  it('reads one table, with numbers and ranges, all given', async () => {
    const [one] = await read({ ...table, prices: { entry: 300, tlbiPage: range }, merged: { call: 'entry' } });
    expect(one).toEqual({
      arch: 'aarch64',
      unit: 'cycles',
      source: 'Measured on a board.',
      prices: {
        entry: { low: 300, middle: 300, high: 300, origin: 'given' },
        tlbiPage: { ...range, origin: 'given' },
      },
      merged: { call: 'entry' },
    });
    expect(priceOf({ entry: 1, call: 5, tlbiPage: 2 }, one)).toEqual({ low: 302, middle: 304, high: 306 });
  });

  it('reads many tables', async () => {
    const tables = await read([table, { ...table, arch: 'x86_64pcid' }]);
    expect(tables.map(({ arch }) => arch)).toEqual(['aarch64', 'x86_64pcid']);
  });

  it.each(RECORDED_ARCHS)('reads the shipped table of %s, written as JSON, as the same prices', async (arch) => {
    const shipped = shippedTable(arch);
    if (shipped === undefined) throw new Error(arch);
    const [one] = await read(shipped);
    const given = Object.entries(shipped.prices).map(([work, price]) => [work, { ...price, origin: 'given' }]);
    expect(one).toEqual({ ...shipped, prices: Object.fromEntries(given) });
  });

  it('reads a calibrated table of x86_64, in which what walks falls', async () => {
    const phases = ['Mapping', 'Protect Pages as Read Only', 'Unprotect Pages'] as const;
    const samples = phases.flatMap((phase, i) =>
      [1, 512].map((pages) => ({ phase, pages, cycles: [pages * (900 + 60 * i)] })),
    );
    writeFileSync(PATH, sel4benchJson(samples));
    const { table: calibrated } = await calibrate(PATH, 'x86_64');
    const { low = 0, middle = 0, high = 0 } = calibrated.prices.map ?? {};
    expect(low > middle && middle > high).toBe(true);
    const [one] = await read(calibrated);
    expect(one.prices.map).toMatchObject({ low, middle, high });
  });

  it('reads the example of the documentation', async () => {
    const path = fileURLToPath(new URL('../../../../docs/examples/costs.json', import.meta.url));
    const [one] = await readPriceTables(path);
    expect(one.arch).toBe('aarch64');
    // What a batch of maps does on such a kernel can be priced.
    const batch = { entry: 1, call: 1, batch: 1, element: 4, elementLookup: 4, elementWrite: 4, walkLevel: 16 };
    expect(priceOf({ ...batch, cleanEntry: 4, tlbiPage: 4 }, one).middle).toBeGreaterThan(0);
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /is not JSON/],
    ['no object', '3', /expected a price table, a JSON object/],
    ['no table', '[]', /has no price table/],
    ['no unit', { ...table, unit: undefined }, /"unit" is missing/],
    ['an empty source', { ...table, source: ' ' }, /"source": /],
    ['no source', { ...table, source: undefined }, /"source" is missing/],
    ['no prices', { ...table, prices: {} }, /"prices": is empty/],
    ['an unknown architecture', { ...table, arch: 'arch64' }, /"arch" is "arch64".*Did you mean "aarch64"\?/],
    ['an unknown key', { ...table, price: {} }, /unknown key "price"\. Did you mean "prices"\?/],
    [
      'an unknown work',
      { ...table, prices: { walklevels: 1 } },
      /unknown key "walklevels"\. Did you mean "walkLevel"\?/,
    ],
    ['a work far from all', { ...table, prices: { coffee: 1 } }, /unknown key "coffee"\. Known: entry, call/],
    ['a negative price', { ...table, prices: { entry: -1 } }, /"prices\.entry": must be 0 or more/],
    ['a price in words', { ...table, prices: { entry: '300' } }, /"prices\.entry" must be a number, or/],
    ['a range without a note', { ...table, prices: { entry: { ...range, note: undefined } } }, /lacks "note"/],
    ['a walk without a note', { ...table, prices: { map: { low: 3, middle: 2, high: 1 } } }, /lacks "note"/],
    ['a strange origin', { ...table, prices: { entry: { ...range, origin: 'dreamt' } } }, /the origin one of fitted,/],
    [
      'a range upside down',
      { ...table, prices: { entry: { ...range, low: 9 } } },
      /"prices\.entry": low ≤ middle ≤ high/,
    ],
    [
      'a strange key in a range',
      { ...table, prices: { entry: { ...range, hihg: 1 } } },
      /"hihg"\. Did you mean "high"\?/,
    ],
    [
      'merged into nothing',
      { ...table, merged: { call: 'unmap' } },
      /"call" is merged into "unmap", which has no price/,
    ],
    ['merged and priced', { ...table, merged: { map: 'entry' } }, /"map" has a price, and is merged/],
    [
      'merged into no work',
      { ...table, merged: { call: 'entri' } },
      /"merged\.call" is "entri".*Did you mean "entry"\?/,
    ],
    ['two of one architecture', [table, table], /two tables of aarch64/],
    ['an error in the second', [table, { ...table, unit: 3 }], /table 2: "unit": /],
  ])('refuses %s', async (_, json, message) => {
    const error = await read(json).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(MalformedInputError);
    expect(error).toHaveProperty('message', expect.stringMatching(message));
    expect(error).toHaveProperty('message', expect.stringContaining(PATH));
  });

  it('says so when there is no file', async () => {
    await expect(readPriceTables(join(scratch, 'none.json'))).rejects.toThrow(InputUnreadableError);
  });
});
