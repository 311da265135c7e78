import { INVENTED_HI, type Kernel } from '@overmap/core';
import type { EffectLog, WrittenEntry } from './effect-log.ts';
import type { EntryBits, MemoryLine } from './moment.ts';
import { bytesText, counted, hex, wide } from './words.ts';

/** Pages around the touched one that are shown one by one; others are told in runs. */
const NEAR = 4;

/** Draws the page tables below a root, with what one event changed. */
export class Sel4Memory {
  /** Entries that the event wrote, or that are where it happened, bit by bit. */
  readonly bits: EntryBits[] = [];
  private readonly kernel: Kernel;
  private readonly effects: EffectLog;
  private readonly touched: number;
  /** Entries have 64 bits: they do on aarch32 hyp, too. */
  private readonly wideEntries: boolean;

  /** @param touched - the address that the event is about; -1 = none */
  constructor(kernel: Kernel, effects: EffectLog, touched: number) {
    this.kernel = kernel;
    this.effects = effects;
    this.touched = touched;
    const [table] = kernel.arch.tables;
    this.wideEntries = table === undefined ? kernel.arch.wordBits === 64 : table.objectBits - table.indexBits === 3;
  }

  /** What is below a table. Empty places are left out, but for those that the event emptied. */
  below(table: number, level = 0, from = 0): MemoryLine[] {
    const k = this.kernel;
    const base = k.tableBase[table];
    if (base === 0) return [];
    const covered = 2 ** k.shift[level];
    const entries = Math.min(k.tableEntries[table], k.indexMask[level] + 1);
    const lines: MemoryLine[] = [];
    for (let index = 0; index < entries; index++) {
      const at = base + index;
      const link = k.links[at];
      const start = from + index * covered;
      const written = this.effects.at(at);
      if (written !== undefined) this.note(start, covered, written);
      if (link === 0) {
        if (written !== undefined && written.oldLink !== 0) lines.push(this.emptied(start, covered, written));
      } else if (link > 0) {
        if (level < k.lastLevel) lines.push(this.table(link, level, start, covered, written));
      } else lines.push(this.page(at, -link - 1, start, written));
    }
    return this.inRuns(lines);
  }

  private table(
    link: number,
    level: number,
    start: number,
    covered: number,
    written: WrittenEntry | undefined,
  ): MemoryLine {
    const children = this.below(link, level + 1, start);
    const pages = children.reduce((sum, line) => sum + (line.kind === 'pages' ? 1 : 0), 0);
    const k = this.kernel;
    const own = wide(k.tableHiPaddr[link], k.tableLoPaddr[link]);
    const where = k.tableHiPaddr[link] >= INVENTED_HI ? '' : ` at ${hex(own)}`;
    return {
      start,
      bytes: covered,
      pageBytes: 0,
      kind: 'table',
      what: 'table',
      detail: `table${where}: ${children.length === 0 ? 'empty' : pages === children.length ? counted(pages, 'run of pages', 'runs of pages') : counted(children.length, 'line')}${k.tableAlive[link] === 0 ? '; its object is gone' : ''}`,
      change: written === undefined || written.newLink === written.oldLink ? '' : 'put here by this event',
      touched: this.covers(start, covered),
      children,
    };
  }

  private page(at: number, size: number, start: number, written: WrittenEntry | undefined): MemoryLine {
    const k = this.kernel;
    const bytes = 2 ** k.sizeBits[size];
    return {
      start,
      bytes: Math.min(bytes, k.sizeEntries[size] > 1 ? bytes / k.sizeEntries[size] : bytes),
      pageBytes: bytes,
      kind: 'pages',
      what: `${bytesText(bytes)} page`,
      detail: frameText(k, at, size),
      change: written === undefined ? '' : changeOf(written, k.addressMaskHi[size], k.addressMaskLo[size]),
      touched: this.covers(start, bytes),
      children: [],
    };
  }

