import type { PcuabiMapping, PcuabiSpace } from './address-space.ts';
import { applyEdits } from './apply.ts';
import type { MremapCall } from './call.ts';
import { checkTarget, concerning, rootCapability } from './check-mmap.ts';
import { owningRange } from './check-range.ts';
import { type Decision, DONE, type Edit, type NewReservation, type PageContent, type Span } from './decision.ts';
import { findPlace, type Place } from './placement.ts';
import { isAligned, pageUp, refuse } from './predicates.ts';
import { nullDerived, type UserCapability } from './user-capability.ts';

/** A move whose arguments have passed: whole pages. */
interface Move {
  readonly pointer: UserCapability;
  readonly old: Span;
  readonly newLength: number;
  readonly to: UserCapability;
  readonly call: MremapCall;
}

/** sys_mremap, in the order of the Morello tree; `mremapFirst` says whether mapping or capability comes first. */
export function checkMremap(space: PcuabiSpace, call: MremapCall): Decision {
  const { profile } = space;
  if (profile.mremap === 'missing') return refuse(space, 'no-such-call');
  const { address: pointer, fixed = false, mayMove = false, dontUnmap = false } = call;
  const start = pointer.address;
  const newLength = pageUp(profile, call.newLength);
  const wrong =
    (fixed && !mayMove) || (dontUnmap && (!mayMove || call.oldLength !== call.newLength)) || newLength === 0;
  if (wrong) return refuse(space, 'bad-arguments');
  if (!isAligned(profile, start)) return refuse(space, 'unaligned', { address: start });
  const unmapped = (): Decision | null =>
    space.mappings.find(start) < 0 ? refuse(space, 'not-mapped', { address: start }) : null;
  const capability = (): Decision | null =>
    owningRange(space, pointer, call.oldLength === 0 ? call.newLength : call.oldLength);
  const first = profile.mremapFirst === 'mapping' ? [unmapped, capability] : [capability, unmapped];
  const to = call.to ?? nullDerived(0);
  const refused = first[0]() ?? first[1]() ?? checkTarget(space, to, call.newLength, fixed);
  if (refused !== null) return refused;
  const old = { start, end: start + pageUp(profile, call.oldLength) };
  const move: Move = { pointer, old, newLength, to, call };
  return fixed || dontUnmap ? checkMoveTo(space, move) : checkResize(space, move);
}

/** Without a place of the caller's choice: shrink, grow in place, or move anywhere. */
function checkResize(space: PcuabiSpace, move: Move): Decision {
  const { old, newLength, pointer, call } = move;
  const end = old.start + newLength;
  if (old.end - old.start >= newLength) {
    const edits: Edit[] = old.end > end ? [{ kind: 'unmap', start: end, end: old.end }] : [];
    return { ...DONE, returned: inPlace(space, pointer, old.start), edits };
  }
  const mapping = sourceMapping(space, move);
  if ('refusal' in mapping) return mapping;
  const reservation = space.reservations.get(mapping.reservation);
  // Behind a part of a mapping its rest is in the way.
  const fits = reservation !== undefined && end <= reservation.inner.end && !space.mappings.overlaps(old.end, end);
  if (fits) {
    const edit: Edit = {
      kind: 'map',
      start: old.end,
      end,
      content: contentOf(mapping),
      reservation: mapping.reservation,
    };
    return { ...DONE, returned: inPlace(space, pointer, old.start), edits: [edit] };
  }
  if (call.mayMove !== true)
    return refuse(space, 'may-not-move', { address: old.end, reservation: mapping.reservation });
  const place = findPlace(space, 0, newLength, false, call.placed);
  return moved(space, move, mapping, place, []);
}

/** What is returned when nothing moves. */
function inPlace(space: PcuabiSpace, pointer: UserCapability, address: number): UserCapability {
  if (space.profile.mremapInPlace === 'passed') return pointer;
  const reservation = space.reservationAround(address, address + 1);
  return reservation === undefined ? pointer : rootCapability(space, reservation.number, address);
}

/** mremap_to: to a place of the caller's choice, or (DONTUNMAP) leaving the old pages mapped. */
function checkMoveTo(space: PcuabiSpace, move: Move): Decision {
  const { profile } = space;
  const { pointer, to, newLength, call } = move;
  const fixed = call.fixed === true;
  if (fixed && (to.permissions & ~pointer.permissions) !== 0)
    return refuse(space, 'destination-permissions', { address: to.address });
  const target = { start: to.address, end: to.address + newLength };
  if (!isAligned(profile, target.start)) return refuse(space, 'unaligned', { address: target.start });
  if (target.end > profile.end) return refuse(space, 'bad-arguments', { address: target.start });
  if (move.old.start < target.end && target.start < move.old.end)
    return refuse(space, 'bad-arguments', { address: target.start });
  if (fixed) return checkMoveFixed(space, move, target);
  const mapping = sourceMapping(space, move);
  if ('refusal' in mapping) return mapping;
  return moved(space, move, mapping, findPlace(space, to.address, newLength, false, call.placed), []);
}

