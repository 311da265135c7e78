import { Family } from './arch/descriptor.ts';
import * as cap from './capability.ts';
import type { Kernel } from './kernel.ts';
import { isStale, judgeOccupied } from './occupied.ts';
import * as outcome from './outcome.ts';
import { walk } from './page-table.ts';
import { Policy } from './policy.ts';

// A module's own constants are folded by V8, imported ones are not: 10 to 15 % of a map.
const { ASID, OBJECT, SIZE_MASK, SIZE_SHIFT, TYPE_MASK, VADDR_HI, VADDR_LO } = cap;
const { empty: EMPTY, frame: FRAME } = cap.CapType;
const { ALIGNMENT_ERROR, DELETE_FIRST, ILLEGAL_OPERATION, INVALID_ROOT, OK, invalidArgument, invalidCapability, missingCapability } = outcome;
const { x86: X86, aarch64: AARCH64, aarch32: AARCH32 } = Family;
const { strict: STRICT, permissiveAware: AWARE } = Policy;

/*
 * Page_Map's checks, one function for each family, in the order in which that kernel makes them. Each is pure: it
 * leaves the resolved place in the `at*` fields and changes nothing else.
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
  const type = k.caps[c] & TYPE_MASK;
  if (type !== FRAME) return type === EMPTY ? IC0 : ILLEGAL_OPERATION;
  if (!k.isVspaceArgument(v)) return IC1;
  const family = k.family;
  if (family === AARCH64) return checkMapAarch64(k, c, v, hi, lo, policy);
  if (family === X86) return checkMapX86(k, c, v, hi, lo, policy);
  if (family === AARCH32) return checkMapAarch32(k, c, v, hi, lo, policy);
  return checkMapRiscv(k, c, v, hi, lo, policy);
}

/**
 * Whether the capability counts as mapped: it records an ASID. `permissive-aware` does not count a stale one.
 */
function countsAsMapped(k: Kernel, c: number, policy: number): boolean {
  if (k.caps[c + ASID] === 0) return false;
  return policy !== AWARE || !isStale(k, c);
}

/** A mapped capability names one place: another ASID, then another address, is refused. */
function checkRecorded(k: Kernel, c: number, v: number, hi: number, lo: number): number {
  const caps = k.caps;
  if (caps[c + ASID] !== caps[v + ASID]) return IC1;
  return caps[c + VADDR_LO] !== lo || caps[c + VADDR_HI] !== hi ? IA0 : OK;
}

/** The vspace's ASID must lead to a root, and to this one. */
function checkAsid(k: Kernel, v: number): number {
  const root = k.asidRoots[k.caps[v + ASID]];
  if (root === k.caps[v + OBJECT]) return OK;
  return root === 0 ? INVALID_ROOT : IC1;
}

/** src/arch/x86/kernel/vspace.c decodeX86FrameInvocation (932), createSafeMappingEntries_* (871, 900; x86/64 1477). */
function checkMapX86(k: Kernel, c: number, v: number, hi: number, lo: number, policy: number): number {
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const mapped = countsAsMapped(k, c, policy);
  if (mapped) {
    const recorded = checkRecorded(k, c, v, hi, lo);
    if (recorded !== OK) return recorded;
  } else if (pastTop(k, hi, lo, 0) || pastTop(k, hi, lo, 1 << k.sizeBits[size])) return IA0;
  const asid = checkAsid(k, v);
  if (asid !== OK) return asid;
  const bits = k.sizeBits[size];
  if ((lo & ((1 << bits) - 1)) !== 0) return ALIGNMENT_ERROR;
  const level = k.sizeLevel[size];
  const link = walk(k, k.caps[v + OBJECT], hi, lo, level);
  if (k.atLevel !== level) return missingCapability(k.shift[k.atLevel], false);
  if (link > 0) return DELETE_FIRST;
  return judge(k, link, c, size, mapped, hi, lo, policy);
}

