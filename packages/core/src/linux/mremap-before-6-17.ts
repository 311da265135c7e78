import type { AddressSpace } from './address-space.ts';
import { roundUp } from './argument.ts';
import { RemapFlag } from './call-flags.ts';
import type { LinuxColumns } from './columns.ts';
import { Errno } from './errno.ts';
import {
  checkSource,
  clearTarget,
  findTarget,
  grow,
  impliesPlace,
  move,
  overlaps,
  PLACE_RESERVE,
  type Remap,
  shrink,
} from './move.ts';

/**
 * mremap before Linux 6.17 (5.13 to 6.16, `mm/mremap.c: SYSCALL_DEFINE5(mremap)`). It differs in three things: a source
 * that is not mapped is found (EFAULT) before the new place is looked at (EINVAL); MREMAP_FIXED removes the target before
 * the source VMA is checked; and only one VMA is moved at a time, EFAULT across several.
 */
export function performMremapBefore617(space: AddressSpace, calls: LinuxColumns, i: number): Errno {
  const flags = calls.flags[i];
  if (flags & ~RemapFlag.ALL) return Errno.EINVAL;
  if (impliesPlace(flags) && (flags & RemapFlag.MAYMOVE) === 0) return Errno.EINVAL;
  // The lengths as given, before they are rounded.
  const sameLength = calls.lenPage[i] === calls.newLenPage[i] && calls.lenOffset[i] === calls.newLenOffset[i];
  if (flags & RemapFlag.DONTUNMAP && !sameLength) return Errno.EINVAL;
  if (calls.addrOffset[i] !== 0) return Errno.EINVAL;
  const remap: Remap = {
    addr: calls.addrPage[i],
    oldLen: roundUp(calls.lenPage[i], calls.lenOffset[i]),
    newLen: roundUp(calls.newLenPage[i], calls.newLenOffset[i]),
    newAddr: calls.otherPage[i],
    flags,
  };
  if (remap.newLen === 0) return Errno.EINVAL;
  const { near } = space;
  if (!near.seek(remap.addr) || near.start > remap.addr) return Errno.EFAULT;
  if (impliesPlace(flags)) return moveTo(space, remap, calls.otherOffset[i]);
  space.at = remap.addr;
  if (remap.newLen === remap.oldLen) return Errno.OK;
  if (remap.newLen < remap.oldLen) return shrink(space, remap);
  const error = checkSource(space, remap);
  return error === Errno.OK ? grow(space, remap) : error;
}

/** `mremap_to`, as it was. */
function moveTo(space: AddressSpace, remap: Remap, newAddrOffset: number): Errno {
  const { taskPages } = space;
  if (newAddrOffset !== 0 || remap.newLen > taskPages || remap.newAddr > taskPages - remap.newLen) return Errno.EINVAL;
  if (overlaps(remap)) return Errno.EINVAL;
  if (space.map.count >= space.maxMapCount - PLACE_RESERVE) return Errno.ENOMEM;
  if (remap.flags & RemapFlag.FIXED) {
    const error = clearTarget(space, remap);
    if (error !== Errno.OK) return error;
  }
  if (remap.newLen < remap.oldLen) {
    const error = shrink(space, remap);
    if (error !== Errno.OK) return error;
    remap.oldLen = remap.newLen;
  }
  const source = checkSource(space, remap);
  if (source !== Errno.OK) return source;
  const error = findTarget(space, remap);
  return error === Errno.OK ? move(space, remap) : error;
}
