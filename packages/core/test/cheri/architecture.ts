/*
 * Bounds of capabilities as the architecture's documents give them: by mantissas, step by step, as hardware does it. The
 * project has a closed form; both must agree where no recording reaches.
 */

/** Bits of an address, and of a mantissa. */
export interface Widths {
  readonly address: number;
  readonly mantissa: number;
}

export interface Mantissas {
  readonly exponent: number;
  readonly bottom: bigint;
  readonly top: bigint;
  readonly exact: boolean;
}

const low = (n: bigint, bits: number): bigint => BigInt.asUintN(bits, n);
const bitLength = (n: bigint): number => (n === 0n ? 0 : n.toString(2).length);
const largestExponent = ({ address, mantissa }: Widths): number => address - mantissa + 2;

/** Mantissas for [base, base + length): the exponent from the length's highest bit, one more if rounding overflows. */
export function encoded(widths: Widths, base: bigint, length: bigint): Mantissas {
  const { mantissa } = widths;
  const top = base + length;
  const exponent = Math.max(0, bitLength(length) - (mantissa - 1));
  const internal = exponent !== 0 || (length >> BigInt(mantissa - 2)) % 2n === 1n;
  if (!internal) return { exponent, bottom: low(base, mantissa), top: low(top, mantissa), exact: true };
  const narrow = mantissa - 3;
  const at = (e: number): Mantissas => {
    const shift = BigInt(e + 3);
    const lostBase = (base >> shift) << shift !== base;
    const lostTop = (top >> shift) << shift !== top;
    return {
      exponent: e,
      bottom: low(base >> shift, narrow) << 3n,
      top: low((top >> shift) + (lostTop ? 1n : 0n), narrow) << 3n,
      exact: !lostBase && !lostTop,
    };
  };
  const first = at(exponent);
  const grown = (low(first.top - first.bottom, mantissa) >> BigInt(mantissa - 1)) % 2n === 1n;
  return grown ? at(exponent + 1) : first;
}

/** The bounds that mantissas mean at an address. */
export function decoded(widths: Widths, { exponent, bottom, top }: Mantissas, address: bigint) {
  const { mantissa } = widths;
  const e = BigInt(exponent);
  const third = (n: bigint): bigint => n >> BigInt(mantissa - 3);
  const edge = low(third(bottom) - 1n, 3);
  const below = (n: bigint): bigint => (third(n) < edge ? 1n : 0n);
  const middle = below(low(address >> e, mantissa));
  const above = address >> (e + BigInt(mantissa));
  const place = (n: bigint): bigint => ((above + below(n) - middle) << (e + BigInt(mantissa))) + (n << e);
  const base = low(place(bottom), widths.address);
  let end = low(place(top), widths.address + 1);
  const half = BigInt(widths.address - 1);
  const apart = low((end >> half) - (base >> half), 2);
  if (exponent < largestExponent(widths) - 1 && apart > 1n) end ^= 1n << BigInt(widths.address);
  return { base, top: end };
}

/** The quick test of whether an address can be moved to without losing the bounds. */
export function quicklyMoved(widths: Widths, { exponent, bottom }: Mantissas, from: bigint, to: bigint): boolean {
  const { address, mantissa } = widths;
  if (exponent >= largestExponent(widths) - 2) return true;
  const e = BigInt(exponent);
  const by = BigInt.asIntN(address, to - from);
  const edge = low((bottom >> BigInt(mantissa - 3)) - 1n, 3) << BigInt(mantissa - 3);
  const at = low(from >> e, mantissa);
  const step = low(by >> e, mantissa);
  const distance = low(edge - at, mantissa);
  const high = by >> (e + BigInt(mantissa));
  if (high === 0n) return step < low(distance - 1n, mantissa);
  return high === -1n && step >= distance && edge !== at;
}
