import type { BoundsFormat } from './format.ts';

/** Bounds of a capability: addresses in [base, top). `top` may be the whole address space, one bit longer. */
export interface Bounds {
  readonly base: bigint;
  readonly top: bigint;
}

/** What setting bounds gives. */
export interface SetBounds extends Bounds {
  /** Bounds could be had as they were asked for. */
  readonly exact: boolean;
  /** The capability is still valid. */
  readonly tag: boolean;
  /** The exponent of the result: its bounds are multiples of 2^exponent, or of 2^(exponent+3) above the mantissa. */
  readonly exponent: number;
}

/** The mantissas that stand in a capability, from which an address decodes the bounds. */
interface Encoded {
  readonly exponent: number;
  readonly bottom: bigint;
  readonly top: bigint;
}

const floorLog2 = (n: bigint): number => n.toString(2).length - 1;
const divideUp = (n: bigint, by: bigint): bigint => (n + by - 1n) / by;

/**
 * The alignment that a length asks for, in bytes: a power of two. Lengths below 2^(MW-2) need none (1).
 *
 * Closed form of the rounding in set-bounds; reproduces recordings of the library that QEMU uses (docs/cheri-bounds.md).
 */
export function representableAlignment(format: BoundsFormat, length: bigint): bigint {
  const width = format.mantissaBits;
  if (length < 1n << BigInt(width - 2)) return 1n;
  const align = 1n << BigInt(floorLog2(length) - (width - 2) + 3);
  // Rounded up, the length itself would need one bit more.
  return divideUp(length, align) === 1n << BigInt(width - 4) ? align * 2n : align;
}

/** CRAM: the mask that aligns a base for this length, as wide as an address. */
export function alignmentMask(format: BoundsFormat, length: bigint): bigint {
  return (1n << BigInt(format.addressBits)) - representableAlignment(format, length);
}

/** CRRL: the length, rounded up until an aligned base makes it exact. As a register holds it: 2^64 shows as 0. */
export function representableLength(format: BoundsFormat, length: bigint): bigint {
  const align = representableAlignment(format, length);
  return BigInt.asUintN(format.addressBits, divideUp(length, align) * align);
}

/** The alignment with which [base, base + length) is rounded outwards, and the bounds that come of it. */
function roundOutwards(format: BoundsFormat, base: bigint, length: bigint): Bounds & { readonly align: bigint } {
  let align = representableAlignment(format, length);
  const limit = 1n << BigInt(format.mantissaBits - 4);
  if (align > 1n && divideUp(base + length, align) - base / align >= limit) align *= 2n;
  return { align, base: (base / align) * align, top: divideUp(base + length, align) * align };
}

const exponentOf = (align: bigint): number => (align === 1n ? 0 : floorLog2(align) - 3);

/** At the largest exponents the mantissa reaches to the end of the address: bounds no longer depend on its top. */
const usesAddress = (format: BoundsFormat, exponent: number): boolean =>
  exponent + format.mantissaBits < format.addressBits;

/** The address that bounds are decoded from: Morello copies bit 55 into the byte above. */
function boundsAddress(format: BoundsFormat, address: bigint): bigint {
  return BigInt.asUintN(format.addressBits, BigInt.asIntN(format.boundsAddressBits, address));
}

function encode(format: BoundsFormat, bounds: Bounds & { readonly align: bigint }): Encoded {
  const exponent = exponentOf(bounds.align);
  const mantissa = (n: bigint): bigint => BigInt.asUintN(format.mantissaBits, n >> BigInt(exponent));
  return { exponent, bottom: mantissa(bounds.base), top: mantissa(bounds.top) };
}

/**
 * The bounds that mantissas mean at an address. What stands above them is taken from the address, corrected by where
 * address, bottom and top stand relative to the edge of the representable region (CHERI Concentrate).
 */
