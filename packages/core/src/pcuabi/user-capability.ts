import type { BoundsFormat } from '../cheri/format.ts';
import { plainBounds, plainRepresentable } from '../cheri/plain-bounds.ts';

/**
 * A pointer as a program hands it to a call: bounds and permissions, not compressed. Addresses are plain numbers, user
 * memory being far below 2^53; only the bounds of null-derived pointers reach to 2^64.
 */
export interface UserCapability {
  readonly tag: boolean;
  readonly sealed: boolean;
  readonly base: number;
  readonly top: number;
  readonly address: number;
  /** Bits of `PERMISSION`. */
  readonly permissions: number;
}

const WHOLE = 2 ** 64;

/** The pointer that an integer becomes: untagged, no permissions, all metadata zero (whose bounds read as everything). */
export function nullDerived(address: number): UserCapability {
  return { tag: false, sealed: false, base: 0, top: WHOLE, address, permissions: 0 };
}

/** Whether a pointer is bit for bit what its bare address becomes. A capability that lost its tag is not. */
export function isNullDerived(pointer: UserCapability): boolean {
  return !pointer.tag && !pointer.sealed && pointer.base === 0 && pointer.top === WHOLE && pointer.permissions === 0;
}

/** Add to the address, as pointer arithmetic does. Out of the representable region the tag is lost. */
export function offset(format: BoundsFormat, pointer: UserCapability, by: number): UserCapability {
  const address = pointer.address + by;
  const keeps = pointer.top === WHOLE || (!pointer.sealed && plainRepresentable(format, pointer, address));
  return { ...pointer, address, tag: pointer.tag && keeps };
}

/** Narrow the bounds to `length` bytes from the address, rounded outwards. The tag is lost outside of the old ones. */
export function narrow(format: BoundsFormat, pointer: UserCapability, length: number): UserCapability {
  const inside = pointer.address >= pointer.base && pointer.address + length <= pointer.top && !pointer.sealed;
  return { ...pointer, ...plainBounds(format, pointer.address, length), tag: pointer.tag && inside };
}

/** Give permissions away. A sealed capability cannot be changed and loses its tag. */
export function drop(pointer: UserCapability, permissions: number): UserCapability {
  return { ...pointer, permissions: pointer.permissions & ~permissions, tag: pointer.tag && !pointer.sealed };
}

export const untag = (pointer: UserCapability): UserCapability => ({ ...pointer, tag: false });

export const seal = (pointer: UserCapability): UserCapability => ({ ...pointer, sealed: true });
