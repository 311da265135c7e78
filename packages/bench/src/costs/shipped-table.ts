import type { Build } from '../bench-case.ts';
import type { Price, PriceTable } from '../price-table.ts';
import type { Work } from '../work.ts';
import {
  type Assumption,
  BATCH_ASSUMPTIONS,
  MAINTENANCE_ASSUMPTIONS,
  MOVE_BY_COPY,
  X86_EARLY_REFUSAL_BY_MAP,
  X86_WALK_LEVEL,
} from './assumptions.ts';
import { errorOf, type Fit, fitPrices, type PriceModel, parametersOf } from './fit.ts';
import {
  RECORDED_ARCHS,
  RECORDED_ROWS,
  RECORDED_SCOPE,
  type RecordedArch,
  type RecordedRow,
} from './recorded-costs.ts';

/** What is fitted on every architecture. */
const ALWAYS = [
  'entry',
  'call',
  'map',
  'lookupFault',
  'unmap',
  'tableMap',
  'copy',
  'delete',
] as const satisfies readonly Work[];

/** Operations on 4K pages, which read one level more than the same on 2M pages. */
const LARGE: Readonly<Record<string, string>> = {
  'Page_Map fresh 4K': 'Page_Map fresh 2M',
  'Page_Unmap, mapped': 'Page_Unmap 2M',
};

/** Read off, not fitted: a fit would give the level what the rest of the model gets wrong of rows that walk. */
const WALK_LEVEL = { walkLevel: meanLevel };

/**
 * What is taken from the rows: at most 12 prices. The rest of what rows have done cannot be told apart, or is
 * maintenance, which others contain.
 */
const MODELS: Readonly<Record<RecordedArch, PriceModel<RecordedRow>>> = {
  aarch64: {
    fitted: [...ALWAYS, 'earlyRefusal', 'occupied', 'zeroedByte'],
    alike: { tableUnmap: 'tableMap' },
    readOff: WALK_LEVEL,
  },
  riscv64: { fitted: [...ALWAYS, 'earlyRefusal', 'tableUnmap', 'zeroedByte'], readOff: WALK_LEVEL },
  x86_64: { fitted: [...ALWAYS, 'tableUnmap', 'occupied', 'move'] },
};

/** Work whose price another's contains. */
const MERGED: Readonly<Record<RecordedArch, Partial<Readonly<Record<Work, Work>>>>> = {
  aarch64: {},
  riscv64: { occupied: 'map' },
  x86_64: { zeroedByte: 'tableUnmap' },
};

/** Levels that x86_64's fitted prices contain; a FailedLookup reads one less than the map that its price is added to. */
const X86_LEVELS: Partial<Readonly<Record<Work, number>>> = {
  map: 4,
  lookupFault: -1,
  unmap: 4,
  tableMap: 3,
  tableUnmap: 3,
};

/** Prices, the rows behind them, and how they were taken from the rows. */
export interface ShippedFit extends Fit {
  readonly rows: readonly RecordedRow[];
  readonly model: PriceModel<RecordedRow>;
  /** Work whose price was taken from the rows, each a parameter of its own. */
  readonly parameters: readonly Work[];
}

const fits = new Map<RecordedArch, ShippedFit>();
const tables = new Map<RecordedArch, PriceTable>();

/** The fit to an architecture's recorded rows. Computed once. */
export function shippedFit(arch: RecordedArch): ShippedFit {
  const known = fits.get(arch);
  if (known !== undefined) return known;
  const rows = rowsOf(arch);
  const model = MODELS[arch];
  const fit = { ...fitPrices(rows, model), rows, model, parameters: parametersOf(model) };
  fits.set(arch, fit);
  return fit;
}

/**
 * What invocations of a build cost, in instructions: prices fitted to recorded invocations, and assumptions for the
 * rest. Computed once.
 *
 * @returns undefined for builds of which nothing was recorded. Hypervisor builds and x86_64 with PCID are other kernels
 * with other maintenance, and get no table of a relative
 */
export function shippedTable(build: Build): PriceTable | undefined {
  const arch = RECORDED_ARCHS.find((name) => name === build);
  if (arch === undefined) return undefined;
  const known = tables.get(arch);
  if (known !== undefined) return known;
  const table: PriceTable = {
    arch,
    unit: 'instructions',
    source:
      `Fitted to recorded invocations of seL4 master 1326364bc, without and with pull request 1526 (${RECORDED_SCOPE[arch]}); ` +
      'what batches do was read off draft kernels, what a core waits for is guessed.',
    prices: pricesOf(arch),
    merged: MERGED[arch],
  };
  tables.set(arch, table);
  return table;
}

