import { ASID, CAP_WORDS, CapType, type Columns, isStale, type Kernel, Op, TYPE_MASK } from '@overmap/core';

const grown = (a: Int32Array, length: number): Int32Array => {
  const b = new Int32Array(length);
  b.set(a);
  return b;
};

/**
 * Who made a mapping, and through which generation of an ASID: the audit's own arrays beside the kernel's, grown with
 * them. Events and lines are stored plus one, so that 0 means "not in the trace".
 */
export class Provenance {
  private readonly kernel: Kernel;
  /** By arena position of an entry: the map that wrote it. Only meaningful while the entry holds a page. */
  madeEvent: Int32Array = new Int32Array(0);
  madeLine: Int32Array = new Int32Array(0);
  /** By slot: the last map through that capability. Only meaningful while it is mapped. */
  capEvent: Int32Array = new Int32Array(0);
  capLine: Int32Array = new Int32Array(0);
  /** By slot: the generation of the ASID at that map. */
  capGeneration: Int32Array = new Int32Array(0);
  /** By ASID: how often it has been assigned. */
  readonly asidGeneration: Int32Array;
  /** Capabilities that were stale when last looked at. */
  private stale: number[] = [];
  /** Something has happened since that can make other capabilities stale. */
  dirty = false;
  /** Something has been stale, or could have been: capabilities of one frame may lose a place to each other. */
  shared = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.asidGeneration = new Int32Array(kernel.asidTable.length * kernel.poolEntries);
    this.grow();
  }

  /** Follow the kernel's arrays. */
  grow(): void {
    const k = this.kernel;
    if (this.madeEvent.length < k.links.length) {
      this.madeEvent = grown(this.madeEvent, k.links.length);
      this.madeLine = grown(this.madeLine, k.links.length);
    }
    if (this.capEvent.length < k.slotLimit) {
      this.capEvent = grown(this.capEvent, k.slotLimit);
      this.capLine = grown(this.capLine, k.slotLimit);
      this.capGeneration = grown(this.capGeneration, k.slotLimit);
    }
  }

  /** A map through `slot` wrote `entries` entries from the kernel's `at` on. */
  mapped(slot: number, entries: number, event: number, line: number): void {
    const k = this.kernel;
    if (this.madeEvent.length < k.links.length || this.capEvent.length < k.slotLimit) this.grow();
    for (let at = k.at; at < k.at + entries; at++) {
      this.madeEvent[at] = event + 1;
      this.madeLine[at] = line;
    }
    this.capEvent[slot] = event + 1;
    this.capLine[slot] = line;
    this.capGeneration[slot] = this.asidGeneration[k.caps[slot * CAP_WORDS + ASID]];
  }

  /**
   * Something rare has been performed.
   *
   * @param mapped - the capability was mapped before
   */
  performed(columns: Columns, i: number, mapped: boolean): void {
    switch (columns.op[i]) {
      case Op.unmap_table:
        if (mapped) this.dirty = true;
        return;
      case Op.assign:
        this.asidGeneration[this.kernel.atAsid]++;
        return;
      case Op.move:
        this.moved(columns.src[i], columns.cap[i]);
        return;
      case Op.swap:
        this.swapped(columns.src[i], columns.cap[i]);
        return;
      case Op.revoke:
        this.dirty = true;
        return;
      default:
    }
  }

  /** A capability went from one slot to another. */
  private moved(from: number, to: number): void {
    if (this.capEvent.length < this.kernel.slotLimit) this.grow();
    this.capEvent[to] = this.capEvent[from];
    this.capLine[to] = this.capLine[from];
    this.capGeneration[to] = this.capGeneration[from];
    if (this.stale.length > 0) this.dirty = true;
  }

  /** Two capabilities changed places. */
  private swapped(a: number, b: number): void {
    if (this.capEvent.length < this.kernel.slotLimit) this.grow();
    for (const column of [this.capEvent, this.capLine, this.capGeneration]) {
      const x = column[a];
      column[a] = column[b];
      column[b] = x;
    }
    if (this.stale.length > 0) this.dirty = true;
  }

  /**
   * The slots of all stale frame capabilities, in order. Staleness is evaluated, never pushed: all capabilities are
   * looked at only if something since the last call can have made others stale.
   */
  staleSlots(): readonly number[] {
    const k = this.kernel;
    if (this.dirty) {
      this.shared = true;
      this.stale = [];
      for (let slot = 1; slot < k.slotLimit; slot++) if (this.isStaleSlot(slot)) this.stale.push(slot);
      this.dirty = false;
    } else if (this.stale.length > 0) this.stale = this.stale.filter((slot) => this.isStaleSlot(slot));
    return this.stale;
  }

  private isStaleSlot(slot: number): boolean {
    const c = slot * CAP_WORDS;
    const k = this.kernel;
    return (k.caps[c] & TYPE_MASK) === CapType.frame && k.caps[c + ASID] !== 0 && isStale(k, c);
  }
}
