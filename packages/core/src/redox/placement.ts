import type { AddressSpace } from './address-space.ts';
import { failure } from './errors.ts';
import { isFixed, isNoReplace, PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import { OutOfFrames } from './frames.ts';
import type { Grant } from './grant.ts';
import type { Machine } from './machine.ts';
import { PAGE_SIZE } from './page-span.ts';
import { type UnmapNotice, unmapSpan } from './unmap.ts';

/** Pages of anonymous memory that are mapped at once. */
const EAGER_ZERO_PAGES = 16;
/** Pages of device memory, and of another space's, that are mapped at once. */
export const EAGER_PAGES = 4096;

/** The page that a request names, or -1: an address of 0 names none unless it is fixed. */
export const requestedPage = (address: number, mapFlags: number): number =>
  address !== 0 || isFixed(mapFlags) ? address / PAGE_SIZE : -1;

/** Where something is to be mapped. */
export interface Place {
  /** Page that was asked for, or -1. Only a fixed request is heard. */
  readonly requested: number;
  /** Pages. */
  readonly count: number;
  readonly mapFlags: number;
}

/**
 * Choose the pages of a new mapping. A fixed request unmaps what is there, and stays done when a later step fails.
 *
 * @param room - pages that must be free where the kernel chooses
 * @returns the first page, or EEXIST, EBUSY, ENOMEM
 */
export function choosePages(
  machine: Machine,
  space: AddressSpace,
  place: Place,
  flusher: Flusher,
  notices: UnmapNotice[],
  room = place.count,
): number {
  const { requested, count, mapFlags } = place;
  if (requested >= 0 && isNoReplace(mapFlags))
    return space.grants.firstConflict({ base: requested, count }) === null ? requested : failure('EEXIST');
  if (requested >= 0 && isFixed(mapFlags)) {
    const span = { base: requested, count };
    const outcome = unmapSpan(machine, space, span, flusher, notices, { replaced: true });
    return outcome < 0 ? outcome : requested;
  }
  const found = space.grants.findFree(space.minPage, room);
  return found < 0 ? failure('ENOMEM') : found;
}

/** Makes a grant at a page, and the entries that it has from the beginning; or answers an error. */
export type MakeGrant = (base: number, flusher: Flusher) => Grant | number;

/** Choose pages, and map something there. @returns the first page, or an error */
export function mapGrant(
  machine: Machine,
  space: AddressSpace,
  place: Place,
  flusher: Flusher,
  notices: UnmapNotice[],
  make: MakeGrant,
): number {
  // What a fixed request unmaps is flushed before anything is mapped.
  const unmapped = new Flusher(machine, space);
  const base = choosePages(machine, space, place, unmapped, notices);
  unmapped.end();
  if (base < 0) return base;
  const grant = make(base, flusher);
  if (typeof grant === 'number') return grant;
  insertNew(machine, space, grant);
  return base;
}

/** Put a new grant in, and tell of it. */
export function insertNew(machine: Machine, space: AddressSpace, grant: Grant): void {
  space.grants.insert(grant);
  machine.sink?.appeared(space, grant);
}

/**
 * Anonymous memory: the first pages show the zeroed frame, read-only; the rest is absent.
 *
 * @param shared - forks see the same memory
 */
export function zeroedGrant(
  { frames }: Machine,
  space: AddressSpace,
  span: { readonly base: number; readonly count: number },
  flags: number,
  shared: boolean,
  flusher: Flusher,
): Grant {
  try {
    for (let i = 0; i < Math.min(span.count, EAGER_ZERO_PAGES); i++) {
      space.table.map(span.base + i, frames.zeroed, flags & ~PTE.write);
      frames.addRef(frames.zeroed, 'Cow');
      flusher.queue(0);
    }
  } catch (error) {
    // Without a frame for a table the page is left absent: a fault will find out.
    if (!(error instanceof OutOfFrames)) throw error;
  }
  return {
    base: span.base,
    count: span.count,
    flags,
    mapped: true,
    provider: shared
      ? { kind: 'AllocatedShared', pinned: false }
      : { kind: 'Allocated', contiguous: false, file: null },
  };
}

/** Device memory: entries begin read-only, and become writable at the first write. */
export function physicalGrant(
  space: AddressSpace,
  span: { readonly base: number; readonly count: number },
  frame: number,
  flags: number,
  flusher: Flusher,
): Grant {
  for (let i = 0; i < Math.min(span.count, EAGER_PAGES); i++) {
    space.table.map(span.base + i, frame + i, flags & ~PTE.write);
    flusher.queue(0);
  }
  return { base: span.base, count: span.count, flags, mapped: true, provider: { kind: 'PhysBorrowed', frame } };
}
