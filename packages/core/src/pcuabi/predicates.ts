import { plainAlignment, plainLength } from '../cheri/plain-bounds.ts';
import type { PcuabiSpace, Reservation } from './address-space.ts';
import type { Decision, Edit, Span } from './decision.ts';
import { PERMISSION } from './permissions.ts';
import type { PcuabiProfile } from './profile.ts';
import { CHECK_ERRORS, type PcuabiCheck, type Refusal } from './refusal.ts';
import { isNullDerived, type UserCapability } from './user-capability.ts';

/** Lengths are 64-bit numbers: one that rounds up past the last becomes 0. */
const WORDS_END = 2 ** 64;

export const pageDown = ({ pageSize }: PcuabiProfile, address: number): number =>
  Math.floor(address / pageSize) * pageSize;

/** Round up to pages. What passes 2^64 is 0, as in the kernel. */
export function pageUp({ pageSize }: PcuabiProfile, n: number): number {
  const rounded = Math.ceil(n / pageSize) * pageSize;
  return rounded >= WORDS_END ? 0 : rounded;
}

export const isAligned = ({ pageSize }: PcuabiProfile, address: number): boolean => address % pageSize === 0;

/** The pages from an address's own on, as many as the length has. Not cut off at 2^64. */
export function pagesOf(profile: PcuabiProfile, address: number, length: number): Span {
  const start = pageDown(profile, address);
  return { start, end: start + Math.ceil(length / profile.pageSize) * profile.pageSize };
}

/** What a refusal says besides its check. */
export type Concerned = Omit<Refusal, 'check' | 'error'>;

/** Refuse: nothing is changed, but for edits that happen before. */
export function refuse(
  space: PcuabiSpace,
  check: PcuabiCheck,
  concerned: Concerned = {},
  edits: readonly Edit[] = [],
): Decision {
  const error = space.profile.errors[check] ?? CHECK_ERRORS[check];
  return { refusal: { check, error, ...concerned }, returned: null, edits, chosen: false };
}

const OWNING = PERMISSION.Global | PERMISSION.VMem;

/**
 * Why a pointer does not own `length` bytes from its address, or null: valid, not sealed, VMem and Global, and all
 * pages of the range within its bounds. Reservations are not looked at. lib/user_ptr.c, lib/cheri.c.
 *
 * @param needs - permissions that are asked for. Default: Global and VMem
 */
export function notOwning(
  profile: PcuabiProfile,
  pointer: UserCapability,
  length: number,
  needs: number = OWNING,
): PcuabiCheck | null {
  if (isNullDerived(pointer)) return 'null-derived';
  if (!pointer.tag || pointer.sealed) return 'not-a-capability';
  if ((pointer.permissions & needs) !== needs) return 'without-vmem';
  const { start, end } = pagesOf(profile, pointer.address, length);
  return start >= pointer.base && end <= pointer.top ? null : 'out-of-bounds';
}

/** The live reservation that a capability belongs to: a narrowed copy of its root does, too. */
export function reservationOf(space: PcuabiSpace, pointer: UserCapability): Reservation | undefined {
  const around = space.reservationAround(pointer.base, pointer.top);
  if (around === undefined || space.profile.belongsBy === 'bounds') return around;
  const { start, end } = around.inner;
  return pointer.address >= start && pointer.address < end ? around : undefined;
}

/** The reservation that holds a range once this is aligned as a capability's bounds would be. */
export function alignedInside(space: PcuabiSpace, address: number, length: number): Reservation | undefined {
  const align = plainAlignment(space.profile.format, length);
  const start = Math.floor(address / align) * align;
  return space.reservationWithin(start, start + plainLength(space.profile.format, length));
}

/** The first address of [start, end) where nothing is mapped; -1: all is mapped. */
export function firstHole(space: PcuabiSpace, { start, end }: Span): number {
  const at = space.mappings.cursor();
  let from = start;
  for (let more = at.seek(start); more && at.start <= from; more = at.next()) {
    from = at.end;
    if (from >= end) return -1;
  }
  return from < end ? from : -1;
}

/**
 * Whether the walk over the mappings of a range finds no hole, as the check before mmap and mremap makes it: an empty
 * range counts as not mapped, and (`frontHole`) a hole at the very front is not seen.
 */
export function walksMapped(space: PcuabiSpace, range: Span): boolean {
  if (range.start >= range.end) return false;
  if (space.profile.frontHole === 'seen') return firstHole(space, range) < 0;
  const at = space.mappings.cursor();
  if (!at.seek(range.start) || at.start >= range.end) return false;
  return firstHole(space, { start: Math.max(at.start, range.start), end: range.end }) < 0;
}
