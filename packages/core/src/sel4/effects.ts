/**
 * What an invocation really changed, told to one sink by numeric calls. A sink is optional; without one the engine
 * takes one predictable branch.
 */

/** Kinds of TLB and cache maintenance, and of other work that a price table may name. */
export const Maintenance = {
  /** RISC-V: a full `sfence.vma` on this hart. */
  sfence: 0,
  /** RISC-V SMP: a remote fence to all harts by SBI. */
  remoteFence: 1,
  /** Arm: one page-table entry cleaned to the point of unification. */
  cleanEntry: 2,
  /** Arm: TLB invalidation of one address of one ASID (hyp: IPA and VMID). */
  tlbiPage: 3,
  /** Arm: TLB invalidation of a whole ASID (hyp: VMID). */
  tlbiAsid: 4,
  /** aarch32: a temporary switch to the target vspace, there and back. */
  vspaceSwitch: 5,
  /** x86: `invlpg` (or INVPCID) of one page. */
  invlpg: 6,
  /** x86: `invlpg` of address 0, which drops the paging-structure caches. */
  structureCacheFlush: 7,
  /** x86_64 with PCID: one write of CR3. */
  cr3Write: 8,
  /** x86: flush of a whole ASID. */
  flushAsid: 9,
  /** SMP: an inter-processor interrupt to other cores for TLB maintenance. */
  shootdown: 10,
  /** A table's memory zeroed; counted in bytes. */
  zeroedBytes: 11,
  /** A table's memory cleaned from the cache; counted in bytes. */
  cleanedBytes: 12,
} as const;
/** Names of {@link Maintenance} by value. */
export const MAINTENANCE_NAMES = Object.keys(Maintenance) as (keyof typeof Maintenance)[];

/**
 * The receiver of effects. Words are signed 32-bit halves. A link is 0 for an empty entry, positive for a pointer to
 * the table of that handle, negative for a page: `-(size index + 1)`.
 */
export interface EffectSink {
  /**
   * An entry was written.
   *
   * @param at - position in the entry arena, stable while the table lives
   * @param table - handle of the table
   * @param index - index in that table
   * @param cap - the invoked capability's slot (dense)
   */
  entryWritten(
    at: number,
    table: number,
    index: number,
    oldLo: number,
    oldHi: number,
    oldLink: number,
    newLo: number,
    newHi: number,
    newLink: number,
    cap: number,
  ): void;
  /**
   * A table's entries became empty all at once: unmapped, or its memory freed.
   *
   * @param at - position of its first entry in the arena
   * @param entries - how many entries it has
   */
  tableCleared(table: number, at: number, entries: number): void;
  /** A walk from a root read entries of this many levels. */
  walked(levels: number): void;
  /** Maintenance of a kind happened `count` times (or bytes). */
  maintained(kind: number, count: number): void;
}
