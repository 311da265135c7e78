import { Batched, type Columns } from '@overmap/core';
import type { Batch } from './batch.ts';
import type { BatchKind } from './layout.ts';

/**
 * The operands of a batch from rows of a trace.
 *
 * @param from - first row
 * @param count - how many
 * @param window - they are known to be one
 */
export function batchOfRows(rows: Columns, from: number, count: number, kind: BatchKind, window: boolean): Batch {
  const vspace = kind === Batched.unmap ? {} : { vspace: rows.vspace[from] };
  if (window)
    return {
      form: 'window',
      kind,
      first: rows.cap[from],
      count,
      ...vspace,
      vaddrHi: rows.vaddrHi[from],
      vaddrLo: rows.vaddrLo[from],
      rights: rows.rights[from],
      attr: rows.attr[from],
    };
  const end = from + count;
  return {
    form: 'list',
    kind,
    count,
    ...vspace,
    slots: rows.cap.slice(from, end),
    vaddrHi: rows.vaddrHi.slice(from, end),
    vaddrLo: rows.vaddrLo.slice(from, end),
    rights: Int32Array.from(rows.rights.subarray(from, end)),
    attr: rows.attr.slice(from, end),
  };
}

/** Whether rows are a window: consecutive slots, the same vspace, rights and attributes, and addresses that follow by size. */
export function isWindow(
  rows: Columns,
  from: number,
  count: number,
  kind: BatchKind,
  bytesOf: (slot: number) => number,
): boolean {
  for (let i = from + 1; i < from + count; i++) {
    if (rows.cap[i] !== rows.cap[i - 1] + 1) return false;
    if (kind === Batched.unmap) continue;
    if (
      rows.vspace[i] !== rows.vspace[from] ||
      rows.rights[i] !== rows.rights[from] ||
      rows.attr[i] !== rows.attr[from]
    )
      return false;
    if (kind === Batched.protect) continue;
    const bytes = bytesOf(rows.cap[i - 1]);
    const low = (rows.vaddrLo[i - 1] >>> 0) + bytes;
    const hi = (rows.vaddrHi[i - 1] + (low >= 0x100000000 ? 1 : 0)) | 0;
    if (bytes === 0 || rows.vaddrLo[i] !== (low | 0) || rows.vaddrHi[i] !== hi) return false;
  }
  return true;
}
