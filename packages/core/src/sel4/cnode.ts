import { Family, VmRights } from './arch/descriptor.ts';
import { deleteAsid, deletePool } from './asid.ts';
import {
  ASID,
  CAP_WORDS,
  CapType,
  MAPPED,
  NEXT,
  OBJECT,
  OBJECT_HI,
  ORIGIN,
  RIGHTS_MASK,
  RIGHTS_OF,
  RIGHTS_SHIFT,
  ringAlone,
  ringJoin,
  ringLeave,
  ringMove,
  SIZE_SHIFT,
  TYPE_MASK,
  UNSURE,
  VADDR_HI,
  VADDR_LO,
} from './capability.ts';
import type { Kernel } from './kernel.ts';
import { Obj } from './operation.ts';
import { DELETE_FIRST, ILLEGAL_OPERATION, invalidArgument, missingCapability, OK, rangeError } from './outcome.ts';
import { clearPage } from './page.ts';
import { releaseTable } from './page-table.ts';
import { unlinkMapped } from './table.ts';

/** Objects that one Untyped_Retype makes at most (CONFIG_RETYPE_FAN_OUT_LIMIT). */
export const RETYPE_FAN_OUT = 256;

/** Whether the architecture has such an object. */
function hasObject(k: Kernel, obj: number, bits: number): boolean {
  if (obj === Obj.page) return k.sizeBits.includes(bits);
  if (obj === Obj.vspace || (obj === Obj.pd && k.wordBits === 32)) return true;
  return k.arch.tables.some((t) => Obj[t.obj] === obj);
}

/**
 * Check Untyped_Retype: the number of objects, then the destination slots. Untypeds themselves are outside the trace,
 * so NotEnoughMemory is never answered. An object that the architecture does not have is InvalidArgument 0.
 *
 * @param slots - the destinations, dense
 */
export function checkRetype(k: Kernel, obj: number, bits: number, n: number, slots: ArrayLike<number>): number {
  if (!hasObject(k, obj, bits)) return invalidArgument(0);
  if (n < 1 || n > RETYPE_FAN_OUT) return rangeError(1, RETYPE_FAN_OUT);
  for (let i = 0; i < n; i++) if ((k.caps[slots[i] * CAP_WORDS] & TYPE_MASK) !== CapType.empty) return DELETE_FIRST;
  return OK;
}

/**
 * Make one object.
 *
 * @param obj - one of `Obj`
 * @param bits - log2 of a page's size
 * @param c - offset of the empty destination
 * @returns the object's size in bytes
 * @throws RangeError when the architecture has no such object
 */
export function makeObject(k: Kernel, obj: number, bits: number, c: number, paddrHi: number, paddrLo: number): number {
  const caps = k.caps;
  if (obj === Obj.page) {
    const size = k.sizeBits.indexOf(bits);
    if (size < 0) throw new RangeError(`${k.arch.variant} has no pages of 2^${bits} bytes`);
    caps[c] = CapType.frame | (size << SIZE_SHIFT) | (VmRights.readWrite << RIGHTS_SHIFT) | ORIGIN;
    caps[c + OBJECT] = paddrLo;
    caps[c + OBJECT_HI] = paddrHi;
    ringAlone(k, c);
    return 1 << bits;
  }
  const isRoot = obj === Obj.vspace || (obj === Obj.pd && k.wordBits === 32);
  const kind = isRoot ? undefined : k.arch.tables.find((t) => Obj[t.obj] === obj);
  if (!isRoot && kind === undefined) throw new RangeError(`${k.arch.variant} has no object of kind ${obj}`);
  const entries = kind === undefined ? k.indexMask[0] + 1 : 2 ** kind.indexBits;
  const level = kind === undefined || kind.parentLevel < 0 ? 0 : kind.parentLevel;
  const type = isRoot && k.family !== Family.riscv ? CapType.vspace : CapType.table;
  caps[c] = type | (level << SIZE_SHIFT) | ORIGIN;
  caps[c + OBJECT] = k.newTable(entries, paddrHi, paddrLo);
  ringAlone(k, c);
  return 2 ** (kind === undefined ? k.arch.vspaceBits : kind.objectBits);
}

/**
 * Check CNode_Copy, Mint or Move: an occupied destination before an empty source; then whether it can be derived.
 * A table that is not mapped and a vspace that is not assigned cannot be (Arch_deriveCap).
 *
 * @param derives - copy or mint; a move takes every capability
 */
