import {
  ASID,
  CAP_WORDS,
  CapType,
  type Columns,
  INVENTED_HI,
  type Kernel,
  Op,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
  walk,
} from '@overmap/core';
import type { NearMapping } from '@overmap/report';
import type { Provenance } from './provenance.ts';

/** Small pages on each side of the address that are looked at. */
const SIDE = 8;
const PAGE = 4096;
/** Mappings that are listed at most: a large page may stand where thousands of small ones do. */
const LISTED = 64;
/** Addresses from here on are no user's, and no numbers that are exact. */
const LIMIT = 2 ** 52;

/** A place of a page table: an address under a root. */
export interface Place {
  /** Handle of the root table. */
  readonly root: number;
  readonly vaddr: number;
}

const low = (n: number): number => n | 0;
const high = (n: number): number => Math.floor(n / 2 ** 32) | 0;
const hex = (n: number): string => `0x${n.toString(16)}`;

/** What is mapped around the address of an invocation, and by which record. */
export class Neighbourhood {
  private readonly kernel: Kernel;
  private readonly provenance: Provenance;

  constructor(kernel: Kernel, provenance: Provenance) {
    this.kernel = kernel;
    this.provenance = provenance;
  }

  /** The place that a record is about: of a map the one that it names, of an unmap or delete the one recorded. */
  placeOf(columns: Columns, i: number): Place | null {
    const { caps, slotLimit } = this.kernel;
    const op = columns.op[i];
    const cap = columns.cap[i];
    const c = cap * CAP_WORDS;
    if (op === Op.map) {
      const vspace = columns.vspace[i];
      if (vspace >= slotLimit) return null;
      return this.at(caps[vspace * CAP_WORDS + ASID], columns.vaddrHi[i], columns.vaddrLo[i]);
    }
    if ((op !== Op.unmap && op !== Op.delete) || cap >= slotLimit) return null;
    if ((caps[c] & TYPE_MASK) !== CapType.frame) return null;
    return this.at(caps[c + ASID], caps[c + VADDR_HI], caps[c + VADDR_LO]);
  }

  private at(asid: number, hi: number, lo: number): Place | null {
    const root = asid === 0 ? 0 : this.kernel.rootOf(asid);
    const vaddr = (hi >>> 0) * 2 ** 32 + (lo >>> 0);
    return root === 0 || vaddr >= LIMIT ? null : { root, vaddr };
  }

  /** The pages that are mapped within eight small pages of a place, in the order of their addresses; 64 at most. */
  mappings({ root, vaddr }: Place): NearMapping[] {
    const k = this.kernel;
    const { sink } = k;
    // Looking is no walk of the kernel's.
    k.sink = null;
    const found: NearMapping[] = [];
    const centre = vaddr - (vaddr % PAGE);
    const end = centre + (SIDE + 1) * PAGE;
    for (let at = Math.max(0, centre - SIDE * PAGE); at < end && found.length < LISTED; ) {
      const link = walk(k, root, high(at), low(at), k.lastLevel);
      const covered = 2 ** k.shift[k.atLevel];
      const start = at - (at % covered);
      if (link < 0) found.push(this.mapping(start, -link - 1));
      const size = link < 0 ? 2 ** k.sizeBits[-link - 1] : covered;
      at = at - (at % size) + size;
    }
    k.sink = sink;
    return found;
  }

  private mapping(start: number, size: number): NearMapping {
    const k = this.kernel;
    const { at } = k;
    const bytes = 2 ** k.sizeBits[size];
    const hi = k.entryHi[at] & k.addressMaskHi[size];
    const lo = k.entryLo[at] & k.addressMaskLo[size];
    const frame = ((hi >>> 0) * 2 ** 32 + (lo >>> 0)) * 2 ** k.addressShift;
    const event = this.provenance.madeEvent[at] - 1;
    return {
      vaddr: hex(start - (start % bytes)),
      bits: k.sizeBits[size],
      frame: frame >= INVENTED_HI * 2 ** 32 ? null : hex(frame - (frame % bytes)),
      event: event < 0 ? null : event,
    };
  }
}
