import { CAP_WORDS, OBJECT, RIGHTS_OF, visitEntries, VmRights, word } from '@overmap/core';
import { type Bed, VSPACE } from './bed.ts';
import type { Held } from './script.ts';
import { sayAddress, WorkloadError } from './workload-error.ts';

/**
 * Hold the page tables against what a client believes: every page's entries hold its frame with its rights, and there is
 * no other page.
 *
 * @param held - what each address should hold
 * @throws WorkloadError naming the first place that is wrong
 */
export function verifyPageTables(bed: Bed, held: ReadonlyMap<number, Held>): void {
  const { kernel, arch, entries, range } = bed;
  const size = arch.sizes[bed.size];
  const found = new Map<number, string>();
  const sayEntry = (hi: number, lo: number): string => `${hex(hi)}${hex(lo)}`;
  visitEntries(kernel, kernel.caps[VSPACE * CAP_WORDS + OBJECT], (vaddrHi, vaddrLo, _bits, entryHi, entryLo, link) => {
    if (link < 0) found.set((vaddrHi >>> 0) * 2 ** 32 + (vaddrLo >>> 0), sayEntry(entryHi, entryLo));
  });
  const wrong = (address: number, expected: string, got: string): never => {
    throw new WorkloadError(bed.name, `the page tables afterwards, at ${sayAddress(address)}`, expected, got);
  };
  for (const [address, { slot, rights }] of held) {
    const flags = size.leaf(RIGHTS_OF[VmRights.readWrite * 16 + rights], bed.attr);
    for (let i = 0; i < entries; i++) {
      const piece = i * (range.bytes / entries);
      const physical = bed.physicalOf(slot) + (arch.contiguousIncrements ? piece : 0);
      const shifted = physical / 2 ** arch.addressShift;
      const entry = word(Math.floor(shifted / 2 ** 32) | flags.hi, shifted | 0 | flags.lo);
      const expected = sayEntry(entry.hi, entry.lo);
      const got = found.get(address + piece);
      if (got !== expected) wrong(address + piece, `${expected} (${bed.say(slot)})`, got ?? 'nothing');
      found.delete(address + piece);
    }
  }
  const [other] = found;
  if (other !== undefined) wrong(other[0], 'nothing', other[1]);
}

const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0');