/**
 * To a fixed place. The kernel unmaps the destination, then cuts the old range, and only then looks at the mapping and
 * asks for the place: a refusal that late leaves the destination gone. `checked-first` asks before anything is changed.
 */
function checkMoveFixed(space: PcuabiSpace, move: Move, target: Span): Decision {
  const { to, newLength } = move;
  const edits: Edit[] = [{ kind: 'unmap', ...target }];
  const shrunk = { start: move.old.start, end: Math.min(move.old.end, move.old.start + newLength) };
  if (shrunk.end < move.old.end) edits.push({ kind: 'unmap', start: shrunk.end, end: move.old.end });
  const atomic = space.profile.mremapPlace === 'checked-first';
  const late = atomic ? [] : edits;
  // What the walk finds there is the state before: neither edit touches what is left of the old range.
  const mapping = sourceMapping(space, { ...move, old: shrunk }, late);
  if ('refusal' in mapping) return mapping;
  // A destination that the caller owns keeps its reservation, even if that has just lost its last page.
  const owned = to.tag ? space.reservationWithin(target.start, target.end) : undefined;
  const place: Place =
    owned !== undefined
      ? { kind: 'within', inner: target, reservation: owned.number }
      : findPlace(atomic ? space : afterUnmap(space, target, move.old, shrunk), target.start, newLength, true);
  if (place.kind === 'reserved') return refuse(space, 'place-reserved', concerning(place), late);
  return moved(space, { ...move, old: shrunk }, mapping, place, edits);
}

/** The space as the first steps of a move leave it; only where these can end a reservation is it a copy. */
function afterUnmap(space: PcuabiSpace, target: Span, old: Span, shrunk: Span): PcuabiSpace {
  if (!space.mappings.overlaps(target.start, target.end) && shrunk.end === old.end) return space;
  const left = space.clone();
  const edits: Edit[] = [{ kind: 'unmap', ...target }];
  if (shrunk.end < old.end) edits.push({ kind: 'unmap', start: shrunk.end, end: old.end });
  applyEdits(left, edits, null);
  return left;
}

/** The one mapping that holds the old range; of length 0: only a shared one can be had twice. */
function sourceMapping(space: PcuabiSpace, { old }: Move, edits: readonly Edit[] = []): PcuabiMapping | Decision {
  const mapping = space.mappingAt(old.start);
  if (mapping === undefined || mapping.end < old.end)
    return refuse(space, 'not-mapped', { address: mapping?.end ?? old.start }, edits);
  if (old.end === old.start && !mapping.shared) return refuse(space, 'bad-arguments', {}, edits);
  return mapping;
}

const contentOf = ({ prot, shared, object, origin, dontFork }: PageContent): PageContent => ({
  prot,
  shared,
  object,
  origin,
  dontFork,
});

/** move_vma: the pages at their new place, gone from the old one but for DONTUNMAP. */
function moved(
  space: PcuabiSpace,
  { pointer, old, newLength, to, call }: Move,
  mapping: PcuabiMapping,
  place: Place,
  before: readonly Edit[],
): Decision {
  if (place.kind === 'none' || place.kind === 'reserved') return refuse(space, 'no-free-place');
  const { start } = place.inner;
  const permissions = space.reservations.get(mapping.reservation)?.permissions ?? 0;
  const reservation: number | NewReservation =
    place.kind === 'within' ? place.reservation : { inner: place.inner, outer: place.outer, permissions };
  const content = contentOf(mapping);
  const origin = content.object === 0 ? 0 : content.origin + (start - old.start);
  const edits: Edit[] = [
    ...before,
    { kind: 'map', start, end: start + newLength, content: { ...content, origin }, reservation },
  ];
  if (call.dontUnmap !== true && old.end > old.start) edits.push({ kind: 'unmap', ...old });
  const root = rootCapability(space, reservation, start);
  const returned =
    call.fixed === true && to.tag ? to : { ...root, permissions: root.permissions & pointer.permissions };
  return { refusal: null, returned, edits, chosen: place.kind === 'new' && place.chosen };
}
