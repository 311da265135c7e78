import { chosenPages, mapped } from './chosen-pages.ts';
import { Script } from './script.ts';
import type { Workload } from './workload.ts';

/** Unmap pages that are mapped. */
export const unmapWorkload: Workload = {
  name: 'unmap',
  patterns: true,
  per: 'a page that is unmapped',
  timed: 'unmap and map',
  frames: 1,
  plan: (bed) => {
    const pages = chosenPages(bed);
    bed.mapPages(pages);
    const script = new Script(bed, mapped(pages));
    script.unmaps(pages);
    const back = (): Script => {
      const mapping = script.next();
      mapping.maps(pages);
      return mapping;
    };
    return { script, back, pages: pages.slots.length };
  },
};