export function checkInsert(k: Kernel, from: number, to: number, derives: boolean): number {
  const caps = k.caps;
  if ((caps[to] & TYPE_MASK) !== CapType.empty) return DELETE_FIRST;
  const w = caps[from];
  const type = w & TYPE_MASK;
  if (type === CapType.empty) return missingCapability(k.wordBits, true);
  if (derives && (type === CapType.table || type === CapType.vspace) && (w & MAPPED) === 0) return ILLEGAL_OPERATION;
  return OK;
}

/**
 * Derive a capability: a frame's copy is unmapped, with its rights reduced to the letters; a table's or vspace's copy
 * has the same mapping; a pool's is the same.
 */
export function performCopy(k: Kernel, from: number, to: number, letters: number): void {
  const caps = k.caps;
  caps.copyWithin(to, from, from + CAP_WORDS);
  let w = caps[to] & ~ORIGIN;
  if ((w & TYPE_MASK) === CapType.frame) {
    const held = (w >> RIGHTS_SHIFT) & RIGHTS_MASK;
    w = (w & ~((RIGHTS_MASK << RIGHTS_SHIFT) | UNSURE)) | (RIGHTS_OF[held * 16 + letters] << RIGHTS_SHIFT);
    caps[to + ASID] = 0;
    caps[to + VADDR_LO] = 0;
    caps[to + VADDR_HI] = 0;
  }
  caps[to] = w;
  ringJoin(k, to, from);
}

/** Move a capability with everything that it records. */
export function performMove(k: Kernel, from: number, to: number): void {
  if (from !== to) ringMove(k, from, to);
}

/** Swap two slots; either may be empty. Slot 0 is the scratch place that no trace can name. */
export function performSwap(k: Kernel, a: number, b: number): void {
  const caps = k.caps;
  const empty = (c: number): boolean => (caps[c] & TYPE_MASK) === CapType.empty;
  if (a === b) return;
  if (empty(a)) {
    if (!empty(b)) ringMove(k, b, a);
  } else if (empty(b)) ringMove(k, a, b);
  else {
    ringMove(k, a, 0);
    ringMove(k, b, a);
    ringMove(k, 0, b);
  }
}

/**
 * CNode_Delete: finalise the capability and empty its slot. Always ok. A frame's mapping is per capability and goes
 * with it; a table or vspace acts only with its last capability. Sets `cleared` (-1 where nothing was to be cleared).
 *
 * Source: Arch_finaliseCap of each architecture (objecttype.c).
 */
export function performDelete(k: Kernel, c: number): void {
  const caps = k.caps;
  const w = caps[c];
  const final = caps[c + NEXT] === c;
  k.cleared = -1;
  switch (w & TYPE_MASK) {
    case CapType.empty:
      return;
    case CapType.frame:
      if (caps[c + ASID] !== 0) clearPage(k, c);
      break;
    case CapType.table:
      if (final) {
        const table = caps[c + OBJECT];
        if ((w & MAPPED) !== 0 && !(k.family === Family.riscv && deleteAsid(k, c))) unlinkMapped(k, c);
        ringLeave(k, c);
        releaseTable(k, table);
        return;
      }
      break;
    case CapType.vspace:
      if (final) {
        const table = caps[c + OBJECT];
        if ((w & MAPPED) !== 0) deleteAsid(k, c);
        ringLeave(k, c);
        releaseTable(k, table);
        return;
      }
      break;
    default:
      if (final) {
        const pool = caps[c + OBJECT];
        deletePool(k, c);
        k.freePools.push(pool);
      }
  }
  ringLeave(k, c);
}

/**
 * The next capability that a revoke deletes: the one that Retype made revokes all others of its object, any other none.
 *
 * @param c - offset of the revoked capability
 * @returns its offset; -1 when none is left
 */
export function nextRevoked(k: Kernel, c: number): number {
  if ((k.caps[c] & ORIGIN) === 0 || (k.caps[c] & TYPE_MASK) === CapType.empty) return -1;
  const next = k.caps[c + NEXT];
  return next === c ? -1 : next;
}

/** CNode_Revoke: delete one capability after the other. Always ok. */
export function performRevoke(k: Kernel, c: number): void {
  for (let next = nextRevoked(k, c); next >= 0; next = nextRevoked(k, c)) performDelete(k, next);
}
