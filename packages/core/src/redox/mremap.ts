import type { AddressSpace } from './address-space.ts';
import { failure, KernelPanic } from './errors.ts';
import { MAP, MREMAP, protectionBits, PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import type { Machine } from './machine.ts';
import { moveGrants } from './move.ts';
import { correctFault } from './page-fault.ts';
import { entryFlags, entryFrame } from './page-table.ts';
import { isPageMultiple, PAGE_SIZE } from './page-span.ts';
import { mapGrant } from './placement.ts';
import { notify, type UnmapNotice } from './unmap.ts';

/** What `mremap` asks for; addresses and sizes in bytes. */
export interface RemapRequest {
  readonly oldAddress: number;
  readonly oldSize: number;
  readonly newAddress: number;
  readonly newSize: number;
  /** Bits of {@link MREMAP}. */
  readonly remapFlags: number;
  /** Protection bits of {@link MAP}. */
  readonly mapFlags: number;
}

/** How the flags ask for the destination. Not to replace is what `fixed` alone means here. */
function placementFlags(remapFlags: number): number {
  if ((remapFlags & MREMAP.fixedReplace) === MREMAP.fixedReplace) return MAP.fixed;
  return (remapFlags & MREMAP.fixed) === 0 ? 0 : MAP.fixedNoReplace;
}

/**
 * `mremap`: move a mapping, or with `keepOld` map one page of it a second time. The user's part is not checked for.
 *
 * @returns the address, or an error: EINVAL, those of the move; EOPNOTSUPP, EPERM and ENOMEM for `keepOld`
 */
export function mremap(machine: Machine, space: AddressSpace, request: RemapRequest): number {
  const { oldAddress, oldSize, newAddress, newSize, remapFlags } = request;
  if (![oldAddress, oldSize, newAddress, newSize].every(isPageMultiple) || oldSize === 0 || newSize === 0)
    return failure('EINVAL');
  const placed = placementFlags(remapFlags);
  const place = {
    requested: newAddress !== 0 || placed !== 0 ? newAddress / PAGE_SIZE : -1,
    count: newSize / PAGE_SIZE,
    mapFlags: (request.mapFlags & (MAP.read | MAP.write | MAP.exec)) | placed,
  };
  const from = { base: oldAddress / PAGE_SIZE, count: oldSize / PAGE_SIZE };
  if ((remapFlags & MREMAP.keepOld) === 0) return moveGrants(machine, space, space, from, place);
  if (place.count !== 1) return failure('EOPNOTSUPP');
  const frame = lendFrame(machine, space, from.base);
  if (frame < 0) return frame;
  const notices: UnmapNotice[] = [];
  const flusher = new Flusher(machine, space);
  const flags = protectionBits(place.mapFlags);
  const page = machine.holding([space], () =>
    mapGrant(machine, space, place, flusher, notices, (base) => {
      space.table.map(base, frame, flags);
      flusher.queue(0);
      return { base, count: 1, flags, mapped: true, provider: { kind: 'Allocated', contiguous: false, file: null } };
    }),
  );
  flusher.end();
  if (page < 0) machine.frames.release(frame);
  notify(machine, notices, page);
  return page < 0 ? page : page * PAGE_SIZE;
}

/** Take a shared reference to a page's frame, which is made the space's own and writable first. */
function lendFrame(machine: Machine, space: AddressSpace, page: number): number {
  const { frames } = machine;
  const grant = space.grants.containing(page);
  if (grant === null) return failure('EINVAL');
  if (grant.provider.kind !== 'Allocated') return failure('EPERM');
  const entry = space.table.entry(page);
  const cowAnyway = entry !== 0 && !frames.allowsWritable(entryFrame(entry));
  if ((entryFlags(entry) & PTE.write) === 0 || (cowAnyway && !machine.has('keepOldPanic'))) {
    if (correctFault(machine, space, page, 'write') !== 'ok') return failure('ENOMEM');
  }
  const frame = entryFrame(space.table.entry(page));
  const outcome = frames.addRef(frame, 'Shared');
  if (outcome === 'RcOverflow') return failure('ENOMEM');
  if (outcome !== 'Ok') throw new KernelPanic('a page that is copied when written was mapped writable');
  return frame;
}
