import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alignmentMask,
  representableAlignment,
  representableLength,
  setAddress,
  setBounds,
} from '../../src/cheri/bounds.ts';
import { BOUNDS_FORMATS, boundsFormat } from '../../src/cheri/format.ts';
import { plainAlignment, plainBounds, plainLength, plainRepresentable } from '../../src/cheri/plain-bounds.ts';
import { covers, reservationRange } from '../../src/cheri/reservation-recipes.ts';

const formats = Object.values(BOUNDS_FORMATS);
const { morello128: morello, 'riscv128-isav9': riscv, 'riscv64-isav9': small } = BOUNDS_FORMATS;

/** A format, and a request that ends within its address space. */
const request = fc.constantFrom(...formats).chain((format) => {
  const bits = format.boundsAddressBits === 56 ? 47 : format.addressBits;
  return fc
    .tuple(fc.bigInt(0n, (1n << BigInt(bits)) - 1n), fc.integer({ min: 0, max: bits }), fc.bigInt(0n, 1n << 64n))
    .map(([base, size, any]) => {
      const length = any % ((1n << BigInt(size)) + 1n);
      const room = (1n << BigInt(bits)) - base;
      return { format, base, length: length > room ? room : length };
    });
});

describe('representable lengths', () => {
  it('are all of them up to the mantissa, and page lengths far beyond', () => {
    for (const [format, first, rounded] of [
      [morello, 0x4001n, 0x4008n],
      [riscv, 0x1001n, 0x1008n],
      [small, 0x41n, 0x48n],
    ] as const) {
      expect(representableLength(format, first - 1n)).toBe(first - 1n);
      expect(representableLength(format, first)).toBe(rounded);
    }
    expect(representableAlignment(morello, 0x1000000n)).toBe(0x2000n);
    expect(representableAlignment(morello, 0xfff000n)).toBe(0x1000n);
    expect(representableAlignment(riscv, 0x400000n)).toBe(0x2000n);
    expect(representableLength(morello, 0x1001000n)).toBe(0x1002000n);
    expect(representableLength(riscv, 0x401000n)).toBe(0x402000n);
    expect(representableAlignment(morello, 1n << 27n)).toBe(0x10000n);
    expect(representableLength(morello, 0x40001000n)).toBe(0x40080000n);
    expect(representableAlignment(morello, 1n << 40n)).toBe(0x20000000n);
  });

  it('show as a register holds them: the whole address space is 0', () => {
    expect(representableLength(riscv, (1n << 64n) - 1n)).toBe(0n);
    expect(alignmentMask(riscv, (1n << 64n) - 1n)).toBe(0xff80000000000000n);
    expect(alignmentMask(small, 0xffffffffn)).toBe(0xe0000000n);
  });
});

describe('setting bounds', () => {
  it('rounds outwards, never by more than the alignment, and is exact where base and length are aligned', () => {
    fc.assert(
      fc.property(request, ({ format, base, length }) => {
        const made = setBounds(format, base, length);
        expect(made.tag).toBe(true);
        expect(made.base <= base && made.top >= base + length).toBe(true);
        const align = representableAlignment(format, length);
        expect(base - made.base < 2n * align && made.top - base - length < 2n * align).toBe(true);
        const fits = base % align === 0n && length % align === 0n;
        expect(made.exact || !fits).toBe(true);
        expect(made.exact).toBe(made.base === base && made.top === base + length);
        // What it gives can be had exactly.
        expect(setBounds(format, made.base, made.top - made.base)).toMatchObject({ exact: true, base: made.base });
      }),
      { numRuns: 2000 },
    );
  });

  it('loses the tag outside of the parent, and on Morello where the top byte is not a copy of bit 55', () => {
    const parent = { base: 0x1000n, top: 0x3000n };
    expect(setBounds(morello, 0x1000n, 0x2000n, parent).tag).toBe(true);
    expect(setBounds(morello, 0x1000n, 0x2001n, parent).tag).toBe(false);
    expect(setBounds(morello, 0xfffn, 1n, parent).tag).toBe(false);
    expect(setBounds(morello, 0xff80000000000000n, 0x1000n)).toMatchObject({ tag: true, base: 0xff80000000000000n });
    expect(setBounds(morello, 0x4500000000001000n, 0x1000n)).toMatchObject({ tag: false, base: 0x1000n });
    expect(setBounds(riscv, 0x4500000000001000n, 0x1000n)).toMatchObject({ tag: true, base: 0x4500000000001000n });
  });
});

