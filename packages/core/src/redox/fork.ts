import type { AddressSpace } from './address-space.ts';
import { dropSpace } from './drop-space.ts';
import { failure, KernelPanic } from './errors.ts';
import { PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import { OutOfFrames } from './frames.ts';
import type { Grant } from './grant.ts';
import type { Machine } from './machine.ts';
import { entryFlags, entryFrame } from './page-table.ts';
import { spanEnd } from './page-span.ts';
import { physicalGrant } from './placement.ts';
import { shareFrame } from './page-fault.ts';
import { changePins } from './unmap.ts';

/**
 * A copy of an address space, under a new number. Costs a visit of each page that is present, and of each page of shared
 * memory. Pinned grants, contiguous memory and scheme mappings are not inherited, nor is the least address.
 *
 * @returns the new space's number, or ENOMEM
 */
export function fork(machine: Machine, parent: AddressSpace, id: number): number {
  const flusher = new Flusher(machine, parent);
  const child = machine.addSpace(id);
  try {
    for (const grant of parent.grants.list()) {
      const copy = inherit(machine, parent, child, grant, flusher);
      if (copy === null) continue;
      child.grants.insert(copy);
      machine.sink?.appeared(child, copy);
    }
    return id;
  } catch (error) {
    if (!(error instanceof OutOfFrames)) throw error;
    dropSpace(machine, child);
    return failure('ENOMEM');
  } finally {
    flusher.end();
  }
}

function inherit(
  machine: Machine,
  parent: AddressSpace,
  child: AddressSpace,
  grant: Grant,
  flusher: Flusher,
): Grant | null {
  const { provider } = grant;
  switch (provider.kind) {
    case 'FmapBorrowed':
      return null;
    case 'PhysBorrowed':
      return physicalGrant(child, grant, provider.frame, grant.flags, new Flusher(machine, null));
    case 'Allocated':
      if (provider.contiguous) return null;
      copyPrivate(machine, parent, child, grant, flusher);
      return grant;
    case 'AllocatedShared':
      if (provider.pinned) return null;
      copyShared(machine, parent, child, grant, flusher);
      return grant;
    case 'External':
      if (provider.pinned) return null;
      if (!machine.has('uncountedPins') && provider.source !== null)
        changePins(machine, provider.source, { base: provider.sourceBase, count: grant.count }, 1);
      return grant;
  }
}

/** Parent and child get the same frames, read-only; the child a copy of those that are shared with others. */
function copyPrivate(
  { frames }: Machine,
  parent: AddressSpace,
  child: AddressSpace,
  grant: Grant,
  flusher: Flusher,
): void {
  parent.table.forEachPresent(grant.base, spanEnd(grant), (page, entry) => {
    const frame = entryFrame(entry);
    parent.table.map(page, frame, entryFlags(entry) & ~PTE.write);
    flusher.queue(0);
    const outcome = frames.addRef(frame, 'Cow');
    if (outcome === 'CowToShared') throw new KernelPanic('a private reference was taken for a shared one');
    if (outcome === 'RcOverflow') throw new OutOfFrames('a frame has too many references');
    const shown = outcome === 'Ok' ? frame : frames.copyOnWrite(frame, 'Cow');
    child.table.map(page, shown, grant.flags & ~PTE.write);
  });
}

/** Every page is present in both afterwards, and both see the same frame. */
function copyShared(machine: Machine, parent: AddressSpace, child: AddressSpace, grant: Grant, flusher: Flusher): void {
  for (let page = grant.base; page < spanEnd(grant); page++) {
    if (parent.table.entry(page) === 0) {
      parent.table.map(page, machine.frames.take(), grant.flags);
      flusher.queue(0);
    }
    const before = parent.table.entry(page);
    const frame = shareFrame(machine, parent, page, before, flusher);
    if (frame === 0) throw new OutOfFrames('a frame has too many references');
    if (frame !== entryFrame(before)) {
      // The new entry takes a place in the queue besides the old frame's, and is flushed here by itself.
      machine.costs.single++;
      flusher.queue(0);
    }
    child.table.map(page, frame, grant.flags);
  }
}
