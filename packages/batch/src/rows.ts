import { Columns } from '@overmap/core';

type Column = {
  [K in keyof Columns]: Columns[K] extends Uint8Array | Int32Array | Float64Array ? K : never;
}[keyof Columns];

const COLUMNS = Object.entries(new Columns(1))
  .filter(([, value]) => ArrayBuffer.isView(value))
  .map(([name]) => name as Column);

/**
 * Copy a record from columns to columns, but for the lists and texts that some records have beside them.
 *
 * @param i - the row to copy
 * @param j - the row to overwrite
 */
export function copyRow(from: Columns, i: number, to: Columns, j: number): void {
  for (const name of COLUMNS) to[name][j] = from[name][i];
}
