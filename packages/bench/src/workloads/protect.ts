import { chosenPages, mapped } from './chosen-pages.ts';
import { READ, READ_WRITE, Script } from './script.ts';
import type { Workload } from './workload.ts';

/**
 * Reduce the rights of all pages to reading, then give back writing: two changes for each page. One by one each is a
 * Page_Map through the capability that has mapped the page, at its own address.
 */
export const protectWorkload: Workload = {
  name: 'protect',
  patterns: true,
  per: 'a change of rights',
  timed: 'a change of rights',
  frames: 1,
  plan: (bed) => {
    const pages = chosenPages(bed);
    bed.mapPages(pages);
    const script = new Script(bed, mapped(pages));
    script.protects(pages, READ);
    script.protects(pages, READ_WRITE);
    return { script, back: () => null, pages: 2 * pages.slots.length };
  },
};
