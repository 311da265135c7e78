import type { Columns } from '@overmap/core';

/**
 * The columns that most records use become 0, `event` and `line` excepted, and the side maps empty.
 *
 * @param c - a batch that has been consumed
 * @param count - how many records it had
 */
export function clearCommonColumns(c: Columns, count: number): void {
  c.op.fill(0, 0, count);
  c.obj.fill(0, 0, count);
  c.bits.fill(0, 0, count);
  c.cap.fill(0, 0, count);
  c.src.fill(0, 0, count);
  c.vspace.fill(0, 0, count);
  c.n.fill(0, 0, count);
  c.vaddrLo.fill(0, 0, count);
  c.vaddrHi.fill(0, 0, count);
  c.rights.fill(0, 0, count);
  c.attr.fill(0, 0, count);
  c.paddrLo.fill(0, 0, count);
  c.paddrHi.fill(0, 0, count);
  c.outcome.fill(0, 0, count);
  c.flags.fill(0, 0, count);
  c.states.clear();
  c.slotLists.clear();
}

/** The columns that few records use become 0, see {@link clearCommonColumns}. */
export function clearRareColumns(c: Columns, count: number): void {
  c.name.fill(0, 0, count);
  c.site.fill(0, 0, count);
  c.thread.fill(0, 0, count);
  c.cspace.fill(0, 0, count);
  c.asid.fill(0, 0, count);
  c.entryLo.fill(0, 0, count);
  c.entryHi.fill(0, 0, count);
  c.wasLo.fill(0, 0, count);
  c.wasHi.fill(0, 0, count);
  c.replacedLo.fill(0, 0, count);
  c.replacedHi.fill(0, 0, count);
  c.foundLo.fill(0, 0, count);
  c.foundHi.fill(0, 0, count);
  c.wasValid.fill(0, 0, count);
  c.why.fill(0, 0, count);
  c.badge.fill(0, 0, count);
  c.avail.fill(0, 0, count);
  c.seq.fill(0, 0, count);
}

/** One record of the columns becomes 0, but for `event` and `line`. */
export function clearRecord(c: Columns, i: number): void {
  c.op[i] = 0;
  c.obj[i] = 0;
  c.bits[i] = 0;
  c.cap[i] = 0;
  c.src[i] = 0;
  c.vspace[i] = 0;
  c.n[i] = 0;
  c.vaddrLo[i] = 0;
  c.vaddrHi[i] = 0;
  c.rights[i] = 0;
  c.attr[i] = 0;
  c.paddrLo[i] = 0;
  c.paddrHi[i] = 0;
  c.outcome[i] = 0;
  c.flags[i] = 0;
  c.name[i] = 0;
  c.site[i] = 0;
  c.thread[i] = 0;
  c.cspace[i] = 0;
  c.asid[i] = 0;
  c.entryLo[i] = 0;
  c.entryHi[i] = 0;
  c.wasLo[i] = 0;
  c.wasHi[i] = 0;
  c.replacedLo[i] = 0;
  c.replacedHi[i] = 0;
  c.foundLo[i] = 0;
  c.foundHi[i] = 0;
  c.wasValid[i] = 0;
  c.why[i] = 0;
  c.badge[i] = 0;
  c.avail[i] = 0;
  c.seq[i] = 0;
  c.states.delete(i);
  c.slotLists.delete(i);
}
