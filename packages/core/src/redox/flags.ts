/** Bits of the flags that `mmap`, `mremap` and `mprotect` take. Reading is always allowed where a page is present. */
export const MAP = {
  shared: 1,
  private: 2,
  fixed: 4,
  /** Contains the bit of `fixed`, and is tested first. The other bit alone means nothing. */
  fixedNoReplace: 0xc,
  /** Has no effect. */
  lazy: 0x10,
  exec: 0x1_0000,
  write: 0x2_0000,
  read: 0x4_0000,
} as const;

/** Bits of `mremap`'s own flags. */
export const MREMAP = { fixed: 1, fixedReplace: 3, keepOld: 4 } as const;

/** Bits of a page-table entry and of a grant's flags. Present implies readable. */
export const PTE = {
  write: 1,
  exec: 2,
  /** Not cached: `uc` and `dev`. */
  uncached: 4,
  writeCombining: 8,
} as const;

/** How many values a set of {@link PTE} bits has. */
export const PTE_FLAGS = 16;

/** Types of memory that may be asked for, by the number that a handle of the memory scheme holds. */
export const MEMORY_TYPES = ['wb', 'uc', 'wc', 'dev'] as const;
export type MemoryType = (typeof MEMORY_TYPES)[number];

/** The entry bits of a memory type. */
export const memoryTypeBits = (type: MemoryType): number =>
  type === 'wb' ? 0 : type === 'wc' ? PTE.writeCombining : PTE.uncached;

/** The entry bits of a protection that was asked for. */
export const protectionBits = (mapFlags: number): number =>
  ((mapFlags & MAP.write) === 0 ? 0 : PTE.write) | ((mapFlags & MAP.exec) === 0 ? 0 : PTE.exec);

export const isNoReplace = (mapFlags: number): boolean => (mapFlags & MAP.fixedNoReplace) === MAP.fixedNoReplace;

export const isFixed = (mapFlags: number): boolean => (mapFlags & MAP.fixed) !== 0;

/** Bits of what reading an address space's handle shows of a grant. */
export const GRANT_FLAGS = {
  READ: 1,
  WRITE: 2,
  EXEC: 4,
  SHARED: 8,
  /** Never set. */
  LAZY: 0x10,
  SCHEME: 0x20,
  PHYS: 0x40,
  PINNED: 0x80,
  PHYS_CONTIGUOUS: 0x100,
} as const;
