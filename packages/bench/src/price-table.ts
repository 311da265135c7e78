import { MAINTENANCE_NAMES } from '@overmap/core';
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
export const LEVELS = ['low', 'middle', 'high'] as const satisfies readonly Level[];

/** Work that only batches do. */
const BATCH_WORK: ReadonlySet<Work> = new Set(['batch', 'element', 'elementLookup', 'elementWrite']);

/** Work of which a core waits: by the names of the engine's kinds. */
const MAINTENANCE_WORK: ReadonlySet<string> = new Set(MAINTENANCE_NAMES);

/**
 * What a table leaves open: works whose price is a range, in groups that move together. Each kind of maintenance and each
 * thing that only batches do is a group of its own, as nothing ties their prices. All others are one group: they were
 * taken apart from a sum that is known, so that what makes one of them dear makes others cheap.
 */
export function assumptionsOf({ prices }: PriceTable): readonly (readonly Work[])[] {
  const open = WORK.filter((work) => {
    const price = prices[work];
    return price !== undefined && !(price.low === price.middle && price.middle === price.high);
  });
  const isAlone = (work: Work): boolean => BATCH_WORK.has(work) || MAINTENANCE_WORK.has(work);
  const together = open.filter((work) => !isAlone(work));
  return [...open.filter(isAlone).map((work) => [work]), ...(together.length === 0 ? [] : [together])];
}

/**
 * Price what was done.
 *
 * @param counts - how much of what
 * @param table - its prices
 * @param level - which assumption holds, of all prices
 * @returns the sum in the table's unit
 * @throws UnpricedError when something was done that the table neither prices nor merges into something else
 */
export function priceUnder(counts: WorkCounts, table: PriceTable, level: Level): number {
  let sum = 0;
  for (const work of WORK) {
    const count = counts[work] ?? 0;
    if (count === 0) continue;
    const price = table.prices[work];
    if (price !== undefined) sum += count * price[level];
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
  return {
    low: priceUnder(counts, table, 'low'),
    middle: priceUnder(counts, table, 'middle'),
    high: priceUnder(counts, table, 'high'),
  };
}
