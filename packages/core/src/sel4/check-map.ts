import { AARCH32, AARCH64, X86 } from './arch/descriptor.ts';
import { ASID, EMPTY, FRAME, MAPPED, OBJECT, SIZE_FIELD, TYPE_MASK, VADDR_HI, VADDR_LO } from './capability.ts';
import type { Kernel } from './kernel.ts';
import { isStale, judgeOccupied } from './occupied.ts';
import {
  ALIGNMENT_ERROR,
  DELETE_FIRST,
  ILLEGAL_OPERATION,
  INVALID_ROOT,
  invalidArgument,
  invalidCapability,
  missingCapability,
  OK,
} from './outcome.ts';
import { walk } from './page-table.ts';
import { PERMISSIVE_AWARE, STRICT } from './policy.ts';

/*
 * Page_Map's checks, one function for each family, in the order in which that kernel makes them. Each is pure: it
 * leaves the resolved place in the `at*` fields and changes nothing else.
 *
 * Each function is flat on purpose: V8 inlines up to a budget that a chain of small functions exceeds. With them a
 * map+unmap pair took about 50 ns of this program, flat about 42.
 */

const IC0 = invalidCapability(0);
const IC1 = invalidCapability(1);
const IA0 = invalidArgument(0);

/**
 * Check a Page_Map.
 *
 * @param c - offset of the invoked capability
 * @param v - offset of the vspace capability
 * @param hi - address, high half
 * @param lo - address, low half
 * @param policy - one of `Policy`
 * @returns the packed outcome; after `OK` the `at*` fields name the first entry to write
 */
export function checkMap(k: Kernel, c: number, v: number, hi: number, lo: number, policy: number): number {
  const caps = k.caps;
  const type = caps[c] & TYPE_MASK;
  if (type !== FRAME) return type === EMPTY ? IC0 : ILLEGAL_OPERATION;
  if ((caps[v] & (TYPE_MASK | MAPPED)) !== k.vspaceWord) return IC1;
  const family = k.family;
  if (family === AARCH64) return checkMapAarch64(k, c, v, hi, lo, policy);
  if (family === X86) return checkMapX86(k, c, v, hi, lo, policy);
  if (family === AARCH32) return checkMapAarch32(k, c, v, hi, lo, policy);
  return checkMapRiscv(k, c, v, hi, lo, policy);
}

/** The vspace's ASID does not lead to this root. */
const notItsRoot = (root: number): number => (root === 0 ? INVALID_ROOT : IC1);

/** The walk stopped above (or, for a large page, below) the page's level. */
const missingTable = (k: Kernel): number => missingCapability(k.shift[k.atLevel], false);

/** src/arch/x86/kernel/vspace.c decodeX86FrameInvocation (932), createSafeMappingEntries_* (871, 900; x86/64 1477). */
function checkMapX86(k: Kernel, c: number, v: number, hi: number, lo: number, policy: number): number {
  const caps = k.caps;
  const asid = caps[v + ASID];
  const size = caps[c] & SIZE_FIELD;
  const align = k.sizes[size];
  const recorded = caps[c + ASID];
  // A mapped capability names one place. `permissive-aware` does not count a stale one.
  const mapped = recorded !== 0 && (policy !== PERMISSIVE_AWARE || !isStale(k, c));
  if (mapped) {
    if (recorded !== asid) return IC1;
    if (caps[c + VADDR_LO] !== lo || caps[c + VADDR_HI] !== hi) return IA0;
  } else if ((lo & align) !== 0) {
    if (pastTop(k, hi, lo, 0) || pastTop(k, hi, lo, align + 1)) return IA0;
    // An aligned address needs no sum: it is past the limit when its last byte is at or above it.
  } else if (hi === k.topHi ? (lo | align) >>> 0 >= k.topLo >>> 0 : hi >>> 0 > k.topHi >>> 0) return IA0;
  const root = caps[v + OBJECT];
  if (k.asidRoots[asid] !== root) return notItsRoot(k.asidRoots[asid]);
  if ((lo & align) !== 0) return ALIGNMENT_ERROR;
  const level = k.sizes[size + 1];
  const link = walk(k, root, hi, lo, level);
  if (k.atLevel !== level) return missingTable(k);
  if (link > 0) return DELETE_FIRST;
  if (link === 0 && policy <= STRICT) return OK;
  return judgeOccupied(k, c, hi, lo, mapped, policy);
}

/** Whether address + offset (bytes, at most 1 GiB) is above the limit; the sum may need 65 bits. */
function pastTop(k: Kernel, hi: number, lo: number, offset: number): boolean {
  const low = (lo + offset) | 0;
  const carries = low >>> 0 < lo >>> 0;
  if (carries && hi === -1) return true;
  const high = carries ? hi + 1 : hi;
  return high === k.topHi ? low >>> 0 > k.topLo >>> 0 : high >>> 0 > k.topHi >>> 0;
}

