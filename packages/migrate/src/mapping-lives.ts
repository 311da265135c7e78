import { ASID, CAP_WORDS, type Columns, type EffectSink, type Kernel, SIZE_MASK, SIZE_SHIFT } from '@overmap/core';
import type { Mapping, MappingEnd, MappingWriter } from '@overmap/report';
import type { Provenance } from './provenance.ts';
import { heldFrame, type TraceNames } from './sel4-findings.ts';
import { hex } from './words.ts';

/**
 * When each mapping appears and vanishes. It listens to the engine's effects, so that a run without it takes none of
 * this; memory is bounded by the mappings that are alive. A page of several entries counts by its first one. What
 * becomes unreachable with a pool is told when its tables go.
 */
export class MappingLives implements EffectSink {
  private readonly kernel: Kernel;
  private readonly provenance: Provenance;
  private readonly names: TraceNames;
  private readonly writer: MappingWriter;
  /** By arena position of the first entry. */
  private readonly alive: Map<number, Mapping> = new Map();
  /** By the arena position of an entry that points to a table: that table's first entry, and how many it has. */
  private readonly tables: Map<number, number> = new Map();
  /** By ASID and generation. */
  private readonly vspaces: Map<string, { readonly number: number; readonly name: string }> = new Map();
  private event = 0;
  private line = 1;

  constructor(kernel: Kernel, provenance: Provenance, names: TraceNames, writer: MappingWriter) {
    this.kernel = kernel;
    this.provenance = provenance;
    this.names = names;
    this.writer = writer;
  }

  /** A record is about to be audited. */
  row(columns: Columns, i: number): void {
    this.event = columns.event[i];
    this.line = columns.line[i];
  }

  /** A map has been performed; the kernel's `at` is its first entry. */
  mapped(columns: Columns, i: number): void {
    const k = this.kernel;
    // RISC-V has written an invalid entry.
    if (k.links[k.at] >= 0) return;
    const before = this.alive.get(k.at);
    const frame = heldFrame(k, k.at);
    const size = (k.caps[columns.cap[i] * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK;
    if (before !== undefined) {
      // A remap, perhaps with other rights: the same mapping lives on.
      if (before.frame === frame && before.bits === k.sizeBits[size]) return;
      this.end(k.at, 'replaced');
    }
    const vspace = this.vspaceOf(columns, i);
    this.alive.set(k.at, {
      event: this.event,
      line: this.line,
      vspace: vspace.number,
      vspaceName: vspace.name,
      vaddr: hex(columns.vaddrHi[i], columns.vaddrLo[i]),
      frame,
      bits: k.sizeBits[size],
      cap: this.names.slot(columns.cap[i]),
      site: this.names.site(columns.site[i]),
    });
  }

  entryWritten(
    at: number,
    _table: number,
    _index: number,
    _oldLo: number,
    _oldHi: number,
    oldLink: number,
    _newLo: number,
    _newHi: number,
    newLink: number,
  ): void {
    if (oldLink > 0) this.below(at);
    else if (oldLink < 0 && newLink >= 0) this.end(at, 'cleared');
    if (newLink > 0) this.tables.set(at, newLink);
  }

  tableCleared(_table: number, at: number, entries: number): void {
    this.endRange(at, entries);
  }

  walked(): void {}

  maintained(): void {}

  /** The end of the trace: everything else is still there. */
  finish(event: number, line: number): void {
    for (const mapping of this.alive.values()) this.writer.mapping(mapping, event, line, null);
    this.alive.clear();
  }

  /** The entry at `at` points to its table no more: all that was below it goes. */
  private below(at: number): void {
    const table = this.tables.get(at);
    if (table === undefined) return;
    this.tables.delete(at);
    const k = this.kernel;
    const base = k.tableBase[table];
    if (base !== 0) this.endRange(base, k.tableEntries[table]);
  }

  private endRange(from: number, entries: number): void {
    const small = entries < this.alive.size + this.tables.size;
    for (let at = from; small && at < from + entries; at++) {
      this.end(at, 'table');
      this.below(at);
    }
    if (small) return;
    // What is being gone through may be deleted from: a Map allows it.
    for (const at of this.alive.keys()) if (at >= from && at < from + entries) this.end(at, 'table');
    for (const at of this.tables.keys()) if (at >= from && at < from + entries) this.below(at);
  }

  private end(at: number, how: MappingEnd): void {
    const mapping = this.alive.get(at);
    if (mapping === undefined) return;
    this.alive.delete(at);
    this.writer.mapping(mapping, this.event, this.line, how);
  }

  private vspaceOf(columns: Columns, i: number): { readonly number: number; readonly name: string } {
    const slot = columns.vspace[i];
    const asid = this.kernel.caps[slot * CAP_WORDS + ASID];
    const key = `${asid} ${this.provenance.asidGeneration[asid]}`;
    let vspace = this.vspaces.get(key);
    if (vspace === undefined) {
      vspace = { number: this.vspaces.size + 1, name: `vspace ${this.names.slot(slot)} (ASID ${asid})` };
      this.vspaces.set(key, vspace);
    }
    return vspace;
  }
}
