import { type EffectSink, type Kernel, Maintenance, MAINTENANCE_NAMES } from '@overmap/core';
import { bytesText, counted, grouped, hex, wide } from './words.ts';

/** An entry that an event wrote. */
export interface WrittenEntry {
  /** Place in the arena. */
  readonly at: number;
  readonly oldLo: number;
  readonly oldHi: number;
  readonly oldLink: number;
  readonly newLo: number;
  readonly newHi: number;
  readonly newLink: number;
}

/** What the kernel does for its caches, in words, by its name in the engine. */
const MAINTENANCE: Readonly<Record<string, string>> = {
  sfence: 'a full sfence.vma on this hart',
  remoteFence: 'a remote fence to all harts',
  cleanEntry: 'a page-table entry cleaned to the point of unification',
  tlbiPage: 'TLB: one address of one ASID invalidated',
  tlbiAsid: 'TLB: a whole ASID invalidated',
  vspaceSwitch: 'a switch to the target vspace, there and back',
  invlpg: 'TLB: invlpg of one page',
  structureCacheFlush: 'the paging-structure caches dropped',
  cr3Write: 'a write of CR3',
  flushAsid: 'TLB: a whole ASID flushed',
  shootdown: 'an inter-processor interrupt for TLB maintenance',
};

/** Entries that are listed one by one. */
const LISTED = 8;

/** Keeps what one event does. */
export class EffectLog implements EffectSink {
  readonly written: WrittenEntry[] = [];
  /** First place and number of entries of tables that were emptied. */
  readonly cleared: { readonly at: number; readonly entries: number }[] = [];
  private levels = 0;
  private readonly maintenance: Map<number, number> = new Map();
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  entryWritten(
    at: number,
    _table: number,
    _index: number,
    oldLo: number,
    oldHi: number,
    oldLink: number,
    newLo: number,
    newHi: number,
    newLink: number,
  ): void {
    this.written.push({ at, oldLo, oldHi, oldLink, newLo, newHi, newLink });
  }

  tableCleared(_table: number, at: number, entries: number): void {
    this.cleared.push({ at, entries });
  }

  walked(levels: number): void {
    this.levels += levels;
  }

  maintained(kind: number, count: number): void {
    this.maintenance.set(kind, (this.maintenance.get(kind) ?? 0) + count);
  }

  /** The write of a place, if there was one. */
  at(place: number): WrittenEntry | undefined {
    return this.written.find(({ at }) => at === place);
  }

  /** Everything in words. */
  say(): string[] {
    // A large page fills several entries alike.
    const alike = new Map<string, number>();
    for (const entry of this.written) {
      const words = this.entry(entry);
      alike.set(words, (alike.get(words) ?? 0) + 1);
    }
    const said = [...alike]
      .slice(0, LISTED)
      .map(([words, n]) => `${n === 1 ? 'An entry was' : `${n} entries were`} written: ${words}.`);
    if (alike.size > LISTED) said.push(`and ${counted(alike.size - LISTED, 'other write')}`);
    for (const { entries } of this.cleared) said.push(`A table of ${grouped(entries)} entries was emptied.`);
    if (this.levels > 0) said.push(`Entries of ${counted(this.levels, 'level')} were read on the way.`);
    for (const [kind, count] of this.maintenance) {
      const name = MAINTENANCE_NAMES[kind] ?? '';
      if (kind === Maintenance.zeroedBytes) said.push(`${bytesText(count)} of a table zeroed.`);
      else if (kind === Maintenance.cleanedBytes) said.push(`${bytesText(count)} of a table cleaned from the cache.`);
      else said.push(`${MAINTENANCE[name] ?? name}${count > 1 ? `, ${grouped(count)} times` : ''}.`);
    }
    return said.map((text) => text.charAt(0).toUpperCase() + text.slice(1));
  }

  private entry({ oldLo, oldHi, oldLink, newLo, newHi, newLink }: WrittenEntry): string {
    const from = this.link(oldLink, oldHi, oldLo);
    const to = this.link(newLink, newHi, newLo);
    return `${from} → ${to}`;
  }

  private link(link: number, hi: number, lo: number): string {
    const raw = hex(wide(hi, lo));
    if (link > 0) return `a table (${raw})`;
    if (link < 0) return `a page of ${bytesText(2 ** this.kernel.sizeBits[-link - 1])} (${raw})`;
    return hi === 0 && lo === 0 ? 'empty' : `invalid (${raw})`;
  }
}
