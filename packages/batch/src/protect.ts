import {
  ASID,
  CAP_WORDS,
  CapType,
  checkFrame,
  checkMap,
  DELETE_FIRST,
  holdsFrame,
  invalidCapability,
  type Kernel,
  OK,
  performMap,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';

/**
 * Check a protect: `map(cap, vspace, the capability's recorded address, rights, attr)` that never creates and never
 * replaces. A capability that records nothing answers InvalidCapability 0. Where that map would be ok, or
 * DeleteFirst, the place must be a page of this size that holds this frame (all 16 entries of a large aarch32 page):
 * otherwise the answer is DeleteFirst, under every policy.
 *
 * @param c - offset of the invoked capability
 * @param v - offset of the vspace capability
 * @param policy - one of `Policy`
 * @returns the packed outcome; after `OK` the kernel's `at*` fields name the first entry to write
 */
export function checkProtect(k: Kernel, c: number, v: number, policy: number): number {
  const w = k.caps[c];
  if ((w & TYPE_MASK) !== CapType.frame) return checkFrame(k, c);
  if (k.caps[c + ASID] === 0) return invalidCapability(0);
  const outcome = checkMap(k, c, v, k.caps[c + VADDR_HI], k.caps[c + VADDR_LO], policy);
  if (outcome !== OK) return outcome;
  return holdsFrame(k, c, (w >> SIZE_SHIFT) & SIZE_MASK) ? OK : DELETE_FIRST;
}

/**
 * A single protect: other rights and attributes for what a capability has mapped.
 *
 * @param cap - slot of the frame capability
 * @param vspace - slot of its vspace
 * @param rights - letters as bits, see `Right`
 * @returns the packed outcome
 *
 * @example
 * ```ts
 * protect(kernel, cap, vspace, Right.read, 0, Policy.strict) === OK;
 * ```
 */
export function protect(k: Kernel, cap: number, vspace: number, rights: number, attr: number, policy: number): number {
  const c = offsetOf(k, cap);
  const v = offsetOf(k, vspace);
  const outcome = checkProtect(k, c, v, policy);
  if (outcome === OK) performMap(k, c, v, k.caps[c + VADDR_HI], k.caps[c + VADDR_LO], rights & 15, attr);
  return outcome;
}

/** The offset of a slot's capability; a slot that does not exist reads as the empty one. */
export const offsetOf = (k: Kernel, slot: number): number => (slot > 0 && slot < k.slotLimit ? slot * CAP_WORDS : 0);
