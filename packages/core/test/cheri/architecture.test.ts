import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOUNDS_FORMATS, setAddress, setBounds } from '../../src/index.ts';
import { decoded, encoded, quicklyMoved, type Widths } from './architecture.ts';

/** Numbers below 2^bits near powers of two, near the end of the address space, long and short. */
function numbers(bits: number): fc.Arbitrary<bigint> {
  const end = 1n << BigInt(bits);
  const any = fc.bigInt({ min: 0n, max: end - 1n });
  const power = fc.integer({ min: 0, max: bits }).map((n) => 1n << BigInt(n));
  const shift = fc.integer({ min: 0, max: bits }).map(BigInt);
  return fc
    .oneof(
      any,
      fc.tuple(power, fc.constantFrom(-1n, 0n, 1n, 4096n, -4096n)).map(([n, by]) => n + by),
      fc.tuple(any, shift).map(([n, by]) => n >> by),
      fc.tuple(any, shift).map(([n, by]) => (n >> by) << by),
      fc.tuple(any, shift).map(([n, by]) => end - 1n - (n >> by)),
      power.map((n) => end - n),
    )
    .map((n) => BigInt.asUintN(bits, n));
}

// Morello's top byte is no part of this: recordings have it.
const FORMATS = [BOUNDS_FORMATS['riscv128-isav9'], BOUNDS_FORMATS['riscv128-rvy'], BOUNDS_FORMATS['riscv64-isav9']];

describe.each(FORMATS)('$name, held against the architecture', (format) => {
  const widths: Widths = { address: format.addressBits, mantissa: format.mantissaBits };
  const end = 1n << BigInt(format.addressBits);
  const number = numbers(format.addressBits);
  /** A base, and a length that stays in the address space, often up to its last byte. */
  const request = fc.tuple(number, number, fc.boolean()).map(([base, length, whole]) => {
    const most = end - base;
    return { base, length: whole || length > most ? most : length };
  });

  it('bounds are those that mantissas decode to, up to the end of the address space', () => {
    fc.assert(
      fc.property(request, ({ base, length }) => {
        const mantissas = encoded(widths, base, length);
        const { exact, exponent, tag, ...bounds } = setBounds(format, base, length);
        expect({ ...bounds, exact, exponent }).toEqual({
          ...decoded(widths, mantissas, base),
          exact: mantissas.exact,
          exponent: mantissas.exponent,
        });
        expect(tag).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('so are those at another address, and the quick test', () => {
    fc.assert(
      fc.property(request, number, (made, to) => {
        const mantissas = encoded(widths, made.base, made.length);
        const { base, top, quick, representable } = setAddress(format, made, to);
        expect({ base, top }).toEqual(decoded(widths, mantissas, to));
        expect(quick).toBe(quicklyMoved(widths, mantissas, made.base, to));
        // The quick test may refuse, but never lets bounds change.
        expect(quick && !representable).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('a request beyond the address space loses the tag', () => {
    fc.assert(
      fc.property(number, number, (base, length) => {
        expect(setBounds(format, base, length).tag).toBe(base + length <= end);
      }),
    );
  });
});