/** src/arch/arm/64/kernel/vspace.c decodeARMFrameInvocation (1609). The limit is inclusive. */
function checkMapAarch64(k: Kernel, c: number, v: number, hi: number, lo: number, policy: number): number {
  const caps = k.caps;
  const asid = caps[v + ASID];
  const root = caps[v + OBJECT];
  if (k.asidRoots[asid] !== root) return notItsRoot(k.asidRoots[asid]);
  const size = caps[c] & SIZE_FIELD;
  const align = k.sizes[size];
  if ((lo & align) !== 0) return ALIGNMENT_ERROR;
  const recorded = caps[c + ASID];
  const mapped = recorded !== 0 && (policy !== PERMISSIVE_AWARE || !isStale(k, c));
  if (mapped) {
    if (recorded !== asid) return IC1;
    if (caps[c + VADDR_LO] !== lo || caps[c + VADDR_HI] !== hi) return IA0;
  } else if (hi === k.topHi ? (lo | align) >>> 0 > k.topLo >>> 0 : hi >>> 0 > k.topHi >>> 0) return IA0;
  const link = walk(k, root, hi, lo, k.lastLevel);
  // Pull request 1526 tests the entry where the walk stopped before it looks at the level: a page of whatever size.
  if (link !== 0 || policy > STRICT) {
    const judged = judgeOccupied(k, c, hi, lo, mapped, policy);
    if (judged !== OK) return judged;
  }
  return k.atLevel === k.sizes[size + 1] ? OK : missingTable(k);
}

/** src/arch/riscv/kernel/vspace.c decodeRISCVFrameInvocation (801). The walk comes before the capability's own state. */
function checkMapRiscv(k: Kernel, c: number, v: number, hi: number, lo: number, policy: number): number {
  const caps = k.caps;
  const asid = caps[v + ASID];
  const root = caps[v + OBJECT];
  if (k.asidRoots[asid] !== root) return notItsRoot(k.asidRoots[asid]);
  const size = caps[c] & SIZE_FIELD;
  const align = k.sizes[size];
  if ((lo & align) !== 0) return lastByteAtTop(k, hi, lo, align) ? IA0 : ALIGNMENT_ERROR;
  if (hi === k.topHi ? (lo | align) >>> 0 >= k.topLo >>> 0 : hi >>> 0 > k.topHi >>> 0) return IA0;
  const recorded = caps[c + ASID];
  const mapped = recorded !== 0 && (policy !== PERMISSIVE_AWARE || !isStale(k, c));
  const link = walk(k, root, hi, lo, k.lastLevel);
  if (k.atLevel !== k.sizes[size + 1]) return missingTable(k);
  if (mapped) {
    if (recorded !== asid) return IC1;
    if (caps[c + VADDR_LO] !== lo || caps[c + VADDR_HI] !== hi) return IA0;
  }
  if (link === 0 && policy <= STRICT) return OK;
  return judgeOccupied(k, c, hi, lo, mapped, policy);
}

/** Whether address + `align` (size - 1), wrapping at the word, is at or above the limit. */
function lastByteAtTop(k: Kernel, hi: number, lo: number, align: number): boolean {
  const low = (lo + align) | 0;
  const high = k.wordBits === 64 && low >>> 0 < lo >>> 0 ? (hi + 1) | 0 : hi;
  return high === k.topHi ? low >>> 0 >= k.topLo >>> 0 : high >>> 0 > k.topHi >>> 0;
}

/**
 * src/arch/arm/32/kernel/vspace.c decodeARMFrameInvocation (2234), createSafeMappingEntriesPTE and …PDE. Pages of
 * another size (and tables) in any of the entries to write are refused under every policy.
 */
function checkMapAarch32(k: Kernel, c: number, v: number, hi: number, lo: number, policy: number): number {
  const caps = k.caps;
  const asid = caps[v + ASID];
  const size = caps[c] & SIZE_FIELD;
  const align = k.sizes[size];
  const recorded = caps[c + ASID];
  const mapped = recorded !== 0 && (policy !== PERMISSIVE_AWARE || !isStale(k, c));
  if (mapped) {
    if (recorded !== asid) return IC1;
    if (caps[c + VADDR_LO] !== lo || caps[c + VADDR_HI] !== hi) return IA0;
  } else if ((lo & align) !== 0) {
    if (lastByteAtTop(k, hi, lo, align)) return IA0;
  } else if (hi === k.topHi ? (lo | align) >>> 0 >= k.topLo >>> 0 : hi >>> 0 > k.topHi >>> 0) return IA0;
  const root = caps[v + OBJECT];
  if (k.asidRoots[asid] !== root) return notItsRoot(k.asidRoots[asid]);
  if ((lo & align) !== 0) return ALIGNMENT_ERROR;
  const level = k.sizes[size + 1];
  const first = walk(k, root, hi, lo, level);
  if (k.atLevel !== level) return missingTable(k);
  const entries = k.sizes[size + 2];
  if (first === 0 && entries === 1 && policy <= STRICT) return OK;
  const leaf = -(size >> 3) - 1;
  const end = k.at + entries;
  for (let at = k.at; at < end; at++) {
    const link = k.links[at];
    if (link !== 0 && link !== leaf) return DELETE_FIRST;
  }
  if (first === 0 && policy <= STRICT) return OK;
  return judgeOccupied(k, c, hi, lo, mapped, policy);
}