  private emptied(start: number, bytes: number, { oldLink }: WrittenEntry): MemoryLine {
    const detail =
      oldLink > 0 ? 'held a table' : `held a page of ${bytesText(2 ** this.kernel.sizeBits[-oldLink - 1])}`;
    return {
      start,
      bytes,
      pageBytes: 0,
      kind: 'empty',
      what: 'empty',
      detail,
      change: 'emptied by this event',
      touched: true,
      children: [],
    };
  }

  private covers(start: number, bytes: number): boolean {
    return this.touched >= start && this.touched < start + bytes;
  }

  /** Pages of one size next to each other are one line, unless something happened near them. */
  private inRuns(lines: readonly MemoryLine[]): MemoryLine[] {
    const marked = lines.flatMap((line, n) => (line.change !== '' || line.touched ? [n] : []));
    const near = (n: number): boolean => marked.some((at) => Math.abs(at - n) <= NEAR);
    const out: MemoryLine[] = [];
    let run: MemoryLine[] = [];
    const close = (): void => {
      const [first] = run;
      const last = run.at(-1);
      if (first !== undefined && last !== undefined)
        out.push(
          run.length === 1
            ? first
            : {
                ...first,
                bytes: last.start + last.bytes - first.start,
                what: first.bytes * run.length === first.pageBytes ? first.what : `${run.length} × ${first.what}`,
                detail:
                  first.detail === last.detail
                    ? first.detail
                    : `${first.detail} … ${last.detail.replace(/^frame /, '')}`,
                touched: run.some(({ touched }) => touched),
                change: first.change,
              },
        );
      run = [];
    };
    lines.forEach((line, n) => {
      const previous = run.at(-1);
      const joins =
        previous !== undefined &&
        line.kind === 'pages' &&
        previous.kind === 'pages' &&
        previous.what === line.what &&
        previous.change === line.change &&
        previous.start + previous.bytes === line.start &&
        // Entries of one large page always belong together.
        ((!near(n) && !near(n - 1)) || line.start % line.pageBytes !== 0);
      if (!joins) close();
      run.push(line);
    });
    close();
    return out;
  }

  /** The bits of an entry that was written; the first few are enough for a person. */
  private note(start: number, covered: number, written: WrittenEntry): void {
    if (this.bits.length >= 3) return;
    const k = this.kernel;
    const link = written.newLink < 0 ? written.newLink : written.oldLink;
    const hiMask = link < 0 ? k.addressMaskHi[-link - 1] : 0;
    const loMask = link < 0 ? k.addressMaskLo[-link - 1] : 0;
    const word = (hi: number, lo: number): string => `${this.wideEntries ? bin(hi) : ''}${bin(lo)}`;
    const before = word(written.oldHi, written.oldLo);
    const after = word(written.newHi, written.newLo);
    if (this.bits.some((one) => one.before === before && one.after === after)) return;
    this.bits.push({
      where: `entry for ${hex(start)} (${bytesText(covered)})`,
      before,
      after,
      address: word(hiMask, loMask),
    });
  }
}

const bin = (word: number): string => (word >>> 0).toString(2).padStart(32, '0');

/** The frame that an entry holds. */
export function frameText(k: Kernel, at: number, size: number): string {
  const frame = frameAt(k, at, size);
  return frame < 0 ? 'frame of unknown address' : `frame ${hex(frame)}`;
}

/** The physical address in an entry; -1 = not known. */
function frameAt(k: Kernel, at: number, size: number): number {
  const frame =
    wide(k.entryHi[at] & k.addressMaskHi[size], k.entryLo[at] & k.addressMaskLo[size]) * 2 ** k.addressShift;
  return frame >= INVENTED_HI * 2 ** 32 ? -1 : frame;
}

function changeOf(
  { oldHi, oldLo, oldLink, newHi, newLo, newLink }: WrittenEntry,
  maskHi: number,
  maskLo: number,
): string {
  if (oldLink >= 0) return 'mapped by this event';
  if (((oldHi ^ newHi) & maskHi) === 0 && ((oldLo ^ newLo) & maskLo) === 0 && oldLink === newLink)
    return oldHi === newHi && oldLo === newLo ? 'mapped again by this event' : 'its rights were changed by this event';
  return 'over-mapped: another frame was here';
}
