import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Holes } from '../../src/redox/holes.ts';

interface Hole {
  readonly base: number;
  readonly count: number;
}

/** The same by lists that are sorted again for each question. */
class PlainHoles {
  holes: Hole[];

  constructor(holes: Hole[]) {
    this.holes = holes;
  }

  list(): Hole[] {
    return this.holes.toSorted((a, b) => a.base - b.base);
  }

  find(min: number, count: number): number {
    const fits = this.holes
      .toSorted((a, b) => a.count - b.count || a.base - b.base)
      .find((hole) => hole.count >= count && Math.max(hole.base, min) + count <= hole.base + hole.count);
    return fits === undefined ? -1 : Math.max(fits.base, min);
  }

  reserve({ base, count }: Hole): void {
    const around = this.holes.find((hole) => hole.base <= base && base < hole.base + hole.count);
    if (around === undefined) return;
    const end = around.base + around.count;
    this.holes = this.holes.filter((hole) => hole !== around);
    if (around.base < base) this.holes.push({ base: around.base, count: base - around.base });
    if (end > base + count) this.holes.push({ base: base + count, count: end - base - count });
  }

  release({ base, count }: Hole): void {
    const touching = this.holes.filter((hole) => hole.base === base + count || hole.base + hole.count === base);
    const start = Math.min(base, ...touching.map((hole) => hole.base));
    const end = Math.max(base + count, ...touching.map((hole) => hole.base + hole.count));
    this.holes = this.holes.filter((hole) => !touching.includes(hole));
    this.holes.push({ base: start, count: end - start });
  }
}

describe('holes', () => {
  it('are those of plain lists, whatever is taken and given back', () => {
    const step = fc.record({
      at: fc.nat(40),
      count: fc.integer({ min: 1, max: 6 }),
      min: fc.nat(45),
      copy: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let holes = new Holes({ base: 0, count: 48 });
        const plain = new PlainHoles([{ base: 0, count: 48 }]);
        const taken: Hole[] = [];
        for (const { at, count, min, copy } of steps) {
          const span = { base: at, count };
          const other = taken.findIndex((one) => one.base < at + count && at < one.base + one.count);
          if (copy) {
            // What is done to the one that was copied is no matter of the copy.
            const before = holes;
            holes = holes.clone();
            before.reserve({ base: 0, count: 1 });
          }
          if (other < 0) {
            holes.reserve(span);
            plain.reserve(span);
            taken.push(span);
          } else {
            const [gone] = taken.splice(other, 1);
            holes.release(gone);
            plain.release(gone);
          }
          expect(holes.list()).toEqual(plain.list());
          expect(holes.find(min, count)).toBe(plain.find(min, count));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('take the smallest that fits, of equal ones the lowest, from a least page on', () => {
    const holes = new Holes({ base: 0, count: 100 });
    for (const base of [10, 14, 20, 24]) holes.reserve({ base, count: 1 });
    // 0-10, 11-14, 15-20, 21-24, 25-100
    expect(holes.find(0, 3)).toBe(11);
    expect(holes.find(12, 3)).toBe(21);
    expect(holes.find(16, 4)).toBe(16);
    expect(holes.find(0, 6)).toBe(0);
    expect(holes.find(0, 76)).toBe(-1);
  });
});
