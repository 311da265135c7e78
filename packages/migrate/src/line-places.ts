import type { Columns } from '@overmap/core';

/** Where a record stands: a line of a log may hold several. */
export interface RecordPlace {
  /** Physical line, from 1. */
  readonly line: number;
  /** How many records stand in front of it on its line. */
  readonly place: number;
}

/** Tells the places of records from their lines, also where a batch ends in the middle of one. */
export class LinePlaces {
  private line = 0;
  private count = 0;

  /** The place of row `i` of the batch at hand. */
  of(columns: Columns, i: number): RecordPlace {
    const line = columns.line[i];
    let first = i;
    while (first > 0 && columns.line[first - 1] === line) first--;
    return { line, place: i - first + (first === 0 && line === this.line ? this.count : 0) };
  }

  /** The batch at hand is done. */
  batchEnds(columns: Columns): void {
    if (columns.count === 0) return;
    const { line, place } = this.of(columns, columns.count - 1);
    this.line = line;
    this.count = place + 1;
  }
}
