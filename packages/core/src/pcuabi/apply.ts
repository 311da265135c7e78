import type { PageAttributes, PcuabiSpace } from './address-space.ts';
import type { Edit, PageContent, Span } from './decision.ts';
import type { PcuabiSink } from './effects.ts';

/** A piece that a change has met. */
interface Piece extends Span {
  readonly attributes: PageAttributes;
  readonly id: number;
}

/**
 * Carry out what a decision changes, one edit after the other. A reservation without pages is destroyed at the end: so
 * one whose pages are replaced, all of them, stays.
 *
 * @param sink - told of what really changed; null: nobody listens
 */
export function applyEdits(space: PcuabiSpace, edits: readonly Edit[], sink: PcuabiSink | null): void {
  if (edits.length === 0) return;
  const emptied = new Set<number>();
  for (const edit of edits) {
    if (edit.kind === 'unmap') unmap(space, edit, sink, emptied);
    else if (edit.kind === 'map') map(space, edit, sink, emptied);
    else change(space, edit, sink);
  }
  for (const number of emptied) {
    const reservation = space.reservations.get(number);
    if (reservation === undefined || reservation.mapped > 0) continue;
    if (space.profile.afterLastPage === 'free') space.removeReservation(reservation);
    else reservation.quarantined = true;
    sink?.released(number, reservation.outer.start, reservation.outer.end);
  }
}

/** Take all pages of a range away. @returns the pieces that were there */
function takeOut(space: PcuabiSpace, { start, end }: Span, emptied: Set<number>): Piece[] {
  const pieces: Piece[] = [];
  space.mappings.clear(start, end, (from, to, id) => {
    const attributes = space.attributes.get(id);
    if (attributes === undefined) return;
    pieces.push({ start: from, end: to, attributes, id });
    count(space, attributes, id, from - to);
    emptied.add(attributes.reservation);
  });
  return pieces;
}

/** Bytes come to attributes and their reservation, or (negative) leave them. */
function count(space: PcuabiSpace, attributes: PageAttributes, id: number, bytes: number): void {
  attributes.bytes += bytes;
  const reservation = space.reservations.get(attributes.reservation);
  if (reservation !== undefined) reservation.mapped += bytes;
  if (attributes.bytes === 0) space.forgetAttributes(id);
}

/** Put pages where nothing is, and join them with equal neighbours. */
function putIn(space: PcuabiSpace, { start, end }: Span, content: PageContent, reservation: number): void {
  const id = space.attributesFor(content, reservation);
  const attributes = space.attributes.get(id);
  if (attributes !== undefined) count(space, attributes, id, end - start);
  const { mappings } = space;
  const at = mappings.cursor();
  const below = at.seekBelow(start) && at.end === start && at.id === id ? at.start : -1;
  const above = at.seek(end) && at.start === end && at.id === id ? at.end : -1;
  if (above >= 0) mappings.remove(end);
  const joined = above >= 0 ? above : end;
  if (below >= 0) mappings.reshape(below, below, joined);
  else mappings.insert(start, joined, id);
}

function unmap(space: PcuabiSpace, span: Span, sink: PcuabiSink | null, emptied: Set<number>): void {
  for (const { start, end, attributes } of takeOut(space, span, emptied)) sink?.vanished(attributes.object, start, end);
}

function map(
  space: PcuabiSpace,
  edit: Extract<Edit, { kind: 'map' }>,
  sink: PcuabiSink | null,
  emptied: Set<number>,
): void {
  const pieces = takeOut(space, edit, emptied);
  let number = edit.reservation;
  if (typeof number !== 'number') {
    const made = space.addReservation(number);
    sink?.reserved(made.number, made.outer.start, made.outer.end);
    number = made.number;
  }
  putIn(space, edit, edit.content, number);
  if (sink === null) return;
  const { object, prot } = edit.content;
  let from = edit.start;
  for (const { start, end, attributes } of pieces) {
    if (from < start) sink.appeared(object, from, start, prot);
    sink.replaced(attributes.object, start, end, object);
    if (attributes.prot !== prot) sink.protectionChanged(object, start, end, attributes.prot, prot);
    from = end;
  }
  if (from < edit.end) sink.appeared(object, from, edit.end, prot);
}

/** Pages stay, but what is said of them changes. */
function change(
  space: PcuabiSpace,
  edit: Extract<Edit, { kind: 'protect' | 'dont-fork' }>,
  sink: PcuabiSink | null,
): void {
  for (const { start, end, attributes } of takeOut(space, edit, new Set())) {
    const { shared, object, origin, reservation } = attributes;
    const prot = edit.kind === 'protect' ? edit.prot : attributes.prot;
    const dontFork = edit.kind === 'dont-fork' ? edit.dontFork : attributes.dontFork;
    putIn(space, { start, end }, { prot, shared, object, origin, dontFork }, reservation);
    if (prot !== attributes.prot) sink?.protectionChanged(object, start, end, attributes.prot, prot);
  }
}
