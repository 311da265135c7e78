import { Columns, Flag } from '@overmap/core';
import type { ByteReader, ByteWriter } from './bytes.ts';

/** The columns that a page carries: all that the engine reads and that says what was invoked. Ground truth is left out. */
const KEPT = [
  'op',
  'obj',
  'bits',
  'cap',
  'src',
  'vspace',
  'n',
  'vaddrLo',
  'vaddrHi',
  'rights',
  'attr',
  'paddrLo',
  'paddrHi',
  'outcome',
  'flags',
  'event',
  'line',
  'name',
  'site',
  'thread',
  'cspace',
] as const;

/** Flags of what is left out. */
const DROPPED =
  Flag.entry |
  Flag.was |
  Flag.replaced |
  Flag.remap |
  Flag.alias |
  Flag.wasValid |
  Flag.clearedTrue |
  Flag.clearedFalse |
  Flag.found |
  Flag.asid |
  Flag.badge |
  Flag.avail |
  Flag.seq;

/** Rows of a trace that are kept: a growing copy of those parts of a reader's batches. */
export class KeptRows {
  columns: Columns = new Columns(1024);

  get count(): number {
    return this.columns.count;
  }

  /** Keep row `i` of a batch. */
  add(from: Columns, i: number): void {
    if (this.columns.count === this.columns.capacity) this.grow();
    const to = this.columns;
    const at = to.count++;
    for (const key of KEPT) to[key][at] = from[key][i];
    to.flags[at] &= ~DROPPED;
    const slots = from.slotLists.get(i);
    if (slots !== undefined) to.slotLists.set(at, slots);
  }

  private grow(): void {
    const { columns } = this;
    const grown = new Columns(columns.capacity * 2);
    for (const key of KEPT) grown[key].set(columns[key]);
    for (const [at, slots] of columns.slotLists) grown.slotLists.set(at, slots);
    grown.count = columns.count;
    this.columns = grown;
  }
}

/** Write rows, column by column. */
export function writeRows(out: ByteWriter, columns: Columns): void {
  for (const key of KEPT) out.column(columns[key].subarray(0, columns.count));
  out.unsigned(columns.slotLists.size);
  for (const [at, slots] of columns.slotLists) {
    out.unsigned(at);
    out.column(slots);
  }
}

/** Read rows. @throws RangeError - when the data is not what {@link writeRows} wrote */
export function readRows(input: ByteReader): Columns {
  const read = KEPT.map((key) => [key, input.column((length) => new Float64Array(length))] as const);
  const count = read[0]?.[1].length ?? 0;
  const columns = new Columns(Math.max(1, count));
  for (const [key, values] of read) {
    if (values.length !== count) throw new RangeError('the data of this page has columns of different lengths');
    columns[key].set(values);
  }
  columns.count = count;
  const lists = input.unsigned();
  for (let n = 0; n < lists; n++) {
    const at = input.unsigned();
    columns.slotLists.set(
      at,
      input.column((length) => new Int32Array(length)),
    );
  }
  return columns;
}
