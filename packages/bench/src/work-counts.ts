import { type EffectCounts, Single } from '@overmap/batch';
import { Maintenance } from '@overmap/core';
import { WORK, type Work, type WorkCounts } from './work.ts';

/**
 * What was counted, as the parameters of a price table.
 *
 * | work | is |
 * |---|---|
 * | `entry`, `call` | each invocation, single or batched |
 * | `map` | each Page_Map of a frame that has walked, however answered |
 * | `earlyRefusal` | each Page_Map of a frame that was refused before its walk |
 * | `occupied` | each Page_Map that has asked if its place is free, where the policy adds the question; never on RISC-V |
 * | `lookupFault` | each FailedLookup that was answered |
 * | `unmap` | each Page_Unmap or CNode_Delete of a capability that records a mapping |
 * | `tableMap` | each PageTable_Map, and each table that a batch was supplied with |
 * | `tableUnmap` | each PageTable_Unmap, mapped or not, and each deletion of the last capability to a mapped table |
 * | `copy`, `move`, `delete` | each of these |
 * | `batch` | each batched invocation |
 * | `element` | each of its operations that was looked at |
 * | `elementLookup` | each of a list, and each table that a batch was supplied with; a window's CNode is part of `call` |
 * | `elementWrite` | each entry of a page that a batch wrote, or wrote back |
 * | `walkLevel` | each level read, a batch's shared walks once |
 * | `zeroedByte` | bytes zeroed; Arm's cleaning of the same bytes is part of it |
 * | the others | maintenance of that name, done by single invocations or by batches |
 *
 * What a batch asks about occupied places is part of `element`; entries that single invocations write, of `map`,
 * `unmap`, `tableMap` and `tableUnmap`. A retype, an assignment, a revocation and Page_GetAddress have no work of their
 * own besides `entry` and `call`.
 *
 * @param counts - what single invocations (see `countSingle`) and batches did
 */
export function workOf(counts: EffectCounts): WorkCounts {
  const singles = (...kinds: number[]): number => kinds.reduce((sum, kind) => sum + counts.singles[kind], 0);
  const maintenance = (kind: number): number => counts.maintenance[kind];
  const work: Readonly<Record<Work, number>> = {
    entry: counts.kernelEntries,
    call: counts.kernelEntries,
    map: singles(Single.map),
    earlyRefusal: singles(Single.refusedMap),
    occupied: counts.occupiedTests,
    lookupFault: counts.failedLookups,
    unmap: singles(Single.unmap, Single.deleteMapped),
    tableMap: singles(Single.mapTable) + counts.tables,
    tableUnmap: singles(Single.unmapTable, Single.deleteTable),
    copy: singles(Single.copy),
    move: singles(Single.move),
    delete: singles(Single.delete, Single.deleteMapped, Single.deleteTable),
    batch: counts.batches,
    element: counts.elements,
    elementLookup: counts.elementLookups,
    elementWrite: counts.elementWrites + counts.undoWrites,
    walkLevel: counts.walkLevels,
    zeroedByte: maintenance(Maintenance.zeroedBytes),
    sfence: maintenance(Maintenance.sfence),
    remoteFence: maintenance(Maintenance.remoteFence),
    cleanEntry: maintenance(Maintenance.cleanEntry),
    tlbiPage: maintenance(Maintenance.tlbiPage),
    tlbiAsid: maintenance(Maintenance.tlbiAsid),
    vspaceSwitch: maintenance(Maintenance.vspaceSwitch),
    invlpg: maintenance(Maintenance.invlpg),
    structureCacheFlush: maintenance(Maintenance.structureCacheFlush),
    cr3Write: maintenance(Maintenance.cr3Write),
    flushAsid: maintenance(Maintenance.flushAsid),
    shootdown: maintenance(Maintenance.shootdown),
  };
  return Object.fromEntries(WORK.filter((name) => work[name] > 0).map((name) => [name, work[name]]));
}

/** Work and so many times other work. */
export function addWork(work: WorkCounts, other: WorkCounts, times = 1): WorkCounts {
  const sum = (name: Work): number => (work[name] ?? 0) + (other[name] ?? 0) * times;
  return Object.fromEntries(WORK.filter((name) => sum(name) > 0).map((name) => [name, sum(name)]));
}
