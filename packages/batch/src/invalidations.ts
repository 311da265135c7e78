/**
 * Translations that must go from the TLB, by ASID: page by page up to a threshold, the whole ASID beyond it.
 */
export class Invalidations {
  /** Most pages of an ASID that are invalidated one by one. */
  readonly threshold: number;
  /** ASIDs, and how many pages of each; a negative number = all of it. */
  private asids: Int32Array = new Int32Array(16);
  private counts: Int32Array = new Int32Array(16);
  private known = 0;
  /** Pages as (ASID, address high, low); those of an ASID beyond the threshold need not be there. */
  private pages: Int32Array = new Int32Array(3 * 64);
  private used = 0;

  /** @param threshold - see {@link Invalidations.threshold} */
  constructor(threshold: number) {
    this.threshold = threshold;
  }

  get empty(): boolean {
    return this.known === 0;
  }

  clear(): void {
    this.known = 0;
    this.used = 0;
  }

  /** One page. */
  page(asid: number, hi: number, lo: number): void {
    const n = this.indexOf(asid);
    const count = this.counts[n];
    if (count < 0) return;
    this.counts[n] = count + 1;
    if (count < this.threshold) this.keep(asid, hi, lo);
  }

  /** `n` pages, one behind the other. The address must not leave its low half. */
  run(asid: number, hi: number, lo: number, bytes: number, n: number): void {
    const i = this.indexOf(asid);
    const count = this.counts[i];
    if (count < 0) return;
    this.counts[i] = count + n;
    for (let p = 0; p < n && count + p < this.threshold; p++) this.keep(asid, hi, (lo + p * bytes) | 0);
  }

  /** Everything of an ASID. */
  space(asid: number): void {
    this.counts[this.indexOf(asid)] = -1;
  }

  /** Everything that another set holds. */
  add(other: Invalidations): void {
    for (let n = 0; n < other.known; n++) {
      const asid = other.asids[n];
      if (other.counts[n] < 0 || other.counts[n] > other.threshold) this.space(asid);
    }
    for (let p = 0; p < other.used; p += 3) this.page(other.pages[p], other.pages[p + 1], other.pages[p + 2]);
  }

  /**
   * Visit what is there.
   *
   * @param each - called for each ASID with the number of its pages; -1 = the whole ASID
   * @param page - called before it for each of those pages
   */
  visit(each: (asid: number, pages: number) => void, page: (asid: number, hi: number, lo: number) => void): void {
    for (let n = 0; n < this.known; n++) {
      const asid = this.asids[n];
      const count = this.counts[n];
      if (count < 0 || count > this.threshold) {
        each(asid, -1);
        continue;
      }
      for (let p = 0; p < this.used; p += 3)
        if (this.pages[p] === asid) page(asid, this.pages[p + 1], this.pages[p + 2]);
      each(asid, count);
    }
  }

  private indexOf(asid: number): number {
    // A batch has one ASID, but for unmaps of capabilities from everywhere.
    for (let n = this.known - 1; n >= 0; n--) if (this.asids[n] === asid) return n;
    if (this.known === this.asids.length) {
      this.asids = grown(this.asids);
      this.counts = grown(this.counts);
    }
    this.asids[this.known] = asid;
    this.counts[this.known] = 0;
    return this.known++;
  }

  private keep(asid: number, hi: number, lo: number): void {
    if (this.used === this.pages.length) this.pages = grown(this.pages);
    this.pages[this.used] = asid;
    this.pages[this.used + 1] = hi;
    this.pages[this.used + 2] = lo;
    this.used += 3;
  }
}

/** A copy of twice the length. */
export function grown(a: Int32Array): Int32Array {
  const b = new Int32Array(a.length * 2);
  b.set(a);
  return b;
}
