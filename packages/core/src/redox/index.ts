export { AddressSpace } from './address-space.ts';
export type { BorrowRequest } from './borrow.ts';
export { DEFECT_NAMES, type DefectName, DEFECTS, REDOX_POLICIES } from './defects.ts';
export type { RedoxSink, SchemeListener } from './effects.ts';
export { ERRNO, type ErrorName, errorName, type FaultOutcome, KernelPanic } from './errors.ts';
export { type FaultCircumstances, handlePageFault, type HandlerOutcome } from './fault-handler.ts';
export {
  GRANT_FLAGS,
  MAP,
  MEMORY_TYPES,
  type MemoryType,
  memoryTypeBits,
  MREMAP,
  protectionBits,
  PTE,
  PTE_FLAGS,
} from './flags.ts';
export { FrameAllocator, type FrameRange, MAX_ORDER, MAX_SECTION_FRAMES } from './frame-allocator.ts';
export {
  canExtract,
  canHaveFlags,
  extract,
  type FileRange,
  type Grant,
  grantFlags,
  isPinned,
  type Parts,
  type Provider,
} from './grant.ts';
export { Machine, type MachineOptions } from './machine.ts';
export { MappingCounts } from './mapping-counts.ts';
export { MEMORY_HANDLES, type MemoryHandle, openMemory } from './memory-scheme.ts';
export { performRedox, type RedoxOperation, type RedoxOutcome } from './operation.ts';
export {
  type AddRefOutcome,
  encodeReferences,
  PageInfos,
  REFERENCE_BITS,
  type References,
  type RefKind,
} from './page-info.ts';
export {
  intersection,
  intersects,
  PAGE_SIZE,
  type PageSpan,
  USER_END_PAGE,
  validate,
  validateNonempty,
} from './page-span.ts';
export { entryFlags, entryFrame } from './page-table.ts';
export { type RangeOrGap, type RangeSlot, RangeTree } from './range-tree.ts';
export { RedoxSemantics, type RedoxSnapshot } from './semantics.ts';
export { UserGrants } from './user-grants.ts';
