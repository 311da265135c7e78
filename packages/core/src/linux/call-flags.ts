/** Protection bits of mmap and mprotect (`asm-generic/mman-common.h`). */
export const Prot = {
  READ: 1,
  WRITE: 2,
  EXEC: 4,
  /** Taken by mprotect, and without effect on x86. */
  SEM: 8,
  GROWSDOWN: 0x0100_0000,
  GROWSUP: 0x0200_0000,
} as const;

/** Flags of mmap on x86 (`asm-generic/mman-common.h`, `linux/mman.h`, `asm/mman.h`). */
export const MapFlag = {
  SHARED: 1,
  PRIVATE: 2,
  SHARED_VALIDATE: 3,
  /** The bits that hold the type of a mapping: one of the three above. */
  TYPE: 0x0f,
  FIXED: 0x10,
  ANONYMOUS: 0x20,
  GROWSDOWN: 0x0100,
  NORESERVE: 0x4000,
  STACK: 0x0002_0000,
  SYNC: 0x0008_0000,
  FIXED_NOREPLACE: 0x0010_0000,
  /**
   * What existed before SHARED_VALIDATE: 32BIT, ABOVE4G, DENYWRITE, EXECUTABLE, LOCKED, POPULATE, NONBLOCK, HUGETLB,
   * UNINITIALIZED, and the sizes of huge pages besides those named here (`LEGACY_MAP_MASK` in `linux/mman.h`).
   */
  LEGACY: 0x7c07_f9f3 | 0x0400_0000,
} as const;

/** Flags of mremap (`linux/mman.h`). */
export const RemapFlag = { MAYMOVE: 1, FIXED: 2, DONTUNMAP: 4, ALL: 7 } as const;
