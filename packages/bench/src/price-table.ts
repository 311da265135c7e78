import { WORK, type Work, type WorkCounts } from './work.ts';

/** Where a price comes from. */
export const ORIGINS = ['fitted', 'recorded', 'assumed', 'given'] as const;
/**
 * `fitted`: to recorded invocations; `recorded`: read off one; `assumed`: nobody measured it, hence a range; `given`: by
 * the user's table.
 */
export type PriceOrigin = (typeof ORIGINS)[number];

/** What one of something costs, in the table's unit. All three are equal unless it is assumed, or contains what is. */
export interface Price {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly origin: PriceOrigin;
  /** Why, for people: what it was read off, or why so much is assumed. */
  readonly note?: string;
}

/** What an architecture's invocations cost. */
export interface PriceTable {
  /** As in a trace's header, with "hyp" behind it for hypervisor builds: "aarch64", "aarch64hyp". */
  readonly arch: string;
  /** In the plural, for axes and sentences: "instructions", "cycles". */
  readonly unit: string;
  /** Where it comes from, in a sentence. */
  readonly source: string;
  /** What is missing has no price of its own: it is part of another's, as `merged` says, or cannot be priced. */
  readonly prices: Partial<Readonly<Record<Work, Price>>>;
  /** Work that the data cannot tell apart from other work, whose price contains it: { walkLevel: 'map' }. */
  readonly merged?: Partial<Readonly<Record<Work, Work>>>;
}

/** What was done cannot be priced: the table has no price for some of it. */
export class UnpricedError extends Error {
  readonly work: Work;

  constructor(table: PriceTable, work: Work) {
    super(`the price table of ${table.arch} has no price for "${work}"`);
    this.name = 'UnpricedError';
    this.work = work;
  }
}

/** A price under the table's low, middle and high assumptions. */
export interface PriceRange {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Which assumption of a price holds. */
export type Level = keyof PriceRange;

/**
 * Which assumptions hold: one for what only batches do, one for everything else. Two prices may be compared under one
 * scenario only: an interrupt cannot be dear for single invocations and cheap for batches at the same time.
 */
export interface Scenario {
  readonly batch: Level;
  readonly rest: Level;
}

/** The middle of everything. */
export const MIDDLE: Scenario = { batch: 'middle', rest: 'middle' };
/** Batches at their cheapest, and what they save at its dearest: nothing speaks more for them. */
export const FOR_BATCHES: Scenario = { batch: 'low', rest: 'high' };
/** The opposite. */
export const AGAINST_BATCHES: Scenario = { batch: 'high', rest: 'low' };

/** Work that only batches do. */
const BATCH_WORK: ReadonlySet<Work> = new Set(['batch', 'element', 'elementLookup', 'elementWrite']);

/**
 * Price what was done.
 *
 * @param counts - how much of what
 * @param table - its prices
 * @param scenario - under which assumptions
 * @returns the sum in the table's unit
 * @throws UnpricedError when something was done that the table neither prices nor merges into something else
 */
export function priceUnder(counts: WorkCounts, table: PriceTable, scenario: Scenario): number {
  let sum = 0;
  for (const work of WORK) {
    const count = counts[work] ?? 0;
    if (count === 0) continue;
    const price = table.prices[work];
    if (price !== undefined) sum += count * price[BATCH_WORK.has(work) ? scenario.batch : scenario.rest];
    else if (table.merged?.[work] === undefined) throw new UnpricedError(table, work);
  }
  return sum;
}

/**
 * The same under all low, all middle and all high assumptions.
 *
 * @throws UnpricedError as `priceUnder`
 */
export function priceOf(counts: WorkCounts, table: PriceTable): PriceRange {
  const under = (level: Level): number => priceUnder(counts, table, { batch: level, rest: level });
  return { low: under('low'), middle: under('middle'), high: under('high') };
}
