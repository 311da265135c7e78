import { type EffectSink, Family, type Kernel, Maintenance } from '@overmap/core';
import type { EffectCounts } from './effect-counts.ts';
import { Invalidations } from './invalidations.ts';

/** Told which translations are invalidated, at the moment when they are. */
export interface InvalidationListener {
  /** One page of an ASID. */
  page(asid: number, vaddrHi: number, vaddrLo: number): void;
  /** All pages of an ASID; -1 = of every ASID. */
  space(asid: number): void;
}

/**
 * The maintenance of one invocation, collected and done once, at its end, cut or refusal.
 *
 * | | map of an empty place | map of a valid place | unmap | table |
 * |---|---|---|---|---|
 * | RISC-V | one `sfence.vma` (smp: one remote fence) for all | | | |
 * | aarch64 | clean of each entry | and TLBI by address | clean, TLBI by address | clean |
 * | aarch32 | clean of each entry | and one TLBI of the ASID | clean, TLBI by address behind one vspace switch | clean |
 * | x86 | one flush of the structure caches | the same | `invlpg` | as a map |
 *
 * TLBI by address and `invlpg` become one invalidation of the ASID when it has more pages than the threshold. With smp,
 * all that must reach other cores goes in one interrupt.
 *
 * Source: what the perform* functions of each architecture do for one operation, see maintenance.ts of the engine.
 */
export class SharedMaintenance {
  readonly listener: InvalidationListener | null;
  private readonly stale: Invalidations;
  /** Pages that a roll-back must invalidate: they were visible for a moment. */
  private readonly written: Invalidations;
  private cleans = 0;
  /** RISC-V: fence. x86: flush the structure caches. */
  private changed = false;
  private changedAsid = 0;

  /** @param threshold - most pages of an ASID that are invalidated one by one */
  constructor(threshold: number, listener: InvalidationListener | null) {
    this.listener = listener;
    this.stale = new Invalidations(threshold);
    this.written = new Invalidations(threshold);
  }

  /** `n` pages, one behind the other, were written with `entries` entries each. `wasValid`: they were valid before. */
  mapped(
    k: Kernel,
    asid: number,
    hi: number,
    lo: number,
    bytes: number,
    n: number,
    entries: number,
    wasValid: boolean,
    atomic: boolean,
  ): void {
    this.changed = true;
    this.changedAsid = asid;
    if (atomic) this.written.run(asid, hi, lo, bytes, n);
    if (k.family !== Family.aarch64 && k.family !== Family.aarch32) return;
    this.cleans += n * entries;
    if (!wasValid) return;
    if (k.family === Family.aarch32) this.stale.space(asid);
    else this.stale.run(asid, hi, lo, bytes, n);
  }

  /** `n` pages were cleared. */
  cleared(k: Kernel, asid: number, hi: number, lo: number, bytes: number, n: number, entries: number): void {
    if (k.family === Family.riscv) this.changed = true;
    else this.stale.run(asid, hi, lo, bytes, n);
    this.cleans += n * entries;
  }

  /** A table was linked. */
  linked(asid: number): void {
    this.changed = true;
    this.changedAsid = asid;
    this.cleans++;
  }

  /**
   * Everything was written back, with `writes` entries: what was mapped must be invalidated. What was unmapped need
   * not: its translation is the same as before.
   */
  rolledBack(k: Kernel, writes: number): void {
    this.cleans += writes;
    if (k.family === Family.riscv) {
      if (writes > 0) this.changed = true;
      return;
    }
    this.stale.clear();
    this.stale.add(this.written);
  }

  /** Do what was collected, and begin again. */
  flush(k: Kernel, counts: EffectCounts, sink: EffectSink | null): void {
    const emit = (kind: number, count: number): void => {
      counts.maintained(kind, count);
      if (sink !== null) sink.maintained(kind, count);
    };
    if (k.family === Family.riscv) {
      if (this.changed) {
        emit(Maintenance.sfence, 1);
        if (k.smp) emit(Maintenance.remoteFence, 1);
        this.listener?.space(-1);
      }
    } else {
      const others = k.family === Family.x86 ? this.flushX86(k, emit) : this.flushArm(k, emit);
      if (others && k.smp) emit(Maintenance.shootdown, 1);
    }
    this.stale.clear();
    this.written.clear();
    this.cleans = 0;
    this.changed = false;
  }

  /** @returns whether other cores must do it as well */
  private flushArm(k: Kernel, emit: (kind: number, count: number) => void): boolean {
    if (this.cleans > 0) emit(Maintenance.cleanEntry, this.cleans);
    const switches = k.family === Family.aarch32;
    return this.invalidate(Maintenance.tlbiPage, Maintenance.tlbiAsid, switches, emit);
  }

  private flushX86(k: Kernel, emit: (kind: number, count: number) => void): boolean {
    if (this.changed) {
      if (k.pcid) {
        emit(Maintenance.cr3Write, 2);
        this.listener?.space(this.changedAsid);
      } else emit(Maintenance.structureCacheFlush, 1);
    }
    const pages = this.invalidate(Maintenance.invlpg, Maintenance.flushAsid, false, emit);
    return pages || this.changed;
  }

  private invalidate(
    byPage: number,
    bySpace: number,
    switches: boolean,
    emit: (kind: number, count: number) => void,
  ): boolean {
    if (this.stale.empty) return false;
    const listener = this.listener;
    this.stale.visit(
      (asid, pages) => {
        if (pages < 0) {
          emit(bySpace, 1);
          listener?.space(asid);
          return;
        }
        if (switches) emit(Maintenance.vspaceSwitch, 1);
        emit(byPage, pages);
      },
      (asid, hi, lo) => listener?.page(asid, hi, lo),
    );
    return true;
  }
}
