import { freebsd } from '../../src/index.ts';

export const { BTI, KEY_FLAGS, KEY_POLICIES, Machine, MAP, Pmap, PROT, PTE, performFreeBsd } = freebsd;

export const PAGE = 4096;
export const RW = PROT.read | PROT.write;
const BASE = 0x10;

type WithoutProcess<T> = T extends unknown ? Omit<T, 'process'> : never;

/** Does one thing in process 0, or another. @returns the error, or the value */
export function perform(
  machine: freebsd.Machine,
  operation: WithoutProcess<freebsd.FreeBsdOperation>,
  process = 0,
): string | number {
  const { error, value } = performFreeBsd(machine, { ...operation, process } as freebsd.FreeBsdOperation);
  return error ?? value;
}

/** Pages of a test are counted from 0x10. */
export const pages = (first: number, last: number) => ({
  address: (BASE + first) * PAGE,
  length: (last - first) * PAGE,
});

/** A call of mmap for anonymous memory, or with a file. */
export const mapping = (first: number, last: number, flags = 0, rest: Partial<freebsd.MmapCall> = {}) =>
  ({
    op: 'mmap',
    ...pages(first, last),
    prot: RW,
    flags: MAP.FIXED | (rest.file === undefined || rest.file === null ? MAP.ANON : MAP.PRIVATE) | flags,
    file: null,
    position: 0,
    ...rest,
  }) as const;

export const setKey = (first: number, last: number, key = 5, flags = 0) =>
  ({ op: 'setKey', ...pages(first, last), key, flags }) as const;
export const touch = (first: number, last: number, write = true) =>
  ({ op: 'touch', ...pages(first, last), write }) as const;

function processOf(machine: freebsd.Machine, id: number): freebsd.Process {
  const process = machine.processes.get(id);
  if (process === undefined) throw new RangeError(`there is no process ${id}`);
  return process;
}

/** Entries as text: bounds in pages, rights, the object by order of appearance. */
export function entriesOf(machine: freebsd.Machine, id = 0): string[] {
  const names = new Map<number, string>();
  return processOf(machine, id)
    .map.list()
    .map(({ start, end, entry }) => {
      const { object, prot, guard, wired, needsCopy, offset } = entry;
      if (object !== null && !names.has(object)) names.set(object, String.fromCharCode(65 + names.size));
      const backing = object === null ? '-' : `${names.get(object)}+${offset / PAGE}`;
      const marks = `${guard ? ' guard' : ''}${wired ? ' wired' : ''}${needsCopy ? ' needs-copy' : ''}`;
      return `${start / PAGE - BASE}-${end / PAGE - BASE} ${prot} ${backing}${marks}`;
    });
}

/** Keys as text: bounds in pages, key, `!` where persistent. */
export const keysOf = (machine: freebsd.Machine, id = 0): string[] =>
  processOf(machine, id)
    .pmap.attributes.list()
    .map(
      ({ start, end, value, persistent }) =>
        `${start / PAGE - BASE}-${end / PAGE - BASE} ${value}${persistent ? '!' : ''}`,
    );

/** Present pages as text: bounds in pages, key, rights. */
export function presentOf(machine: freebsd.Machine, id = 0): string[] {
  const found: string[] = [];
  processOf(machine, id).pmap.entries.pieces(0, Number.MAX_SAFE_INTEGER, (start, end, bits) => {
    const rights = `${(bits & PTE.write) === 0 ? '' : 'w'}${(bits & PTE.wired) === 0 ? '' : ' wired'}`;
    found.push(`${start / PAGE - BASE}-${end / PAGE - BASE} ${bits & PTE.value}${rights}`);
  });
  return found;
}

/** All that can be seen of a machine. */
export const stateOf = (machine: freebsd.Machine): unknown =>
  [...machine.processes.keys()].map((id) => [id, entriesOf(machine, id), keysOf(machine, id), presentOf(machine, id)]);
