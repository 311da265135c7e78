import type { TimedTask } from './timed-task.ts';

const PAGES = 1024;
const LEVELS = 3;
const LEVEL_BITS = 9;
const TABLE_ENTRIES = 1 << LEVEL_BITS;
const FIRST_PAGE = 0x400;
const FIRST_FRAME = 0x40000;
const LEAVES = Math.ceil((FIRST_PAGE + PAGES) / TABLE_ENTRIES);
/** A frame's record: word 0 is the frame, then the page that it is mapped at (0 = none), the next record, and filling. */
const RECORD_WORDS = 8;
const MAPPED = 1;
const NEXT = 2;
/** Passes over all pages in an iteration, so that it takes some tens of microseconds. */
const PASSES = 3;
/**
 * Passes in which maps wait for each other. So many, because a busy neighbour on the same core then slows the loop as
 * much as it slows the engine's map and unmap (1.65 times; all waiting 1.5, none 2.05).
 */
const CHAINED = 2;

/**
 * The unit that times are put in relation to: a bare three-level radix table in typed arrays, all pages mapped, then
 * all unmapped. Each page has a record, as a capability is one, that is read, checked and written; no other check but
 * "is it free" and "does it hold this frame". It is measured beside every sample, and is made of what the engine is
 * made of: walks in which one load waits for the other, over about as much memory. A lower clock frequency, or a
 * neighbour on the same core, then slows both about alike and the quotient stays.
 *
 * It shares no code with the engine, whose changes leave it as it is. And it never changes: every baseline's meaning
 * depends on it.
 *
 * A page of it is one map and one unmap.
 */
export function referenceLoop(): TimedTask {
  return new ReferenceLoop();
}

/** A class, whose methods are optimised once for all instances; closures would be for the first and again for the next. */
class ReferenceLoop implements TimedTask {
  readonly name = 'reference loop';
  readonly pages = PAGES * PASSES;
  readonly #entries = new Int32Array((LEVELS - 1 + LEAVES) * TABLE_ENTRIES);
  readonly #records = new Int32Array(PAGES * RECORD_WORDS);
  #tables = 1;

  prepare(): void {
    for (let i = 0; i < PAGES; i++) {
      this.#records[i * RECORD_WORDS] = FIRST_FRAME + i;
      this.#records[i * RECORD_WORDS + NEXT] = ((i + 1) % PAGES) * RECORD_WORDS;
    }
  }

  run(): void {
    let done = 0;
    for (let pass = 0; pass < PASSES; pass++) {
      done += pass < CHAINED ? this.#mapOneAfterTheOther() : this.#mapAll();
      done += this.#unmapAll();
    }
    if (done !== 2 * this.pages) throw new Error(`${done} of ${2 * this.pages} operations did what they should`);
  }

  /** Where the entry of a page stands. Tables are made on the way. */
  #walk(page: number): number {
    const entries = this.#entries;
    let base = 0;
    for (let shift = (LEVELS - 1) * LEVEL_BITS; shift > 0; shift -= LEVEL_BITS) {
      const at = base + ((page >>> shift) & (TABLE_ENTRIES - 1));
      if (entries[at] === 0) entries[at] = this.#tables++ * TABLE_ENTRIES;
      base = entries[at];
    }
    return base + (page & (TABLE_ENTRIES - 1));
  }

  /** Which record is next is known only when the walk has ended: latency counts. */
  #mapOneAfterTheOther(): number {
    const entries = this.#entries;
    const records = this.#records;
    let done = 0;
    let record = 0;
    for (let i = 0; i < PAGES; i++) {
      const at = this.#walk(FIRST_PAGE + record / RECORD_WORDS);
      const found = entries[at];
      if (found === 0 && records[record + MAPPED] === 0) done++;
      entries[at] = (records[record] << 12) | 3;
      records[record + MAPPED] = FIRST_PAGE + record / RECORD_WORDS;
      record = records[record + NEXT] + found;
    }
    return done;
  }

  /** The same for records in a row, whose walks the processor overlaps: throughput counts. */
  #mapAll(): number {
    const entries = this.#entries;
    const records = this.#records;
    let done = 0;
    for (let i = 0; i < PAGES; i++) {
      const record = i * RECORD_WORDS;
      const at = this.#walk(FIRST_PAGE + i);
      if (entries[at] === 0 && records[record + MAPPED] === 0) done++;
      entries[at] = (records[record] << 12) | 3;
      records[record + MAPPED] = FIRST_PAGE + i;
    }
    return done;
  }

  #unmapAll(): number {
    const entries = this.#entries;
    const records = this.#records;
    let done = 0;
    for (let record = 0; record < PAGES * RECORD_WORDS; record += RECORD_WORDS) {
      const at = this.#walk(records[record + MAPPED]);
      if (entries[at] >>> 12 === records[record]) done++;
      entries[at] = 0;
      records[record + MAPPED] = 0;
    }
    return done;
  }
}
