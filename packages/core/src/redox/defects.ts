/**
 * Rules of the kernel that break its own promises (docs/redox/model.md has the list with its sources). A set of bits: a
 * bit that is set keeps the defect, as the kernel has it; a bit that is clear repairs it.
 */
export const DEFECTS = {
  /** B1: the parts of a split External grant all keep the source's first page. */
  externalSplit: 1 << 0,
  /** B2: contiguous memory is rounded up to a power of two, and the surplus lost. */
  contiguousSurplus: 1 << 1,
  /** B3: `mprotect` to writable leaves read-only entries as they are, execute bit included. */
  staleExec: 1 << 2,
  /** B4: moving a mapping makes entries writable whose frames must not be written. */
  movedWritable: 1 << 3,
  /** B5: a moved grant keeps its old flags. */
  movedFlags: 1 << 4,
  /** B6: a borrow that fails leaves the pins that it has set. */
  borrowPins: 1 << 5,
  /** B7: a scheme mapping that fails leaves the entries that it has made, without a grant. */
  schemeMapEntries: 1 << 6,
  /** B8: `munmap` that stops at a pinned grant does not tell the schemes of what it has removed. */
  lostNotifications: 1 << 7,
  /** B9: `munmap` on a scheme's behalf panics at a scheme mapping that is lent on. */
  unpinPanic: 1 << 8,
  /** B10: where the source's grant is gone, a page is mapped into two spaces with one reference. */
  goneSource: 1 << 9,
  /** B11: writing to a private mapping of a file waits for an answer that no scheme can give. */
  privateWrite: 1 << 10,
  /** B12: `fmap` loses the scheme space's queued frees and shootdowns. */
  lostFlusher: 1 << 11,
  /** B13: a space whose lock is held is locked again. */
  deadlock: 1 << 12,
  /** B14: External grants of a fork or a split are not counted as pins, but each unmap takes one away. */
  uncountedPins: 1 << 13,
  /** B15: keeping the old page of a move panics at a copy-on-write page that is mapped writable. */
  keepOldPanic: 1 << 14,
  /** B16: freeing the block of order 9 at physical 2 MiB looks at frame 0, which panics. */
  buddyZero: 1 << 15,
} as const;

/** The name of a defect. */
export type DefectName = keyof typeof DEFECTS;

/** The defects by the numbers of docs/redox/model.md: index 0 is B1. */
export const DEFECT_NAMES: readonly DefectName[] = Object.keys(DEFECTS) as DefectName[];

/** The kernel as recorded, with all its defects; and as it is meant, with none. */
export const REDOX_POLICIES = { asIs: (1 << 16) - 1, intended: 0 } as const;
