import { WORK, type Work, type WorkCounts } from './work.ts';

/** Where a price comes from. */
export const ORIGINS = ['fitted', 'recorded', 'assumed', 'given'] as const;
/**
 * `fitted`: to recorded invocations; `recorded`: read off one; `assumed`: nobody measured it, hence a range; `given`: by
 * the user's table.
 */
export type PriceOrigin = (typeof ORIGINS)[number];

/** What one of something costs, in the table's unit. `low` ≤ `middle` ≤ `high`; all equal unless it is assumed. */
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

/** A price under the table's low, middle and high assumptions. */
export interface PriceRange {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
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

/**
 * Price what was done.
 *
 * @param counts - how much of what
 * @param table - its prices
 * @returns the sum in the table's unit
 * @throws UnpricedError when something was done that the table neither prices nor merges into something else
 */
export function priceOf(counts: WorkCounts, table: PriceTable): PriceRange {
  let low = 0;
  let middle = 0;
  let high = 0;
  for (const work of WORK) {
    const count = counts[work] ?? 0;
    if (count === 0) continue;
    const price = table.prices[work];
    if (price === undefined) {
      if (table.merged?.[work] === undefined) throw new UnpricedError(table, work);
      continue;
    }
    low += count * price.low;
    middle += count * price.middle;
    high += count * price.high;
  }
  return { low, middle, high };
}
