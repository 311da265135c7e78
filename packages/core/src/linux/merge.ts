import type { AddressSpace } from './address-space.ts';
import { NO_ANON } from './attributes.ts';
import { Errno } from './errno.ts';
import { SPECIAL } from './vm-flags.ts';

/**
 * Merging of VMAs (`mm/vma.c: vma_merge_new_range, vma_merge_existing_range`): neighbours become one when flags and file
 * are equal, their places in the file contiguous, and their anon_vmas the same, or one has none.
 */

const compatible = (a: number, b: number): boolean => a === b || a === NO_ANON || b === NO_ANON;

function mergeable(space: AddressSpace, a: number, b: number): boolean {
  const { flags, file, delta, anon } = space.attributes;
  return (
    flags[a] === flags[b] &&
    (flags[a] & SPECIAL) === 0 &&
    file[a] === file[b] &&
    delta[a] === delta[b] &&
    compatible(anon[a], anon[b])
  );
}

/** The attributes of what was merged: the anon_vma is the first that is one. */
function joined(space: AddressSpace, a: number, b: number, c: number): number {
  const { anon } = space.attributes;
  return space.attributes.withAnon(a, anon[a] || anon[b] || anon[c]);
}

/** The neighbours of a range with which it merges: bounds and attributes, -1 where there is none. */
class Neighbours {
  lowStart = -1;
  low = -1;
  highEnd = -1;
  high = -1;
}

const found = new Neighbours();

/** Who of the neighbours of [start, end) merges with it when it has the given attributes. */
function neighbours(space: AddressSpace, start: number, end: number, attributes: number): Neighbours {
  const at = space.near;
  const { anon } = space.attributes;
  found.low = -1;
  found.high = -1;
  if (at.seekBelow(start) && at.end === start && mergeable(space, at.id, attributes)) {
    found.lowStart = at.start;
    found.low = at.id;
  }
  if (at.seek(end) && at.start === end && mergeable(space, at.id, attributes)) {
    // Each fits what is between them; the two must also fit each other.
    if (found.low < 0 || compatible(anon[found.low], anon[at.id])) {
      found.highEnd = at.end;
      found.high = at.id;
    }
  }
  return found;
}

/** Insert a new VMA where nothing is mapped, and merge it with both neighbours. */
export function insertVma(space: AddressSpace, start: number, end: number, attributes: number): void {
  const { map } = space;
  const { low, lowStart, high, highEnd } = neighbours(space, start, end, attributes);
  if (low >= 0 && high >= 0) {
    map.remove(end);
    map.reshape(lowStart, lowStart, highEnd);
    map.setId(lowStart, joined(space, low, attributes, high));
  } else if (low >= 0) {
    map.reshape(lowStart, lowStart, end);
    map.setId(lowStart, joined(space, low, attributes, attributes));
  } else if (high >= 0) {
    map.reshape(end, start, highEnd);
    map.setId(start, joined(space, high, attributes, attributes));
  } else map.insert(start, end, attributes);
}

/**
 * Give a part of one VMA other attributes: the part merges with neighbours beyond the VMA's edges if it can, and is cut
 * out otherwise.
 *
 * @param start - first page of the part, within the VMA
 * @param end - first page behind it
 * @param vmaStart - the VMA's bounds
 * @returns ENOMEM when a cut would need more VMAs than are allowed; the first of two cuts may have been made then
 */
export function changeVma(
  space: AddressSpace,
  start: number,
  end: number,
  vmaStart: number,
  vmaEnd: number,
  attributes: number,
): Errno {
  const { map } = space;
  // Where an edge is inside of the VMA, no other ends or starts there.
  const { low, lowStart, high, highEnd } = neighbours(space, start, end, attributes);
  if (low >= 0 && high >= 0) {
    map.remove(end);
    map.remove(start);
    map.reshape(lowStart, lowStart, highEnd);
    map.setId(lowStart, joined(space, low, high, attributes));
  } else if (low >= 0) {
    if (end === vmaEnd) map.remove(start);
    else map.reshape(start, end, vmaEnd);
    map.reshape(lowStart, lowStart, end);
    map.setId(lowStart, joined(space, low, attributes, attributes));
  } else if (high >= 0) {
    if (start === vmaStart) map.remove(start);
    else map.reshape(vmaStart, vmaStart, start);
    map.reshape(end, start, highEnd);
    map.setId(start, joined(space, high, attributes, attributes));
  } else return cutOut(space, start, end, vmaStart, vmaEnd, attributes);
  return Errno.OK;
}

function cutOut(
  space: AddressSpace,
  start: number,
  end: number,
  vmaStart: number,
  vmaEnd: number,
  attributes: number,
): Errno {
  const { map } = space;
  if (start > vmaStart) {
    if (map.count >= space.maxMapCount) return Errno.ENOMEM;
    map.cut(start);
  }
  if (end < vmaEnd) {
    if (map.count >= space.maxMapCount) return Errno.ENOMEM;
    map.cut(end);
  }
  map.setId(start, attributes);
  return Errno.OK;
}
