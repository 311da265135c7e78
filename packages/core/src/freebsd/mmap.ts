import { checkMmap, MAP, type MmapCall, protections } from './check-mmap.ts';
import type { ErrorName } from './errors.ts';
import type { Machine } from './machine.ts';
import { PAGE_SIZE } from './page-entries.ts';
import type { Process } from './process.ts';
import { ANONYMOUS, type VmEntry } from './vm-entry.ts';

/** Places that the kernel chooses are looked for from here, upwards. The model's own choice: addresses are not the rule's. */
const SEARCH_FROM = 0x8_0000_0000;

export interface Placed {
  readonly error: ErrorName | null;
  /** The mapping's address, with the offset within the page. */
  readonly address: number;
}

const failed = (error: ErrorName): Placed => ({ error, address: 0 });

/**
 * Map memory. Over another mapping the kernel deletes first and inserts then, under one lock.
 *
 * @throws RangeError for MAP_STACK and MAP_32BIT, which are not in the model
 */
export function mmap(machine: Machine, process: Process, call: MmapCall): Placed {
  const { flags, position } = call;
  const { map, pmap } = process;
  const wrong = checkMmap(call, pmap.maxUser);
  if (wrong !== null) return failed(wrong);
  if ((flags & (MAP.STACK | MAP.LOW_32BIT)) !== 0) throw new RangeError('MAP_STACK and MAP_32BIT are not in the model');
  const within = position % PAGE_SIZE;
  const length = Math.ceil((call.length + within) / PAGE_SIZE) * PAGE_SIZE;
  let start = call.address - within;
  if ((flags & MAP.FIXED) === 0) {
    start = placeFor(process, call, length);
    if (start < 0) return failed('ENOMEM');
  } else if ((flags & MAP.EXCL) === 0) deleteRange(machine, process, start, start + length, true);
  else if (map.overlaps(start, start + length)) return failed('ENOMEM');
  insert(machine, process, start, start + length, call);
  return { error: null, address: start + within };
}

/** The lowest free place from the hint, or from where searches begin; -1 when there is none. */
function placeFor({ map, pmap }: Process, { address, flags }: MmapCall, length: number): number {
  const asked = (flags >>> 24) & 0xff;
  const alignment = asked === 0 ? PAGE_SIZE : 2 ** (asked === 1 ? 21 : asked);
  const aligned = (at: number): number => Math.ceil(at / alignment) * alignment;
  // A gap so much larger has an aligned place in it.
  const room = length + alignment - PAGE_SIZE;
  for (const from of [address === 0 ? SEARCH_FROM : aligned(address), 0]) {
    const found = map.lowestGap(room, from, pmap.maxUser);
    if (found >= 0) return aligned(found);
  }
  return -1;
}

function insert(machine: Machine, process: Process, start: number, end: number, call: MmapCall): void {
  const { map, id } = process;
  const entry = entryFor(machine, call);
  map.insert(start, end, entry, machine.objects);
  machine.sink?.appeared(id, start, end, map.find(start)?.entry ?? entry);
}

function entryFor(machine: Machine, { prot, flags, file, position }: MmapCall): VmEntry {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (has(MAP.GUARD)) return { ...ANONYMOUS, prot: 0, maxProt: 0, guard: true };
  const cow = file !== null && !has(MAP.SHARED);
  return {
    ...ANONYMOUS,
    ...protections(prot),
    ...(file === null ? {} : { object: machine.objects.addFile(file), offset: position - (position % PAGE_SIZE) }),
    inheritance: has(MAP.SHARED) ? 'share' : 'copy',
    cow,
    needsCopy: cow,
    noSync: has(MAP.NOSYNC),
    noCore: has(MAP.NOCORE),
  };
}

/**
 * `vm_map_delete`: take everything out of a range; holes do not matter. The pmap is called only for entries that have an
 * object, so that memory which nobody has touched keeps its keys unless the policy says that entries own them.
 */
export function deleteRange(machine: Machine, process: Process, start: number, end: number, replaced: boolean): void {
  const { map, pmap, id } = process;
  map.clip(start, end, machine.objects);
  for (const part of map.touching(start, end)) {
    if (part.entry.object !== null) machine.removePages(process, part.start, part.end, 'delete');
    if (machine.policy.ownedByEntries) pmap.dropVolatile(part.start, part.end, machine.keyListener(process));
    map.remove(part.start, machine.objects);
    machine.sink?.vanished(id, part.start, part.end, part.entry, replaced);
  }
}
