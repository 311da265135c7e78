import type { MmapCall } from './check-mmap.ts';
import { type Advice, madvise, minherit, mlock, mprotect, msync, munlock } from './entry-calls.ts';
import type { ErrorName } from './errors.ts';
import { exec, exit, fork, swapout } from './lifecycle.ts';
import type { Machine } from './machine.ts';
import { deleteRange, mmap } from './mmap.ts';
import { PAGE_SIZE } from './page-entries.ts';
import type { Process } from './process.ts';
import { touch } from './touch.ts';
import type { Inheritance } from './vm-entry.ts';

/** A range of memory: bytes, whole numbers below 2^53. Neither needs to be aligned. */
interface Range {
  readonly address: number;
  readonly length: number;
}

/** What happens to a process. Processes are named by number; the first is 0. */
export type FreeBsdOperation = { readonly process: number } & (
  | ({ readonly op: 'mmap' } & MmapCall)
  | ({ readonly op: 'munmap' | 'mlock' | 'munlock' } & Range)
  | ({ readonly op: 'mprotect'; readonly prot: number } & Range)
  | ({ readonly op: 'minherit'; readonly inheritance: Inheritance } & Range)
  | ({ readonly op: 'madvise'; readonly advice: Advice } & Range)
  | ({ readonly op: 'msync'; readonly invalidate: boolean; readonly async: boolean } & Range)
  /** `flags`: see `KEY_FLAGS`. For arm64's guarded pages: key 1, flags 0. */
  | ({ readonly op: 'setKey'; readonly key: number; readonly flags: number } & Range)
  | ({ readonly op: 'clearKey' } & Range)
  /** The program accesses each page. */
  | ({ readonly op: 'touch'; readonly write: boolean } & Range)
  /** The pager takes single pages: `pmap_remove_all`. */
  | ({ readonly op: 'reclaim' } & Range)
  | { readonly op: 'swapout' | 'swapin' | 'exec' | 'exit' }
  | { readonly op: 'fork'; readonly child: number }
);

/** What came of an operation. */
export interface FreeBsdOutcome {
  readonly error: ErrorName | null;
  /** mmap: the address; touch: pages that may not be accessed; 0 else, and with an error. */
  readonly value: number;
}

/**
 * Do one thing. One that is refused has changed nothing.
 *
 * @throws RangeError when there is no such process, the fork's child is there already, or mmap asks for what is not in
 *   the model
 */
export function performFreeBsd(machine: Machine, operation: FreeBsdOperation): FreeBsdOutcome {
  const process = machine.processes.get(operation.process);
  if (process === undefined) throw new RangeError(`there is no process ${operation.process}`);
  switch (operation.op) {
    case 'mmap': {
      const { error, address } = mmap(machine, process, operation);
      return { error, value: address };
    }
    case 'fork':
      fork(machine, process, operation.child);
      return DONE;
    case 'exec':
      exec(machine, process);
      return DONE;
    case 'exit':
      exit(machine, process);
      return DONE;
    case 'swapout':
      swapout(machine, process);
      return DONE;
    case 'swapin':
      process.inMemory = true;
      return DONE;
    default:
      return onRange(machine, process, operation);
  }
}

const DONE: FreeBsdOutcome = { error: null, value: 0 };
const outcome = (error: ErrorName | null): FreeBsdOutcome => (error === null ? DONE : { error, value: 0 });

type RangeOperation = Extract<FreeBsdOperation, Range>;

function onRange(
  machine: Machine,
  process: Process,
  operation: Exclude<RangeOperation, { op: 'mmap' }>,
): FreeBsdOutcome {
  const { address, length } = operation;
  const { pmap } = process;
  const start = Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
  const end = Math.ceil((address + length) / PAGE_SIZE) * PAGE_SIZE;
  const listener = machine.keyListener(process);
  if (operation.op === 'setKey') return outcome(pmap.set(start, end, operation.key, operation.flags, listener));
  if (operation.op === 'clearKey') return outcome(pmap.clear(start, end, listener));
  if (operation.op === 'munmap' && length === 0) return outcome('EINVAL');
  if (start < 0 || end > pmap.maxUser) return outcome('EINVAL');
  switch (operation.op) {
    case 'munmap':
      deleteRange(machine, process, start, end, false);
      return DONE;
    case 'mprotect':
      return outcome(mprotect(machine, process, start, end, operation.prot));
    case 'minherit':
      return outcome(minherit(machine, process, start, end, operation.inheritance));
    case 'madvise':
      return outcome(madvise(machine, process, start, end, operation.advice));
    case 'mlock':
      return outcome(mlock(machine, process, start, end));
    case 'munlock':
      return outcome(munlock(machine, process, start, end));
    case 'msync':
      return outcome(msync(machine, process, start, end, operation.invalidate, operation.async));
    case 'touch':
      return { error: null, value: touch(machine, process, start, end, operation.write) };
    case 'reclaim':
      pmap.entries.remove(start, end);
      return DONE;
  }
}
