/** Protection bits, as mmap takes them. */
export const PROT = { read: 1, write: 2, execute: 4 } as const;
export const ALL_PROT = PROT.read | PROT.write | PROT.execute;

export type Inheritance = 'share' | 'copy' | 'none' | 'zero';
/** What madvise leaves behind in an entry. */
export type Behaviour = 'normal' | 'sequential' | 'random';

/** An entry of a vm_map, without its bounds. Never changed: another one takes its place. */
export interface VmEntry {
  /** The object's number; null: none yet (anonymous memory that nobody has touched), and for guards. */
  readonly object: number | null;
  /** Where in the object the entry begins, in bytes. 0 without an object. */
  readonly offset: number;
  readonly prot: number;
  readonly maxProt: number;
  readonly inheritance: Inheritance;
  readonly guard: boolean;
  /** Copy on write; a copy is made at the next write fault. */
  readonly cow: boolean;
  readonly needsCopy: boolean;
  /** Wired by the user. */
  readonly wired: boolean;
  readonly noSync: boolean;
  readonly noCore: boolean;
  readonly behaviour: Behaviour;
}

/** Fresh anonymous memory. */
export const ANONYMOUS: VmEntry = {
  object: null,
  offset: 0,
  prot: PROT.read | PROT.write,
  maxProt: ALL_PROT,
  inheritance: 'copy',
  guard: false,
  cow: false,
  needsCopy: false,
  wired: false,
  noSync: false,
  noCore: false,
  behaviour: 'normal',
};

/** Whether two entries have the same flags; being wired is left out. */
export const sameFlags = (a: VmEntry, b: VmEntry): boolean =>
  a.guard === b.guard &&
  a.cow === b.cow &&
  a.needsCopy === b.needsCopy &&
  a.noSync === b.noSync &&
  a.noCore === b.noCore &&
  a.behaviour === b.behaviour;

/** Whether two entries allow the same. */
export const sameRights = (a: VmEntry, b: VmEntry): boolean =>
  a.prot === b.prot && a.maxProt === b.maxProt && a.inheritance === b.inheritance;

/** Whether an entry and the one behind it become one. Keys play no part. @param size - bytes of the first */
export const mergeable = (a: VmEntry, size: number, b: VmEntry): boolean =>
  a.object === b.object &&
  (a.object === null || a.offset + size === b.offset) &&
  a.wired === b.wired &&
  sameFlags(a, b) &&
  sameRights(a, b);
