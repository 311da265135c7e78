import type { AddressSpace } from './address-space.ts';
import { addPages } from './argument.ts';
import { NO_ANON } from './attributes.ts';
import { RemapFlag } from './call-flags.ts';
import { Errno } from './errno.ts';
import { insertVma } from './merge.ts';
import { checkRemoval, removeMappings } from './munmap.ts';
import { checkFixedPlace, findPlace } from './placement.ts';
import { VmFlag } from './vm-flags.ts';

/** What mremap is asked for, in pages; the steps change it as the kernel's own record is changed. */
export interface Remap {
  addr: number;
  oldLen: number;
  newLen: number;
  newAddr: number;
  flags: number;
}

/** The place is given: FIXED gives it, DONTUNMAP a hint. */
export const impliesPlace = (flags: number): boolean => (flags & (RemapFlag.FIXED | RemapFlag.DONTUNMAP)) !== 0;

/** Nothing more than so many VMAs below the limit, for a call that names a new place. */
export const PLACE_RESERVE = 5;
/** The same, for the move itself: it may split off both ends of the source, and inserts the copy. */
const MOVE_RESERVE = 3;

/**
 * Whether the source and the target have a page in common (`mm/mremap.c: vrm_overlaps`). An empty source at its own start
 * has not; nor a source whose end is beyond 2^64, as the sum begins again at 0.
 */
export const overlaps = ({ addr, oldLen, newAddr, newLen }: Remap): boolean =>
  addPages(addr, oldLen) > newAddr && addPages(newAddr, newLen) > addr;

/** Neither grown nor moved by mremap: what drivers map for their own ends, and the vDSO. */
const UNMOVABLE = VmFlag.DONTEXPAND | VmFlag.PFNMAP;

/** Whether the VMA at the source can be moved or grown as asked (`mm/mremap.c: check_prep_vma, vma_to_resize`). Pure. */
export function checkSource(space: AddressSpace, { addr, oldLen, newLen, flags }: Remap): Errno {
  const { near } = space;
  if (!near.seek(addr) || near.start > addr) return Errno.EFAULT;
  const vm = space.attributes.flags[near.id];
  // Without a length, shared memory is mapped a second time; of private memory there would be nothing to share.
  if (oldLen === 0 && (vm & VmFlag.MAYSHARE) === 0) return Errno.EINVAL;
  if (flags & RemapFlag.DONTUNMAP && vm & UNMOVABLE) return Errno.EINVAL;
  if (Math.min(oldLen, newLen) > near.end - addr) return Errno.EFAULT;
  return newLen > oldLen && vm & UNMOVABLE ? Errno.EFAULT : Errno.OK;
}

/** Remove what lies behind the new length. It may cross VMAs and holes; the source VMA may end before it. */
export function shrink(space: AddressSpace, { addr, oldLen, newLen }: Remap): Errno {
  const start = addr + newLen;
  const end = addr + oldLen;
  if (start > space.taskPages || end > space.taskPages) return Errno.EINVAL;
  const error = checkRemoval(space, start, end);
  if (error === Errno.OK) removeMappings(space, start, end, 'vanished');
  return error;
}

/** Remove what is at the target (MREMAP_FIXED). */
export function clearTarget(space: AddressSpace, { newAddr, newLen }: Remap): Errno {
  const error = checkRemoval(space, newAddr, newAddr + newLen);
  if (error === Errno.OK) removeMappings(space, newAddr, newAddr + newLen, 'replaced');
  return error;
}

/** Grow in place, or move (`mm/mremap.c: expand_vma`); the source was checked. */
export function grow(space: AddressSpace, remap: Remap): Errno {
  const { near } = space;
  const { addr, oldLen, newLen, flags } = remap;
  near.seek(addr);
  const { start, end, id } = near;
  if (end - addr === oldLen && roomAbove(space, start, end, addr + newLen)) {
    insertVma(space, end, addr + newLen, id);
    space.sink?.appeared(end, addr + newLen, id);
    space.at = addr;
    return Errno.OK;
  }
  if ((flags & RemapFlag.MAYMOVE) === 0) return Errno.ENOMEM;
  const error = findTarget(space, remap);
  return error === Errno.OK ? move(space, remap) : error;
}

/** `mm/mremap.c: vma_expandable`: nothing in the way (a stack's gap is no matter), and the whole may be mapped. */
function roomAbove(space: AddressSpace, start: number, end: number, newEnd: number): boolean {
  return !space.map.overlaps(end, newEnd) && checkFixedPlace(space, start, 0, newEnd - start) === Errno.OK;
}

/** Find the place to move to, and put it in `remap.newAddr` (`mm/mremap.c: vrm_set_new_addr`). */
export function findTarget(space: AddressSpace, remap: Remap): Errno {
  const { flags, newAddr, newLen } = remap;
  if (flags & RemapFlag.FIXED) return checkFixedPlace(space, newAddr, 0, newLen);
  const { near, attributes } = space;
  near.seek(remap.addr);
  const shared = (attributes.flags[near.id] & VmFlag.MAYSHARE) !== 0 || !space.isAnonymous(near.id);
  const error = findPlace(space, impliesPlace(flags) ? newAddr : 0, newLen, shared);
  remap.newAddr = space.at;
  return error;
}

/**
 * Move a part of one VMA, [addr, addr + oldLen), to a free place of `newLen` pages (`mm/mremap.c: move_vma`,
 * `mm/vma.c: copy_vma`). `space.at` becomes the place.
 */
export function move(space: AddressSpace, { addr, oldLen, newLen, newAddr, flags }: Remap): Errno {
  const { map, near, attributes, sink } = space;
  if (map.count >= space.maxMapCount - MOVE_RESERVE) return Errno.ENOMEM;
  near.seek(addr);
  const { start, end, id } = near;
  const anon = attributes.anon[id];
  // Memory that was never written takes the place in its "file" of the new address; what was written keeps it.
  const fresh = space.isAnonymous(id) && anon === NO_ANON;
  const delta = fresh ? 0 : attributes.delta[id] + addr - newAddr;
  const copy = attributes.intern(attributes.flags[id], attributes.file[id], delta, anon);
  insertVma(space, newAddr, newAddr + newLen, copy);
  sink?.appeared(newAddr, newAddr + newLen, copy);
  if (oldLen > 0) sink?.moved(addr, newAddr, Math.min(oldLen, newLen));
  if ((flags & RemapFlag.DONTUNMAP) === 0) {
    if (oldLen > 0) removeMappings(space, addr, addr + oldLen, 'vanished');
  } else if (addr === start && addr + oldLen === end && near.seek(addr) && near.start === start && near.end === end) {
    // All of its pages are gone, so the source VMA needs no anon_vma any more. (Not if it is one with the copy now.)
    map.setId(start, attributes.withAnon(id, NO_ANON));
  }
  space.at = newAddr;
  return Errno.OK;
}
