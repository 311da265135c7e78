// A rule for `overmap audit --to docs/examples/no-stale-remap.mjs`: strict, and one thing more. Strict takes a
// capability's record for granted: if it records this place, its map is a remap, whatever is there by now. This rule
// looks: the entry must be a page of this size that holds the capability's own frame.
//
// Whatever strict refuses, this refuses as well, so it opens nothing.

/** @type {import('@overmap/core').SlotRule} */
export default function noStaleRemap({ records, entry }) {
  // An empty place: a fresh map, or a stale capability that comes back and displaces nobody.
  if (entry === null) return 'ok';
  // Strict: a page is there, and this capability did not put it there.
  if (records === null) return 'DeleteFirst';
  // The hole: it did once, and another frame is there now.
  return entry.holdsThisFrame ? 'ok' : 'DeleteFirst';
}
