import { checkAssign, checkMakePool, performAssign, performMakePool } from './asid.ts';
import { CAP_WORDS, EMPTY, FRAME, TYPE_MASK } from './capability.ts';
import { checkMap } from './check-map.ts';
import {
  checkInsert,
  checkRetype,
  makeObject,
  performCopy,
  performDelete,
  performMove,
  performRevoke,
  performSwap,
  RETYPE_FAN_OUT,
} from './cnode.ts';
import type { Columns } from './columns.ts';
import type { Kernel } from './kernel.ts';
import { OP_ADDRESS, OP_COPY, OP_DELETE, OP_MAP, OP_MINT, OP_RETYPE, OP_UNMAP, Op } from './operation.ts';
import { ILLEGAL_OPERATION, invalidCapability, OK } from './outcome.ts';
import { performMap, performUnmap } from './page.ts';
import { checkMapTable, checkUnmapTable, performMapTable, performUnmapTable } from './table.ts';

/**
 * Check the invocation in row `i` under a policy: pure. After `OK`, `perform` may follow, with no other check between.
 *
 * @param columns - the batch
 * @param i - the row
 * @param policy - one of `Policy`; only Page_Map depends on it
 * @returns the packed outcome, see outcome.ts. Marks, checkpoints and `other` answer `OK`
 */
export function check(k: Kernel, columns: Columns, i: number, policy: number): number {
  const slot = columns.cap[i];
  if (slot >= k.slotLimit) k.growSlots(slot);
  const c = slot * CAP_WORDS;
  const op = columns.op[i];
  if (op === OP_MAP)
    return checkMap(k, c, argument(k, columns.vspace[i]), columns.vaddrHi[i], columns.vaddrLo[i], policy);
  if (op === OP_UNMAP || op === OP_ADDRESS) return checkFrame(k, c);
  return checkOther(k, columns, i, c);
}

/** What is rarer stands apart: a branch first taken late would throw away the optimised code of the frequent ones. */
function checkOther(k: Kernel, columns: Columns, i: number, c: number): number {
  switch (columns.op[i]) {
    case OP_COPY:
    case OP_MINT:
      return checkInsert(k, argument(k, columns.src[i]), c, true);
    case Op.move:
      return checkInsert(k, argument(k, columns.src[i]), c, false);
    case OP_RETYPE:
      return checkRetype(k, columns.obj[i], columns.bits[i], columns.n[i], destinations(k, columns, i));
    case Op.map_table:
      return checkMapTable(k, c, argument(k, columns.vspace[i]), columns.vaddrHi[i], columns.vaddrLo[i]);
    case Op.unmap_table:
      return checkUnmapTable(k, c);
    case Op.assign:
      return checkAssign(k, argument(k, columns.src[i]), argument(k, columns.vspace[i]));
    case Op.make_pool:
      return checkMakePool(k, c);
    default:
      return OK;
  }
}

/**
 * Perform the invocation in row `i`, which `check` has just answered with `OK`.
 *
 * @throws RangeError when a retype names an object that the architecture does not have
 */
export function perform(k: Kernel, columns: Columns, i: number): void {
  const c = columns.cap[i] * CAP_WORDS;
  switch (columns.op[i]) {
    case OP_MAP: {
      const v = columns.vspace[i] * CAP_WORDS;
      performMap(k, c, v, columns.vaddrHi[i], columns.vaddrLo[i], columns.rights[i], columns.attr[i]);
      return;
    }
    case OP_UNMAP:
      performUnmap(k, c);
      return;
    case OP_DELETE:
      performDelete(k, c);
      return;
    case OP_COPY:
    case OP_MINT:
      performCopy(k, columns.src[i] * CAP_WORDS, c, columns.rights[i]);
      return;
    case OP_RETYPE:
      performRetype(k, columns, i);
      return;
    default:
      performOther(k, columns, i, c);
  }
}

function performOther(k: Kernel, columns: Columns, i: number, c: number): void {
  switch (columns.op[i]) {
    case Op.move:
      performMove(k, columns.src[i] * CAP_WORDS, c);
      return;
    case Op.swap:
      performSwap(k, c, argument(k, columns.src[i]));
      return;
    case Op.map_table:
      performMapTable(k, c, columns.vspace[i] * CAP_WORDS, columns.vaddrHi[i], columns.vaddrLo[i], columns.attr[i]);
      return;
    case Op.unmap_table:
      performUnmapTable(k, c);
      return;
    case Op.assign:
      performAssign(k, columns.src[i] * CAP_WORDS, columns.vspace[i] * CAP_WORDS);
      return;
    case Op.make_pool:
      performMakePool(k, c);
      return;
    case Op.revoke:
      performRevoke(k, c);
      return;
    default:
  }
}

/** Check, and perform if it is ok. Returns the outcome. */
export function invoke(k: Kernel, columns: Columns, i: number, policy: number): number {
  const outcome = check(k, columns, i, policy);
  if (outcome === OK) perform(k, columns, i);
  return outcome;
}

/** The offset of a slot, which exists after this. */
function argument(k: Kernel, slot: number): number {
  if (slot >= k.slotLimit) k.growSlots(slot);
  return slot * CAP_WORDS;
}

/** Check a Page_Unmap or Page_GetAddress of the capability at offset `c`: any frame will do. */
export function checkFrame(k: Kernel, c: number): number {
  const type = k.caps[c] & TYPE_MASK;
  if (type === FRAME) return OK;
  return type === EMPTY ? invalidCapability(0) : ILLEGAL_OPERATION;
}

const consecutive = new Int32Array(RETYPE_FAN_OUT);

/** The slots that a retype fills: consecutive unless the reader had to number them otherwise. */
function destinations(k: Kernel, columns: Columns, i: number): ArrayLike<number> {
  const n = Math.min(columns.n[i], RETYPE_FAN_OUT);
  const list = columns.slotLists.get(i);
  const slots = list ?? consecutive;
  let last = 0;
  for (let j = 0; j < n; j++) {
    if (list === undefined) consecutive[j] = columns.cap[i] + j;
    if (slots[j] > last) last = slots[j];
  }
  k.growSlots(last);
  return slots;
}

function performRetype(k: Kernel, columns: Columns, i: number): void {
  const slots = destinations(k, columns, i);
  let hi = columns.paddrHi[i];
  let lo = columns.paddrLo[i];
  for (let j = 0; j < columns.n[i]; j++) {
    const size = makeObject(k, columns.obj[i], columns.bits[i], slots[j] * CAP_WORDS, hi, lo);
    const next = (lo >>> 0) + size;
    lo = next | 0;
    if (next >= 2 ** 32) hi = (hi + 1) | 0;
  }
}
