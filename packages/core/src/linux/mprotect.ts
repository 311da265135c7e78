import type { AddressSpace } from './address-space.ts';
import { addPages, roundUp } from './argument.ts';
import { NO_ANON } from './attributes.ts';
import { Prot } from './call-flags.ts';
import type { LinuxColumns } from './columns.ts';
import { Errno } from './errno.ts';
import { changeVma } from './merge.ts';
import { ACCESS, MAY_SHIFT, VmFlag } from './vm-flags.ts';

const KNOWN = Prot.READ | Prot.WRITE | Prot.EXEC | Prot.SEM;

/**
 * Change the protection of a range (`mm/mprotect.c: do_mprotect_pkey`), VMA by VMA, upward. At a hole, or where the
 * protection may not be had, it stops with an error, and what lies below stays changed.
 */
export function performMprotect(space: AddressSpace, calls: LinuxColumns, i: number): Errno {
  const grows = calls.prot[i] & (Prot.GROWSDOWN | Prot.GROWSUP);
  const prot = calls.prot[i] & ~(Prot.GROWSDOWN | Prot.GROWSUP);
  const page = calls.addrPage[i];
  if (grows === (Prot.GROWSDOWN | Prot.GROWSUP) || calls.addrOffset[i] !== 0) return Errno.EINVAL;
  if (calls.lenPage[i] === 0 && calls.lenOffset[i] === 0) return Errno.OK;
  const end = addPages(page, roundUp(calls.lenPage[i], calls.lenOffset[i]));
  if (end <= page) return Errno.ENOMEM;
  if (prot & ~KNOWN) return Errno.EINVAL;
  const { walk } = space;
  if (!walk.seek(page) || walk.start >= end) return Errno.ENOMEM;
  let start = page;
  if (grows & Prot.GROWSDOWN) {
    if ((space.attributes.flags[walk.id] & VmFlag.GROWSDOWN) === 0) return Errno.EINVAL;
    start = walk.start;
  } else {
    if (walk.start > page) return Errno.ENOMEM;
    // No VMA grows upward on x86.
    if (grows & Prot.GROWSUP) return Errno.EINVAL;
  }
  return protect(space, start, end, prot & ACCESS);
}

function protect(space: AddressSpace, start: number, end: number, access: number): Errno {
  const { walk } = space;
  let at = start;
  while (at < end) {
    if (!walk.seek(at) || walk.start > at) return Errno.ENOMEM;
    const { start: vmaStart, end: vmaEnd, id } = walk;
    const flags = (space.attributes.flags[id] & ~ACCESS) | access;
    if (flags & ~(flags >> MAY_SHIFT) & ACCESS) return Errno.EACCES;
    const to = Math.min(vmaEnd, end);
    const error = changeFlags(space, at, to, vmaStart, vmaEnd, id, flags);
    if (error !== Errno.OK) return error;
    at = to;
  }
  return Errno.OK;
}

/** `mm/mprotect.c: mprotect_fixup`: what the change means for the commit charge, then the change itself. */
function changeFlags(
  space: AddressSpace,
  start: number,
  end: number,
  vmaStart: number,
  vmaEnd: number,
  id: number,
  flags: number,
): Errno {
  const old = space.attributes.flags[id];
  if (flags === old) return Errno.OK;
  let changed = flags;
  if (flags & VmFlag.WRITE) {
    // It becomes writable, and nothing says that it was charged or need not be.
    if ((old & (VmFlag.ACCOUNT | VmFlag.WRITE | VmFlag.SHARED | VmFlag.NORESERVE)) === 0) changed |= VmFlag.ACCOUNT;
  } else if (old & VmFlag.ACCOUNT && space.isAnonymous(id) && space.attributes.anon[id] === NO_ANON) {
    // Nothing was ever written, so the charge can be given back.
    changed &= ~VmFlag.ACCOUNT;
  }
  const attributes = space.attributes.withFlags(id, changed);
  const error = changeVma(space, start, end, vmaStart, vmaEnd, attributes);
  if (error === Errno.OK) space.sink?.changed(start, end, id, attributes);
  return error;
}
