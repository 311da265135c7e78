import {
  ASID,
  CAP_WORDS,
  CapType,
  CODE_MASK,
  Code,
  type Columns,
  type Kernel,
  OBJECT,
  OBJECT_HI,
  Op,
  sayOutcome,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  UNSURE,
} from '@overmap/core';
import { placeKey } from './place-key.ts';
import type { Provenance } from './provenance.ts';
import { OM009 } from './rules/index.ts';
import type { Sel4Findings } from './sel4-findings.ts';
import { hex } from './words.ts';

/** A refused map of which it is not known yet how the client took it. */
interface Refusal {
  readonly slot: number;
  readonly asid: number;
  readonly generation: number;
  readonly hi: number;
  readonly lo: number;
  /** Physical address of the frame that was to be mapped. */
  readonly frameHi: number;
  readonly frameLo: number;
  readonly size: number;
  readonly outcome: number;
  readonly event: number;
  readonly line: number;
  readonly site: number;
  /** The capability recorded no mapping, so that an unmap of it can mean only the map that was refused. */
  readonly unmapTells: boolean;
  /** Whether that is known, which in a partial trace it need not be. */
  readonly sure: boolean;
  /** Where the place was taken, by which frame: then the next map at the address tells. */
  holder: { readonly hi: number; readonly lo: number } | 'unknown' | null;
  /** The line at which the capability was unmapped since; 0 = it was not. */
  unmapped: number;
}

/**
 * Refusals that the client swallowed (OM009). A refused map is followed until the client's next steps tell: by slot for
 * what is done with the capability, and by place for the next map there. At most one for each slot.
 */
export class SwallowedRefusals {
  private readonly kernel: Kernel;
  private readonly provenance: Provenance;
  private readonly findings: Sel4Findings;
  private readonly cannotTell: (rule: string) => void;
  private readonly bySlot: Map<number, Refusal> = new Map();
  private readonly byPlace: Map<number, Refusal> = new Map();
  /** Capabilities may have gone without being named. */
  private revoked = false;
  /** How many are followed; {@link row} is needed only then. */
  waiting = 0;

  constructor(kernel: Kernel, provenance: Provenance, findings: Sel4Findings, cannotTell: (rule: string) => void) {
    this.kernel = kernel;
    this.provenance = provenance;
    this.findings = findings;
    this.cannotTell = cannotTell;
  }

  /**
   * A map was refused. The kernel's `at` is where its check stopped, or what is in the way.
   *
   * @param unknown - the answer does not follow from what a partial trace has shown
   */
  refused(columns: Columns, i: number, outcome: number, unknown: boolean): void {
    const code = outcome & CODE_MASK;
    if (code === Code.FailedLookup) return;
    const k = this.kernel;
    const slot = columns.cap[i];
    const c = slot * CAP_WORDS;
    if ((k.caps[c] & TYPE_MASK) !== CapType.frame) return;
    const unmapTells = k.caps[c + ASID] === 0;
    const asid = k.caps[columns.vspace[i] * CAP_WORDS + ASID];
    const taken = code === Code.DeleteFirst && asid !== 0;
    const holder = !taken ? null : k.links[k.at] < 0 ? heldAddress(k) : unknown ? 'unknown' : null;
    const refusal: Refusal = {
      slot,
      asid,
      generation: this.provenance.asidGeneration[asid],
      hi: columns.vaddrHi[i],
      lo: columns.vaddrLo[i],
      frameHi: k.caps[c + OBJECT_HI],
      frameLo: k.caps[c + OBJECT],
      size: (k.caps[c] >> SIZE_SHIFT) & SIZE_MASK,
      outcome,
      event: columns.event[i],
      line: columns.line[i],
      site: columns.site[i],
      unmapTells,
      // DeleteFirst is answered to capabilities that are not mapped.
      sure: code === Code.DeleteFirst || (k.caps[c] & UNSURE) === 0,
      holder,
      unmapped: 0,
    };
    this.bySlot.set(slot, refusal);
    if (asid !== 0) this.byPlace.set(placeKey(asid, refusal.hi, refusal.lo), refusal);
    this.waiting = this.bySlot.size;
  }

  /** A record is about to be performed: does it tell how a refusal was taken? Needed only while some are followed. */
  row(columns: Columns, i: number): void {
    const op = columns.op[i];
    if (op === Op.state || op === Op.mark || op === Op.batch) return;
    if (this.revoked) this.sweep(columns, i);
    const own = this.bySlot.get(columns.cap[i]);
    if (own !== undefined) this.named(own, columns, i);
    const source = columns.src[i] === 0 ? undefined : this.bySlot.get(columns.src[i]);
    if (source !== undefined) this.settle(source, columns, i);
    if (op === Op.map) this.mapAt(columns, i);
    else if (op === Op.revoke) this.revoked = true;
  }

  /** A test begins, or the trace ends: what was not tried again until then was not meant to be. */
  finish(event: number, line: number): void {
    for (const refusal of this.bySlot.values()) if (refusal.unmapped > 0) this.tell(refusal, event, line);
    this.bySlot.clear();
    this.byPlace.clear();
    this.waiting = 0;
  }

