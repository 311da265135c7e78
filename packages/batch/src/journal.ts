import { CAP_WORDS, type EffectSink, type Kernel, unlinkTable } from '@overmap/core';
import { grown } from './invalidations.ts';
import type { Run } from './runs.ts';

/** Words of a remembered capability (offset and the four words that a mapping changes), and of an entry. */
const CAP_RECORD = 5;
const ENTRY_RECORD = 8;

/**
 * What an atomic batch has overwritten, so that it can be written back: the first four words of capabilities, and
 * entries with their links, newest last.
 */
export class Journal {
  private caps: Int32Array = new Int32Array(CAP_RECORD * 64);
  private capEnd = 0;
  private entries: Int32Array = new Int32Array(ENTRY_RECORD * 64);
  private entryEnd = 0;

  /** Forget everything. */
  clear(): void {
    this.capEnd = 0;
    this.entryEnd = 0;
  }

  /** Before the capability at offset `c` is changed. */
  capability(k: Kernel, c: number): void {
    if (this.capEnd === this.caps.length) this.caps = grown(this.caps);
    const j = this.capEnd;
    this.caps[j] = c;
    for (let w = 0; w < 4; w++) this.caps[j + 1 + w] = k.caps[c + w];
    this.capEnd = j + CAP_RECORD;
  }

  /** An entry is written: `at` is where it lies, `link` what it links to from now on. */
  entry(
    at: number,
    table: number,
    index: number,
    oldLo: number,
    oldHi: number,
    oldLink: number,
    link: number,
    cap: number,
  ): void {
    if (this.entryEnd === this.entries.length) this.entries = grown(this.entries);
    const j = this.entryEnd;
    const e = this.entries;
    e[j] = at;
    e[j + 1] = table;
    e[j + 2] = index;
    e[j + 3] = oldLo;
    e[j + 4] = oldHi;
    e[j + 5] = oldLink;
    e[j + 6] = link;
    e[j + 7] = cap;
    this.entryEnd = j + ENTRY_RECORD;
  }

  /** Before the pages of a run are written, with entries that link to `link`: capabilities from `c` on. */
  pages(k: Kernel, run: Run, c: number, link: number): void {
    for (let i = 0; i < run.most; i++) {
      const at = run.at + i;
      this.capability(k, c + i * CAP_WORDS);
      this.entry(at, run.table, run.index + i, k.entryLo[at], k.entryHi[at], k.links[at], link, c / CAP_WORDS + i);
    }
  }

  /** The last `n` pages of a run were not written. */
  drop(n: number): void {
    this.capEnd -= n * CAP_RECORD;
    this.entryEnd -= n * ENTRY_RECORD;
  }

  /**
   * Write everything back, the newest first.
   *
   * @param sink - told of the entries, or null
   * @returns how many entries were written
   */
  undo(k: Kernel, sink: EffectSink | null): number {
    const before = k.sink;
    k.sink = sink;
    const e = this.entries;
    for (let j = this.entryEnd - ENTRY_RECORD; j >= 0; j -= ENTRY_RECORD) {
      const at = e[j];
      if (e[j + 6] > 0) {
        // A table goes out as it came: with its counts, and with the walks that are remembered.
        k.at = at;
        k.atTable = e[j + 1];
        k.atIndex = e[j + 2];
        unlinkTable(k, e[j + 7]);
        continue;
      }
      if (sink !== null)
        sink.entryWritten(
          at,
          e[j + 1],
          e[j + 2],
          k.entryLo[at],
          k.entryHi[at],
          k.links[at],
          e[j + 3],
          e[j + 4],
          e[j + 5],
          e[j + 7],
        );
      k.entryLo[at] = e[j + 3];
      k.entryHi[at] = e[j + 4];
      k.links[at] = e[j + 5];
    }
    k.sink = before;
    for (let j = this.capEnd - CAP_RECORD; j >= 0; j -= CAP_RECORD)
      for (let w = 0; w < 4; w++) k.caps[this.caps[j] + w] = this.caps[j + 1 + w];
    const writes = this.entryEnd / ENTRY_RECORD;
    this.clear();
    return writes;
  }
}
