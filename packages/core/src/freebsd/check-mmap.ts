import type { ErrorName } from './errors.ts';
import { PAGE_SIZE } from './page-entries.ts';
import { ALL_PROT, PROT } from './vm-entry.ts';

/** Flags of mmap, with FreeBSD's numbers. The alignment is in bits 24 to 31: 1 asks for large pages. */
export const MAP = {
  SHARED: 0x1,
  PRIVATE: 0x2,
  FIXED: 0x10,
  STACK: 0x400,
  NOSYNC: 0x800,
  ANON: 0x1000,
  GUARD: 0x2000,
  EXCL: 0x4000,
  NOCORE: 0x2_0000,
  PREFAULT_READ: 0x4_0000,
  LOW_32BIT: 0x8_0000,
} as const;

const ALIGNMENT_SHIFT = 24;
const ALIGNMENT = 0xff << ALIGNMENT_SHIFT;
const KNOWN = Object.values(MAP).reduce((all, flag) => all | flag, ALIGNMENT);
const MAX_SHIFT = 16;

/** A call of mmap. Addresses and lengths in bytes, below 2^53. */
export interface MmapCall {
  readonly address: number;
  readonly length: number;
  /** Protection; `PROT_MAX` in the upper sixteen bits, 0 for none. */
  readonly prot: number;
  readonly flags: number;
  /** The file's descriptor, from 0; null is -1. A file's own checks are not in the model: it allows everything. */
  readonly file: number | null;
  /** Offset in the file, in bytes; need not be aligned. */
  readonly position: number;
}

/** `PROT_MAX(prot)`: the most that mprotect may give later. */
export const protMax = (prot: number): number => prot << MAX_SHIFT;

/** The protections of a call: what is asked for, and the most that it may become. */
export function protections(prot: number): { prot: number; maxProt: number } {
  const most = (prot >> MAX_SHIFT) & ALL_PROT;
  return { prot: prot & ALL_PROT, maxProt: most === 0 ? ALL_PROT : most };
}

/** What mmap finds wrong before it looks at the map, in the kernel's order; null is nothing. @param end - of user memory */
export function checkMmap(call: MmapCall, end: number): ErrorName | null {
  const { address, length, prot, flags, file, position } = call;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const most = prot >> MAX_SHIFT;
  if ((prot & ~(ALL_PROT | protMax(ALL_PROT))) !== 0) return 'EINVAL';
  if (most !== 0 && (prot & ALL_PROT & ~most) !== 0) return 'EOPNOTSUPP';
  if (length === 0 || (has(MAP.ANON) && (file !== null || position !== 0))) return 'EINVAL';
  const readWrite = PROT.read | PROT.write;
  if (has(MAP.STACK) && (file !== null || (prot & readWrite) !== readWrite)) return 'EINVAL';
  if ((flags & ~KNOWN) !== 0) return 'EINVAL';
  if (has(MAP.EXCL) && !has(MAP.FIXED)) return 'EINVAL';
  if (has(MAP.SHARED) && has(MAP.PRIVATE)) return 'EINVAL';
  if (has(MAP.GUARD) && !isGuardCall(call)) return 'EINVAL';
  const within = position % PAGE_SIZE;
  const size = length + within;
  if (Math.ceil(size / PAGE_SIZE) * PAGE_SIZE > Number.MAX_SAFE_INTEGER) return 'ENOMEM';
  const alignment = (flags & ALIGNMENT) >>> ALIGNMENT_SHIFT;
  // 1 asks for large pages; a power of two from a page up to the word's size is an alignment.
  if (alignment > 1 && (alignment >= 64 || alignment < 12)) return 'EINVAL';
  if (has(MAP.FIXED)) {
    const start = address - within;
    if (start % PAGE_SIZE !== 0 || start < 0 || start + size > end) return 'EINVAL';
  }
  const needsFile = !has(MAP.ANON) && !has(MAP.GUARD) && !has(MAP.STACK);
  if (!needsFile) return null;
  if (file === null) return 'EBADF';
  return has(MAP.SHARED | MAP.PRIVATE) ? null : 'EINVAL';
}

function isGuardCall({ prot, flags, file, position }: MmapCall): boolean {
  const allowed = MAP.FIXED | MAP.GUARD | MAP.EXCL | MAP.LOW_32BIT | ALIGNMENT;
  return prot === 0 && file === null && position === 0 && (flags & ~allowed) === 0;
}
