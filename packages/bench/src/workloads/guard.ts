import { Family } from '@overmap/core';
import { mapped } from './chosen-pages.ts';
import { NO_RIGHTS, READ, READ_WRITE, Script } from './script.ts';
import type { Workload } from './workload.ts';

/** Pages of a stack, where there is room; one of them, drawn, is its guard. */
const STACK = 16;

/**
 * Guard pages, one in each of many stacks, are flipped to no rights and back to read-write: two changes for each.
 *
 * On RISC-V they are flipped to read-only: a page without rights is written as an executable one there, or with
 * execute-never as no entry at all, while its capability counts as mapped (docs/sel4/holes.md, H4).
 */
export const guardWorkload: Workload = {
  name: 'guard',
  patterns: false,
  per: 'a change of rights',
  timed: 'a change of rights',
  frames: 1,
  most: (range) => range.room,
  plan: (bed) => {
    const { pages: n } = bed.benchCase;
    const stack = Math.min(STACK, Math.floor(bed.range.room / n));
    const addresses = Array.from({ length: n }, (_, i) => bed.range.at(i * stack + bed.draws.below(stack)));
    const pages = { slots: bed.frames(n), addresses };
    bed.mapPages(pages);
    const script = new Script(bed, mapped(pages));
    script.protects(pages, bed.kernel.family === Family.riscv ? READ : NO_RIGHTS);
    script.protects(pages, READ_WRITE);
    return { script, back: () => null, pages: 2 * n };
  },
};
