import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveApart } from '../src/svg-labels.ts';

describe('moveApart', () => {
  it.each<[string, readonly (readonly [at: number, size: number])[], readonly number[]]>([
    [
      'leaves alone what is apart',
      [
        [10, 10],
        [50, 10],
      ],
      [10, 50],
    ],
    [
      'moves two from their middle',
      [
        [50, 10],
        [50, 10],
      ],
      [45, 55],
    ],
    [
      'keeps their order',
      [
        [52, 10],
        [50, 20],
      ],
      [58.5, 43.5],
    ],
    [
      'keeps them inside',
      [
        [0, 10],
        [2, 10],
        [99, 10],
      ],
      [5, 15, 95],
    ],
    ['takes none', [], []],
  ])('%s', (_, labels, middles) => {
    const found = moveApart(
      labels.map(([at, size]) => ({ at, size })),
      0,
      100,
    );
    expect(found).toEqual(middles);
  });

  it('never overlaps, never leaves, and moves none that need not move', () => {
    const label = fc.record({
      at: fc.double({ min: -50, max: 150, noNaN: true }),
      size: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 5 }), (labels) => {
        const found = moveApart(labels, 0, 100);
        const boxes = found
          .map((at, n) => ({ from: at - (labels[n]?.size ?? 0) / 2, to: at + (labels[n]?.size ?? 0) / 2 }))
          .toSorted((a, b) => a.from - b.from);
        boxes.forEach(({ from, to }, n) => {
          expect(from).toBeGreaterThanOrEqual(-1e-9);
          expect(to).toBeLessThanOrEqual(100 + 1e-9);
          expect(from).toBeGreaterThanOrEqual((boxes[n - 1]?.to ?? 0) - 1e-9);
        });
        const again = moveApart(
          labels.map(({ size }, n) => ({ at: found[n] ?? 0, size })),
          0,
          100,
        );
        again.forEach((at, n) => expect(at).toBeCloseTo(found[n] ?? 0, 6));
      }),
    );
  });
});
