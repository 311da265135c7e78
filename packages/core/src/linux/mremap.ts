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
 * mremap as of Linux 6.17 (`mm/mremap.c: do_mremap`). Its steps are checked one by one as they are done: an error may come
 * after the target was removed, the tail cut, or some of several VMAs moved, and all that stays done.
 */
export function performMremap(space: AddressSpace, calls: LinuxColumns, i: number): Errno {
  const remap: Remap = {
    addr: calls.addrPage[i],
    oldLen: roundUp(calls.lenPage[i], calls.lenOffset[i]),
    newLen: roundUp(calls.newLenPage[i], calls.newLenOffset[i]),
    newAddr: calls.otherPage[i],
    flags: calls.flags[i],
  };
  const error = checkArguments(space, remap, calls.addrOffset[i], calls.otherOffset[i]);
  if (error !== Errno.OK) return error;
  if (remap.flags & RemapFlag.FIXED && remap.oldLen === remap.newLen) return moveAll(space, remap);
  const source = checkVma(space, remap);
  if (source !== Errno.OK) return source;
  return impliesPlace(remap.flags) ? moveTo(space, remap) : resize(space, remap);
}

/** `check_mremap_params`. Pure. */
function checkArguments(space: AddressSpace, remap: Remap, addrOffset: number, newAddrOffset: number): Errno {
  const { oldLen, newLen, newAddr, flags } = remap;
  const { taskPages } = space;
  if (flags & ~RemapFlag.ALL || addrOffset !== 0) return Errno.EINVAL;
  if (newLen === 0 || newLen > taskPages) return Errno.EINVAL;
  if (!impliesPlace(flags)) return Errno.OK;
  if (newAddr > taskPages - newLen || newAddrOffset !== 0) return Errno.EINVAL;
  if ((flags & RemapFlag.MAYMOVE) === 0) return Errno.EINVAL;
  if (flags & RemapFlag.DONTUNMAP && oldLen !== newLen) return Errno.EINVAL;
  if (overlaps(remap)) return Errno.EINVAL;
  return space.map.count >= space.maxMapCount - PLACE_RESERVE ? Errno.ENOMEM : Errno.OK;
}

/** `check_prep_vma`: staying in place needs a VMA, and nothing more of it. Pure. */
function checkVma(space: AddressSpace, remap: Remap): Errno {
  if (remap.newLen > remap.oldLen || impliesPlace(remap.flags)) return checkSource(space, remap);
  const { near } = space;
  return near.seek(remap.addr) && near.start <= remap.addr ? Errno.OK : Errno.EFAULT;
}

/** `mremap_at`: stay, shrink or grow. */
function resize(space: AddressSpace, remap: Remap): Errno {
  space.at = remap.addr;
  if (remap.newLen === remap.oldLen) return Errno.OK;
  return remap.newLen < remap.oldLen ? shrink(space, remap) : grow(space, remap);
}

/** `mremap_to`: the target is removed first, whatever comes after. */
function moveTo(space: AddressSpace, remap: Remap): Errno {
  const { near } = space;
  if (remap.flags & RemapFlag.FIXED) {
    const error = clearTarget(space, remap);
    if (error !== Errno.OK) return error;
    if (!near.seek(remap.addr) || near.start > remap.addr) return Errno.EFAULT;
  }
  if (remap.newLen < remap.oldLen) {
    const error = shrink(space, remap);
    if (error !== Errno.OK) return error;
    remap.oldLen = remap.newLen;
  }
  const error = findTarget(space, remap);
  return error === Errno.OK ? move(space, remap) : error;
}

/**
 * `remap_move`: move whatever is mapped in the range, VMA by VMA, with the holes between them. What is at the target is
 * removed only where something comes.
 */
function moveAll(space: AddressSpace, { addr, oldLen, newAddr, flags }: Remap): Errno {
  const { walk } = space;
  const end = addr + oldLen;
  if (!walk.seek(addr) || walk.start > addr) return Errno.EFAULT;
  for (let more = true; more && walk.start < end; more = walk.seek(walk.end)) {
    const start = Math.max(walk.start, addr);
    const pages = Math.min(walk.end, end) - start;
    const piece = { addr: start, oldLen: pages, newLen: pages, newAddr: newAddr + start - addr, flags };
    const source = checkSource(space, piece);
    if (source !== Errno.OK) return source;
    const error = moveTo(space, piece);
    if (error !== Errno.OK) return error;
  }
  space.at = newAddr;
  return Errno.OK;
}
