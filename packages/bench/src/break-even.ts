import {
  AGAINST_BATCHES,
  FOR_BATCHES,
  MIDDLE,
  type PriceRange,
  type PriceTable,
  type Scenario,
  priceUnder,
} from './price-table.ts';
import type { WorkCounts } from './work.ts';

/** The same pages, one by one and in one batch. */
export interface Rung {
  readonly pages: number;
  readonly single: WorkCounts;
  readonly batched: WorkCounts;
}

/** How many pages must change before a batch is no dearer. */
export interface BreakEven {
  /** Under the assumptions that speak most for batches, the middle ones, and those that speak most against them. */
  readonly low: number | null;
  readonly middle: number | null;
  readonly high: number | null;
  /** The longest batch that was looked at; null above = not up to there. */
  readonly upTo: number;
}

/**
 * The break-even size of a batch.
 *
 * @param rungs - from one page up, without gaps
 * @param table - prices
 * @throws UnpricedError as `priceUnder`
 */
export function breakEven(rungs: readonly Rung[], table: PriceTable): BreakEven {
  const under = (scenario: Scenario): number | null => {
    // From the top: the size from which on no batch is dearer.
    let least: number | null = null;
    for (const { pages, single, batched } of rungs.toReversed()) {
      if (priceUnder(batched, table, scenario) > priceUnder(single, table, scenario)) break;
      least = pages;
    }
    return least;
  };
  return {
    low: under(FOR_BATCHES),
    middle: under(MIDDLE),
    high: under(AGAINST_BATCHES),
    upTo: rungs.at(-1)?.pages ?? 0,
  };
}

/** How many times dearer single invocations are, under the same three scenarios: low is the least. */
export function savingOf(single: WorkCounts, batched: WorkCounts, table: PriceTable): PriceRange {
  const under = (scenario: Scenario): number =>
    priceUnder(single, table, scenario) / priceUnder(batched, table, scenario);
  return { low: under(AGAINST_BATCHES), middle: under(MIDDLE), high: under(FOR_BATCHES) };
}
