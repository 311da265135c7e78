import { alignmentMask, representableAlignment, representableLength } from './bounds.ts';
import type { BoundsFormat } from './format.ts';

/** A range of addresses. */
export interface AddressRange {
  readonly start: bigint;
  readonly length: bigint;
}

/** How three kernels turn a range of pages into the range of its reservation. */
export type ReservationRecipe = 'orig' | 'alliance' | 'fixpoint';

/** A reservation's range, and how often the fixpoint went round; 0 for the others. */
export interface ReservationRange extends AddressRange {
  readonly rounds: number;
}

/**
 * The range that a kernel reserves for the pages [start, start + length).
 *
 * - `orig`, the first Morello form: base and length rounded each for itself; the tail may fall outside.
 * - `alliance`: the base is aligned for a length padded by the alignment; covers, seldom more than needed.
 * - `fixpoint`: repeated until base and length are stable; the same as set-bounds of the pages.
 */
export function reservationRange(
  format: BoundsFormat,
  recipe: ReservationRecipe,
  range: AddressRange,
): ReservationRange {
  const { start, length } = range;
  if (recipe === 'orig')
    return { start: start & alignmentMask(format, length), length: representableLength(format, length), rounds: 0 };
  if (recipe === 'alliance') {
    const padded = length + representableAlignment(format, length) - 1n;
    const base = start & alignmentMask(format, padded);
    return { start: base, length: representableLength(format, length + start - base), rounds: 0 };
  }
  let base = start;
  let reserved = representableLength(format, length);
  let rounds = 0;
  while ((base & alignmentMask(format, reserved)) !== base) {
    base = start & alignmentMask(format, reserved);
    reserved = representableLength(format, start + length - base);
    rounds++;
  }
  return { start: base, length: reserved, rounds };
}

/** Whether the outer range holds all of the inner one. */
export const covers = (outer: AddressRange, inner: AddressRange): boolean =>
  outer.start <= inner.start && outer.start + outer.length >= inner.start + inner.length;
