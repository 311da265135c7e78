import type { PriceRange } from '../price-table.ts';
import type { Work } from '../work.ts';
import type { RecordedArch } from './recorded-costs.ts';

/** A price that nobody measured, in instructions. */
export interface Assumption extends PriceRange {
  /** Why, in a line. */
  readonly note: string;
}

/** Assumptions of an architecture, by work. */
export type Assumptions = Partial<Readonly<Record<Work, Assumption>>>;

/**
 * What only batches do, read off the draft kernels (draft-operations.ts); the same on all architectures. What a draft's own
 * kernel needs for any invocation was taken off, not what the shipped tables say of a newer one: `draftNullCall`, and for
 * the walk 37 instructions where the draft's kernel is older.
 */
export const BATCH_ASSUMPTIONS: Readonly<Record<'batch' | 'element' | 'elementLookup' | 'elementWrite', Assumption>> = {
  batch: {
    low: 38,
    middle: 55,
    high: 93,
    note:
      'drafts: what a batched call costs apart from its elements, less a null invocation of the same kernel: 38 (rm24), 50 (bvs), 54 (nmp) ' +
      'and 93 (bv) on aarch64, 56 on riscv64 and 75 on x86_64 (nmp); middle: their median. Without the 594 instructions with which rm24 and ' +
      'fbm clear arrays on the stack: a kernel need not, so that their recorded break-even (2.94 and 3.03 pages) may lie outside',
  },
  element: {
    low: 41,
    middle: 46,
    high: 102,
    note:
      'drafts on aarch64: what is left of an element without lookup, walk and write. Low and middle: by what capabilities record ' +
      '(bv: 41 and 46, bvs: 46 and 51; their least and their mean); high: all checks of Page_Map (rm24). Drafts of ranges without ' +
      'capabilities need less (nmp: 6 and 8), but leave capabilities stale, which no batch here does',
  },
  elementLookup: {
    low: 40,
    middle: 50,
    high: 65,
    note:
      "middle: the profile of rm24; low and high are guesses: without what the call's own lookup shares, and 1.3 times, as " +
      'riscv64 takes more instructions for the same C',
  },
  elementWrite: {
    low: 12,
    middle: 26,
    high: 36,
    note:
      'the profile of rm24: 12 to write an entry (all that an unmap does), 14 to build it, 10 more where each element is ' +
      'invalidated by itself',
  },
};

/** Levels of x86_64 cannot be told from what reads them: every recorded map and unmap reads all four. */
export const X86_WALK_LEVEL: Assumption = {
  low: 9,
  middle: 12.5,
  high: 21,
  note:
    'taken out of the fitted prices of what walks, so that single invocations keep theirs. Low: a quarter of the 37 instructions ' +
    'of older aarch64 walks; high: the difference between 4K and 2M on riscv64; middle: between 9 and the 16 of newer aarch64',
};

/** No row of x86_64 is refused before its walk: a share of the map's price, without the walk. */
export const X86_EARLY_REFUSAL_BY_MAP: Assumption = {
  low: 0,
  middle: 0.83,
  high: 1,
  note:
    "nothing was recorded: a share of the map's price, without the walk. Low: nothing, as it stops somewhere on a map's way; " +
    'middle: between the shares that it is on aarch64 and riscv64 (0.81 and 0.85); high: all of it',
};

/** No row of aarch64 and riscv64 moves a capability: a share of their fitted price of a copy. */
export const MOVE_BY_COPY: Assumption = {
  low: 0.4,
  middle: 0.67,
  high: 1,
  note: 'not recorded here: the share of a copy that it takes on x86_64 (middle); low and high are guesses',
};

/** The instructions themselves are inside of the fitted prices; this is the time that a core may wait for them. */
const wait = (middle: number, high: number, why: string): Assumption => ({
  low: 0,
  middle,
  high,
  note: `a guess of the time waited, as instructions; low: nothing beyond the instruction, which the fitted prices contain. ${why}`,
});

/** By architecture: its maintenance, and nothing that it never does. */
export const MAINTENANCE_ASSUMPTIONS: Readonly<Record<RecordedArch, Assumptions>> = {
  aarch64: {
    cleanEntry: wait(10, 40, 'A clean to the point of unification need not be waited for before the barrier'),
    tlbiPage: wait(50, 200, 'Two DSB and an ISB drain the core; high: a broadcast to other cores'),
    tlbiAsid: wait(250, 1000, 'As one page (50, 200), and the refill of 10 pages, high: of 40, at 20 each'),
    shootdown: wait(500, 4000, 'An interrupt to other cores and its acknowledgement'),
  },
  riscv64: {
    sfence: wait(50, 700, 'All translations go; high: with the refill of some 30 pages'),
    remoteFence: wait(1000, 5000, 'A call of the firmware, which interrupts every hart'),
  },
  x86_64: {
    invlpg: wait(100, 250, 'It serialises, and drops the caches of upper levels as well'),
    structureCacheFlush: wait(100, 400, 'An invlpg of address 0; high: with the refill of the caches of upper levels'),
    flushAsid: wait(150, 1000, 'A reload of CR3; high: with the refill of some 30 pages'),
    shootdown: wait(1000, 4000, 'An interrupt to other cores and its acknowledgement'),
  },
};