  /** A record names the capability of a refused map. */
  private named(refusal: Refusal, columns: Columns, i: number): void {
    const op = columns.op[i];
    if (op === Op.map && this.isPlace(refusal, columns, i)) {
      this.forget(refusal);
      if (refusal.unmapped > 0) this.mends(refusal, columns, i, 'it unmapped the capability and mapped it there again');
    } else if (op === Op.unmap && !refusal.unmapTells) {
      this.forget(refusal);
      this.mends(refusal, columns, i, 'it unmapped the capability, which recorded another mapping');
    } else if (op === Op.unmap && refusal.unmapped === 0) refusal.unmapped = columns.line[i];
    else this.settle(refusal, columns, i);
  }

  /** A map of another capability, at an address at which one was refused? */
  private mapAt(columns: Columns, i: number): void {
    if (this.byPlace.size === 0) return;
    const k = this.kernel;
    const asid = k.caps[columns.vspace[i] * CAP_WORDS + ASID];
    const refusal = this.byPlace.get(placeKey(asid, columns.vaddrHi[i], columns.vaddrLo[i]));
    if (refusal === undefined || !this.isPlace(refusal, columns, i)) return;
    const { holder } = refusal;
    const c = columns.cap[i] * CAP_WORDS;
    const hi = k.caps[c + OBJECT_HI];
    const lo = k.caps[c + OBJECT];
    // Through a copy it is a retry as well.
    if (hi === refusal.frameHi && lo === refusal.frameLo) {
      this.forget(refusal);
      if (columns.cap[i] !== refusal.slot)
        this.mends(refusal, columns, i, 'it mapped another capability of the frame there');
    } else if (holder === null) {
      this.forget(refusal);
      this.mends(refusal, columns, i, 'it mapped another capability at that address, where nothing was in the way');
    } else if (holder !== 'unknown' && hi === holder.hi && lo === holder.lo)
      this.byPlace.delete(placeKey(refusal.asid, refusal.hi, refusal.lo));
    else if (holder === 'unknown') {
      this.cannotTell(OM009.id);
      this.forget(refusal);
    } else {
      this.forget(refusal);
      const went = `the next map there, at line ${columns.line[i]}, is of another capability`;
      this.say(refusal, columns.event[i], columns.line[i], went);
    }
  }

  /**
   * What the definition names, and a client that looks at the answer does as well: told as a note. Where it is not known
   * whether the capability was mapped, nothing is.
   */
  private mends(refusal: Refusal, columns: Columns, i: number, what: string): void {
    if (refusal.sure) this.say(refusal, columns.event[i], columns.line[i], what, 'note');
    else this.cannotTell(OM009.id);
  }

  private isPlace(refusal: Refusal, columns: Columns, i: number): boolean {
    const asid = this.kernel.caps[columns.vspace[i] * CAP_WORDS + ASID];
    return (
      refusal.asid === asid &&
      refusal.generation === this.provenance.asidGeneration[asid] &&
      refusal.hi === columns.vaddrHi[i] &&
      refusal.lo === columns.vaddrLo[i]
    );
  }

  private settle(refusal: Refusal, columns: Columns, i: number): void {
    this.forget(refusal);
    if (refusal.unmapped > 0) this.tell(refusal, columns.event[i], columns.line[i]);
  }

  private forget(refusal: Refusal): void {
    this.bySlot.delete(refusal.slot);
    const key = placeKey(refusal.asid, refusal.hi, refusal.lo);
    if (this.byPlace.get(key) === refusal) this.byPlace.delete(key);
    this.waiting = this.bySlot.size;
  }

  /** After a revoke: forget what is there no more. */
  private sweep(columns: Columns, i: number): void {
    this.revoked = false;
    const caps = this.kernel.caps;
    for (const refusal of this.bySlot.values())
      if ((caps[refusal.slot * CAP_WORDS] & TYPE_MASK) !== CapType.frame) this.settle(refusal, columns, i);
  }

  /** It was unmapped, and not tried again. */
  private tell(refusal: Refusal, event: number, line: number): void {
    if (!refusal.sure) this.cannotTell(OM009.id);
    else {
      const went = `it unmapped the capability at line ${refusal.unmapped} and did not map it there again`;
      this.say(refusal, event, line, went);
    }
  }

  private say(refusal: Refusal, event: number, line: number, went: string, severity?: 'note'): void {
    const detail =
      severity === undefined
        ? `the client went on as if it had succeeded: ${went}`
        : `the client may have mended it by what came next: ${went}`;
    this.findings.later(OM009, {
      ...(severity === undefined ? {} : { severity }),
      event,
      line,
      site: refusal.site,
      slot: refusal.slot,
      bits: this.kernel.sizeBits[refusal.size],
      facts: {
        vaddr: hex(refusal.hi, refusal.lo),
        fromAnswer: sayOutcome(refusal.outcome),
        mappedLine: refusal.line,
        detail,
      },
      related: [{ event: refusal.event, line: refusal.line, role: 'refused' }],
    });
  }
}

/** The physical address of the frame that the entry at `at` holds, as capabilities have it. */
function heldAddress(k: Kernel): { hi: number; lo: number } {
  const size = -k.links[k.at] - 1;
  const hi = k.entryHi[k.at] & k.addressMaskHi[size];
  const lo = k.entryLo[k.at] & k.addressMaskLo[size];
  return k.addressShift === 0 ? { hi, lo } : { hi: (hi << 2) | (lo >>> 30), lo: lo << 2 };
}
