import { Family } from './arch/descriptor.ts';
import { Maintenance } from './effects.ts';
import type { Kernel } from './kernel.ts';

/*
 * TLB and cache maintenance by invocation, told to the kernel's sink; called only when there is one.
 * Source: the perform* functions of each architecture. Numbers of instructions are a price table's business.
 */

/** After a Page_Map that wrote `entries` entries; `wasValid`: the first one was valid before. */
export function maintainMap(k: Kernel, entries: number, wasValid: boolean): void {
  const sink = k.sink;
  if (sink === null) return;
  switch (k.family) {
    case Family.riscv:
      fence(k);
      return;
    case Family.aarch64:
      sink.maintained(Maintenance.cleanEntry, entries);
      if (wasValid) {
        sink.maintained(Maintenance.tlbiPage, 1);
        if (k.smp) sink.maintained(Maintenance.shootdown, 1);
      }
      return;
    case Family.aarch32:
      sink.maintained(Maintenance.cleanEntry, entries);
      if (wasValid) {
        sink.maintained(Maintenance.tlbiAsid, 1);
        if (k.smp) sink.maintained(Maintenance.shootdown, 1);
      }
      return;
    default:
      flushStructureCache(k);
  }
}

/** After a Page_Unmap (or a frame's deletion) that cleared `entries` entries. */
export function maintainUnmap(k: Kernel, entries: number): void {
  const sink = k.sink;
  if (sink === null) return;
  switch (k.family) {
    case Family.riscv:
      fence(k);
      return;
    case Family.aarch64:
      sink.maintained(Maintenance.cleanEntry, entries);
      sink.maintained(Maintenance.tlbiPage, 1);
      break;
    case Family.aarch32:
      sink.maintained(Maintenance.cleanEntry, entries);
      sink.maintained(Maintenance.vspaceSwitch, 1);
      sink.maintained(Maintenance.tlbiPage, 1);
      break;
    default:
      sink.maintained(Maintenance.invlpg, 1);
  }
  if (k.smp) sink.maintained(Maintenance.shootdown, 1);
}

/** After a table was linked. */
export function maintainTableMap(k: Kernel): void {
  const sink = k.sink;
  if (sink === null) return;
  if (k.family === Family.riscv) fence(k);
  else if (k.family === Family.x86) flushStructureCache(k);
  else sink.maintained(Maintenance.cleanEntry, 1);
}

/**
 * After a table's entry was cleared by an unmap or a deletion.
 *
 * @param pages - x86: valid pages in a last-level table, each of which is invalidated; -1: a higher table
 */
export function maintainTableUnlink(k: Kernel, pages: number): void {
  const sink = k.sink;
  if (sink === null) return;
  switch (k.family) {
    case Family.riscv:
      fence(k);
      return;
    case Family.x86:
      if (pages >= 0) {
        if (pages > 0) {
          sink.maintained(Maintenance.invlpg, pages);
          // Each page is invalidated on the other cores by an interrupt of its own (flushTable).
          if (k.smp) sink.maintained(Maintenance.shootdown, pages);
        }
        flushStructureCache(k);
        return;
      }
      sink.maintained(Maintenance.flushAsid, 1);
      break;
    default:
      sink.maintained(Maintenance.cleanEntry, 1);
      sink.maintained(Maintenance.tlbiAsid, 1);
  }
  if (k.smp) sink.maintained(Maintenance.shootdown, 1);
}

/** After a table's memory was zeroed by an unmap; `bytes` = its size. */
export function maintainZero(k: Kernel, bytes: number): void {
  const sink = k.sink;
  if (sink === null) return;
  sink.maintained(Maintenance.zeroedBytes, bytes);
  if (k.family === Family.aarch64 || k.family === Family.aarch32) sink.maintained(Maintenance.cleanedBytes, bytes);
}

/** After an ASID was taken from its vspace (deletion of the vspace, or of its pool). */
export function maintainAsidDelete(k: Kernel): void {
  const sink = k.sink;
  if (sink === null || k.family === Family.riscv) return;
  sink.maintained(k.family === Family.x86 ? Maintenance.flushAsid : Maintenance.tlbiAsid, 1);
  if (k.smp) sink.maintained(Maintenance.shootdown, 1);
}

/** RISC-V fences everything after each change. */
function fence(k: Kernel): void {
  k.sink?.maintained(Maintenance.sfence, 1);
  if (k.smp) k.sink?.maintained(Maintenance.remoteFence, 1);
}

/** x86: with PCID two writes of CR3, which flush that whole PCID; otherwise `invlpg` of address 0. */
function flushStructureCache(k: Kernel): void {
  if (k.pcid) k.sink?.maintained(Maintenance.cr3Write, 2);
  else k.sink?.maintained(Maintenance.structureCacheFlush, 1);
  if (k.smp) k.sink?.maintained(Maintenance.shootdown, 1);
}
