import type { AddressSpace } from './address-space.ts';
import { borrow, pinBorrow, transfer } from './borrow.ts';
import { dropSpace, takeDownOrphans } from './drop-space.ts';
import { type ErrorName, errorName, failure, type FaultOutcome, KernelPanic } from './errors.ts';
import type { MemoryType } from './flags.ts';
import { fork } from './fork.ts';
import { OutOfFrames } from './frames.ts';
import type { Machine } from './machine.ts';
import { mapPhysical, mmapAnonymous } from './mmap.ts';
import { mprotect } from './mprotect.ts';
import { mremap } from './mremap.ts';
import { isPageMultiple, PAGE_SIZE, USER_END_PAGE } from './page-span.ts';
import { mapScheme } from './scheme-map.ts';
import { munmap, munmapUnpin } from './unmap.ts';
import { accessPage } from './user-access.ts';
import type { Access } from './page-fault.ts';

/** What somebody does to an address space. Spaces are named by number; addresses and sizes are in bytes. */
export type RedoxOperation = { readonly space: number } & (
  | {
      readonly op: 'mmap';
      readonly address: number;
      readonly size: number;
      readonly mapFlags: number;
      readonly memory: MemoryType;
      readonly contiguous: boolean;
    }
  | {
      readonly op: 'mapPhysical';
      readonly physical: number;
      readonly size: number;
      readonly mapFlags: number;
      readonly memory: MemoryType;
    }
  | { readonly op: 'munmap'; readonly address: number; readonly size: number }
  /** A scheme has answered a call, whose buffer this was. */
  | { readonly op: 'munmapUnpin'; readonly address: number; readonly size: number }
  | { readonly op: 'mprotect'; readonly address: number; readonly size: number; readonly mapFlags: number }
  | {
      readonly op: 'mremap';
      readonly oldAddress: number;
      readonly oldSize: number;
      readonly newAddress: number;
      readonly newSize: number;
      readonly remapFlags: number;
      readonly mapFlags: number;
    }
  /** A user's instruction touches the word at the start of a page; `value` is what it writes. */
  | { readonly op: 'access'; readonly access: Access; readonly page: number; readonly value: number }
  | { readonly op: 'fork'; readonly child: number }
  | { readonly op: 'drop' }
  | { readonly op: 'setLeastAddress'; readonly address: number }
  | {
      readonly op: 'borrow' | 'transfer';
      readonly source: number;
      readonly sourceAddress: number;
      readonly size: number;
      readonly address: number;
      readonly mapFlags: number;
    }
  | {
      readonly op: 'pinBorrow';
      readonly source: number;
      readonly sourceAddress: number;
      readonly size: number;
      readonly mapFlags: number;
    }
  | {
      readonly op: 'mapScheme';
      /** Null: the scheme's process is gone. */
      readonly scheme: number | null;
      /** Address in the scheme's space, or an error's number negated. */
      readonly reply: number;
      readonly file: number;
      readonly offset: number;
      readonly size: number;
      readonly address: number;
      readonly mapFlags: number;
    }
);

/** What came of an operation. */
export type RedoxOutcome =
  /** `value`: an address, a space's number, or 0; for `drop` how many grants still refer to the space. */
  | { readonly kind: 'done'; readonly value: number }
  | { readonly kind: 'error'; readonly error: ErrorName }
  | { readonly kind: 'accessed'; readonly word: number; readonly faults: number }
  | { readonly kind: 'fault'; readonly fault: FaultOutcome; readonly faults: number }
  /** The kernel has stopped; the machine is of no use any more. */
  | { readonly kind: 'panic'; readonly why: string };

/** Do one thing. The processor loads the space first. @throws RangeError when there is no space of that number */
export function performRedox(machine: Machine, operation: RedoxOperation): RedoxOutcome {
  const space = spaceOf(machine, operation.space);
  machine.current = space;
  try {
    const outcome =
      operation.op === 'access'
        ? touch(machine, space, operation.page, operation.access, operation.value)
        : called(call(machine, space, operation));
    takeDownOrphans(machine);
    return outcome;
  } catch (error) {
    // Where the kernel does not answer ENOMEM, it expects that memory is there.
    if (error instanceof KernelPanic || error instanceof OutOfFrames) return { kind: 'panic', why: error.message };
    throw error;
  }
}

function spaceOf(machine: Machine, id: number): AddressSpace {
  const space = machine.spaces.get(id);
  if (space === undefined) throw new RangeError(`there is no address space ${id}`);
  return space;
}

function touch(machine: Machine, space: AddressSpace, page: number, access: Access, value: number): RedoxOutcome {
  const { fault, faults, word } = accessPage(machine, space, page, access, value);
  return fault === 'ok' ? { kind: 'accessed', word, faults } : { kind: 'fault', fault, faults };
}

function called(outcome: number): RedoxOutcome {
  const error = errorName(outcome);
  return error === null ? { kind: 'done', value: outcome } : { kind: 'error', error };
}

type Call = Exclude<RedoxOperation, { op: 'access' }>;

function call(machine: Machine, space: AddressSpace, operation: Call): number {
  switch (operation.op) {
    case 'mmap':
      return mmapAnonymous(machine, space, operation);
    case 'mapPhysical':
      return mapPhysical(machine, space, operation.physical, operation.size, operation.mapFlags, operation.memory);
    case 'munmap':
      return munmap(machine, space, operation.address, operation.size);
    case 'munmapUnpin':
      return munmapUnpin(machine, space, operation.address, operation.size);
    case 'mprotect':
      return mprotect(machine, space, operation.address, operation.size, operation.mapFlags);
    case 'mremap':
      return mremap(machine, space, operation);
    case 'fork':
      return fork(machine, space, operation.child);
    case 'drop':
      return dropSpace(machine, space);
    case 'setLeastAddress':
      return setLeastAddress(space, operation.address);
    case 'borrow':
      return borrow(machine, space, { ...operation, source: spaceOf(machine, operation.source) });
    case 'transfer':
      return transfer(machine, space, { ...operation, source: spaceOf(machine, operation.source) });
    case 'pinBorrow': {
      const { source, sourceAddress, size, mapFlags } = operation;
      return pinBorrow(machine, space, spaceOf(machine, source), sourceAddress, size, mapFlags);
    }
    case 'mapScheme': {
      const scheme = operation.scheme === null ? null : spaceOf(machine, operation.scheme);
      return mapScheme(machine, space, { ...operation, scheme });
    }
  }
}

/** The handle `mmap-min-addr`: below this address nothing is mapped unless it is asked for. @returns 0, or EINVAL */
function setLeastAddress(space: AddressSpace, address: number): number {
  if (!isPageMultiple(address) || address > USER_END_PAGE * PAGE_SIZE) return failure('EINVAL');
  space.minPage = address / PAGE_SIZE;
  return 0;
}
