import { ASID, CapType, MAPPED, OBJECT, ringAlone, TYPE_MASK, VADDR_HI, VADDR_LO } from './capability.ts';
import { Family } from './arch/descriptor.ts';
import type { Kernel } from './kernel.ts';
import { maintainAsidDelete } from './maintenance.ts';
import { DELETE_FIRST, ILLEGAL_OPERATION, INVALID_ROOT, invalidCapability, OK } from './outcome.ts';

/**
 * Check ASIDControl_MakePool: no free index of the ASID table, then an occupied destination, answer DeleteFirst.
 *
 * @param c - offset of the destination; 0 = the recorder could not see it
 */
export function checkMakePool(k: Kernel, c: number): number {
  if (freePoolIndex(k) < 0) return DELETE_FIRST;
  return (k.caps[c] & TYPE_MASK) !== CapType.empty ? DELETE_FIRST : OK;
}

/** Make a pool at the lowest free index. Its capability can never revoke. */
export function performMakePool(k: Kernel, c: number): void {
  k.caps[c] = CapType.pool;
  k.caps[c + OBJECT] = k.newPool(freePoolIndex(k));
  ringAlone(k, c);
}

function freePoolIndex(k: Kernel): number {
  return k.asidTable.indexOf(0);
}

/**
 * Check ASIDPool_Assign. RISC-V takes any table that is not mapped.
 *
 * Source: decodeRISCVMMUInvocation (933), decodeARMMMUInvocation (arm/64 1808, arm/32 2517), decodeX86MMUInvocation
 * (1254).
 *
 * @param p - offset of the pool capability
 * @param v - offset of the vspace capability
 */
export function checkAssign(k: Kernel, p: number, v: number): number {
  const caps = k.caps;
  const type = caps[p] & TYPE_MASK;
  if (type !== CapType.pool) return type === CapType.empty ? invalidCapability(0) : ILLEGAL_OPERATION;
  const w = caps[v];
  const takes = k.family === Family.riscv ? CapType.table : CapType.vspace;
  if ((w & TYPE_MASK) !== takes || (w & MAPPED) !== 0) return invalidCapability(1);
  const pool = caps[p + OBJECT];
  const current = k.asidTable[k.poolIndex[pool]];
  if (current === 0) return INVALID_ROOT;
  if (current !== pool) return invalidCapability(0);
  return freeAsid(k, pool) < 0 ? DELETE_FIRST : OK;
}

/** Assign the lowest free ASID of the pool and record it in the vspace capability. */
export function performAssign(k: Kernel, p: number, v: number): void {
  const caps = k.caps;
  const pool = caps[p + OBJECT];
  const asid = freeAsid(k, pool);
  k.asidRoots[asid] = caps[v + OBJECT];
  caps[v] = caps[v] | MAPPED;
  caps[v + ASID] = asid;
  caps[v + VADDR_LO] = 0;
  caps[v + VADDR_HI] = 0;
  k.atAsid = asid;
}

/** The lowest ASID of a pool that is free; ASID 0 is never given out. -1: the pool is full. */
function freeAsid(k: Kernel, pool: number): number {
  const first = k.poolIndex[pool] * k.poolEntries;
  const asid = k.asidRoots.indexOf(0, first === 0 ? 1 : first);
  return asid >= 0 && asid < first + k.poolEntries ? asid : -1;
}

/**
 * deleteASID: the last capability to an assigned vspace goes. Its ASID is freed only if it is still its own. What was
 * mapped below stays in frames' and tables' capabilities.
 *
 * @param v - offset of an assigned vspace capability
 */
export function deleteAsid(k: Kernel, v: number): boolean {
  const asid = k.caps[v + ASID];
  if (k.rootOf(asid) !== k.caps[v + OBJECT]) return false;
  k.asidRoots[asid] = 0;
  maintainAsidDelete(k);
  return true;
}

/**
 * deleteASIDPool: the last capability to a pool goes. Every ASID of it is released; the vspaces keep their mark of
 * being assigned, and their page tables stay as they are.
 *
 * @param p - offset of the pool capability
 */
export function deletePool(k: Kernel, p: number): void {
  const pool = k.caps[p + OBJECT];
  const index = k.poolIndex[pool];
  if (k.asidTable[index] !== pool) return;
  k.asidTable[index] = 0;
  const first = index * k.poolEntries;
  for (let asid = first; asid < first + k.poolEntries; asid++) if (k.asidRoots[asid] !== 0) maintainAsidDelete(k);
  k.asidRoots.fill(0, first, first + k.poolEntries);
}
