/**
 * What one seL4 architecture is, as data. The engine copies these numbers into its fields when it is made, so that
 * every architecture runs through the same monomorphic code; the functions below are called then and never again.
 */

// Single constants, since the build makes literals of those and not of an object's properties.
export const X86 = 0;
export const AARCH64 = 1;
export const AARCH32 = 2;
const RISCV = 3;

/** Which order of checks the architecture's decode functions have. */
export const Family = { x86: X86, aarch64: AARCH64, aarch32: AARCH32, riscv: RISCV } as const;

/** Effective rights of a capability or mapping: the three that maskVMRights can answer. */
export const VmRights = { kernelOnly: 0, readOnly: 1, readWrite: 2 } as const;

/** A 64-bit word as two unsigned 32-bit halves. */
export interface Word {
  readonly hi: number;
  readonly lo: number;
}

/** One level of the page table, from the root (index 0) to the leaves. */
export interface Level {
  /** log2 of the bytes that one entry of this level covers. */
  readonly shift: number;
  /** log2 of the number of entries in a table of this level. */
  readonly indexBits: number;
}

/** One page size. */
export interface PageSize {
  /** log2 of the size in bytes. */
  readonly bits: number;
  /** The level in which its entries lie. */
  readonly level: number;
  /** Entries that one page fills: 1, or 16 for the large pages and supersections of aarch32. */
  readonly entries: number;
  /** Address bits of an entry of this size, as they stand in the entry. */
  readonly addressMask: Word;
  /**
   * The entry without its address.
   *
   * @param rights - one of `VmRights`
   * @param attr - the low three bits of the attribute word
   */
  readonly leaf: (rights: number, attr: number) => Word;
}

/** A kind of table object that can be retyped and mapped. */
export interface TableKind {
  /** The trace's name for the object. */
  readonly obj: 'table' | 'pd' | 'pdpt';
  /** The level whose entry points to it; -1 where one object serves every level. */
  readonly parentLevel: number;
  /** log2 of the object's size in bytes. */
  readonly objectBits: number;
  /** log2 of its number of entries. */
  readonly indexBits: number;
}

/** An architecture as the engine needs it. */
export interface Architecture {
  /** Name in traces' `arch`. */
  readonly name: 'ia32' | 'x86_64' | 'aarch32' | 'aarch64' | 'riscv32' | 'riscv64';
  /** Name of the variant, for messages: "aarch64 hyp, 44-bit PA". */
  readonly variant: string;
  /** One of `Family`. */
  readonly family: number;
  readonly wordBits: 32 | 64;
  readonly levels: readonly Level[];
  readonly sizes: readonly PageSize[];
  readonly tables: readonly TableKind[];
  /** log2 of the top-level object's size in bytes. */
  readonly vspaceBits: number;
  /** The limit of user addresses; each family's checks say whether it is inclusive. */
  readonly userTop: Word;
  /** log2 of the number of ASIDs in a pool, and of the number of pools. */
  readonly asidLowBits: number;
  readonly asidHighBits: number;
  /** The physical address is shifted right by this many bits where it stands in an entry (RISC-V 2, others 0). */
  readonly addressShift: 0 | 2;
  /** Whether the 16 entries of a large page carry increasing addresses (LPAE) instead of the same one. */
  readonly contiguousIncrements: boolean;
  /** An entry that points to a table, without its address. */
  readonly table: (attr: number) => Word;
  /** Index in the root at which the kernel's own entries begin (they answer DeleteFirst); -1 = never reached. */
  readonly kernelFirstIndex: number;
}

/** What a build of the kernel sets, as trace headers carry it in `config`. */
export interface KernelConfig {
  /** Arm hypervisor build. */
  readonly hyp?: boolean;
  /** Physical address bits of an aarch64 hypervisor build: 40 or 44. */
  readonly paBits?: number;
  /** RISC-V page-table levels. */
  readonly ptLevels?: number;
  /** End of the user range where a platform differs from the default. */
  readonly userTop?: Word;
  /** x86_64: the CPU has 1 GiB pages. */
  readonly hugePage?: boolean;
  /** Several cores: shareability bits in entries, remote TLB maintenance. */
  readonly smp?: boolean;
  /** x86_64: process-context identifiers are used (maintenance only). */
  readonly pcid?: boolean;
}

/** A word of two halves; both are made unsigned. */
export const word = (hi: number, lo: number): Word => ({ hi: hi >>> 0, lo: lo >>> 0 });
