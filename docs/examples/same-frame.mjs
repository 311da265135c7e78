// A rule for `overmap audit --to docs/examples/same-frame.mjs`: a map may fill an empty place, or change the rights of
// the page that is there, through any capability to that same frame. It may never replace another frame.
//
// A rule is asked once for each map that passes the architecture's other checks, and must be pure: no state of its
// own, no promise. It answers 'ok' or the error that the map shall answer: 'DeleteFirst', 'InvalidArgument',
// 'InvalidCapability' or 'IllegalOperation'.

/** @type {import('@overmap/core').SlotRule} */
export default function sameFrame({ entry }) {
  return entry === null || entry.holdsThisFrame ? 'ok' : 'DeleteFirst';
}
