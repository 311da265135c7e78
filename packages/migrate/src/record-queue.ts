import { Columns } from '@overmap/core';

type Column = {
  [K in keyof Columns]: Columns[K] extends Uint8Array | Int32Array | Float64Array ? K : never;
}[keyof Columns];

const COLUMNS = Object.entries(new Columns(1))
  .filter(([, value]) => ArrayBuffer.isView(value))
  .map(([name]) => name as Column);

/** Records that wait, in batches of their own. */
export class RecordQueue {
  private readonly batches: Columns[] = [];
  private readonly spare: Columns[] = [];
  private first = 0;
  /** How many wait. */
  length = 0;

  /** Copy a reader's batch to the end. */
  push(columns: Columns): void {
    const { count } = columns;
    const copy = this.spare.pop() ?? new Columns(columns.capacity);
    for (const name of COLUMNS) copy[name].set(columns[name].subarray(0, count) as never);
    copy.slotLists.clear();
    for (const [i, list] of columns.slotLists) copy.slotLists.set(i, list);
    copy.count = count;
    this.batches.push(copy);
    this.length += count;
  }

  /**
   * The record `n` behind the first.
   *
   * @returns its columns and its row
   */
  at(n: number): readonly [columns: Columns, i: number] {
    let i = this.first + n;
    for (const batch of this.batches) {
      if (i < batch.count) return [batch, i];
      i -= batch.count;
    }
    throw new RangeError(`there are ${this.length} records, not ${n + 1}`);
  }

  /** The first record was dealt with. */
  shift(): void {
    this.length--;
    const [batch] = this.batches;
    if (batch !== undefined && ++this.first === batch.count) {
      this.batches.shift();
      this.spare.push(batch);
      this.first = 0;
    }
  }
}
