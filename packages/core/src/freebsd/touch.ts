import type { Machine } from './machine.ts';
import { PAGE_SIZE, PTE } from './page-entries.ts';
import type { Process } from './process.ts';
import { PROT, type VmEntry } from './vm-entry.ts';
import type { PlacedEntry } from './vm-map.ts';

/**
 * A program reads or writes each page of [start, end): those that may be are faulted in, with the key of their range.
 * The process runs for that, so it is in memory.
 *
 * @returns how many pages may not be accessed: a signal each
 */
export function touch(machine: Machine, process: Process, start: number, end: number, write: boolean): number {
  process.inMemory = true;
  let refused = (end - start) / PAGE_SIZE;
  for (const placed of process.map.touching(start, end)) {
    const needed = write ? PROT.write : PROT.read;
    if ((placed.entry.prot & needed) === 0) continue;
    const from = Math.max(start, placed.start);
    const to = Math.min(end, placed.end);
    fault(machine, process, placed, from, to, write);
    refused -= (to - from) / PAGE_SIZE;
  }
  return refused;
}

/** Fault the pages of [start, end) in, all of one entry that allows it. */
export function fault(
  machine: Machine,
  process: Process,
  placed: PlacedEntry,
  start: number,
  end: number,
  write: boolean,
): void {
  const entry = backed(machine, process, placed, write);
  const writable = (entry.prot & PROT.write) !== 0 && !entry.needsCopy;
  const bits =
    (writable ? PTE.write : 0) | ((entry.prot & PROT.execute) === 0 ? 0 : PTE.execute) | (entry.wired ? PTE.wired : 0);
  process.pmap.enter(start, end, bits);
}

/** The entry with an object of its own, where a fault makes one: at the first touch, and at a write to a shared copy. */
function backed({ objects }: Machine, { map }: Process, placed: PlacedEntry, write: boolean): VmEntry {
  const { entry, start } = placed;
  if (entry.object === null) return map.withObject(placed, objects);
  if (!write || !entry.needsCopy) return entry;
  const { object } = entry;
  const shared = objects.get(object);
  let mine: VmEntry = { ...entry, needsCopy: false };
  if (shared === undefined || !shared.anonymous || shared.references > 1) {
    mine = { ...mine, object: objects.add(true), offset: 0 };
    objects.refer(object, -1);
  }
  map.replaceEntry(start, mine);
  return mine;
}
