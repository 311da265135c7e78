import { assumptionsOf, LEVELS, type Level, type PriceRange, type PriceTable, priceUnder } from './price-table.ts';
import { WORK, type Work, type WorkCounts } from './work.ts';

/** The same pages, one by one and in one batch. */
export interface Rung {
  readonly pages: number;
  readonly single: WorkCounts;
  readonly batched: WorkCounts;
}

/** How many pages must change before a batch is no dearer. */
export interface BreakEven {
  /**
   * The least size from which on every batch up to `upTo` may be no dearer, each under the assumptions that speak most
   * for it.
   */
  readonly low: number | null;
  /** Under the middle assumptions. */
  readonly middle: number | null;
  /** The least size from which on no assumptions make any batch dearer. */
  readonly high: number | null;
  /** The longest batch that was looked at; null above = not up to there. */
  readonly upTo: number;
}

/**
 * The break-even size of a batch. Both sides have the same prices, whatever these are; see {@link savingOf}.
 *
 * @param rungs - from one page up, without gaps
 * @param table - prices
 * @throws UnpricedError as `priceUnder`
 */
export function breakEven(rungs: readonly Rung[], table: PriceTable): BreakEven {
  const sides = rungs.map(({ pages, single, batched }) => ({ pages, box: new Box(single, batched, table) }));
  const from = (gain: (box: Box) => number): number | null => {
    // From the top: the size from which on no batch is dearer.
    let least: number | null = null;
    for (const { pages, box } of sides.toReversed()) {
      if (gain(box) < 0) break;
      least = pages;
    }
    return least;
  };
  return {
    low: from((box) => excess(box.extreme(1, 1))),
    middle: from((box) => excess(box.middle)),
    high: from((box) => excess(box.extreme(1, -1))),
    upTo: rungs.at(-1)?.pages ?? 0,
  };
}

/**
 * How many times dearer single invocations are: the least and the most that the table's assumptions allow, and the
 * middle of all. Every group of `assumptionsOf` may be low, middle or high, whatever the others are, but the same for both
 * sides: an interrupt is not dear for single invocations and cheap for batches at the same time.
 *
 * @throws UnpricedError as `priceUnder`
 */
export function savingOf(single: WorkCounts, batched: WorkCounts, table: PriceTable): PriceRange {
  const box = new Box(single, batched, table);
  return { low: bestRatio(box, -1), middle: ratio(box.middle), high: bestRatio(box, 1) };
}

/** The price of both sides under the same assumptions. */
interface Sides {
  readonly single: number;
  readonly batched: number;
}

const ratio = ({ single, batched }: Sides): number => single / batched;
const excess = ({ single, batched }: Sides): number => single - batched;

/** What both sides cost, over all that the table leaves open. */
class Box {
  readonly middle: Sides;
  /** What nothing is assumed of. */
  private readonly fixed: Sides;
  /** What a group of assumptions adds at each of its levels. */
  private readonly groups: readonly (readonly Sides[])[];

  constructor(single: WorkCounts, batched: WorkCounts, table: PriceTable) {
    const under = (works: readonly Work[], level: Level): Sides => ({
      single: priceUnder(only(single, works), table, level),
      batched: priceUnder(only(batched, works), table, level),
    });
    const groups = assumptionsOf(table);
    const open = new Set(groups.flat());
    this.middle = under(WORK, 'middle');
    this.fixed = under(
      WORK.filter((work) => !open.has(work)),
      'middle',
    );
    this.groups = groups.map((works) => LEVELS.map((level) => under(works, level)));
  }

  /**
   * Where single − times · batched is most (`sign` 1) or least (−1). It is a sum over the groups, so that each takes the
   * level that is best for itself.
   */
  extreme(times: number, sign: 1 | -1): Sides {
    let { single, batched } = this.fixed;
    for (const levels of this.groups) {
      const value = (side: Sides): number => sign * (side.single - times * side.batched);
      const best = levels.reduce((most, one) => (value(one) > value(most) ? one : most));
      single += best.single;
      batched += best.batched;
    }
    return { single, batched };
  }
}

/**
 * The most (`sign` 1) or the least (−1) of single / batched over a box, exactly: Dinkelbach's iteration. Where a ratio is
 * best, single − ratio · batched is 0 and nowhere better; each step takes the ratio where it is best, of finitely many.
 */
function bestRatio(box: Box, sign: 1 | -1): number {
  let best = ratio(box.middle);
  while (Number.isFinite(best)) {
    const next = ratio(box.extreme(best, sign));
    if (!(sign * next > sign * best)) break;
    best = next;
  }
  return best;
}

const only = (counts: WorkCounts, works: readonly Work[]): WorkCounts =>
  Object.fromEntries(works.map((work) => [work, counts[work] ?? 0]));
