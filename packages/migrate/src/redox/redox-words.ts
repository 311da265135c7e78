import { redox } from '@overmap/core';
import { hex } from '../linux/linux-words.ts';
import { flagText, shownGrant } from '../recordings/redox/grant-record.ts';

/** Grants that a finding names. */
const NAMED = 4;

const address = (page: number): string => hex(page * redox.PAGE_SIZE);

/** "0x14000+2 rw- External (source 10 of 1)": its address, pages, flags and provider. */
export function grantText(grant: redox.Grant): string {
  const { f, prov, detail } = shownGrant(grant);
  return `${address(grant.base)}+${grant.count} ${f} ${prov}${detail === '' ? '' : ` (${detail})`}`;
}

/** An entry of a page table in words: "0x14000 rw- to the zeroed frame". */
export function entryText({ frames }: redox.Machine, page: number, entry: number): string {
  if (entry === 0) return `no entry for page ${address(page)}`;
  const frame = redox.entryFrame(entry);
  const where = frame === frames.zeroed ? 'the zeroed frame' : `frame ${hex(frame)}`;
  return `page ${address(page)} ${flagText(redox.entryFlags(entry))} to ${where}`;
}

/** What an operation came to: "answers 0x14000", "answers EBUSY", "faults: Segv", "stops the kernel: …". */
export function outcomeText(outcome: redox.RedoxOutcome): string {
  switch (outcome.kind) {
    case 'done':
      return outcome.value === 0 ? 'succeeds' : `answers ${hex(outcome.value)}`;
    case 'error':
      return `answers ${outcome.error}`;
    case 'accessed':
      return `sees ${outcome.word}${outcome.faults === 0 ? '' : ` after ${outcome.faults === 1 ? 'a fault' : `${outcome.faults} faults`}`}`;
    case 'fault':
      return `faults: ${outcome.fault}`;
    case 'panic':
      return `stops the kernel: ${outcome.why}`;
  }
}

/** An address range that an operation is about, in a space. */
export interface OperationRange {
  readonly space: number;
  /** First byte. */
  readonly start: number;
  readonly size: number;
}

/** The ranges that an operation names: its own first. */
export function rangesOf(operation: redox.RedoxOperation): OperationRange[] {
  const { space } = operation;
  switch (operation.op) {
    case 'mmap':
    case 'munmap':
    case 'munmapUnpin':
    case 'mprotect':
    case 'mapScheme':
      return [{ space, start: operation.address, size: operation.size }];
    case 'mremap':
      return [
        { space, start: operation.oldAddress, size: operation.oldSize },
        { space, start: operation.newAddress, size: operation.newSize },
      ];
    case 'access':
      return [{ space, start: operation.page * redox.PAGE_SIZE, size: redox.PAGE_SIZE }];
    case 'borrow':
    case 'transfer':
      return [
        { space, start: operation.address, size: operation.size },
        { space: operation.source, start: operation.sourceAddress, size: operation.size },
      ];
    case 'pinBorrow':
      return [{ space: operation.source, start: operation.sourceAddress, size: operation.size }];
    case 'mapPhysical':
    case 'fork':
    case 'drop':
    case 'setLeastAddress':
      return [];
  }
}

/** "mremap of space 0 at 0x14000 (8,192 bytes)". @param name - as the recording writes it */
export function operationText(name: string, operation: redox.RedoxOperation): string {
  const [first] = rangesOf(operation);
  if (first === undefined) return `${name} of space ${operation.space}`;
  if (operation.op === 'access') return `${name} of space ${operation.space} at page ${hex(first.start)}`;
  const other = first.space === operation.space ? '' : ` from space ${first.space}`;
  return `${name} of space ${operation.space}${other} at ${hex(first.start)} (${first.size.toLocaleString('en')} bytes)`;
}

/** The grants that lie in an operation's ranges: "space 0: 0x14000+2 rw- Allocated". Empty when there are none. */
export function grantsText(machine: redox.Machine, operation: redox.RedoxOperation): string {
  const found = rangesOf(operation).flatMap(({ space, start, size }) => {
    const [first, end] = [start / redox.PAGE_SIZE, (start + size) / redox.PAGE_SIZE];
    const grants = machine.spaces.get(space)?.grants.list() ?? [];
    return grants
      .filter(({ base, count }) => base < end && first < base + count)
      .map((grant) => `space ${space}: ${grantText(grant)}`);
  });
  const unique = [...new Set(found)];
  const more = unique.length > NAMED ? `, and ${unique.length - NAMED} more` : '';
  return `${unique.slice(0, NAMED).join('; ')}${more}`;
}
