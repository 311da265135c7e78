import type { Pages } from './bed.ts';
import { mapped } from './chosen-pages.ts';
import { Script } from './script.ts';
import type { Workload } from './workload.ts';

/** The window's share of the region. */
const SHARE = 4;

/**
 * A window of a quarter of a region's pages is moved through the whole region, page by page, and back to its start: the
 * frame that enters takes the place of the one that leaves, so that the window is a ring of addresses.
 *
 * Under every policy the page that leaves is unmapped first. Where over-mapping is allowed a client could map the one
 * that enters over it; but then the capability of the one that left would still record its old place, and be refused
 * (InvalidArgument 0) when its frame enters again somewhere else. What over-mapping saves is the workload `replace`.
 *
 * Batched: so many pages leave at once as a batch holds, but not more than the window has, and as many enter.
 */
export const windowWorkload: Workload = {
  name: 'window',
  patterns: false,
  per: 'a page that the window moves by',
  timed: 'a page that the window moves by',
  frames: 1,
  share: SHARE,
  most: (range) => range.room * SHARE,
  plan: (bed) => {
    const { pages: n, batch } = bed.benchCase;
    const slots = bed.frames(n);
    const width = Math.max(1, Math.floor(n / SHARE));
    const place = (i: number): number => bed.range.at(i % width);
    /** Pages that enter with the moves from `from` up to `to`; the move `t` brings the frame `t + width`. */
    const moved = (from: number, to: number, ahead: number): Pages => {
      const moves = Array.from({ length: to - from }, (_, i) => from + i);
      return { slots: moves.map((t) => slots[(t + ahead) % n]), addresses: moves.map(place) };
    };
    const start: Pages = moved(0, width, 0);
    bed.mapPages(start);
    const script = new Script(bed, mapped(start));
    const some = Math.min(batch, width);
    for (let t = 0; t < n; t += some) {
      const end = Math.min(n, t + some);
      script.unmaps(moved(t, end, 0));
      script.maps(moved(t, end, width));
    }
    const back = (): Script | null => {
      // The same frames, but round the ring by what is left of the region.
      if (n % width === 0) return null;
      const again = script.next();
      again.unmaps(moved(n, n + width, 0));
      again.maps(start);
      return again;
    };
    return { script, back, pages: n };
  },
};
