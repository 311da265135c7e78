import type { UserCapability } from './user-capability.ts';

/**
 * What a mapping shows: 0 is anonymous memory, other numbers are the caller's names of objects: negative ones of
 * System V segments, which shmdt looks for, positive ones of all others.
 */
export type ObjectId = number;

/** mmap. Protections are bits of `PROT`; lengths are bytes. */
export interface MmapCall {
  readonly call: 'mmap';
  readonly address: UserCapability;
  readonly length: number;
  readonly prot: number;
  /** PROT_MAX, where it is given. */
  readonly maxProt?: number;
  /** MAP_FIXED. */
  readonly fixed?: boolean;
  /** MAP_FIXED_NOREPLACE. */
  readonly noReplace?: boolean;
  readonly shared?: boolean;
  readonly growsDown?: boolean;
  /** PROT_CAP_INVOKE. */
  readonly capInvoke?: boolean;
  /** Default: anonymous memory. */
  readonly object?: ObjectId;
  /** Where a recorded kernel placed it: taken, if a search could have found it. */
  readonly placed?: number;
}

/** munmap, mlock, munlock, msync, mincore: a range. */
export interface RangeCall {
  readonly call: 'munmap' | 'mlock' | 'munlock' | 'msync' | 'mincore';
  readonly address: UserCapability;
  readonly length: number;
}

export interface MprotectCall {
  readonly call: 'mprotect';
  readonly address: UserCapability;
  readonly length: number;
  readonly prot: number;
  /** Bits that mprotect does not know, those of PROT_MAX among them. */
  readonly unknownBits?: boolean;
}

/** What advice does to the model: only fork is changed by it; `free` gives memory back. */
export type Advice = 'other' | 'free' | 'dontfork' | 'dofork' | 'unknown';

export interface MadviseCall {
  readonly call: 'madvise';
  readonly address: UserCapability;
  readonly length: number;
  readonly advice: Advice;
}

export interface MremapCall {
  readonly call: 'mremap';
  readonly address: UserCapability;
  readonly oldLength: number;
  readonly newLength: number;
  readonly mayMove?: boolean;
  readonly fixed?: boolean;
  readonly dontUnmap?: boolean;
  /** The new address; looked at even without MREMAP_FIXED. Default: null. */
  readonly to?: UserCapability;
  /** As of mmap. */
  readonly placed?: number;
}

export interface ShmatCall {
  readonly call: 'shmat';
  readonly address: UserCapability;
  /** Bytes of the segment. */
  readonly size: number;
  /** SHM_REMAP. */
  readonly remap?: boolean;
  /** SHM_RDONLY. */
  readonly readOnly?: boolean;
  readonly object: ObjectId;
  readonly placed?: number;
}

export interface ShmdtCall {
  readonly call: 'shmdt';
  readonly address: UserCapability;
}

export interface BrkCall {
  readonly call: 'brk';
}

/** The space becomes that of the child; ranges that are left out of it may be named besides those of madvise. */
export interface ForkCall {
  readonly call: 'fork';
  readonly dontFork?: readonly { readonly start: number; readonly end: number }[];
}

/** A new image: everything is gone. What it maps is the caller's to add. */
export interface ExecCall {
  readonly call: 'exec';
}

export type PcuabiCall =
  | MmapCall
  | RangeCall
  | MprotectCall
  | MadviseCall
  | MremapCall
  | ShmatCall
  | ShmdtCall
  | BrkCall
  | ForkCall
  | ExecCall;
