import type { AddressSpace } from './address-space.ts';
import { Errno } from './errno.ts';
import { VmFlag } from './vm-flags.ts';

/** Pages of a huge page: 2 MiB. */
const HUGE = 512;

/**
 * Whether a fixed range may be mapped (`mm/mmap.c: __get_unmapped_area`, `security/commoncap.c: cap_mmap_addr`). Pure.
 *
 * @param offset - bytes of the address behind the page's start
 */
export function checkFixedPlace(space: AddressSpace, page: number, offset: number, pages: number): Errno {
  const { taskPages } = space;
  if (pages > taskPages) return Errno.ENOMEM;
  const last = taskPages - pages;
  if (page > last || (page === last && offset > 0)) return Errno.ENOMEM;
  if (offset > 0) return Errno.EINVAL;
  return checkLowest(space, page);
}

/** EPERM below `vm.mmap_min_addr`, without the capability. */
const checkLowest = (space: AddressSpace, page: number): Errno =>
  page < space.openPage && !space.rawIo ? Errno.EPERM : Errno.OK;

/**
 * Find a place for a mapping that is not fixed, and put its page in `space.at`.
 *
 * @param hint - page at which it should be, 0 = none
 * @param shared - memory shared or of a file: it is not aligned to huge pages
 */
export function findPlace(space: AddressSpace, hint: number, pages: number, shared: boolean): Errno {
  if (pages > space.taskPages) return Errno.ENOMEM;
  let page = -1;
  if (space.hugePages && !shared && hint === 0 && pages % HUGE === 0) page = hugePlace(space, pages);
  if (page < 0) page = searchedPlace(space, hint, pages);
  if (page < 0) return Errno.ENOMEM;
  space.at = page;
  return checkLowest(space, page);
}

/** A place aligned to 2 MiB, within one that has room to align (`mm/huge_memory.c: __thp_get_unmapped_area`); or -1. */
function hugePlace(space: AddressSpace, pages: number): number {
  const page = searchedPlace(space, 0, pages + HUGE);
  if (page < 0) return -1;
  return page + (HUGE - (page % HUGE));
}

/** The hint where it is free, else the highest gap below the base, else the lowest; -1 when there is none. */
function searchedPlace(space: AddressSpace, hint: number, pages: number): number {
  if (pages > space.taskPages) return -1;
  if (hint !== 0 && hintFits(space, hint, pages)) return hint;
  const page = highestPlace(space, pages);
  return page >= 0 ? page : lowestPlace(space, pages);
}

/** First page of a VMA with what is kept free below it. */
const gapStart = (space: AddressSpace, start: number, attributes: number): number =>
  space.attributes.flags[attributes] & VmFlag.GROWSDOWN ? Math.max(start - space.stackGap, 0) : start;

function hintFits(space: AddressSpace, hint: number, pages: number): boolean {
  if (hint > space.taskPages - pages) return false;
  const { near } = space;
  return !near.seek(hint) || hint + pages <= gapStart(space, near.start, near.id);
}

/** `mm/vma.c: unmapped_area_topdown`; a stack's gap lowers the limit, and the search begins again. */
function highestPlace(space: AddressSpace, pages: number): number {
  const { map, near } = space;
  let limit = space.basePage;
  for (;;) {
    const page = map.highestGap(pages, space.minPage, limit);
    if (page < 0 || !near.seek(page + pages)) return page;
    const gap = gapStart(space, near.start, near.id);
    if (gap >= page + pages) return page;
    limit = gap;
  }
}

/** `mm/vma.c: unmapped_area`, upward from a third of the address space. */
function lowestPlace(space: AddressSpace, pages: number): number {
  const { map, near } = space;
  let limit = space.legacyPage;
  for (;;) {
    const page = map.lowestGap(pages, limit, space.taskPages);
    if (page < 0 || !near.seek(page) || gapStart(space, near.start, near.id) >= page + pages) return page;
    limit = near.end;
  }
}
