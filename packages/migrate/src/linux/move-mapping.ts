import type { RangeEnd } from '@overmap/report';
import { MremapFlag, type StraceCall } from '@overmap/trace';
import { type AddressSpace, type PieceGone, roundUp } from './address-space.ts';
import { type Mappings, Trait } from './mappings.ts';

/**
 * What a successful mremap does to an address space, as mm/mremap.c has it: shrink, grow in place, or move; the target
 * of a move is cleared.
 *
 * @param gone - makes the one who is told what goes
 */
export function moveMapping(
  space: AddressSpace,
  mappings: Mappings,
  call: StraceCall,
  gone: (how: RangeEnd) => PieceGone | undefined,
): void {
  const { address: from, result: to, entry, line } = call;
  const oldLength = roundUp(call.length);
  const newLength = roundUp(call.newLength);
  if (newLength <= 0) return;
  if (to === from) {
    if (newLength < oldLength)
      space.clear(mappings, from + newLength, from + oldLength, entry, line, gone('unmapped') ?? null);
    else if (newLength > oldLength) growInPlace(space, mappings, from + oldLength, from + newLength, gone('replaced'));
    return;
  }
  const kept = Math.min(oldLength, newLength);
  // A length of 0 makes a second mapping of the same shared memory.
  const pieces = space.pieces(from, from + Math.max(kept, 1)).filter(({ id }) => mappings.line[id] <= entry);
  const keepsSource = oldLength === 0 || (call.flags & MremapFlag.dontUnmap) !== 0;
  if (!keepsSource) space.clear(mappings, from, from + oldLength, entry, line, gone('moved') ?? null);
  space.map.clear(to, to + newLength, gone('replaced'));
  for (const [i, piece] of pieces.entries()) {
    const start = to + piece.start - from;
    const last = i === pieces.length - 1;
    // What is new above the end belongs to the last one.
    const end = last && newLength > kept ? to + newLength : Math.min(to + piece.end - from, to + newLength);
    const { id } = piece;
    const traits = mappings.traits[id] | Trait.moved | (call.newAddress > 0 ? Trait.placed : 0);
    space.map.replace(
      start,
      end,
      mappings.made(call, mappings.file[id], mappings.prot[id], traits, mappings.origin[id]),
    );
  }
  // The log did not show what was moved, but it shows that something is here now.
  if (pieces.length === 0) space.map.replace(to, to + newLength, mappings.made(call, 0, 3, UNKNOWN));
}

const UNKNOWN = Trait.unknown | Trait.writable | Trait.moved;

/** The mapping that ends where the growth begins takes it in. */
function growInPlace(
  space: AddressSpace,
  mappings: Mappings,
  start: number,
  end: number,
  gone: PieceGone | undefined,
): void {
  space.map.clear(start, end, gone);
  const { cursor } = space;
  if (!cursor.seekBelow(start) || cursor.end !== start || (mappings.traits[cursor.id] & Trait.unknown) !== 0) return;
  const key = cursor.start;
  space.map.reshape(key, key, end);
}
