import type { AddressSpace } from './address-space.ts';
import { failure } from './errors.ts';
import { MAP, protectionBits, PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import { OutOfFrames } from './frames.ts';
import type { Grant } from './grant.ts';
import type { Machine } from './machine.ts';
import { correctFault, shareFrame } from './page-fault.ts';
import { entryFlags, entryFrame } from './page-table.ts';
import { isPageMultiple, PAGE_SIZE, type PageSpan } from './page-span.ts';
import { mapGrant, requestedPage } from './placement.ts';
import { notify, type UnmapNotice } from './unmap.ts';

/** A mapping of a file that a scheme serves; offset, size and address in bytes. */
export interface SchemeMapRequest {
  readonly file: number;
  readonly offset: number;
  /** Need not be whole pages. */
  readonly size: number;
  readonly address: number;
  readonly mapFlags: number;
  /** The space of the scheme's process; null when it is gone. */
  readonly scheme: AddressSpace | null;
  /** What the scheme answers: where in its space the file is, or an error's number negated. */
  readonly reply: number;
}

/**
 * `mmap` of a scheme's file. The scheme is told first, and not told again when a later step fails.
 *
 * @returns the address; EINVAL, ENODEV, EBUSY, EIO, the scheme's error, or one of the placement
 */
export function mapScheme(machine: Machine, space: AddressSpace, request: SchemeMapRequest): number {
  const { file, offset, size, address, mapFlags, scheme, reply } = request;
  if (size === 0 || !isPageMultiple(address) || !isPageMultiple(offset)) return failure('EINVAL');
  if (scheme === null) return failure('ENODEV');
  if (scheme === space) return failure('EBUSY');
  machine.schemes?.mmapPrep(file, offset, size, mapFlags);
  if (reply < 0) return reply;
  if (!isPageMultiple(reply)) return failure('EINVAL');
  const count = Math.ceil(size / PAGE_SIZE);
  const place = { requested: requestedPage(address, mapFlags), count, mapFlags };
  const notices: UnmapNotice[] = [];
  const flusher = new Flusher(machine, space);
  const page = machine.holding([space, scheme], () =>
    mapGrant(machine, space, place, flusher, notices, (base) =>
      schemeGrant(machine, space, request, scheme, { base, count }, flusher),
    ),
  );
  flusher.end();
  notify(machine, notices, page);
  return page < 0 ? page : page * PAGE_SIZE;
}

/** Map all pages now. An error leaves the entries made so far, without a grant (defect B7). */
function schemeGrant(
  machine: Machine,
  space: AddressSpace,
  { file, offset, mapFlags, reply }: SchemeMapRequest,
  scheme: AddressSpace,
  { base, count }: PageSpan,
  flusher: Flusher,
): Grant | number {
  const shared = (mapFlags & MAP.shared) !== 0;
  const flags = protectionBits(mapFlags);
  for (let i = 0; i < count; i++) {
    const outcome = schemePage(machine, space, scheme, reply / PAGE_SIZE + i, base + i, flags, shared);
    if (outcome < 0) {
      if (!machine.has('schemeMapEntries')) clearEntries(space, { base, count: i }, flusher);
      return outcome;
    }
    flusher.queue(0);
  }
  const provider = { kind: 'FmapBorrowed', file: { file, offset: offset / PAGE_SIZE }, pins: 0 } as const;
  return { base, count, flags, mapped: true, provider };
}

function clearEntries(space: AddressSpace, { base, count }: PageSpan, flusher: Flusher): void {
  space.table.forEachPresent(base, base + count, (page, entry) => {
    space.table.unmap(page);
    flusher.queue(entryFrame(entry));
  });
}

/** Map one page of the scheme's space. @returns 0, EIO, or ENOMEM */
function schemePage(
  machine: Machine,
  space: AddressSpace,
  scheme: AddressSpace,
  from: number,
  to: number,
  flags: number,
  shared: boolean,
): number {
  const present = scheme.table.entry(from);
  if (present === 0) {
    // The scheme's lock is passed on to the fault; the caller's stays held.
    if (machine.releasing(scheme, () => correctFault(machine, scheme, from, 'read')) !== 'ok') return failure('EIO');
  } else if (!shared) {
    scheme.table.map(from, entryFrame(present), entryFlags(present) & ~PTE.write);
  }
  const entry = scheme.table.entry(from);
  const memory = entryFlags(entry) & (PTE.uncached | PTE.writeCombining);
  try {
    const flusher = new Flusher(machine, scheme);
    const frame = shareFrame(machine, scheme, from, entry, flusher);
    // Lost with the flusher: the reference to the frame that was there (defect B12).
    if (!machine.has('lostFlusher')) flusher.end();
    if (frame === 0) return failure('ENOMEM');
    space.table.map(to, frame, (shared ? flags : flags & ~PTE.write) | memory);
    return 0;
  } catch (error) {
    if (error instanceof OutOfFrames) return failure('ENOMEM');
    throw error;
  }
}
