import { CAP_WORDS, EMPTY, type Kernel, OBJECT, TYPE_MASK, visitEntries } from '@overmap/core';
import type { StateEntry, StateEvent } from '@overmap/trace';
import { dense, hex } from './operation.ts';

/**
 * The page tables of a vspace as a record of a trace.
 *
 * @param slot - the trace's number of a slot that holds the vspace
 * @returns null when the slot is empty
 */
export function stateEvent(kernel: Kernel, slot: number): StateEvent | null {
  const c = dense(slot) * CAP_WORDS;
  if ((kernel.caps[c] & TYPE_MASK) === EMPTY) return null;
  const entries: StateEntry[] = [];
  const tables: StateEntry[] = [];
  visitEntries(kernel, kernel.caps[c + OBJECT], (vaddrHi, vaddrLo, bits, entryHi, entryLo, link) => {
    (link > 0 ? tables : entries).push([hex(wide(vaddrHi, vaddrLo)), bits, hex(wide(entryHi, entryLo))]);
  });
  return { op: 'state', vspace: slot, entries, tables };
}

const wide = (hi: number, lo: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
