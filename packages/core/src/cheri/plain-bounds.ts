import type { BoundsFormat } from './format.ts';

/*
 * The closed form of bounds.ts for plain numbers: for addresses and lengths whose sum is below 2^53, as those of user
 * memory are. A power of two is divided and multiplied exactly.
 */

const floorLog2 = (n: number): number => (n < 2 ** 32 ? 31 - Math.clz32(n) : 32 + floorLog2(Math.floor(n / 2 ** 32)));

/** The alignment that a length asks for, in bytes; as `representableAlignment`. */
export function plainAlignment(format: BoundsFormat, length: number): number {
  const width = format.mantissaBits;
  if (length < 2 ** (width - 2)) return 1;
  const align = 2 ** (floorLog2(length) - width + 5);
  return Math.ceil(length / align) === 2 ** (width - 4) ? align * 2 : align;
}

/** The length, rounded up until an aligned base makes it exact; as `representableLength`, but never cut off. */
export function plainLength(format: BoundsFormat, length: number): number {
  const align = plainAlignment(format, length);
  return Math.ceil(length / align) * align;
}

/** [start, start + length) rounded outwards, as set-bounds does. */
export function plainBounds(
  format: BoundsFormat,
  start: number,
  length: number,
): { readonly base: number; readonly top: number } {
  let align = plainAlignment(format, length);
  const end = start + length;
  if (align > 1 && Math.ceil(end / align) - Math.floor(start / align) >= 2 ** (format.mantissaBits - 4)) align *= 2;
  return { base: Math.floor(start / align) * align, top: Math.ceil(end / align) * align };
}

/**
 * Whether a capability with these bounds may carry an address: the region in which bounds decode to the same reaches
 * an eighth of it below the base. Bounds are taken as set-bounds made them, their base in user memory.
 */
export function plainRepresentable(
  format: BoundsFormat,
  bounds: { readonly base: number; readonly top: number },
  address: number,
): boolean {
  if (address >= bounds.base && address < bounds.top) return true;
  const align = plainAlignment(format, bounds.top - bounds.base);
  const exponent = align === 1 ? 0 : Math.log2(align) - 3;
  const region = 2 ** (exponent + format.mantissaBits);
  const eighth = region / 8;
  const from = (Math.floor(bounds.base / eighth) - 1) * eighth;
  return address >= from && address < from + region;
}
