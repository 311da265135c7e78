import { Family } from './arch/descriptor.ts';
import { ASID, CapType, OBJECT, SIZE_MASK, SIZE_SHIFT, TYPE_MASK, VADDR_HI, VADDR_LO } from './capability.ts';
import type { Kernel } from './kernel.ts';
import { isStale, judgeOccupied } from './occupied.ts';
import { ALIGNMENT_ERROR, DELETE_FIRST, ILLEGAL_OPERATION, INVALID_ROOT, invalidArgument, invalidCapability, missingCapability, OK } from './outcome.ts';
import { walk } from './page-table.ts';
import { Policy } from './policy.ts';

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
  if (type !== CapType.frame) return type === CapType.empty ? IC0 : ILLEGAL_OPERATION;
  if (!k.isVspaceArgument(v)) return IC1;
  switch (k.family) {
    case Family.x86:
      return checkMapX86(k, c, v, hi, lo, policy);
    case Family.aarch64:
      return checkMapAarch64(k, c, v, hi, lo, policy);
    case Family.aarch32:
      return checkMapAarch32(k, c, v, hi, lo, policy);
    default:
      return checkMapRiscv(k, c, v, hi, lo, policy);
  }
}

/**
 * Whether the capability counts as mapped: it records an ASID. `permissive-aware` does not count a stale one.
 */
function countsAsMapped(k: Kernel, c: number, policy: number): boolean {
  if (k.caps[c + ASID] === 0) return false;
  return policy !== Policy.permissiveAware || !isStale(k, c);
}

/** A mapped capability names one place: another ASID, then another address, is refused. */
function checkRecorded(k: Kernel, c: number, v: number, hi: number, lo: number): number {
  const caps = k.caps;
  if (caps[c + ASID] !== caps[v + ASID]) return IC1;
  return caps[c + VADDR_LO] !== lo || caps[c + VADDR_HI] !== hi ? IA0 : OK;
}

/** The vspace's ASID must lead to a root, and to this one. */
function checkAsid(k: Kernel, v: number): number {
  const root = k.rootOf(k.caps[v + ASID]);
  if (root === 0) return INVALID_ROOT;
  return root !== k.caps[v + OBJECT] ? IC1 : OK;
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
  k.askedHi = hi;
  k.askedLo = lo;
  return judgeOccupied(k, c, size, mapped, policy);
}

/** Whether address + offset (bytes, at most 1 GiB) is above the limit; the sum may need 65 bits. */
function pastTop(k: Kernel, hi: number, lo: number, offset: number): boolean {
  const low = (lo >>> 0) + offset;
  const high = low > 0xffffffff ? (hi >>> 0) + 1 : hi >>> 0;
  return high > k.topHi || (high === k.topHi && low >>> 0 > k.topLo);
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
  walk(k, k.caps[v + OBJECT], hi, lo, k.lastLevel);
  k.askedHi = hi;
  k.askedLo = lo;
  // Pull request 1526 tests the entry where the walk stopped before it looks at the level: a page of whatever size.
  const judged = judgeOccupied(k, c, size, mapped, policy);
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
  walk(k, k.caps[v + OBJECT], hi, lo, k.lastLevel);
  if (k.atLevel !== k.sizeLevel[size]) return missingCapability(k.shift[k.atLevel], false);
  if (mapped) {
    const recorded = checkRecorded(k, c, v, hi, lo);
    if (recorded !== OK) return recorded;
  }
  k.askedHi = hi;
  k.askedLo = lo;
  return judgeOccupied(k, c, size, mapped, policy);
}

/** Whether address + size - 1, wrapping at the word, is at or above the limit. */
function lastByteAtTop(k: Kernel, hi: number, lo: number, bits: number): boolean {
  // 2 ** bits with a variable exponent would cost more than the whole walk.
  const low = (lo >>> 0) + ((1 << bits) - 1);
  const high = k.wordBits === 32 ? 0 : low > 0xffffffff ? (hi + 1) >>> 0 : hi >>> 0;
  return high > k.topHi || (high === k.topHi && low >>> 0 >= k.topLo);
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
  walk(k, k.caps[v + OBJECT], hi, lo, level);
  if (k.atLevel !== level) return missingCapability(k.shift[k.atLevel], false);
  const leaf = -(size + 1);
  const end = k.at + k.sizeEntries[size];
  for (let at = k.at; at < end; at++) {
    const link = k.links[at];
    if (link !== 0 && link !== leaf) return DELETE_FIRST;
  }
  k.askedHi = hi;
  k.askedLo = lo;
  return judgeOccupied(k, c, size, mapped, policy);
}
