export {
  type Attribute,
  type AttributeKind,
  type AttributeRange,
  AttributeRanges,
  BTI,
  PKRU,
} from './attribute-ranges.ts';
export { MAP, type MmapCall, protMax } from './check-mmap.ts';
export type { FreeBsdSink } from './effects.ts';
export type { Advice } from './entry-calls.ts';
export { ERRNO, type ErrorName } from './errors.ts';
export { keyAt, keyOf } from './lifecycle.ts';
export { Machine, type MachineOptions } from './machine.ts';
export { type FreeBsdOperation, type FreeBsdOutcome, performFreeBsd } from './operation.ts';
export { PAGE_SIZE, PTE } from './page-entries.ts';
export { type AttributeChange, KEY_FLAGS, MAX_USER, pagesOf, Pmap, type PmapOptions } from './pmap.ts';
export { KEY_POLICIES, type KeyPolicy, type KeyPolicyName, type RemovalReason } from './policy.ts';
export type { Process } from './process.ts';
export { FreeBsdSemantics, type FreeBsdSnapshot } from './semantics.ts';
export { type Behaviour, type Inheritance, PROT, type VmEntry } from './vm-entry.ts';
export type { PlacedEntry, VmMap } from './vm-map.ts';
