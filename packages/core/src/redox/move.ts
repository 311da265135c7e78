import type { AddressSpace } from './address-space.ts';
import { failure } from './errors.ts';
import { protectionBits, PTE } from './flags.ts';
import { Flusher } from './flusher.ts';
import { canHaveFlags, type Grant, isPinned } from './grant.ts';
import type { Machine } from './machine.ts';
import { entryFrame } from './page-table.ts';
import { intersection, intersects, PAGE_SIZE, type PageSpan, spanEnd } from './page-span.ts';
import { choosePages, insertNew, type Place, zeroedGrant } from './placement.ts';
import { notify, takeOut, type UnmapNotice, unmapSpan } from './unmap.ts';

/** A move under way. */
interface Move {
  readonly machine: Machine;
  readonly target: AddressSpace;
  readonly source: AddressSpace;
  readonly from: PageSpan;
  /** First page of the destination. */
  readonly base: number;
  readonly mapFlags: number;
  readonly targetFlusher: Flusher;
  readonly sourceFlusher: Flusher;
}

/**
 * Move the mappings of a span to another place, of the same space or another. What the source lacks becomes zeroed
 * memory at the destination, as does what is added at the end.
 *
 * @param place - the destination; its count may differ from the source's
 * @returns the address; EEXIST, EBUSY, ENOMEM, EPERM. A fixed destination is unmapped before the source is looked at
 */
export function moveGrants(
  machine: Machine,
  target: AddressSpace,
  source: AddressSpace,
  from: PageSpan,
  place: Place,
): number {
  const notices: UnmapNotice[] = [];
  const targetFlusher = new Flusher(machine, target);
  const sourceFlusher = source === target ? targetFlusher : new Flusher(machine, source);
  const { mapFlags } = place;
  const page = machine.holding([target, source], () => {
    const room = Math.max(place.count, from.count);
    const base = choosePages(machine, target, place, targetFlusher, notices, room);
    if (base < 0) return base;
    const refusal = checkSource(source, from, { base, count: place.count }, mapFlags);
    if (refusal < 0) return refusal;
    if (place.count < from.count) {
      const tail = { base: from.base + place.count, count: from.count - place.count };
      const outcome = unmapSpan(machine, source, tail, sourceFlusher, notices);
      if (outcome < 0) return outcome;
    }
    moveAll({ machine, target, source, from, base, mapFlags, targetFlusher, sourceFlusher }, place.count);
    return base;
  });
  targetFlusher.end();
  sourceFlusher.end();
  notify(machine, notices, page);
  return page < 0 ? page : page * PAGE_SIZE;
}

/** The page numbers of the two spans are held against each other even where the spaces differ. */
function checkSource(source: AddressSpace, from: PageSpan, to: PageSpan, mapFlags: number): number {
  const grants = source.grants.conflicts(from);
  if (grants.some(isPinned)) return failure('EBUSY');
  if (!grants.every((grant) => canHaveFlags(grant, mapFlags))) return failure('EPERM');
  return intersects(to, from) ? failure('EBUSY') : 0;
}

function moveAll(move: Move, count: number): void {
  const { source, from } = move;
  const moved = { base: from.base, count: Math.min(count, from.count) };
  let next = from.base;
  for (const grant of source.grants.conflicts(moved)) {
    if (grant.base > next) fillZeroed(move, next, grant.base);
    moveGrant(move, grant, moved);
    next = Math.min(spanEnd(grant), spanEnd(moved));
  }
  if (next < from.base + count) fillZeroed(move, next, from.base + count);
}

/** Zeroed memory at the place of what lies in [start, end) of the source. */
function fillZeroed({ machine, target, from, base, mapFlags, targetFlusher }: Move, start: number, end: number): void {
  const span = { base: base + start - from.base, count: end - start };
  insertNew(machine, target, zeroedGrant(machine, target, span, protectionBits(mapFlags), false, targetFlusher));
}

function moveGrant(move: Move, found: PageSpan, span: PageSpan): void {
  const { machine, target, source, from, base, mapFlags, targetFlusher, sourceFlusher } = move;
  const { frames } = machine;
  const grant = source.grants.removeContaining(found.base);
  if (grant === null) return;
  const middle = takeOut(machine, source, grant, intersection(grant, span), false);
  const distance = base - from.base;
  const asked = protectionBits(mapFlags);
  const repaired = (middle.flags & ~(PTE.write | PTE.exec)) | asked;
  source.table.forEachPresent(middle.base, spanEnd(middle), (page, entry) => {
    const frame = entryFrame(entry);
    source.table.unmap(page);
    sourceFlusher.queue(0);
    const flags = machine.has('movedWritable')
      ? asked
      : frames.allowsWritable(frame) && middle.provider.kind !== 'FmapBorrowed'
        ? repaired
        : repaired & ~PTE.write;
    target.table.map(page + distance, frame, flags);
    if (source !== target) targetFlusher.queue(0);
  });
  const flags = machine.has('movedFlags') ? middle.flags : repaired;
  const there: Grant = { ...middle, base: middle.base + distance, flags };
  machine.sink?.vanished(source, middle, false);
  insertNew(machine, target, there);
}