function decode(format: BoundsFormat, encoded: Encoded, address: bigint): Bounds {
  const { exponent, bottom, top } = encoded;
  const { mantissaBits, addressBits } = format;
  const from = boundsAddress(format, address);
  const middle = BigInt.asUintN(mantissaBits, from >> BigInt(exponent));
  const above = BigInt(exponent + mantissaBits);
  const edge = regionEdge(format, bottom);
  const over = (n: bigint): bigint => (n < edge ? 1n : 0n);
  const place = (n: bigint): bigint => (((from >> above) + over(n) - over(middle)) << above) + (n << BigInt(exponent));
  const base = BigInt.asUintN(addressBits, place(bottom));
  let end = BigInt.asUintN(addressBits + 1, place(top));
  // A top more than half of the address space away has lost or won the bit above it.
  const half = BigInt(addressBits - 1);
  if (exponent < addressBits - mantissaBits + 1 && BigInt.asUintN(2, (end >> half) - (base >> half)) > 1n)
    end ^= 1n << BigInt(addressBits);
  return { base, top: end };
}

/** Where the representable region begins, as a mantissa: an eighth of it below the bottom. */
function regionEdge({ mantissaBits }: BoundsFormat, bottom: bigint): bigint {
  const eighth = BigInt(mantissaBits - 3);
  return BigInt.asUintN(3, (bottom >> eighth) - 1n) << eighth;
}

/**
 * Set bounds to [base, base + length) on a capability whose address is `base`.
 *
 * @param parent - bounds of that capability. Default: the whole address space
 * @returns the bounds rounded outwards. The tag is lost if the request leaves the parent, or (Morello) if the top byte
 * of the address is not a copy of bit 55 while the bounds depend on the address: then they decode elsewhere
 */
export function setBounds(format: BoundsFormat, base: bigint, length: bigint, parent?: Bounds): SetBounds {
  const rounded = roundOutwards(format, base, length);
  const encoded = encode(format, rounded);
  const inside = base >= (parent?.base ?? 0n) && base + length <= (parent?.top ?? 1n << BigInt(format.addressBits));
  const elsewhere = usesAddress(format, encoded.exponent) && boundsAddress(format, base) !== base;
  return {
    ...(elsewhere || !inside ? decode(format, encoded, base) : { base: rounded.base, top: rounded.top }),
    exact: rounded.base === base && rounded.top === base + length,
    tag: inside && !elsewhere,
    exponent: encoded.exponent,
  };
}

/** What becomes of a capability that gets another address. */
export interface SetAddress extends Bounds {
  /** The bounds decode to the same at the new address. */
  readonly representable: boolean;
  /** The answer of the hardware's quick test, which decides on the tag; it may refuse an edge of the region. */
  readonly quick: boolean;
}

/**
 * Give a capability another address.
 *
 * @param request - what its bounds were set to: base, which is its address until now, and length
 * @param address - the new one
 */
export function setAddress(
  format: BoundsFormat,
  request: { readonly base: bigint; readonly length: bigint },
  address: bigint,
): SetAddress {
  const rounded = roundOutwards(format, request.base, request.length);
  const encoded = encode(format, rounded);
  const decoded = decode(format, encoded, address);
  const representable = decoded.base === rounded.base && decoded.top === rounded.top;
  return { ...decoded, representable, quick: quickTest(format, encoded, request.base, address) };
}

/** The quick test compares the increment with the distance to the region's edge, in units of the mantissa. */
function quickTest(format: BoundsFormat, encoded: Encoded, from: bigint, to: bigint): boolean {
  const { mantissaBits, addressBits } = format;
  const { exponent } = encoded;
  if (exponent >= addressBits - mantissaBits) return true;
  const increment = BigInt.asIntN(addressBits, boundsAddress(format, to) - boundsAddress(format, from));
  const above = increment >> BigInt(exponent + mantissaBits);
  const mantissa = (n: bigint): bigint => BigInt.asUintN(mantissaBits, n);
  const step = mantissa(increment >> BigInt(exponent));
  const at = mantissa(from >> BigInt(exponent));
  const distance = mantissa(regionEdge(format, encoded.bottom) - at);
  if (above === 0n) return step < mantissa(distance - 1n);
  return above === -1n && step >= distance && distance !== 0n;
}
