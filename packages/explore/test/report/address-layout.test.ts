import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressLayout } from '../../src/browser/report/address-layout.ts';
import type { PageMapping } from '../../src/page-format/report-data.ts';

const page = (vaddr: number, bits: number, frame = '0x1000'): PageMapping => ({
  vaddr: `0x${vaddr.toString(16)}`,
  bits,
  frame,
  event: 1,
});

describe('addressLayout', () => {
  it('draws pages of one size to scale, and tells what stays', () => {
    const [one, two] = [page(0x1000, 12), page(0x2000, 12)];
    const other = page(0x2000, 12, '0x9000');
    const { before, after, toScale, ticks } = addressLayout([one, two], [one, other], 200);
    expect(before.map(({ x, width, stays }) => [x, width, stays])).toEqual([
      [0, 100, true],
      [100, 100, false],
    ]);
    expect(after.map(({ stays }) => stays)).toEqual([true, false]);
    expect(toScale).toBe(true);
    expect(ticks.map(({ address }) => address)).toEqual([0x1000n, 0x2000n, 0x3000n]);
  });

  it('keeps small pages visible beside large ones', () => {
    const { before, toScale } = addressLayout([page(0, 24), page(1 << 24, 12)], [], 700);
    expect(before[1]?.width).toBeGreaterThan(80);
    expect(before[0]?.width).toBeGreaterThan(before[1]?.width ?? 0);
    expect(toScale).toBe(false);
  });

  it('never leaves the axis, whatever is mapped', () => {
    const pages = fc.array(
      fc
        .record({ at: fc.nat({ max: 64 }), bits: fc.constantFrom(12, 13, 16, 21) })
        .map(({ at, bits }) => page(at * 4096, bits)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pages, pages, (before, after) => {
        const layout = addressLayout(before, after, 600);
        for (const { x, width } of [...layout.before, ...layout.after]) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(width).toBeGreaterThan(0);
          expect(x + width).toBeLessThanOrEqual(600.001);
        }
        const xs = layout.ticks.map(({ x }) => x);
        expect(xs).toEqual(xs.toSorted((a, b) => a - b));
      }),
    );
  });
});
