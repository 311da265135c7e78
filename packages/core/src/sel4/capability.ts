/**
 * A capability is eight consecutive Int32 of the kernel's `caps` array; `slot * CAP_WORDS` is where it begins.
 *
 * ```text
 *  word 0   31       11   10      9      8     7 6     5 3    2 0
 *          +----------+-------+------+------+-------+-------+------+
 *          |  unsure  |assumed|mapped|origin| rights| size  | type |
 *          +----------+-------+------+------+-------+-------+------+
 *  1 ASID of its mapping, 0 = none       2, 3 address of its mapping (lo, hi)
 *  4, 5 physical address (frame), or handle of the table or pool     6, 7 next and previous capability of the object
 * ```
 * `size` is the index of a frame's size; for an x86 table the level whose entry points to it. The capabilities of one
 * object form a ring (the kernel's derivation tree, of which only "is it the last?" and "revoke all others" matter):
 * a capability is final when its next is itself.
 */

/** Int32 words of a capability. */
export const CAP_WORDS = 8;
/** Word offsets. */
export const ASID = 1;
export const VADDR_LO = 2;
export const VADDR_HI = 3;
/** Physical address of a frame (lo), or the handle of a table or pool. */
export const OBJECT = 4;
/** Physical address of a frame (hi). */
export const OBJECT_HI = 5;
export const NEXT = 6;
export const PREV = 7;

/** Fields of word 0. */
export const TYPE_MASK = 7;
export const SIZE_SHIFT = 3;
export const SIZE_MASK = 7;
/** The size where it stands in word 0: eight times its index, which is its place in the kernel's `sizes`. */
export const SIZE_FIELD = 0x38;
export const RIGHTS_SHIFT = 6;
export const RIGHTS_MASK = 3;
/** The capability that Untyped_Retype made (or the initial pool): the only one whose revoke does something. */
export const ORIGIN = 0x100;
/** A table is mapped, a vspace is assigned. A frame is mapped when its ASID is not 0. */
export const MAPPED = 0x200;
/** Partial traces: the trace never created it. */
export const ASSUMED = 0x400;
/** Partial traces: whether it is mapped is not known yet. */
export const UNSURE = 0x800;

// Single constants, since the build makes literals of those and not of an object's properties.
export const EMPTY = 0;
export const FRAME = 1;
export const TABLE = 2;
export const VSPACE = 3;
export const POOL = 4;
/** Capability types. */
export const CapType = { empty: EMPTY, frame: FRAME, table: TABLE, vspace: VSPACE, pool: POOL } as const;

/** maskVMRights as a table: `RIGHTS_OF[capability rights * 16 + letters]`, see `VmRights` and `Right`. */
export const RIGHTS_OF = new Uint8Array(64);
for (let letters = 0; letters < 16; letters++) {
  const asked = (letters & 1) === 0 ? 0 : (letters & 2) === 0 ? 1 : 2;
  for (let held = 0; held < 3; held++) RIGHTS_OF[held * 16 + letters] = Math.min(held, asked);
}

/** What the ring functions need of a kernel. */
interface Ring {
  caps: Int32Array;
}

/** Make `c` the only capability of its object. */
export function ringAlone(k: Ring, c: number): void {
  k.caps[c + NEXT] = c;
  k.caps[c + PREV] = c;
}

/** Put `c` into the ring of `of`, behind it. */
export function ringJoin(k: Ring, c: number, of: number): void {
  const caps = k.caps;
  const next = caps[of + NEXT];
  caps[c + NEXT] = next;
  caps[c + PREV] = of;
  caps[of + NEXT] = c;
  caps[next + PREV] = c;
}

/** Take `c` out of its ring and empty its slot. */
export function ringLeave(k: Ring, c: number): void {
  const caps = k.caps;
  const next = caps[c + NEXT];
  const prev = caps[c + PREV];
  caps[prev + NEXT] = next;
  caps[next + PREV] = prev;
  caps.fill(0, c, c + CAP_WORDS);
}

/** Move the capability at `from` to the empty slot at `to`, with its place in the ring. */
export function ringMove(k: Ring, from: number, to: number): void {
  const caps = k.caps;
  const next = caps[from + NEXT];
  const prev = caps[from + PREV];
  caps.copyWithin(to, from, from + CAP_WORDS);
  if (next === from) ringAlone(k, to);
  else {
    caps[prev + NEXT] = to;
    caps[next + PREV] = to;
  }
  caps.fill(0, from, from + CAP_WORDS);
}
