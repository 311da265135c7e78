import { attributeOf } from './attribute-ranges.ts';
import type { Machine } from './machine.ts';
import { PTE } from './page-entries.ts';
import type { Pmap } from './pmap.ts';
import { Process } from './process.ts';
import { fault } from './touch.ts';
import { type Inheritance, PROT, type VmEntry } from './vm-entry.ts';
import { type PlacedEntry, VmMap } from './vm-map.ts';

/**
 * fork. First the child gets all attributes of the parent, those over holes and over what is not inherited too; then it
 * gets the entries, each as its inheritance says.
 *
 * @throws RangeError when there is a process of the child's number
 */
export function fork(machine: Machine, parent: Process, id: number): void {
  if (machine.processes.has(id)) throw new RangeError(`there is a process ${id}`);
  const child = new Process(id, new VmMap(), parent.pmap.forked(), parent.elsewhere);
  machine.processes.set(id, child);
  for (const { start, end, value, persistent } of child.pmap.attributes.list())
    machine.sink?.keyChanged(id, start, end, null, { value, persistent });
  for (const placed of parent.map.list()) inherit(machine, parent, child, placed);
}

function inherit(machine: Machine, parent: Process, child: Process, placed: PlacedEntry): void {
  const { start, end, entry } = placed;
  switch (inheritanceOf(placed)) {
    case 'none':
      if (machine.policy.ownedByEntries) child.pmap.dropVolatile(start, end, machine.keyListener(child));
      return;
    case 'share': {
      const shared = sharedEntry(machine, parent, placed);
      machine.objects.refer(shared.object, 1);
      child.map.place(start, end, { ...shared, wired: false });
      copyPages(parent, child, start, end);
      break;
    }
    case 'copy':
      copyEntry(machine, parent, child, placed);
      break;
    case 'zero': {
      const fresh = { object: null, offset: 0, needsCopy: false, wired: false };
      child.map.place(start, end, { ...entry, ...fresh });
    }
  }
  const made = child.map.find(start);
  if (made !== null) machine.sink?.appeared(child.id, start, end, made.entry);
}

/** The entry with an object that both can write: what was to be copied by the first write is copied now. */
function sharedEntry({ objects }: Machine, { map }: Process, placed: PlacedEntry): VmEntry {
  const { start, entry } = placed;
  if (entry.object === null) return map.withObject(placed, objects);
  if (!entry.needsCopy) return entry;
  const shadow = { ...entry, object: objects.add(true), offset: 0, needsCopy: false };
  objects.refer(entry.object, -1);
  map.replaceEntry(start, shadow);
  return shadow;
}

const inheritanceOf = ({ entry }: PlacedEntry): Inheritance =>
  entry.guard && entry.inheritance !== 'none' ? 'copy' : entry.inheritance;

function copyEntry(machine: Machine, parent: Process, child: Process, { start, end, entry }: PlacedEntry): void {
  if (entry.object === null) {
    child.map.place(start, end, { ...entry, wired: false });
    return;
  }
  if (entry.wired && (entry.prot & PROT.write) !== 0) {
    // What is wired and may be written cannot wait for a fault: the child gets its pages at once.
    const copy = { ...entry, object: machine.objects.add(true), offset: 0, wired: false, needsCopy: false };
    fault(machine, child, child.map.place(start, end, copy), start, end, true);
    return;
  }
  const both = { ...entry, cow: true, needsCopy: true };
  parent.map.replaceEntry(start, both);
  parent.pmap.protect(start, end, false, true);
  machine.objects.refer(entry.object, 1);
  child.map.place(start, end, { ...both, wired: false });
  copyPages(parent, child, start, end);
}

/** `pmap_copy`: entries with their keys, but not wired. */
function copyPages(parent: Process, child: Process, start: number, end: number): void {
  parent.pmap.entries.pieces(start, end, (from, to, bits) => child.pmap.entries.enter(from, to, bits & ~PTE.wired));
}

/** exec: everything goes, persistent keys too. */
export function exec(machine: Machine, process: Process): void {
  process.pmap.removeAll(machine.keyListener(process));
  for (const { start, end, entry } of process.map.list()) {
    process.map.remove(start, machine.objects);
    machine.sink?.vanished(process.id, start, end, entry, false);
  }
  process.inMemory = true;
}

/** exit: as exec, and the process is gone. */
export function exit(machine: Machine, process: Process): void {
  exec(machine, process);
  machine.processes.delete(process.id);
}

/**
 * The pager takes all pages of a process that is swapped out. With one wired entry it takes none.
 */
export function swapout(machine: Machine, process: Process): void {
  if (process.map.wired > 0) return;
  machine.removePages(process, 0, process.pmap.maxUser, 'swapout');
  process.inMemory = false;
}

/** The key at an address as it would be for the next page that is faulted in there; null is none. */
export const keyAt = ({ pmap }: Process, address: number) => keyOf(pmap, address);

/** The same of a pmap alone. */
export const keyOf = (pmap: Pmap, address: number) => attributeOf(pmap.attributes.find(address));
