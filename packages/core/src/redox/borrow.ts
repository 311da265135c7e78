import type { AddressSpace } from './address-space.ts';
import { failure } from './errors.ts';
import { protectionBits, PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import { canHaveFlags, type Grant } from './grant.ts';
import type { Machine } from './machine.ts';
import { moveGrants } from './move.ts';
import { entryFrame } from './page-table.ts';
import { isPageMultiple, PAGE_SIZE, type PageSpan, spanEnd, USER_END_PAGE, validateNonempty } from './page-span.ts';
import { EAGER_PAGES, mapGrant, requestedPage } from './placement.ts';
import { changePins, notify, type UnmapNotice } from './unmap.ts';

/** A mapping of another space's memory, through its handle; addresses and size in bytes. */
export interface BorrowRequest {
  readonly source: AddressSpace;
  readonly sourceAddress: number;
  readonly size: number;
  readonly address: number;
  readonly mapFlags: number;
}

/** The spans of a request, or an error. */
function checkRequest(
  space: AddressSpace,
  { source, sourceAddress, size, address, mapFlags }: BorrowRequest,
): { readonly from: PageSpan; readonly requested: number } | number {
  if (source === space) return failure('EBUSY');
  if (!isPageMultiple(address) || !isPageMultiple(size) || size === 0) return failure('EINVAL');
  if (address + size > USER_END_PAGE * PAGE_SIZE) return failure('EFAULT');
  const from = validateNonempty(sourceAddress, size);
  if (from === null) return failure('EINVAL');
  return { from, requested: requestedPage(address, mapFlags) };
}

/**
 * Map another space's memory: the two see the same pages.
 *
 * @returns the address; EBUSY, EINVAL, EFAULT, EPERM, or an error of the placement
 */
export function borrow(machine: Machine, space: AddressSpace, request: BorrowRequest): number {
  const spans = checkRequest(space, request);
  if (typeof spans === 'number') return spans;
  return borrowPages(machine, space, request.source, spans.from, spans.requested, request.mapFlags, false);
}

/**
 * Map the buffer of a call into the space of the scheme that serves it: where there is room, and pinned.
 *
 * @returns the address, or an error
 */
export function pinBorrow(
  machine: Machine,
  space: AddressSpace,
  source: AddressSpace,
  address: number,
  size: number,
  mapFlags: number,
): number {
  const from = validateNonempty(address, size);
  return from === null ? failure('EINVAL') : borrowPages(machine, space, source, from, -1, mapFlags, true);
}

/** Move another space's memory here. @returns the address, or an error of `borrow` or of the move */
export function transfer(machine: Machine, space: AddressSpace, request: BorrowRequest): number {
  const spans = checkRequest(space, request);
  if (typeof spans === 'number') return spans;
  const { mapFlags, source } = request;
  const place = { requested: spans.requested, count: spans.from.count, mapFlags };
  return moveGrants(machine, space, source, spans.from, place);
}

function borrowPages(
  machine: Machine,
  space: AddressSpace,
  source: AddressSpace,
  from: PageSpan,
  requested: number,
  mapFlags: number,
  pinned: boolean,
): number {
  const notices: UnmapNotice[] = [];
  const flusher = new Flusher(machine, space);
  const place = { requested, count: from.count, mapFlags };
  const page = machine.holding([space, source], () =>
    mapGrant(machine, space, place, flusher, notices, (base) => {
      const refusal = pinSource(machine, source, from, mapFlags);
      return refusal < 0 ? refusal : externalGrant(machine, space, source, from, base, mapFlags, pinned, flusher);
    }),
  );
  flusher.end();
  notify(machine, notices, page);
  return page < 0 ? page : page * PAGE_SIZE;
}

/** Grants must cover the source without a gap, and allow the protection. Pins of those passed stay (defect B6). */
function pinSource(machine: Machine, source: AddressSpace, from: PageSpan, mapFlags: number): number {
  let next = from.base;
  let refusal = 0;
  for (const grant of source.grants.conflicts(from)) {
    if (grant.base > next) refusal = failure('EINVAL');
    else if (!canHaveFlags(grant, mapFlags)) refusal = failure('EPERM');
    if (refusal < 0) break;
    changePins(machine, source, { base: grant.base, count: 1 }, 1);
    next = spanEnd(grant);
  }
  if (refusal === 0 && next < spanEnd(from)) refusal = failure('EINVAL');
  if (refusal < 0 && next > from.base && !machine.has('borrowPins'))
    changePins(machine, source, { base: from.base, count: Math.min(next, spanEnd(from)) - from.base }, -1);
  return refusal;
}

function externalGrant(
  { frames }: Machine,
  space: AddressSpace,
  source: AddressSpace,
  from: PageSpan,
  base: number,
  mapFlags: number,
  pinned: boolean,
  flusher: Flusher,
): Grant {
  const flags = protectionBits(mapFlags);
  const eager = Math.min(from.count, EAGER_PAGES);
  source.table.forEachPresent(from.base, from.base + eager, (page, entry) => {
    const frame = entryFrame(entry);
    // A frame that is copied when written stays with the fault.
    if (frames.addRef(frame, 'Shared') !== 'Ok') return;
    space.table.map(base + page - from.base, frame, frames.allowsWritable(frame) ? flags : flags & ~PTE.write);
    flusher.queue(0);
  });
  const provider = { kind: 'External', source, sourceBase: from.base, pinned } as const;
  return { base, count: from.count, flags, mapped: true, provider };
}
