import type { PcuabiSpace } from './address-space.ts';
import type { MadviseCall, MprotectCall, RangeCall, ShmdtCall } from './call.ts';
import { DONE, type Decision, type Edit, type Span } from './decision.ts';
import { neededPermissions, PERMISSION } from './permissions.ts';
import { firstHole, isAligned, notOwning, pageDown, pagesOf, pageUp, refuse, reservationOf } from './predicates.ts';
import type { UserCapability } from './user-capability.ts';

/*
 * The calls that name a range of their own. Each tests the capability's shape before it asks for a reservation; where
 * alignment and length 0 come differs from call to call.
 */

const { Global, VMem, Load, Store, Execute } = PERMISSION;
const ADDRESSES_END = 2 ** 64;

/** sys_munmap, do_vmi_munmap: the capability before alignment and length. */
export function checkMunmap(space: PcuabiSpace, { address, length }: RangeCall): Decision {
  const { profile } = space;
  const refused = owningRange(space, address, length);
  if (refused !== null) return refused;
  const start = address.address;
  const end = start + pageUp(profile, length);
  if (!isAligned(profile, start)) return refuse(space, 'unaligned', { address: start });
  if (end === start) return refuse(space, 'zero-length');
  if (end > profile.end) return refuse(space, 'bad-arguments');
  return { ...DONE, edits: [{ kind: 'unmap', start, end }] };
}

/** do_mprotect_pkey: alignment and length 0 before the capability; what lies before a hole is changed already. */
export function checkMprotect(space: PcuabiSpace, call: MprotectCall): Decision {
  const { profile } = space;
  const { address: pointer, prot } = call;
  const start = pointer.address;
  if (!isAligned(profile, start)) return refuse(space, 'unaligned', { address: start });
  if (call.length === 0) return DONE;
  const length = pageUp(profile, call.length);
  if (length === 0 || start + length >= ADDRESSES_END) return refuse(space, 'overflow');
  const refused = notOwningRange(space, pointer, call.length);
  if (refused !== null) return refused;
  const compared = profile.mprotectPermissions === 'compared';
  if (compared && (neededPermissions(prot) & ~pointer.permissions) !== 0)
    return refuse(space, 'above-permissions', { address: start, ...ofReservation(space, pointer) });
  if (call.unknownBits === true) return refuse(space, 'bad-arguments');
  if (reservationOf(space, pointer) === undefined) return refuse(space, 'no-reservation', { address: start });
  const range = { start, end: start + length };
  const hole = firstHole(space, range);
  const edits: Edit[] = [];
  const changed = hole < 0 ? range.end : profile.mprotectHole === 'stops-there' ? hole : start;
  if (changed > start) edits.push({ kind: 'protect', start, end: changed, prot });
  return hole < 0
    ? { ...DONE, edits }
    : refuse(space, 'hole', { address: hole, ...ofReservation(space, pointer) }, edits);
}

/** do_madvise: mapped parts get the advice even where others are holes. */
export function checkMadvise(space: PcuabiSpace, call: MadviseCall): Decision {
  const { profile } = space;
  const { address: pointer, advice } = call;
  const start = pointer.address;
  if (advice === 'unknown') return refuse(space, 'bad-arguments');
  if (!isAligned(profile, start)) return refuse(space, 'unaligned', { address: start });
  const length = pageUp(profile, call.length);
  if ((length === 0 && call.length > 0) || start + length >= ADDRESSES_END) return refuse(space, 'bad-arguments');
  if (length === 0) return DONE;
  const anyRange = profile.madviseNeeds === 'vmem-to-free' && advice !== 'free';
  const refused = owningRange(space, pointer, call.length, anyRange ? 0 : undefined);
  if (refused !== null) return refused;
  const range = { start, end: start + length };
  const edits: Edit[] =
    advice === 'dontfork' || advice === 'dofork'
      ? [{ kind: 'dont-fork', ...range, dontFork: advice === 'dontfork' }]
      : [];
  return withoutHole(space, range, edits);
}

/** mlock, mlock2, munlock: the range is rounded to pages before the capability is looked at. */
export function checkMlock(space: PcuabiSpace, { address: pointer, length }: RangeCall): Decision {
  const { profile } = space;
  const inPage = pointer.address - pageDown(profile, pointer.address);
  const needs = profile.lockNeeds === 'range' ? 0 : undefined;
  const refused = owningRange(space, pointer, length + inPage, needs);
  return refused ?? withoutHole(space, pagesOf(profile, pointer.address, length + inPage));
}

