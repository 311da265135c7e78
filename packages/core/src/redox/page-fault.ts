import type { AddressSpace } from './address-space.ts';
import type { FaultOutcome } from './errors.ts';
import { PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import { OutOfFrames } from './frames.ts';
import type { Grant, Provider } from './grant.ts';
import type { Machine } from './machine.ts';
import { entryFlags, entryFrame } from './page-table.ts';
import { PAGE_SIZE } from './page-span.ts';

/** What was tried at an address. */
export type Access = 'read' | 'write' | 'fetch';

/** Borrowed memory that is borrowed memory in turn is followed this many times less one. */
const MAX_DEPTH = 16;

/** The frame for an entry, and whether the entry may be writable; or why there is none. */
type Found = { readonly frame: number; readonly writable: boolean } | Exclude<FaultOutcome, 'ok'>;

/**
 * Make a page accessible, as its grant says.
 *
 * @param depth - how many grants of borrowed memory led here
 */
export function correctFault(
  machine: Machine,
  space: AddressSpace,
  page: number,
  access: Access,
  depth = 0,
): FaultOutcome {
  const grant = space.grants.containing(page);
  if (grant === null) return 'Segv';
  if (access === 'write' && (grant.flags & PTE.write) === 0) return 'Segv';
  if (access === 'fetch' && (grant.flags & PTE.exec) === 0) return 'Segv';
  const flusher = new Flusher(machine, space);
  try {
    const found = findFrame(machine, space, grant, page, access, depth, flusher);
    if (typeof found === 'string') return found;
    space.table.map(page, found.frame, found.writable ? grant.flags : grant.flags & ~PTE.write);
  } catch (error) {
    if (error instanceof OutOfFrames) return 'Oom';
    throw error;
  }
  if (machine.current === space) machine.costs.single++;
  flusher.end();
  return 'ok';
}

function findFrame(
  machine: Machine,
  space: AddressSpace,
  grant: Grant,
  page: number,
  access: Access,
  depth: number,
  flusher: Flusher,
): Found {
  const { provider } = grant;
  switch (provider.kind) {
    case 'Allocated':
    case 'AllocatedShared':
      return ownFrame(machine, space, page, access, flusher);
    case 'PhysBorrowed':
      return { frame: provider.frame + page - grant.base, writable: true };
    case 'External':
      return borrowedFrame(machine, space, grant, provider, page, depth);
    case 'FmapBorrowed':
      return schemeFrame(machine, space, grant, provider, page, access, flusher);
  }
}

/** Memory of the space's own: a fresh frame, the one that is there, or a copy of it. */
function ownFrame({ frames }: Machine, space: AddressSpace, page: number, access: Access, flusher: Flusher): Found {
  const entry = space.table.entry(page);
  if (entry === 0) return { frame: frames.take(), writable: true };
  const frame = entryFrame(entry);
  if (frames.allowsWritable(frame)) return { frame, writable: true };
  if (access !== 'write') return { frame, writable: false };
  const copy = frames.copyOnWrite(frame, 'Cow');
  if (copy !== frame) flusher.queue(frame);
  return { frame: copy, writable: true };
}

/** Memory of another space: what it has there, or what reading there would give it. */
function borrowedFrame(
  machine: Machine,
  space: AddressSpace,
  grant: Grant,
  { source, sourceBase }: Extract<Provider, { kind: 'External' }>,
  page: number,
  depth: number,
): Found {
  const { frames } = machine;
  if (source === null || source === space) return 'NonfatalInternalError';
  machine.lock(source);
  const sourcePage = sourceBase + page - grant.base;
  if (source.grants.containing(sourcePage) === null) {
    if (!machine.has('goneSource')) return 'Segv';
    const frame = frames.take();
    source.table.map(sourcePage, frame, grant.flags);
    return { frame, writable: true };
  }
  if (source.table.entry(sourcePage) === 0) {
    if (depth + 1 >= MAX_DEPTH) return 'RecursionLimitExceeded';
    const outcome = correctFault(machine, source, sourcePage, 'read', depth + 1);
    if (outcome !== 'ok') return outcome;
  }
  const entry = source.table.entry(sourcePage);
  // The processors that are told have this space loaded, and not the source, whose entry changes; they are told twice.
  const told = new Flusher(machine, space);
  const frame = shareFrame(machine, source, sourcePage, entry, told);
  told.end();
  if (frame !== 0 && frame !== entryFrame(entry))
    machine.costs.flush(space.remoteProcessors, machine.current === space);
  return frame === 0 ? 'Oom' : { frame, writable: frames.allowsWritable(frame) };
}

/**
 * Take a shared reference to the frame that a space has at a page. Where copies would be made of it when it is written,
 * the space gets its own one first; `flusher` is the space's.
 *
 * @returns the frame, or 0: it has too many references
 * @throws OutOfFrames
 */
export function shareFrame(
  machine: Machine,
  source: AddressSpace,
  page: number,
  entry: number,
  flusher: Flusher,
): number {
  const { frames } = machine;
  const frame = entryFrame(entry);
  const outcome = frames.addRef(frame, 'Shared');
  if (outcome === 'Ok') return frame;
  if (outcome === 'RcOverflow') return 0;
  const copy = frames.copyOnWrite(frame, 'Shared');
  source.table.map(page, copy, entryFlags(entry));
  flusher.queue(frame);
  return copy;
}

/**
 * A file's page. All are mapped at once, so that only the write to a private mapping comes here. The kernel asks the
 * scheme for the page, and waits: there is no message by which it could answer (defect B11). As intended, the page is
 * copied.
 */
function schemeFrame(
  machine: Machine,
  space: AddressSpace,
  grant: Grant,
  provider: Extract<Provider, { kind: 'FmapBorrowed' }>,
  page: number,
  access: Access,
  flusher: Flusher,
): Found {
  const { frames } = machine;
  const entry = space.table.entry(page);
  if (machine.has('privateWrite') || entry === 0 || access !== 'write') {
    const { file, offset } = provider.file;
    machine.schemes?.requestMmap(file, (offset + page - grant.base) * PAGE_SIZE);
    return 'NonfatalInternalError';
  }
  const frame = entryFrame(entry);
  const copy = frames.take();
  frames.write(copy, frames.read(frame));
  flusher.queue(frame);
  return { frame: copy, writable: true };
}
