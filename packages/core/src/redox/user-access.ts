import type { AddressSpace } from './address-space.ts';
import type { FaultOutcome } from './errors.ts';
import { PTE } from './flags.ts';
import type { Machine } from './machine.ts';
import { type Access, correctFault } from './page-fault.ts';
import { entryFlags, entryFrame } from './page-table.ts';

/** How often an instruction is tried again. */
const TRIES = 3;

/** What came of an instruction of a user that touches a page. */
export interface AccessOutcome {
  readonly fault: FaultOutcome;
  /** Page faults that were taken. */
  readonly faults: number;
  /** The word at the start of the page; 0 where the access failed. */
  readonly word: number;
}

function permits(entry: number, access: Access): boolean {
  const flags = entryFlags(entry);
  return (
    entry !== 0 && (access === 'read' || (access === 'write' ? (flags & PTE.write) !== 0 : (flags & PTE.exec) !== 0))
  );
}

/** Touch a page as a user's instruction does: by its entry if that permits, otherwise through page faults. */
export function accessPage(
  machine: Machine,
  space: AddressSpace,
  page: number,
  access: Access,
  value = 0,
): AccessOutcome {
  let fault: FaultOutcome = 'ok';
  for (let faults = 0; ; faults++) {
    const entry = space.table.entry(page);
    if (permits(entry, access)) {
      const frame = entryFrame(entry);
      if (access === 'write') machine.frames.write(frame, value);
      return { fault: 'ok', faults, word: machine.frames.read(frame) };
    }
    if (faults === TRIES) return { fault: 'NonfatalInternalError', faults, word: 0 };
    fault = correctFault(machine, space, page, access);
    if (fault !== 'ok') return { fault, faults: faults + 1, word: 0 };
  }
}