function pricesOf(arch: RecordedArch): PriceTable['prices'] {
  const { prices: found, model } = shippedFit(arch);
  const prices: Partial<Record<Work, Price>> = {};
  for (const [work, price] of Object.entries(found) as [Work, number][]) {
    prices[work] = arch === 'x86_64' ? withoutWalk(work, price) : fitted(price);
  }
  for (const [work, like] of Object.entries(model.alike ?? {}) as [Work, Work][]) {
    for (const one of [work, like]) prices[one] = { ...fitted(found[one] ?? 0), note: togetherNote(arch, work, like) };
  }
  if (found.walkLevel !== undefined) {
    prices.walkLevel = { ...fitted(found.walkLevel), origin: 'recorded', note: levelNote(arch) };
  }
  const assumed: Partial<Record<Work, Assumption>> = { ...BATCH_ASSUMPTIONS, ...MAINTENANCE_ASSUMPTIONS[arch] };
  if (arch === 'x86_64') {
    assumed.walkLevel = X86_WALK_LEVEL;
    assumed.earlyRefusal = timesPrice(X86_EARLY_REFUSAL_BY_MAP, prices.map);
  } else assumed.move = timesPrice(MOVE_BY_COPY, prices.copy);
  for (const [work, assumption] of Object.entries(assumed)) prices[work as Work] = { ...assumption, origin: 'assumed' };
  return prices;
}

const rowsOf = (arch: RecordedArch): RecordedRow[] => RECORDED_ROWS.filter((row) => row.arch === arch);

/** What one level of walk is, pair by pair: operations on 4K pages, less the same on 2M pages under the same policy. */
export function pairedLevels(arch: RecordedArch): number[] {
  return levelsIn(rowsOf(arch));
}

function levelsIn(rows: readonly RecordedRow[]): number[] {
  return rows.flatMap(({ operation, policy, instructions }) => {
    const large = LARGE[operation];
    const other = rows.find((row) => row.operation === large && row.policy === policy);
    return other === undefined ? [] : [instructions - other.instructions];
  });
}

function meanLevel(rows: readonly RecordedRow[]): number | null {
  const levels = levelsIn(rows);
  return levels.length === 0 ? null : levels.reduce((sum, level) => sum + level, 0) / levels.length;
}

function levelNote(arch: RecordedArch): string {
  const levels = pairedLevels(arch).toSorted((a, b) => a - b);
  const range = levels[0] === levels.at(-1) ? `${levels[0]}` : `${levels[0]} to ${levels.at(-1)}`;
  return `read off, not fitted: the mean of 4K less 2M rows, which say ${range}`;
}

/** How much one price for both is off, in the worst row of either. */
function togetherNote(arch: RecordedArch, work: Work, like: Work): string {
  const { rows, prices } = shippedFit(arch);
  const both = rows.filter(({ features }) => features[work] !== undefined || features[like] !== undefined);
  const worst = Math.max(...both.map((row) => Math.abs(errorOf(row, prices))));
  return (
    `one price for ${like} and ${work}: keeps the table within 12 parameters, ` +
    `${(worst * 100).toFixed(1)} % off at most`
  );
}

const fitted = (price: number): Price => ({ low: price, middle: price, high: price, origin: 'fitted' });

/** A fitted price without the levels that it contains: the dearer a level, the cheaper the rest. */
function withoutWalk(work: Work, price: number): Price {
  const levels = X86_LEVELS[work];
  if (levels === undefined) return fitted(price);
  const { low, middle, high } = X86_WALK_LEVEL;
  const note =
    levels > 0 ? `fitted together with ${levels} levels of walk` : 'fitted together with a level less of walk';
  return {
    low: price - levels * low,
    middle: price - levels * middle,
    high: price - levels * high,
    origin: 'fitted',
    note,
  };
}

/** A share of a price, level by level. */
function timesPrice({ low, middle, high, note }: Assumption, price: Price | undefined): Assumption {
  const of = price ?? fitted(0);
  return { low: low * of.low, middle: middle * of.middle, high: high * of.high, note };
}
