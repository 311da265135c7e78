import type { PageMapping } from '../../page-format/report-data.ts';

/** A page on one of the two lines. */
export interface PlacedPage {
  readonly page: PageMapping;
  /** Pixels from the left. */
  readonly x: number;
  readonly width: number;
  /** Whether it is the same on the other line. */
  readonly stays: boolean;
}

/** Where pages stand on the two address lines. */
export interface AddressLayout {
  readonly before: readonly PlacedPage[];
  readonly after: readonly PlacedPage[];
  /** Borders of pages, from left to right. */
  readonly ticks: readonly { readonly address: bigint; readonly x: number }[];
  /** All pages have one size, and no gap is shortened. */
  readonly toScale: boolean;
}

/** How wide a gap is, in pages; longer ones are shortened. */
const GAP = 1;
/** Of a page that is twice as large, how much wider it is drawn. */
const GROWTH = 0.4;

/**
 * Places the pages of both lines on one axis. Sizes from 4 KiB to 1 GiB stand beside each other, so that widths grow with
 * the logarithm of sizes, and long gaps are cut short.
 *
 * @param width - pixels that the axis has
 */
export function addressLayout(
  before: readonly PageMapping[],
  after: readonly PageMapping[],
  width: number,
): AddressLayout {
  const all = [...before, ...after];
  const borders = [...new Set(all.flatMap((page) => [start(page), end(page)]))].sort((a, b) => (a < b ? -1 : 1));
  const smallest = all.reduce((least, { bits }) => Math.min(least, bits), 63);
  let toScale = true;
  const weights = borders.slice(1).map((border, n) => {
    const from = borders[n] ?? border;
    const pages = Number(border - from) / 2 ** smallest;
    const covered = all.some((page) => start(page) <= from && end(page) >= border);
    if (!covered) {
      if (pages > GAP) toScale = false;
      return Math.min(GAP, pages);
    }
    if (pages === 1) return 1;
    toScale = false;
    return pages < 1 ? pages : 1 + GROWTH * Math.log2(pages);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const xs = [0];
  for (const weight of weights) xs.push((xs.at(-1) ?? 0) + (weight / (total || 1)) * width);
  const at = new Map(borders.map((border, n) => [border, xs[n] ?? 0]));
  const placed = (pages: readonly PageMapping[], others: readonly PageMapping[]): PlacedPage[] =>
    pages.map((page) => {
      const x = at.get(start(page)) ?? 0;
      return { page, x, width: (at.get(end(page)) ?? x) - x, stays: others.some((other) => same(page, other)) };
    });
  return {
    before: placed(before, after),
    after: placed(after, before),
    ticks: borders.map((address, n) => ({ address, x: xs[n] ?? 0 })),
    toScale,
  };
}

const start = ({ vaddr }: PageMapping): bigint => BigInt(vaddr);
const end = ({ vaddr, bits }: PageMapping): bigint => BigInt(vaddr) + (1n << BigInt(bits));
const same = (a: PageMapping, b: PageMapping): boolean =>
  start(a) === start(b) && a.bits === b.bits && a.frame === b.frame && a.event === b.event;
