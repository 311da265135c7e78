import { KernelPanic } from './errors.ts';

/** What a reference is taken for: private memory that is copied when written, or memory that several see. */
export type RefKind = 'Cow' | 'Shared';
/** What taking a reference answers. */
export type AddRefOutcome = 'Ok' | 'CowToShared' | 'SharedToCow' | 'RcOverflow';

/** Who refers to a frame, as its word says. */
export type References =
  | { readonly kind: 'none' }
  | { readonly kind: 'one' }
  | { readonly kind: RefKind; readonly count: bigint };

/** Bits of a frame's word. */
export const REFERENCE_BITS = {
  used: 1n << 63n,
  shared: 1n << 62n,
  count: (1n << 62n) - 1n,
  /** A count of this and more takes no further reference. */
  most: 1n << 61n,
} as const;

const highHalf = (word: bigint): number => Number(word >> 32n);
const USED = highHalf(REFERENCE_BITS.used);
const SHARED = highHalf(REFERENCE_BITS.shared);
const COUNT_HI = highHalf(REFERENCE_BITS.count);
const MAX_HI = highHalf(REFERENCE_BITS.most);

/** The word that says so; null for a frame without references. */
export function encodeReferences(references: References): bigint | null {
  switch (references.kind) {
    case 'none':
      return null;
    case 'one':
      return REFERENCE_BITS.used | 1n;
    case 'Cow':
      return REFERENCE_BITS.used | references.count;
    case 'Shared':
      return REFERENCE_BITS.used | REFERENCE_BITS.shared | references.count;
  }
}

/**
 * One word for each frame, that tells whether it is used and by how many. 64 bits, kept as two halves:
 *
 * ```text
 *  63     62       61                                   0
 * +------+--------+--------------------------------------+
 * | used | shared | count                                |
 * +------+--------+--------------------------------------+
 * ```
 *
 * Used with a count of 1 is one reference, and `shared` says nothing then; from 2 on, `shared` tells Shared from Cow.
 * A frame that is free, or has a count of 0, has no references (spec: the kernel's `PageInfo`).
 */
export class PageInfos {
  private readonly hi: Uint32Array;
  private readonly lo: Uint32Array;

  constructor(frames: number) {
    this.hi = new Uint32Array(frames);
    this.lo = new Uint32Array(frames);
  }

  /** Take over all words of others, as many as these. */
  copyFrom({ hi, lo }: PageInfos): void {
    this.hi.set(hi);
    this.lo.set(lo);
  }

  word(i: number): bigint {
    return (BigInt(this.hi[i]) << 32n) | BigInt(this.lo[i]);
  }

  setWord(i: number, word: bigint): void {
    this.hi[i] = Number(word >> 32n);
    this.lo[i] = Number(word & 0xffff_ffffn);
  }

  /** One reference, and used. */
  setOne(i: number): void {
    this.hi[i] = USED;
    this.lo[i] = 1;
  }

  /** Two shared references, and used. */
  setSharedTwo(i: number): void {
    this.hi[i] = (USED | SHARED) >>> 0;
    this.lo[i] = 2;
  }

  setFree(i: number): void {
    this.hi[i] = 0;
    this.lo[i] = 0;
  }

  isUsed(i: number): boolean {
    return this.hi[i] >= USED;
  }

  hasNone(i: number): boolean {
    return this.hi[i] < USED || (this.lo[i] === 0 && (this.hi[i] & COUNT_HI) === 0);
  }

  isOne(i: number): boolean {
    return this.lo[i] === 1 && this.hi[i] >= USED && (this.hi[i] & COUNT_HI) === 0;
  }

  isShared(i: number): boolean {
    return !this.hasNone(i) && !this.isOne(i) && (this.hi[i] & SHARED) !== 0;
  }

  isCow(i: number): boolean {
    return !this.hasNone(i) && !this.isOne(i) && (this.hi[i] & SHARED) === 0;
  }

  /** The count, exact up to 2^53. */
  count(i: number): number {
    return this.hasNone(i) ? 0 : (this.hi[i] & COUNT_HI) * 2 ** 32 + this.lo[i];
  }

  references(i: number): References {
    if (this.hasNone(i)) return { kind: 'none' };
    if (this.isOne(i)) return { kind: 'one' };
    const count = (BigInt(this.hi[i] & COUNT_HI) << 32n) | BigInt(this.lo[i]);
    return { kind: this.isShared(i) ? 'Shared' : 'Cow', count };
  }

  /** Whether a page may be mapped writable: no other user's private memory depends on it. @throws KernelPanic when free */
  allowsWritable(i: number): boolean {
    if (this.hasNone(i)) throw new KernelPanic('asked whether a free frame may be written');
    return !this.isCow(i);
  }

  /** Take a reference. Nothing is changed unless the answer is Ok. @throws KernelPanic when the frame is free */
  addRef(i: number, kind: RefKind): AddRefOutcome {
    if (this.hasNone(i)) throw new KernelPanic('a reference to a free frame was taken');
    if (this.isOne(i)) {
      this.hi[i] = (kind === 'Shared' ? USED | SHARED : USED) >>> 0;
      this.lo[i] = 2;
      return 'Ok';
    }
    const shared = (this.hi[i] & SHARED) !== 0;
    if (kind === 'Shared' && !shared) return 'CowToShared';
    if (kind === 'Cow' && shared) return 'SharedToCow';
    if ((this.hi[i] & COUNT_HI) >= MAX_HI) return 'RcOverflow';
    if (this.lo[i] === 0xffff_ffff) this.hi[i]++;
    this.lo[i]++;
    return 'Ok';
  }

  /**
   * Give a reference back; the kind stays, even where it says nothing.
   *
   * @returns false: it was the last one, and the frame is the caller's to free
   * @throws KernelPanic when there was none
   */
  removeRef(i: number): boolean {
    if (this.hasNone(i)) throw new KernelPanic('a reference that nobody had was given back');
    if (this.isOne(i)) {
      this.hi[i] = USED;
      this.lo[i] = 0;
      return false;
    }
    if (this.lo[i] === 0) this.hi[i]--;
    this.lo[i]--;
    return true;
  }
}