/** sys_msync: alignment before the capability. */
export function checkMsync(space: PcuabiSpace, { address: pointer, length }: RangeCall): Decision {
  const { profile } = space;
  if (!isAligned(profile, pointer.address)) return refuse(space, 'unaligned', { address: pointer.address });
  const refused = owningRange(space, pointer, length, profile.lockNeeds === 'range' ? 0 : undefined);
  return refused ?? withoutHole(space, pagesOf(profile, pointer.address, length));
}

/** sys_mincore: less than owning is asked for, and no reservation; a byte of the first and of the last page will do. */
export function checkMincore(space: PcuabiSpace, { address: pointer, length }: RangeCall): Decision {
  const { profile } = space;
  if (!isAligned(profile, pointer.address)) return refuse(space, 'unaligned', { address: pointer.address });
  if (!pointer.tag || pointer.sealed) return refuse(space, 'not-a-capability', { address: pointer.address });
  const accesses = (pointer.permissions & (Load | Store | Execute)) !== 0;
  if (!accesses || (pointer.permissions & Global) === 0) return refuse(space, 'above-permissions');
  const range = pagesOf(profile, pointer.address, length);
  if (range.end === range.start) return DONE;
  const { pageSize, mincoreNeeds } = profile;
  const first = { start: range.start, end: range.start + pageSize };
  const last = { start: range.end - pageSize, end: range.end };
  const touched =
    mincoreNeeds === 'any-overlap' ? overlaps(pointer, range) : overlaps(pointer, first) && overlaps(pointer, last);
  return touched ? withoutHole(space, range) : refuse(space, 'out-of-bounds', { address: pointer.address });
}

const overlaps = ({ base, top }: UserCapability, { start, end }: Span): boolean => base < end && start < top;

/** ksys_shmdt: every part of the segment that is still where it was attached goes. */
export function checkShmdt(space: PcuabiSpace, { address: pointer }: ShmdtCall): Decision {
  const { profile } = space;
  const refused = owningRange(space, pointer, profile.pageSize);
  if (refused !== null) return refused;
  const edits: Edit[] = [];
  let object: number | null = null;
  for (const { start, end, ...content } of space.listMappings()) {
    if (!content.shared || content.origin !== pointer.address || content.object >= 0) continue;
    object ??= content.object;
    if (content.object === object) edits.push({ kind: 'unmap', start, end });
  }
  return edits.length === 0 ? refuse(space, 'not-attached', { address: pointer.address }) : { ...DONE, edits };
}

/** The two tests that most calls share: owning, then a live reservation. @returns null: passed */
export function owningRange(
  space: PcuabiSpace,
  pointer: UserCapability,
  length: number,
  needs: number = Global | VMem,
): Decision | null {
  const refused = notOwningRange(space, pointer, length, needs);
  if (refused !== null) return refused;
  const reservation = reservationOf(space, pointer);
  return reservation === undefined ? refuse(space, 'no-reservation', { address: pointer.address }) : null;
}

/** The first of these tests alone. @returns null: passed */
function notOwningRange(
  space: PcuabiSpace,
  pointer: UserCapability,
  length: number,
  needs: number = Global | VMem,
): Decision | null {
  const refused = notOwning(space.profile, pointer, length, needs);
  if (refused === null) return null;
  const check = refused === 'without-vmem' ? 'range-without-vmem' : refused;
  return refuse(space, check, { address: pointer.address, ...ofReservation(space, pointer) });
}

/** The reservation of a pointer, for a refusal to name. */
function ofReservation(space: PcuabiSpace, pointer: UserCapability): { readonly reservation?: number } {
  const reservation = reservationOf(space, pointer) ?? space.reservationAround(pointer.address, pointer.address + 1);
  return reservation === undefined ? {} : { reservation: reservation.number };
}

/** Success, unless a page of the range is not mapped. */
function withoutHole(space: PcuabiSpace, range: Span, edits: readonly Edit[] = []): Decision {
  const hole = range.end > range.start ? firstHole(space, range) : -1;
  return hole < 0 ? { ...DONE, edits } : refuse(space, 'hole', { address: hole }, edits);
}
