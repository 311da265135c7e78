/*
 * Permissions of a user capability, as bits of this model (no format's own positions), and how a protection becomes
 * permissions.
 */

/** The permissions' names and bits. VMem is software-defined: the right to change what is mapped. */
export const PERMISSION = {
  Global: 1,
  VMem: 2,
  Load: 4,
  LoadCap: 8,
  MutableLoad: 16,
  Store: 32,
  StoreCap: 64,
  StoreLocalCap: 128,
  Execute: 256,
  Executive: 512,
  SystemRegs: 1024,
  BranchSealedPair: 2048,
} as const;

export type PermissionName = keyof typeof PERMISSION;

const NAMES = Object.keys(PERMISSION) as PermissionName[];

/** The names of a set of permissions, in alphabetic order. */
export function permissionNames(permissions: number): PermissionName[] {
  return NAMES.filter((name) => (permissions & PERMISSION[name]) !== 0).sort();
}

/** The bit of a permission's name, or undefined. */
export function permissionBit(name: string): number | undefined {
  return Object.hasOwn(PERMISSION, name) ? PERMISSION[name as PermissionName] : undefined;
}

/** Bits of a protection. */
export const PROT = { read: 1, write: 2, execute: 4 } as const;

const { Global, VMem, Load, LoadCap, MutableLoad, Store, StoreCap, StoreLocalCap } = PERMISSION;
const { Execute, Executive, SystemRegs, BranchSealedPair } = PERMISSION;

/** Every permission that a mapping can give: what the earliest form gave to each. */
export const ALL_PERMISSIONS = Object.values(PERMISSION).reduce((all, bit) => all | bit, 0);

/** What of a mapping decides the permissions of its reservation. */
export interface GrantedFrom {
  /** Bits of `PROT`. */
  readonly prot: number;
  /** PROT_MAX, bits of `PROT`; undefined where it is not given. */
  readonly maxProt: number | undefined;
  /** PROT_CAP_INVOKE; it cannot be said in PROT_MAX, and is lost where that is given. */
  readonly capInvoke: boolean;
  /** The mapping may hold capabilities. */
  readonly holdsCapabilities: boolean;
  /** The caller's program counter has Executive and SystemRegs (Morello). */
  readonly executive: boolean;
}

/** The permissions of a new reservation: from PROT_MAX where given, else from PROT. lib/user_ptr.c, asm/user_ptr.h. */
export function grantedPermissions(from: GrantedFrom): number {
  const used = from.maxProt ?? from.prot;
  let granted = Global | VMem;
  if ((used & PROT.read) !== 0) granted |= Load | (from.holdsCapabilities ? LoadCap | MutableLoad : 0);
  if ((used & PROT.write) !== 0) granted |= Store | (from.holdsCapabilities ? StoreCap | StoreLocalCap : 0);
  if ((used & PROT.execute) !== 0) granted |= Execute | (from.executive ? Executive | SystemRegs : 0);
  if (from.capInvoke && from.maxProt === undefined) granted |= BranchSealedPair;
  return granted;
}

/** The permissions that a protection cannot do without: what mprotect asks of the capability passed. */
export function neededPermissions(prot: number): number {
  return (
    ((prot & PROT.read) !== 0 ? Load : 0) |
    ((prot & PROT.write) !== 0 ? Store : 0) |
    ((prot & PROT.execute) !== 0 ? Execute : 0)
  );
}
