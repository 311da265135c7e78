/** In place of a file: anonymous memory. */
export const NO_FILE = -1;
/** In place of an anon_vma: no private page was written yet. */
export const NO_ANON = 0;

/**
 * What two VMAs must share to be one: flags, file, and where in it. A VMA is a range with the number of such a set.
 * Sets are found by value and never changed, so a split copies a number, and a copy of an address space needs none.
 *
 * The place in the file is kept as the difference of file page and address page: a part of a VMA has the difference of
 * the whole, and neighbours with the same one are contiguous.
 */
export class AttributeTable {
  count = 0;
  flags = new Int32Array(64);
  /** Number of an open file, or NO_FILE. */
  file = new Int32Array(64);
  /** Page in the file (for private anonymous memory: the address page at first) minus address page. */
  delta = new Float64Array(64);
  /** Identity of the anon_vma, or NO_ANON. */
  anon = new Int32Array(64);
  /** Open addressing: number of a set plus one, 0 = free. */
  private places = new Int32Array(128);

  /** The number of the set with these values. */
  intern(flags: number, file: number, delta: number, anon: number): number {
    let at = this.place(flags, file, delta, anon);
    if (this.places[at] !== 0) return this.places[at] - 1;
    if (this.count === this.flags.length) {
      this.grow();
      at = this.place(flags, file, delta, anon);
    }
    const n = this.count++;
    this.flags[n] = flags;
    this.file[n] = file;
    this.delta[n] = delta;
    this.anon[n] = anon;
    this.places[at] = n + 1;
    return n;
  }

  /** The set that differs from another in its flags only. */
  withFlags(n: number, flags: number): number {
    return this.intern(flags, this.file[n], this.delta[n], this.anon[n]);
  }

  /** The set that differs from another in its anon_vma only. */
  withAnon(n: number, anon: number): number {
    return this.anon[n] === anon ? n : this.intern(this.flags[n], this.file[n], this.delta[n], anon);
  }

  private place(flags: number, file: number, delta: number, anon: number): number {
    const mask = this.places.length - 1;
    // The low and high words of the difference; what matters is that equal values meet.
    const high = Math.floor(delta / 2 ** 32);
    let hash = Math.imul(flags ^ Math.imul(file, 0x9e37_79b1), 0x85eb_ca6b) ^ Math.imul(anon, 0xc2b2_ae35);
    hash = Math.imul(hash ^ (delta | 0) ^ Math.imul(high, 0x27d4_eb2f), 0x1656_67b1);
    let at = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const n = this.places[at] - 1;
      if (
        n < 0 ||
        (this.flags[n] === flags && this.file[n] === file && this.delta[n] === delta && this.anon[n] === anon)
      )
        return at;
      at = (at + 1) & mask;
    }
  }

  private grow(): void {
    const { count } = this;
    const wider = <T extends Int32Array | Float64Array>(column: T, made: T): T => {
      made.set(column);
      return made;
    };
    this.flags = wider(this.flags, new Int32Array(2 * count));
    this.file = wider(this.file, new Int32Array(2 * count));
    this.delta = wider(this.delta, new Float64Array(2 * count));
    this.anon = wider(this.anon, new Int32Array(2 * count));
    this.places = new Int32Array(4 * count);
    for (let n = 0; n < count; n++) {
      this.places[this.place(this.flags[n], this.file[n], this.delta[n], this.anon[n])] = n + 1;
    }
  }
}
