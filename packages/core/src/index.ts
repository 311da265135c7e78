export {
  alignmentMask,
  type Bounds,
  representableAlignment,
  representableLength,
  setAddress,
  type SetAddress,
  setBounds,
  type SetBounds,
} from './cheri/bounds.ts';
export { BOUNDS_FORMATS, type BoundsFormat, boundsFormat, type BoundsFormatName } from './cheri/format.ts';
export {
  type AddressRange,
  covers,
  reservationRange,
  type ReservationRange,
  type ReservationRecipe,
} from './cheri/reservation-recipes.ts';
export {
  PcuabiSpace,
  type PcuabiMapping,
  type PcuabiSnapshot,
  type PageAttributes,
  type Reservation,
} from './pcuabi/address-space.ts';
export { applyEdits } from './pcuabi/apply.ts';
export type * from './pcuabi/call.ts';
export { decide } from './pcuabi/decide.ts';
export type { Decision, Edit, NewReservation, PageContent, Span } from './pcuabi/decision.ts';
export type { PcuabiSink } from './pcuabi/effects.ts';
export { stackRange } from './pcuabi/lifecycle.ts';
export {
  ALL_PERMISSIONS,
  grantedPermissions,
  type GrantedFrom,
  neededPermissions,
  PERMISSION,
  permissionBit,
  type PermissionName,
  permissionNames,
  PROT,
} from './pcuabi/permissions.ts';
export { PCUABI, PCUABI_PROFILES, type PcuabiProfile, type PcuabiProfileName } from './pcuabi/profile.ts';
export { CHECK_ERRORS, ERROR_NUMBERS, type PcuabiCheck, type PcuabiError, type Refusal } from './pcuabi/refusal.ts';
export { PcuabiSemantics } from './pcuabi/semantics.ts';
export {
  drop,
  isNullDerived,
  narrow,
  nullDerived,
  offset,
  seal,
  untag,
  type UserCapability,
} from './pcuabi/user-capability.ts';
export {
  type Architecture,
  Family,
  type KernelConfig,
  type PageSize,
  type TableKind,
  VmRights,
  type Word,
  word,
} from './sel4/arch/descriptor.ts';
export { ARCH_NAMES, type ArchName, architecture } from './sel4/arch/index.ts';
export * from './sel4/capability.ts';
export { visitEntries } from './sel4/checkpoint.ts';
export { nextRevoked, performDelete } from './sel4/cnode.ts';
export { Columns, Flag, WHY_NAMES, Why } from './sel4/columns.ts';
export { type EffectSink, MAINTENANCE_NAMES, Maintenance } from './sel4/effects.ts';
export { type AssumptionsSnapshot, INVENTED_HI } from './sel4/assumptions.ts';
export { Follower, Meeting } from './sel4/follow.ts';
export { check, checkFrame, invoke, perform } from './sel4/invoke.ts';
export { EXTERNAL_ROOT, Kernel, type KernelOptions, type KernelSnapshot } from './sel4/kernel.ts';
export { holdsFrame, isStale, resolvedSlot } from './sel4/occupied.ts';
export * from './sel4/operation.ts';
export * from './sel4/outcome.ts';
export { checkMap } from './sel4/check-map.ts';
export { clearPage, performMap, performUnmap, writesInvalidEntry } from './sel4/page.ts';
export { encodeHi, encodeLo, ensureEntries, entryHolds, linkTable, unlinkTable, walk } from './sel4/page-table.ts';
export { checkMapTable, performMapTable } from './sel4/table.ts';
export { POLICIES, Policy, type PolicyName, type ResolvedSlot, type SlotRule } from './sel4/policy.ts';
export { Sel4Semantics } from './sel4/semantics.ts';
export * as freebsd from './freebsd/index.ts';
export * as redox from './redox/index.ts';
export * from './linux/index.ts';
export { RangeCursor } from './range-cursor.ts';
export { type PieceVisitor, RangeMap } from './range-map.ts';
export type { MappingRecord, Semantics } from './semantics.ts';
