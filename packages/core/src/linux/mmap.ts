import type { AddressSpace } from './address-space.ts';
import { roundUp, WORD_PAGES } from './argument.ts';
import { NO_ANON, NO_FILE } from './attributes.ts';
import { MapFlag, Prot } from './call-flags.ts';
import type { LinuxColumns } from './columns.ts';
import { Errno } from './errno.ts';
import { BAD_FILE } from './files.ts';
import { insertVma } from './merge.ts';
import { checkRemoval, removeMappings } from './munmap.ts';
import { checkFixedPlace, findPlace } from './placement.ts';
import { VmFlag } from './vm-flags.ts';

/** Bytes of the largest file, in pages: 2^63 - 1 rounded up. */
const FILE_PAGES = WORD_PAGES / 2;

/** FIXED_NOREPLACE implies FIXED. */
const isFixed = (flags: number): boolean => (flags & (MapFlag.FIXED | MapFlag.FIXED_NOREPLACE)) !== 0;

/**
 * What mmap answers (`arch/x86/kernel/sys_x86_64.c: mmap`, `mm/mmap.c: ksys_mmap_pgoff, do_mmap`), in the order in which
 * the kernel looks. Pure, but for `space.at`, the page of the place.
 */
export function checkMmap(space: AddressSpace, calls: LinuxColumns, i: number): Errno {
  const flags = calls.flags[i];
  const anonymous = (flags & MapFlag.ANONYMOUS) !== 0;
  if (calls.otherOffset[i] !== 0) return Errno.EINVAL;
  if (!anonymous && calls.file[i] === BAD_FILE) return Errno.EBADF;
  if (calls.lenPage[i] === 0 && calls.lenOffset[i] === 0) return Errno.EINVAL;
  const pages = roundUp(calls.lenPage[i], calls.lenOffset[i]);
  if (pages === 0) return Errno.ENOMEM;
  if (space.map.count > space.maxMapCount) return Errno.ENOMEM;
  const placed = place(space, calls, i, pages);
  if (placed !== Errno.OK) return placed;
  if (flags & MapFlag.FIXED_NOREPLACE && space.map.overlaps(space.at, space.at + pages)) return Errno.EEXIST;
  const typed = anonymous ? checkAnonymous(flags) : checkFile(space, calls, i, pages);
  if (typed !== Errno.OK || !isFixed(flags)) return typed;
  return checkRemoval(space, space.at, space.at + pages);
}

function place(space: AddressSpace, calls: LinuxColumns, i: number, pages: number): Errno {
  const flags = calls.flags[i];
  const page = calls.addrPage[i];
  if (isFixed(flags)) {
    space.at = page;
    return checkFixedPlace(space, page, calls.addrOffset[i], pages);
  }
  // A hint is rounded down; one that is not 0 then is lifted to what may be mapped.
  const hint = page === 0 ? 0 : Math.max(page, space.minPage);
  const shared = (flags & MapFlag.ANONYMOUS) === 0 || (flags & MapFlag.SHARED) !== 0;
  return findPlace(space, hint, pages, shared);
}

function checkAnonymous(flags: number): Errno {
  const type = flags & MapFlag.TYPE;
  if (type !== MapFlag.SHARED && type !== MapFlag.PRIVATE) return Errno.EINVAL;
  return type === MapFlag.SHARED && flags & MapFlag.GROWSDOWN ? Errno.EINVAL : Errno.OK;
}

function checkFile(space: AddressSpace, calls: LinuxColumns, i: number, pages: number): Errno {
  const flags = calls.flags[i];
  const type = flags & MapFlag.TYPE;
  if (pages > FILE_PAGES || calls.otherPage[i] >= FILE_PAGES - pages) return Errno.EOVERFLOW;
  if (type === MapFlag.SHARED_VALIDATE && flags & ~MapFlag.LEGACY) return Errno.EOPNOTSUPP;
  if (type === MapFlag.SHARED || type === MapFlag.SHARED_VALIDATE) {
    const writable = space.files.get(calls.file[i])?.writable !== false;
    if (calls.prot[i] & Prot.WRITE && !writable) return Errno.EACCES;
  } else if (type !== MapFlag.PRIVATE) return Errno.EINVAL;
  return flags & MapFlag.GROWSDOWN ? Errno.EINVAL : Errno.OK;
}

/** Map what `checkMmap` has just allowed: remove what is there, insert the new VMA, merge. */
export function performMmap(space: AddressSpace, calls: LinuxColumns, i: number): void {
  const flags = calls.flags[i];
  const start = space.at;
  const end = start + roundUp(calls.lenPage[i], calls.lenOffset[i]);
  if (isFixed(flags)) removeMappings(space, start, end, 'replaced');
  const attributes = attributesOf(space, calls, i, end - start);
  insertVma(space, start, end, attributes);
  space.sink?.appeared(start, end, attributes);
}

function attributesOf(space: AddressSpace, calls: LinuxColumns, i: number, pages: number): number {
  const vmFlags = vmFlagsOfCall(space, calls, i);
  const anonymous = (calls.flags[i] & MapFlag.ANONYMOUS) !== 0;
  if (!anonymous) return space.attributes.intern(vmFlags, calls.file[i], calls.otherPage[i] - space.at, NO_ANON);
  // A private page's place is its own address, so the difference is 0; shared memory is a file of its own, from its start.
  if ((vmFlags & VmFlag.MAYSHARE) === 0) return space.attributes.intern(vmFlags, NO_FILE, 0, NO_ANON);
  const file = space.open({ name: 'shm', pages, shm: true });
  return space.attributes.intern(vmFlags, file, -space.at, NO_ANON);
}

function vmFlagsOfCall(space: AddressSpace, calls: LinuxColumns, i: number): number {
  const flags = calls.flags[i];
  const prot = calls.prot[i] & (Prot.READ | Prot.WRITE | Prot.EXEC);
  let vm: number = prot | VmFlag.MAYREAD | VmFlag.MAYWRITE | VmFlag.MAYEXEC;
  if (flags & MapFlag.GROWSDOWN) vm |= VmFlag.GROWSDOWN;
  if (flags & MapFlag.SYNC) vm |= VmFlag.SYNC;
  if (flags & MapFlag.STACK && space.hugePages) vm |= VmFlag.NOHUGEPAGE;
  // SHARED is one bit of SHARED_VALIDATE, too.
  if (flags & MapFlag.SHARED) {
    vm |= VmFlag.SHARED | VmFlag.MAYSHARE;
    const readOnly = (flags & MapFlag.ANONYMOUS) === 0 && space.files.get(calls.file[i])?.writable === false;
    if (readOnly) vm &= ~(VmFlag.MAYWRITE | VmFlag.SHARED);
  }
  if (flags & MapFlag.NORESERVE && !space.neverOvercommit) vm |= VmFlag.NORESERVE;
  const charged = (vm & (VmFlag.NORESERVE | VmFlag.SHARED | VmFlag.WRITE)) === VmFlag.WRITE;
  return charged ? vm | VmFlag.ACCOUNT : vm;
}
