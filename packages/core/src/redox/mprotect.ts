import type { AddressSpace } from './address-space.ts';
import { failure } from './errors.ts';
import { protectionBits, PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import { canHaveFlags, type Grant, isPinned } from './grant.ts';
import type { Machine } from './machine.ts';
import { entryFlags, entryFrame } from './page-table.ts';
import { intersection, type PageSpan, spanEnd, validateNonempty } from './page-span.ts';
import { takeOut } from './unmap.ts';

/**
 * `mprotect`. Goes from grant to grant, upward, and skips what is not mapped; an error leaves those below changed.
 *
 * @param address - in bytes
 * @param size - in bytes, not rounded
 * @returns 0; EINVAL; EBUSY at a pinned grant; EACCES where a grant may not have the protection
 */
export function mprotect(
  machine: Machine,
  space: AddressSpace,
  address: number,
  size: number,
  mapFlags: number,
): number {
  const span = validateNonempty(address, size);
  if (span === null) return failure('EINVAL');
  const flusher = new Flusher(machine, space);
  let outcome = 0;
  // The grants as they are before the first is changed: one that merges later is cut again at these bounds.
  for (const found of space.grants.conflicts(span)) {
    outcome = isPinned(found) ? failure('EBUSY') : protectGrant(machine, space, found, span, mapFlags, flusher);
    if (outcome < 0) break;
  }
  flusher.end();
  return outcome;
}

function protectGrant(
  machine: Machine,
  space: AddressSpace,
  found: PageSpan,
  span: PageSpan,
  mapFlags: number,
  flusher: Flusher,
): number {
  const grant = space.grants.removeContaining(found.base);
  if (grant === null) return 0;
  const middle = takeOut(machine, space, grant, intersection(found, span), false);
  if (!canHaveFlags(middle, mapFlags)) {
    space.grants.insert(middle);
    return failure('EACCES');
  }
  const flags = (middle.flags & ~(PTE.write | PTE.exec)) | protectionBits(mapFlags);
  remap(machine, space, middle, flags, flusher);
  space.grants.insert({ ...middle, flags });
  machine.sink?.protectionChanged(space, middle, middle.flags, flags);
  return 0;
}

/** Write new flags into the entries. One that would become writable is left to the fault that finds out if it may. */
function remap(machine: Machine, space: AddressSpace, grant: Grant, flags: number, flusher: Flusher): void {
  space.table.forEachPresent(grant.base, spanEnd(grant), (page, entry) => {
    const wait = (entryFlags(entry) & PTE.write) === 0 && (flags & PTE.write) !== 0;
    if (wait && machine.has('staleExec')) return;
    space.table.map(page, entryFrame(entry), wait ? flags & ~PTE.write : flags);
    flusher.queue(0);
  });
}