describe('setting an address', () => {
  it('keeps the bounds within them, and far away loses them', () => {
    fc.assert(
      fc.property(request, fc.bigInt(0n, 1n << 47n), ({ format, base, length }, by) => {
        const made = setBounds(format, base, length);
        // The first address, where the bounds are empty.
        const inside = made.base + (length === 0n ? 0n : by % (made.top - made.base));
        expect(setAddress(format, { base, length }, inside)).toMatchObject({ representable: true, quick: true });
      }),
      { numRuns: 2000 },
    );
    const far = setAddress(morello, { base: 0x100000000n, length: 0x1000n }, 0x200000000n);
    expect(far).toMatchObject({ representable: false, quick: false });
  });

  it('is refused by the quick test only at the edge of the region, and never allowed wrongly', () => {
    fc.assert(
      fc.property(request, fc.bigInt(0n, 1n << 47n), ({ format, base, length }, to) => {
        const made = setAddress(format, { base, length }, BigInt.asUintN(format.addressBits, to));
        expect(made.representable || !made.quick).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('plain numbers', () => {
  it('give what the exact form gives', () => {
    const below = fc.double({ min: 0, max: 2 ** 48, noNaN: true }).map(Math.floor);
    const short = fc.tuple(below, fc.integer({ min: 0, max: 48 })).map(([n, bits]) => Math.floor(n / 2 ** bits));
    fc.assert(
      fc.property(fc.constantFrom(morello, riscv), below, short, below, (format, start, length, address) => {
        const wide = setBounds(format, BigInt(start), BigInt(length));
        expect(BigInt(plainAlignment(format, length))).toBe(representableAlignment(format, BigInt(length)));
        expect(BigInt(plainLength(format, length))).toBe(representableLength(format, BigInt(length)));
        const plain = plainBounds(format, start, length);
        expect([BigInt(plain.base), BigInt(plain.top)]).toEqual([wide.base, wide.top]);
        const near = Math.max(0, Math.min(2 ** 48, start + (address % (64 * (length + 8))) - 32 * (length + 8)));
        for (const to of [address, near])
          expect(plainRepresentable(format, plain, to)).toBe(
            setAddress(format, { base: BigInt(start), length: BigInt(length) }, BigInt(to)).representable,
          );
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the range of a reservation', () => {
  it('by the fixpoint is what set-bounds gives; the first form may leave the tail out', () => {
    const pages = fc.tuple(fc.bigInt(0n, 1n << 35n), fc.bigInt(1n, 1n << 20n));
    fc.assert(
      fc.property(fc.constantFrom(morello, riscv), pages, (format, [page, count]) => {
        const range = { start: page * 4096n, length: count * 4096n };
        const { base, top } = setBounds(format, range.start, range.length);
        expect(reservationRange(format, 'fixpoint', range)).toMatchObject({ start: base, length: top - base });
        expect(covers(reservationRange(format, 'alliance', range), range)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    const range = { start: 0x100001000n, length: 0x1002000n };
    expect(reservationRange(morello, 'orig', range)).toMatchObject({ start: 0x100000000n, length: 0x1002000n });
    expect(covers(reservationRange(morello, 'orig', range), range)).toBe(false);
  });
});

it('knows formats by name, and no property of objects for one', () => {
  expect(boundsFormat('morello128')).toBe(morello);
  expect(boundsFormat('toString')).toBeUndefined();
});
