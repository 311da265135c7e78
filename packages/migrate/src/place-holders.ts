import {
  ASID,
  CAP_WORDS,
  CapType,
  entryHolds,
  type Kernel,
  OBJECT,
  OBJECT_HI,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
  walk,
} from '@overmap/core';

const grown = (a: Int32Array, length: number): Int32Array => {
  const b = new Int32Array(length);
  b.set(a);
  return b;
};

/**
 * Which capability's unmap would clear a page: one that records the page's ASID and address, and whose frame and size
 * the entry holds. The one that wrote the entry is remembered by its place in the arena; where it has lost its record
 * to another capability of the frame, all are looked at.
 */
export class PlaceHolders {
  private readonly kernel: Kernel;
  /** By arena position: the slot of the capability that wrote it, and where the trace says so. */
  private slot: Int32Array = new Int32Array(0);
  private madeEvent: Int32Array = new Int32Array(0);
  private madeLine: Int32Array = new Int32Array(0);

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** A map through `slot` has just written the entries from the kernel's `at` on. */
  mapped(slot: number, event: number, line: number): void {
    const k = this.kernel;
    if (this.slot.length < k.links.length) {
      this.slot = grown(this.slot, k.links.length);
      this.madeEvent = grown(this.madeEvent, k.links.length);
      this.madeLine = grown(this.madeLine, k.links.length);
    }
    const end = k.at + k.sizeEntries[sizeOf(k, slot)];
    this.slot.fill(slot, k.at, end);
    this.madeEvent.fill(event, k.at, end);
    this.madeLine.fill(line, k.at, end);
  }

  /** A capability has gone from one slot to another. Moves the kernel's `at` fields. */
  moved(from: number, to: number): void {
    if (!this.recordsPage(to)) return;
    const k = this.kernel;
    if (this.slot[k.at] === from) this.slot.fill(to, k.at, k.at + k.sizeEntries[sizeOf(k, to)]);
  }

  /** The event and line of the map that wrote an entry. */
  made(at: number): { readonly event: number; readonly line: number } {
    return { event: this.madeEvent[at], line: this.madeLine[at] };
  }

  /**
   * A capability whose unmap clears the page at an arena position. Moves the kernel's `at` fields.
   *
   * @returns its slot (dense); 0 = there is none
   */
  find(at: number): number {
    const k = this.kernel;
    const writer = this.slot[at] ?? 0;
    if (writer > 0 && this.recordsPage(writer) && k.at === at) return writer;
    for (let slot = 1; slot < k.slotLimit; slot++) if (this.recordsPage(slot) && k.at === at) return slot;
    return 0;
  }

  /** Whether a capability records a page that is there, so that its unmap would clear it; `at` is that page. */
  recordsPage(slot: number): boolean {
    const k = this.kernel;
    const { caps } = k;
    const c = slot * CAP_WORDS;
    if ((caps[c] & TYPE_MASK) !== CapType.frame || caps[c + ASID] === 0) return false;
    const root = k.rootOf(caps[c + ASID]);
    if (root === 0) return false;
    const size = sizeOf(k, slot);
    const link = walk(k, root, caps[c + VADDR_HI], caps[c + VADDR_LO], k.sizeLevel[size]);
    return (
      link === -(size + 1) &&
      k.atLevel === k.sizeLevel[size] &&
      entryHolds(k, k.at, size, caps[c + OBJECT_HI], caps[c + OBJECT])
    );
  }
}

/** Index of the size of the frame in a slot. */
export const sizeOf = (k: Kernel, slot: number): number => (k.caps[slot * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK;
