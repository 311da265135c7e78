import { plainAlignment, plainBounds, plainLength } from '../cheri/plain-bounds.ts';
import type { PcuabiSpace } from './address-space.ts';
import type { Span } from './decision.ts';
import { pageUp } from './predicates.ts';

/** A place for pages: of a reservation that is there, or of one to be made. */
export type Place =
  | { readonly kind: 'new'; readonly inner: Span; readonly outer: Span; readonly chosen: boolean }
  | { readonly kind: 'within'; readonly inner: Span; readonly reservation: number }
  | { readonly kind: 'reserved'; readonly address: number; readonly reservation: number | undefined }
  | { readonly kind: 'none' };

/** The range that capabilities to these pages have as their bounds. */
function outerOf(space: PcuabiSpace, { start, end }: Span): Span {
  const { base, top } = plainBounds(space.profile.format, start, end - start);
  return { start: base, end: top };
}

/** Whether a range is user memory. */
const inUserMemory = ({ profile }: PcuabiSpace, { start, end }: Span): boolean =>
  start >= profile.minAddress && end <= profile.end;

/**
 * Find the place for a mapping. __get_unmapped_area.
 *
 * @param address - where it is wanted; 0 without `fixed`: anywhere
 * @param length - bytes, whole pages
 * @param placed - what a recorded kernel chose: taken where a search could have found it
 */
export function findPlace(space: PcuabiSpace, address: number, length: number, fixed: boolean, placed?: number): Place {
  if (fixed || address !== 0) {
    const start = pageUp(space.profile, address);
    const inner = { start, end: start + length };
    const outer = outerOf(space, inner);
    if (inUserMemory(space, outer) && space.isUnreserved(outer.start, outer.end))
      return { kind: 'new', inner, outer, chosen: false };
    if (fixed) {
      const within = space.reservationWithin(inner.start, inner.end);
      if (within !== undefined) return { kind: 'within', inner, reservation: within.number };
      return { kind: 'reserved', address: start, reservation: reservedIn(space, outer) };
    }
  }
  const start = searchPlace(space, length, placed);
  if (start < 0) return { kind: 'none' };
  const inner = { start, end: start + length };
  return { kind: 'new', inner, outer: outerOf(space, inner), chosen: true };
}

/** The number of the lowest reservation that a range touches. */
function reservedIn(space: PcuabiSpace, { start, end }: Span): number | undefined {
  const at = space.outers.cursor();
  return at.seek(start) && at.start < end ? at.id : undefined;
}

/** The highest free place, or where the recorded kernel found one. @returns -1: there is none */
function searchPlace(space: PcuabiSpace, length: number, placed: number | undefined): number {
  const { format, pageSize, minAddress, end } = space.profile;
  const align = Math.max(pageSize, plainAlignment(format, length));
  const reserved = Math.max(pageSize, plainLength(format, length));
  const possible = placed !== undefined && placed % align === 0 && placed >= minAddress && placed + reserved <= end;
  if (possible && obstacle(space, placed, placed + reserved) < 0) return placed;
  return highestPlace(space, reserved, align);
}

/** The highest aligned place that a search may hand out, or -1. */
function highestPlace(space: PcuabiSpace, length: number, align: number): number {
  const { minAddress, searchTop, holeSearch } = space.profile;
  const among = holeSearch === 'reservations' ? space.outers : space.mappings;
  let high = searchTop;
  for (;;) {
    const found = among.highestGap(length, minAddress, high);
    if (found < 0) return -1;
    const start = Math.floor(found / align) * align;
    const blocked = start < minAddress ? start + length : obstacle(space, start, start + length);
    if (blocked < 0) return start;
    high = Math.min(blocked, start + length, high - 1);
  }
}

/**
 * What a search sees in the way of a range. It stands between the neighbouring *mappings* (or reservations), and by
 * `holeSearch` looks at the reservation of the one below, of the one above, or of neither.
 *
 * @returns the address below which to go on; -1: nothing
 */
function obstacle(space: PcuabiSpace, start: number, end: number): number {
  const { holeSearch } = space.profile;
  if (holeSearch === 'reservations') return space.isUnreserved(start, end) ? -1 : end;
  if (space.mappings.overlaps(start, end)) return end;
  const at = space.mappings.cursor();
  if (holeSearch === 'previous' && at.seekBelow(start) && reservationAt(space, at.id).end > start) return at.start;
  if (holeSearch === 'next' && at.seek(end)) {
    const above = reservationAt(space, at.id).start;
    if (above < end) return above;
  }
  return -1;
}

/** The outer range of the reservation of pages with these attributes. */
function reservationAt(space: PcuabiSpace, attributes: number): Span {
  const reservation = space.reservations.get(space.attributes.get(attributes)?.reservation ?? 0);
  return reservation?.outer ?? { start: Infinity, end: 0 };
}
