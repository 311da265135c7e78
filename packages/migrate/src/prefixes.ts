import { ASID, CAP_WORDS, type Columns, type Kernel, sayOutcome, SIZE_MASK, SIZE_SHIFT, walk } from '@overmap/core';
import { placeKey } from './place-key.ts';
import type { Provenance } from './provenance.ts';
import { OM010 } from './rules/index.ts';
import type { Sel4Findings } from './sel4-findings.ts';
import { hex } from './words.ts';

/** Runs that are followed before those whose pages are gone are looked for. */
const LOOK_AFTER = 1024;

/** A run of maps that was refused its next page. */
interface Prefix {
  readonly asid: number;
  readonly slot: number;
  /** The address that was refused: the end of the run. */
  readonly hi: number;
  readonly lo: number;
  /** Pages of the run, and their size. */
  readonly count: number;
  readonly size: number;
  readonly outcome: number;
  /** The map that began the run, plus one, as in `Provenance`. */
  readonly first: number;
  readonly event: number;
  readonly line: number;
  readonly site: number;
}

/**
 * Prefixes that stay mapped after a failure in the middle (OM010). Of each vspace the end of its last run of
 * successful maps is known, in three numbers; a run that is refused its next page is followed to the next mark.
 */
export class Prefixes {
  private readonly kernel: Kernel;
  private readonly provenance: Provenance;
  private readonly findings: Sel4Findings;
  /** By ASID: the address behind the last page that was mapped. */
  private readonly endHi: Int32Array;
  private readonly endLo: Int32Array;
  /** By ASID: 8 × (pages of the run) + (their size). */
  private readonly run: Int32Array;
  private readonly followed: Map<number, Prefix> = new Map();
  private lookAt = LOOK_AFTER;

  constructor(kernel: Kernel, provenance: Provenance, findings: Sel4Findings) {
    this.kernel = kernel;
    this.provenance = provenance;
    this.findings = findings;
    const asids = provenance.asidGeneration.length;
    this.endHi = new Int32Array(asids);
    this.endLo = new Int32Array(asids);
    this.run = new Int32Array(asids);
  }

  /** A map has been performed. */
  mapped(columns: Columns, i: number): void {
    const k = this.kernel;
    const c = columns.cap[i] * CAP_WORDS;
    const asid = k.caps[c + ASID];
    const size = (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK;
    const hi = columns.vaddrHi[i];
    const lo = columns.vaddrLo[i];
    if (this.followed.size > 0) this.madeGood(asid, hi, lo);
    const run = this.run[asid];
    const continues = this.endLo[asid] === lo && this.endHi[asid] === hi && (run & 7) === size;
    this.run[asid] = continues ? run + 8 : 8 | size;
    const end = (lo + (1 << k.sizeBits[size])) | 0;
    this.endLo[asid] = end;
    this.endHi[asid] = end >>> 0 < lo >>> 0 ? hi + 1 : hi;
  }

  /** A map was refused. */
  refused(columns: Columns, i: number, outcome: number): void {
    const k = this.kernel;
    const asid = k.caps[columns.vspace[i] * CAP_WORDS + ASID];
    const run = this.run[asid];
    const hi = columns.vaddrHi[i];
    const lo = columns.vaddrLo[i];
    if (asid === 0 || run < 16 || this.endLo[asid] !== lo || this.endHi[asid] !== hi) return;
    const prefix: Prefix = {
      asid,
      slot: columns.cap[i],
      hi,
      lo,
      count: run >> 3,
      size: run & 7,
      outcome,
      first: this.madeAt(asid, hi, lo, run >> 3, run & 7),
      event: columns.event[i],
      line: columns.line[i],
      site: columns.site[i],
    };
    if (prefix.first === 0) return;
    this.followed.set(placeKey(asid, hi, lo), prefix);
    if (this.followed.size >= this.lookAt) this.thinOut();
  }

  /** An ASID has been given to a vspace. */
  assigned(asid: number): void {
    this.run[asid] = 0;
  }

  /** A mark, or the end: what is still mapped stays. */
  finish(event: number, line: number): void {
    if (this.followed.size === 0) return;
    for (const prefix of this.followed.values()) if (this.left(prefix)) this.tell(prefix, event, line);
    this.followed.clear();
    this.lookAt = LOOK_AFTER;
  }

  /** The page that was refused is there now. */
  private madeGood(asid: number, hi: number, lo: number): void {
    const key = placeKey(asid, hi, lo);
    const prefix = this.followed.get(key);
    if (prefix !== undefined && prefix.hi === hi && prefix.lo === lo) this.followed.delete(key);
  }

  /** Whether all pages of a run are still those that it mapped. A client that takes back some of them has reacted. */
  private left(prefix: Prefix): boolean {
    const { asid, hi, lo, size, first, event } = prefix;
    for (let back = prefix.count; back > 0; back--) {
      const made = this.madeAt(asid, hi, lo, back, size);
      if (made < first || made > event) return false;
    }
    return true;
  }

  /**
   * The map that made the page which lies so many pages before an address.
   *
   * @returns its event plus one; 0 = no page of that size is there, or it is not known who made it
   */
  private madeAt(asid: number, endHi: number, endLo: number, back: number, size: number): number {
    const k = this.kernel;
    const root = k.rootOf(asid);
    if (root === 0) return 0;
    const address = (endHi >>> 0) * 2 ** 32 + (endLo >>> 0) - back * 2 ** k.sizeBits[size];
    const { sink } = k;
    k.sink = null;
    const link = walk(k, root, Math.floor(address / 2 ** 32), address | 0, k.sizeLevel[size]);
    k.sink = sink;
    return link === -(size + 1) ? this.provenance.madeEvent[k.at] : 0;
  }

  private thinOut(): void {
    for (const [key, prefix] of this.followed) if (!this.left(prefix)) this.followed.delete(key);
    this.lookAt = Math.max(LOOK_AFTER, 2 * this.followed.size);
  }

  private tell(prefix: Prefix, event: number, line: number): void {
    const { asid, hi, lo, count, size, slot, outcome } = prefix;
    this.madeAt(asid, hi, lo, count, size);
    const first = this.provenance.madeLine[this.kernel.at];
    this.findings.later(OM010, {
      event,
      line,
      site: prefix.site,
      slot,
      bits: this.kernel.sizeBits[size],
      facts: {
        vaddr: hex(hi, lo),
        mappedLine: first,
        fromAnswer: sayOutcome(outcome),
        count,
        detail: `${prefix.line}`,
      },
      related: [
        { event: prefix.first - 1, line: first, role: 'mapped' },
        { event: prefix.event, line: prefix.line, role: 'refused' },
      ],
    });
  }
}
