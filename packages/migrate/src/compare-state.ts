import { CAP_WORDS, CapType, type Columns, Family, type Kernel, OBJECT, TYPE_MASK, visitEntries } from '@overmap/core';
import type { TraceScanner } from '@overmap/trace';
import type { Diverged } from './replay.ts';
import { hex } from './words.ts';

type Row = readonly [vaddr: string, bits: number, entry: string];

/**
 * Compare a checkpoint of one vspace with the model's page tables, entry by entry.
 *
 * @param text - the record as it stands in the trace
 */
export function compareState(
  k: Kernel,
  columns: Columns,
  i: number,
  text: string,
  scanner: TraceScanner,
  diverged: Diverged,
): void {
  const c = columns.vspace[i] * CAP_WORDS;
  const type = k.caps[c] & TYPE_MASK;
  if (type !== CapType.vspace && type !== CapType.table) {
    const { number } = scanner.slots.nameOf(columns.vspace[i]);
    diverged(columns, i, 'vspace', `slot ${number} holds a vspace`, 'it does not');
    return;
  }
  const recorded = JSON.parse(text) as { root?: string; entries: Row[]; tables?: Row[] };
  const table = k.caps[c + OBJECT];
  const root = hex(k.tableHiPaddr[table], k.tableLoPaddr[table]);
  if (recorded.root !== undefined && !sameWord(recorded.root, root)) diverged(columns, i, 'root', recorded.root, root);
  const entries: Row[] = [];
  const tables: Row[] = [];
  visitEntries(k, table, (vaddrHi, vaddrLo, bits, entryHi, entryLo, link) => {
    (link > 0 ? tables : entries).push([hex(vaddrHi, vaddrLo), bits, hex(entryHi, entryLo)]);
  });
  // Client recordings of RISC-V show A and D, which the hardware may set; the model's entries never do.
  const expected = k.family === Family.riscv ? recorded.entries.map(withoutHardwareBits) : recorded.entries;
  compareRows(columns, i, 'entries', expected, entries, diverged);
  if (recorded.tables !== undefined) compareRows(columns, i, 'tables', recorded.tables, tables, diverged);
}

/** A RISC-V row without the accessed and dirty bits (7, 6) of its entry. */
function withoutHardwareBits([vaddr, bits, entry]: Row): Row {
  const lo = Number.parseInt(entry.slice(2).slice(-8), 16) & ~0xc0;
  const hi = entry.length > 10 ? Number.parseInt(entry.slice(2, -8), 16) : 0;
  return [vaddr, bits, hex(hi, lo)];
}

/** Whether two hex strings are one number: a recorder may write upper-case digits, or leading zeros. */
const sameWord = (a: string, b: string): boolean => a === b || BigInt(a) === BigInt(b);
const sameRow = (a: Row, b: Row): boolean => a[1] === b[1] && sameWord(a[0], b[0]) && sameWord(a[2], b[2]);

/** Both lists are in address order: the first row that differs is told. */
function compareRows(
  columns: Columns,
  i: number,
  field: string,
  expected: readonly Row[],
  actual: readonly Row[],
  diverged: Diverged,
): void {
  const length = Math.max(expected.length, actual.length);
  for (let n = 0; n < length; n++) {
    const e = expected[n];
    const a = actual[n];
    if (e !== undefined && a !== undefined && sameRow(e, a)) continue;
    diverged(columns, i, field, e ?? null, a ?? null);
    return;
  }
}
