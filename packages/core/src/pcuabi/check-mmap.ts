import { plainLength } from '../cheri/plain-bounds.ts';
import type { PcuabiSpace } from './address-space.ts';
import type { MmapCall, ShmatCall } from './call.ts';
import type { Decision, Edit, NewReservation, PageContent } from './decision.ts';
import { grantedPermissions, neededPermissions, PROT } from './permissions.ts';
import { findPlace } from './placement.ts';
import {
  alignedInside,
  isAligned,
  notOwning,
  pageDown,
  pagesOf,
  pageUp,
  refuse,
  reservationOf,
  walksMapped,
} from './predicates.ts';
import { isNullDerived, nullDerived, type UserCapability } from './user-capability.ts';

const READ_WRITE = PROT.read | PROT.write;

/**
 * mmap, in the order of ksys_mmap_pgoff, check_pcuabi_map_ptr_arg, do_mmap and __get_unmapped_area. Checks of files,
 * huge pages and limits stand between them in the kernel; the model does not have these.
 *
 * @returns what it would do; nothing is changed
 */
export function checkMmap(space: PcuabiSpace, call: MmapCall): Decision {
  const { prot, maxProt, address, length } = call;
  if (maxProt !== undefined && (prot & ~maxProt) !== 0) return refuse(space, 'above-prot-max');
  if (call.growsDown === true) return refuse(space, 'grows-down');
  const refused = checkTarget(space, address, length, call.fixed === true);
  if (refused !== null) return refused;
  const above = space.profile.mmapAbovePermissions === 'refused' && address.tag;
  if (above && (neededPermissions(prot) & ~address.permissions) !== 0) return refuse(space, 'above-permissions');
  const object = call.object ?? 0;
  return mapAt(space, {
    address,
    length,
    fixed: call.fixed === true || call.noReplace === true,
    noReplace: call.noReplace === true,
    placed: call.placed,
    permissions: mappingPermissions(space, call, object === 0),
    content: (start) => ({
      prot,
      shared: call.shared === true,
      object,
      origin: object === 0 ? 0 : start,
      dontFork: false,
    }),
  });
}

/** shmat: what is mapped there comes first, then mmap's own checks; shared memory holds no capabilities. */
export function checkShmat(space: PcuabiSpace, call: ShmatCall): Decision {
  const { address: pointer, size } = call;
  const { profile } = space;
  const given = pointer.address !== 0 || pointer.tag;
  if (given) {
    if (!isAligned(profile, pointer.address)) return refuse(space, 'unaligned', { address: pointer.address });
    const { start, end } = pagesOf(profile, pointer.address, size);
    if (call.remap !== true && space.mappings.overlaps(start, end))
      return refuse(space, 'already-mapped', { address: start });
  } else if (call.remap === true) return refuse(space, 'bad-arguments');
  const refused = checkTarget(space, pointer, size, given);
  if (refused !== null) return refused;
  const prot = call.readOnly === true ? PROT.read : READ_WRITE;
  return mapAt(space, {
    address: pointer,
    length: size,
    fixed: given,
    noReplace: false,
    placed: call.placed,
    permissions: mappingPermissions(space, { prot, shared: true }, false),
    content: (start) => ({ prot, shared: true, object: call.object, origin: start, dontFork: false }),
  });
}

/** The permissions that a mapping's new reservation has. */
function mappingPermissions(
  { profile }: PcuabiSpace,
  call: Pick<MmapCall, 'prot' | 'maxProt' | 'capInvoke' | 'shared'>,
  anonymous: boolean,
): number {
  const everything = profile.permissionsFrom === 'everything';
  const all = PROT.read | PROT.write | PROT.execute;
  return grantedPermissions({
    prot: everything ? all : call.prot,
    maxProt: everything ? undefined : call.maxProt,
    capInvoke: everything || call.capInvoke === true,
    holdsCapabilities:
      everything || call.shared !== true || (anonymous && profile.capabilitiesIn === 'private-and-shared-anonymous'),
    executive: profile.executive,
  });
}

/**
 * The checks of the pointer that says where to map: of mmap, shmat, and of mremap's new address.
 *
 * @returns null: passed
 */
export function checkTarget(
  space: PcuabiSpace,
  pointer: UserCapability,
  length: number,
  fixed: boolean,
): Decision | null {
  const address = pointer.address;
  if (isNullDerived(pointer)) {
    if (!fixed && space.profile.hintInside === 'searched') return null;
    const inside = alignedInside(space, address, length);
    return inside === undefined ? null : refuse(space, 'inside-reservation', { reservation: inside.number, address });
  }
  const refused = notOwning(space.profile, pointer, length);
  if (refused !== null) return refuse(space, refused, { address });
  if (!fixed) return refuse(space, 'owning-without-fixed', { address });
  const reservation = reservationOf(space, pointer);
  if (reservation === undefined) return refuse(space, 'no-reservation', { address });
  if (!walksMapped(space, pagesOf(space.profile, address, length)))
    return refuse(space, 'hole', { reservation: reservation.number, address });
  return null;
}

/** A mapping whose pointer has passed its checks. */
interface MapRequest {
  readonly address: UserCapability;
  readonly length: number;
  /** A place is given and must be taken. */
  readonly fixed: boolean;
  readonly noReplace: boolean;
  readonly placed: number | undefined;
  /** Of the reservation, should one be made. */
  readonly permissions: number;
  /** What its pages show, once it is known where they start. */
  readonly content: (start: number) => PageContent;
}

/** do_mmap, from the length on. */
function mapAt(space: PcuabiSpace, request: MapRequest): Decision {
  const { profile } = space;
  const pointer = request.address;
  if (request.length === 0) return refuse(space, 'zero-length');
  let address = pointer.address;
  if (!request.fixed) {
    address = pageDown(profile, address);
    if (address > 0 && address < profile.minAddress) address = profile.minAddress;
  } else if (profile.unalignedFixed === 'refused' && !isAligned(profile, address))
    return refuse(space, 'unaligned', { address });
  const length = pageUp(profile, request.length);
  if (length === 0 || plainLength(profile.format, length) > profile.end - profile.minAddress)
    return refuse(space, 'too-long');
  const place = findPlace(space, address, length, request.fixed, request.placed);
  if (place.kind === 'none') return refuse(space, 'no-free-place');
  if (place.kind === 'reserved') return refuse(space, 'place-reserved', concerning(place));
  const { start, end } = place.inner;
  if (request.noReplace && space.mappings.overlaps(start, end)) return refuse(space, 'exists', { address: start });
  const made: number | NewReservation =
    place.kind === 'within'
      ? place.reservation
      : { inner: place.inner, outer: place.outer, permissions: request.permissions };
  const map: Edit = { kind: 'map', start, end, content: request.content(start), reservation: made };
  return {
    refusal: null,
    returned: pointer.tag ? pointer : rootCapability(space, made, start),
    edits: [map],
    chosen: place.kind === 'new' && place.chosen,
  };
}

/** What is known of a place that is taken. */
export const concerning = (place: { readonly address: number; readonly reservation: number | undefined }) =>
  place.reservation === undefined
    ? { address: place.address }
    : { address: place.address, reservation: place.reservation };

/** The capability to all of a reservation, its address at the mapping. */
export function rootCapability(
  space: PcuabiSpace,
  reservation: number | NewReservation,
  address: number,
): UserCapability {
  const made = typeof reservation === 'number' ? space.reservations.get(reservation) : reservation;
  if (made === undefined) return nullDerived(address);
  const { outer, permissions } = made;
  return { tag: true, sealed: false, base: outer.start, top: outer.end, address, permissions };
}
