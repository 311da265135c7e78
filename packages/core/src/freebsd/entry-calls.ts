import type { ErrorName } from './errors.ts';
import type { Machine } from './machine.ts';
import { PTE } from './page-entries.ts';
import type { Process } from './process.ts';
import { fault } from './touch.ts';
import { ALL_PROT, type Behaviour, type Inheritance, PROT, type VmEntry } from './vm-entry.ts';
import type { PlacedEntry } from './vm-map.ts';

/** Clip a range, change the entries in it, and merge what says the same then. */
function changeEntries(
  { objects }: Machine,
  { map }: Process,
  start: number,
  end: number,
  change: (placed: PlacedEntry) => VmEntry,
): void {
  map.clip(start, end, objects);
  for (const placed of map.touching(start, end)) {
    const entry = change(placed);
    if (entry !== placed.entry) map.replaceEntry(placed.start, entry);
  }
  map.mergeAround(start, end, objects);
}

/** mprotect of whole pages. Holes do not matter, guards are left alone; one entry that may not refuses all. */
export function mprotect(
  machine: Machine,
  process: Process,
  start: number,
  end: number,
  prot: number,
): ErrorName | null {
  if ((prot & ~ALL_PROT) !== 0) return 'EINVAL';
  if (start === end) return null;
  const { map, id } = process;
  const refused = map.touching(start, end).some(({ entry }) => !entry.guard && (prot & ~entry.maxProt) !== 0);
  if (refused) return 'EACCES';
  const opened: PlacedEntry[] = [];
  changeEntries(machine, process, start, end, (placed) => {
    const { entry } = placed;
    if (entry.guard || entry.prot === prot) return entry;
    if (entry.wired && (prot & ~entry.prot & PROT.write) !== 0) opened.push(placed);
    if ((entry.prot & ~prot) !== 0) lowerPages(machine, process, placed, prot);
    machine.sink?.protectionChanged(id, placed.start, placed.end, entry.prot, prot);
    return { ...entry, prot };
  });
  // What is wired does not wait for a fault to become writable, and to be copied.
  for (const { start: from, end: to } of opened) {
    const placed = map.find(from);
    if (placed !== null) fault(machine, process, placed, from, to, true);
  }
  return null;
}

/** `pmap_protect`: a permission went away. What is left may be none, without the write that copy on write takes. */
function lowerPages(machine: Machine, process: Process, { start, end, entry }: PlacedEntry, prot: number): void {
  const left = entry.cow ? prot & ~PROT.write : prot;
  if (left === 0) machine.removePages(process, start, end, 'protect-none');
  else process.pmap.protect(start, end, (left & PROT.write) !== 0, (left & PROT.execute) !== 0);
}

/** minherit. Guards do not become zeroed memory. */
export function minherit(
  machine: Machine,
  process: Process,
  start: number,
  end: number,
  inheritance: Inheritance,
): null {
  if (start < end)
    changeEntries(machine, process, start, end, ({ entry }) =>
      entry.guard && inheritance === 'zero' ? entry : { ...entry, inheritance },
    );
  return null;
}

/** Advice that madvise writes into entries, and advice about pages, which changes nothing that is modelled. */
export type Advice = Behaviour | 'nosync' | 'autosync' | 'nocore' | 'core' | 'willneed' | 'dontneed' | 'free';

/** madvise. No advice touches keys. */
export function madvise(machine: Machine, process: Process, start: number, end: number, advice: Advice): null {
  const change = ADVICE[advice];
  if (change !== null && start < end)
    changeEntries(machine, process, start, end, ({ entry }) => (entry.guard ? entry : { ...entry, ...change }));
  return null;
}

const ADVICE: Readonly<Record<Advice, Partial<VmEntry> | null>> = {
  normal: { behaviour: 'normal' },
  sequential: { behaviour: 'sequential' },
  random: { behaviour: 'random' },
  nosync: { noSync: true },
  autosync: { noSync: false },
  nocore: { noCore: true },
  core: { noCore: false },
  willneed: null,
  dontneed: null,
  free: null,
};

/** mlock: all pages must be mapped and readable; they are faulted in. */
export function mlock(machine: Machine, process: Process, start: number, end: number): ErrorName | null {
  const { map } = process;
  if (start === end) return null;
  const readable = map.touching(start, end).every(({ entry }) => (entry.prot & (PROT.read | PROT.execute)) !== 0);
  if (!readable || !map.isCovered(start, end)) return 'ENOMEM';
  process.inMemory = true;
  changeEntries(machine, process, start, end, ({ entry }) => (entry.wired ? entry : { ...entry, wired: true }));
  for (const placed of map.touching(start, end))
    fault(
      machine,
      process,
      placed,
      Math.max(start, placed.start),
      Math.min(end, placed.end),
      (placed.entry.prot & PROT.write) !== 0,
    );
  return null;
}

/** munlock: all pages must be mapped. */
export function munlock(machine: Machine, process: Process, start: number, end: number): ErrorName | null {
  if (start === end) return null;
  if (!process.map.isCovered(start, end)) return 'ENOMEM';
  changeEntries(machine, process, start, end, ({ entry }) => (entry.wired ? { ...entry, wired: false } : entry));
  process.pmap.entries.change(start, end, (bits) => bits & ~PTE.wired);
  return null;
}

/**
 * msync. With `invalidate` the pages of the whole range are taken away, unless one is wired or missing.
 *
 * @param end - at `start`: the entry that holds it is meant, whole
 */
export function msync(
  machine: Machine,
  process: Process,
  start: number,
  end: number,
  invalidate: boolean,
  async: boolean,
): ErrorName | null {
  if (invalidate && async) return 'EINVAL';
  const first = process.map.find(start);
  if (first === null) return 'ENOMEM';
  const [from, to] = start === end ? [first.start, first.end] : [start, end];
  let reached = from;
  for (const { start: at, end: entryEnd, entry } of process.map.touching(from, to)) {
    if (at > reached) return 'ENOMEM';
    if (invalidate && entry.wired) return 'EBUSY';
    reached = entryEnd;
  }
  if (reached < to) return 'ENOMEM';
  if (invalidate) machine.removePages(process, from, to, 'invalidate');
  return null;
}