/** The policy's word on the resolved place; an empty one is settled at once under the kernel's own policies. */
function judge(k: Kernel, link: number, c: number, size: number, mapped: boolean, hi: number, lo: number, policy: number): number {
  if (link === 0 && policy <= STRICT) return OK;
  k.askedHi = hi;
  k.askedLo = lo;
  return judgeOccupied(k, c, size, mapped, policy);
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
  const asid = checkAsid(k, v);
  if (asid !== OK) return asid;
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const bits = k.sizeBits[size];
  if ((lo & ((1 << bits) - 1)) !== 0) return ALIGNMENT_ERROR;
  const mapped = countsAsMapped(k, c, policy);
  if (mapped) {
    const recorded = checkRecorded(k, c, v, hi, lo);
    if (recorded !== OK) return recorded;
  } else if (pastTop(k, hi, lo, (1 << bits) - 1)) return IA0;
  const link = walk(k, k.caps[v + OBJECT], hi, lo, k.lastLevel);
  // Pull request 1526 tests the entry where the walk stopped before it looks at the level: a page of whatever size.
  const judged = judge(k, link, c, size, mapped, hi, lo, policy);
  if (judged !== OK) return judged;
  return k.atLevel === k.sizeLevel[size] ? OK : missingCapability(k.shift[k.atLevel], false);
}

/** src/arch/riscv/kernel/vspace.c decodeRISCVFrameInvocation (801). The walk comes before the capability's own state. */
function checkMapRiscv(k: Kernel, c: number, v: number, hi: number, lo: number, policy: number): number {
  const asid = checkAsid(k, v);
  if (asid !== OK) return asid;
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const bits = k.sizeBits[size];
  if (lastByteAtTop(k, hi, lo, bits)) return IA0;
  if ((lo & ((1 << bits) - 1)) !== 0) return ALIGNMENT_ERROR;
  const mapped = countsAsMapped(k, c, policy);
  const link = walk(k, k.caps[v + OBJECT], hi, lo, k.lastLevel);
  if (k.atLevel !== k.sizeLevel[size]) return missingCapability(k.shift[k.atLevel], false);
  if (mapped) {
    const recorded = checkRecorded(k, c, v, hi, lo);
    if (recorded !== OK) return recorded;
  }
  return judge(k, link, c, size, mapped, hi, lo, policy);
}

/** Whether address + size - 1, wrapping at the word, is at or above the limit. */
function lastByteAtTop(k: Kernel, hi: number, lo: number, bits: number): boolean {
  const low = (lo + ((1 << bits) - 1)) | 0;
  const high = k.wordBits === 64 && low >>> 0 < lo >>> 0 ? (hi + 1) | 0 : hi;
  return high === k.topHi ? low >>> 0 >= k.topLo >>> 0 : high >>> 0 > k.topHi >>> 0;
}

/**
 * src/arch/arm/32/kernel/vspace.c decodeARMFrameInvocation (2234), createSafeMappingEntriesPTE and …PDE. Pages of
 * another size (and tables) in any of the entries to write are refused under every policy.
 */
function checkMapAarch32(k: Kernel, c: number, v: number, hi: number, lo: number, policy: number): number {
  const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
  const bits = k.sizeBits[size];
  const mapped = countsAsMapped(k, c, policy);
  if (mapped) {
    const recorded = checkRecorded(k, c, v, hi, lo);
    if (recorded !== OK) return recorded;
  } else if (lastByteAtTop(k, hi, lo, bits)) return IA0;
  const asid = checkAsid(k, v);
  if (asid !== OK) return asid;
  if ((lo & ((1 << bits) - 1)) !== 0) return ALIGNMENT_ERROR;
  const level = k.sizeLevel[size];
  const first = walk(k, k.caps[v + OBJECT], hi, lo, level);
  if (k.atLevel !== level) return missingCapability(k.shift[k.atLevel], false);
  const leaf = -(size + 1);
  const end = k.at + k.sizeEntries[size];
  for (let at = k.at; at < end; at++) {
    const link = k.links[at];
    if (link !== 0 && link !== leaf) return DELETE_FIRST;
  }
  return judge(k, first, c, size, mapped, hi, lo, policy);
}
