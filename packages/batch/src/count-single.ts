import {
  ASID,
  CAP_WORDS,
  CapType,
  Code,
  CODE_MASK,
  type Columns,
  DELETE_FIRST,
  Family,
  invalidArgument,
  invalidCapability,
  type Kernel,
  MAPPED,
  missingCapability,
  NEXT,
  OBJECT,
  OK,
  Op,
  Policy,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
} from '@overmap/core';
import { type EffectCounts, Single } from './effect-counts.ts';

/**
 * Count the single invocation in row `i`: the entry, its kind, its lookups, and what its answer takes. Walks, entries
 * and maintenance are told to the counts as the kernel's sink.
 *
 * Call it between `check` and `perform`, while the kernel's `at*` fields and the capability are those of the check.
 *
 * @param policy - under which it was checked
 * @param outcome - what `check` has answered
 *
 * @example
 * ```ts
 * kernel.sink = counts;
 * const outcome = check(kernel, columns, i, policy);
 * countSingle(kernel, columns, i, policy, outcome, counts);
 * if (outcome === OK) perform(kernel, columns, i);
 * kernel.sink = null;
 * ```
 */
export function countSingle(
  k: Kernel,
  columns: Columns,
  i: number,
  policy: number,
  outcome: number,
  counts: EffectCounts,
): void {
  let kind = kindOf(k, columns, i);
  if (kind === Single.map && !hasWalked(k, columns, i, outcome)) kind = Single.refusedMap;
  counts.invoked(kind, CAPABILITIES[columns.op[i]] ?? 1);
  if ((outcome & CODE_MASK) === Code.FailedLookup) counts.failedLookups++;
  if (kind === Single.map && asksIfFree(k, columns.cap[i] * CAP_WORDS, policy, outcome)) counts.occupiedTests++;
}

/**
 * Whether a Page_Map has looked for its place. What is refused for another reason is refused before; but RISC-V looks
 * before it compares the address space and the address with those that the capability records.
 */
function hasWalked(k: Kernel, columns: Columns, i: number, outcome: number): boolean {
  if (outcome === OK || outcome === DELETE_FIRST || outcome === missingCapability(k.shift[k.atLevel], false))
    return true;
  const c = columns.cap[i] * CAP_WORDS;
  const v = columns.vspace[i] * CAP_WORDS;
  if (k.family !== Family.riscv || k.caps[c + ASID] === 0 || !k.isVspaceArgument(v)) return false;
  const asid = k.caps[v + ASID];
  if (k.rootOf(asid) !== k.caps[v + OBJECT]) return false;
  if (outcome === invalidCapability(1)) return true;
  const last = (columns.vaddrLo[i] | ((1 << k.sizeBits[(k.caps[c] >> SIZE_SHIFT) & SIZE_MASK]) - 1)) >>> 0;
  const hi = columns.vaddrHi[i] >>> 0;
  const inRange = hi === k.topHi >>> 0 ? last < k.topLo >>> 0 : hi < k.topHi >>> 0;
  return outcome === invalidArgument(0) && inRange;
}

/** Capabilities that an invocation names, where it is more than the invoked one. */
const CAPABILITIES: Readonly<Partial<Record<number, number>>> = {
  [Op.map]: 2,
  [Op.map_table]: 2,
  [Op.assign]: 2,
  [Op.copy]: 2,
  [Op.mint]: 2,
  [Op.move]: 2,
};

function kindOf(k: Kernel, columns: Columns, i: number): number {
  const c = columns.cap[i] * CAP_WORDS;
  const word = k.caps[c];
  const type = word & TYPE_MASK;
  switch (columns.op[i]) {
    case Op.map:
      return type === CapType.frame ? Single.map : Single.other;
    case Op.unmap:
      if (type !== CapType.frame) return Single.other;
      return k.caps[c + ASID] === 0 ? Single.unmapNothing : Single.unmap;
    case Op.map_table:
      return type === CapType.table ? Single.mapTable : Single.other;
    case Op.unmap_table:
      return type === CapType.table ? Single.unmapTable : Single.other;
    case Op.copy:
    case Op.mint:
      return Single.copy;
    case Op.move:
      return Single.move;
    case Op.delete:
      if (type === CapType.frame && k.caps[c + ASID] !== 0) return Single.deleteMapped;
      return type === CapType.table && (word & MAPPED) !== 0 && k.caps[c + NEXT] === c
        ? Single.deleteTable
        : Single.delete;
    default:
      return Single.other;
  }
}

/**
 * Whether a Page_Map that has walked has asked if its place is free, as far as a policy adds that question to the kernel as shipped.
 * RISC-V's own kernel always asks, so there it is part of the map.
 *
 * Pull request 1526 asks on aarch64 for capabilities that are not mapped, before it looks at the level (a FailedLookup
 * that a walk answers has asked); on x86 and aarch32 for every capability, behind the lookup and the test for a table.
 * `exact` and a user's rule ask for every capability where that test stands.
 */
function asksIfFree(k: Kernel, c: number, policy: number, outcome: number): boolean {
  if (policy !== Policy.strict && policy !== Policy.exact && policy !== Policy.custom) return false;
  switch (k.family) {
    case Family.riscv:
      return false;
    case Family.aarch64:
      if (policy === Policy.strict && k.caps[c + ASID] !== 0) return false;
      // Whatever has walked has asked.
      return true;
    default:
      if (outcome === OK) return true;
      // A table in the way, or on aarch32 a page of another size, is refused before.
      return outcome === DELETE_FIRST && k.links[k.at] === -((k.caps[c] >> SIZE_SHIFT) & SIZE_MASK) - 1;
  }
}
