import { chosenPages } from './chosen-pages.ts';
import { Script } from './script.ts';
import type { Workload } from './workload.ts';

/** Map pages to empty places; all tables are there. */
export const mapWorkload: Workload = {
  name: 'map',
  patterns: true,
  per: 'a page that is mapped',
  timed: 'map and unmap',
  frames: 1,
  plan: (bed) => {
    const pages = chosenPages(bed);
    bed.mapTables(pages.addresses);
    const script = new Script(bed);
    script.maps(pages);
    const back = (): Script => {
      const unmapping = script.next();
      unmapping.unmaps(pages);
      return unmapping;
    };
    return { script, back, pages: pages.slots.length };
  },
};
