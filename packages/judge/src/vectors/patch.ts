import {
  ASID,
  CAP_WORDS,
  CapType,
  EXTERNAL_ROOT,
  type Kernel,
  OBJECT,
  type Columns,
  MAPPED,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
  SIZE_FIELD,
} from '@overmap/core';

/** A change of a state, or of the numbers of an architecture, that can be undone. */
export class Patch {
  private readonly undoing: (() => void)[] = [];

  /** Set an element of an array. */
  set(array: Int32Array | Uint8Array, index: number, value: number): this {
    const before = array[index];
    this.undoing.push(() => {
      array[index] = before;
    });
    array[index] = value;
    return this;
  }

  /** Set one of a kernel's numbers. */
  limit(k: Kernel, hi: number, lo: number): this {
    // Read-only for those that run a kernel; here a kernel is made that is wrong.
    const numbers = k as { topHi: number; topLo: number };
    const { topHi, topLo } = numbers;
    this.undoing.push(() => {
      numbers.topHi = topHi;
      numbers.topLo = topLo;
    });
    numbers.topHi = hi;
    numbers.topLo = lo;
    return this;
  }

  /** Undo everything, the last change first. */
  undo(): void {
    for (let undo = this.undoing.pop(); undo !== undefined; undo = this.undoing.pop()) undo();
  }
}

/** The Page_Map in a row: what its checks look at. */
export interface MapRow {
  readonly k: Kernel;
  readonly columns: Columns;
  readonly row: number;
  /** Offsets of the two capabilities. */
  readonly c: number;
  readonly v: number;
  readonly isFrame: boolean;
  /** Where the frame's numbers begin in the kernel's `sizes`. */
  readonly size: number;
}

export function mapRow(k: Kernel, columns: Columns, row: number): MapRow {
  const c = columns.cap[row] * CAP_WORDS;
  const v = columns.vspace[row] * CAP_WORDS;
  return { k, columns, row, c, v, isFrame: (k.caps[c] & TYPE_MASK) === CapType.frame, size: k.caps[c] & SIZE_FIELD };
}

/** An ASID that no vector gets to. */
const SPARE_ASID = 9;

/**
 * Make what one check looks at as the check wants it, so that the others are what answers. Each of these is also a
 * kernel that has forgotten that check.
 */
export const REPAIRS = {
  /** The vspace argument: any capability passes. */
  vspace({ k, v }: MapRow, patch: Patch): void {
    if ((k.caps[v] & (TYPE_MASK | MAPPED)) === k.vspaceWord) return;
    const isRoot = (k.caps[v] & TYPE_MASK) === (k.vspaceWord & TYPE_MASK);
    patch.set(k.asidRoots, SPARE_ASID, isRoot ? k.caps[v + OBJECT] : EXTERNAL_ROOT);
    if (!isRoot) patch.set(k.caps, v + OBJECT, EXTERNAL_ROOT);
    patch.set(k.caps, v, (k.caps[v] & ~TYPE_MASK) | k.vspaceWord).set(k.caps, v + ASID, SPARE_ASID);
  },
  /** The vspace's ASID leads to its root. */
  root({ k, v }: MapRow, patch: Patch): void {
    patch.set(k.asidRoots, k.caps[v + ASID], k.caps[v + OBJECT]);
  },
  /** What the capability records is of this ASID. */
  recordedAsid({ k, c, v }: MapRow, patch: Patch): void {
    if (k.caps[c + ASID] !== 0) patch.set(k.caps, c + ASID, k.caps[v + ASID]);
  },
  /** What the capability records is this address. */
  recordedAddress({ k, columns, row, c }: MapRow, patch: Patch): void {
    if (k.caps[c + ASID] === 0) return;
    patch.set(k.caps, c + VADDR_LO, columns.vaddrLo[row]).set(k.caps, c + VADDR_HI, columns.vaddrHi[row]);
  },
  /** The address is a multiple of the page's size. */
  alignment({ k, columns, row, size }: MapRow, patch: Patch): void {
    patch.set(columns.vaddrLo, row, columns.vaddrLo[row] & ~k.sizes[size]);
  },
  /** The page lies in the user range. */
  limit({ k }: MapRow, patch: Patch): void {
    patch.limit(k, -1, -1);
  },
} as const;
/** What can be repaired. */
export type RepairName = keyof typeof REPAIRS;
export const REPAIR_NAMES = Object.keys(REPAIRS) as RepairName[];
