import { type RangeCursor, RangeMap } from '@overmap/core';
import { type Mappings, Trait } from './mappings.ts';

/** Bytes of a page: what x86-64 has, and most arm64 kernels. */
export const PAGE = 4096;
/** A length in whole pages. */
export const roundUp = (length: number): number => Math.ceil(length / PAGE) * PAGE;

/** Told of a piece that is to go. */
export type PieceGone = (start: number, end: number, id: number) => void;

/** What calls have replaced in an address space, for the summary. */
class ReplacedBytes {
  replacing = 0;
  bytes = 0;
  atRisk = 0;
  /** By twice the number of the file (0 = anonymous), plus 1 for what was inherited in a fork. */
  readonly origins: Map<number, number> = new Map();
}

/** The mappings of one process, as far as its log shows them; several threads may share it. */
export class AddressSpace {
  readonly map: RangeMap;
  /** From 1, in the order in which they came to be. */
  readonly number: number;
  /** The thread that it began with, the process that forked it (null = not in the log), and its program. */
  readonly pid: number;
  readonly parent: number | null;
  readonly program: string | null;
  /** Where it began. */
  readonly line: number;
  readonly event: number;
  readonly time: number;
  /** The brk range, which is no mapping here; NaN = not known yet. */
  heapStart: number;
  heapEnd: number;
  /** Threads that share it. */
  users = 1;
  readonly replaced = new ReplacedBytes();
  readonly cursor: RangeCursor;
  /** Of the call that clears: bytes so far, and who is told. One visitor for all calls, which are many. */
  private cleared = 0;
  private gone: PieceGone | null = null;
  private readonly clearing = (from: number, to: number, id: number): void => {
    this.cleared += to - from;
    this.gone?.(from, to, id);
  };

  constructor(begun: AddressSpaceBegin) {
    this.map = begun.map ?? begun.from?.map.clone() ?? new RangeMap();
    this.cursor = this.map.cursor();
    this.heapStart = begun.from?.heapStart ?? Number.NaN;
    this.heapEnd = begun.from?.heapEnd ?? Number.NaN;
    this.number = begun.number;
    this.pid = begun.pid;
    this.parent = begun.parent;
    this.program = begun.program;
    this.line = begun.line;
    this.event = begun.event;
    this.time = begun.time;
  }

  /** Bytes of [start, end) that are in the brk range. */
  inHeap(start: number, end: number): number {
    const bytes = Math.min(end, roundUp(this.heapEnd)) - Math.max(start, this.heapStart);
    return bytes > 0 ? bytes : 0;
  }

  /** A brk call returned. */
  brk(result: number): void {
    // The first one only asks, or the log begins in the middle.
    if (!(result >= this.heapStart)) this.heapStart = result;
    this.heapEnd = result;
  }

  /**
   * Take away what lies in [start, end), but for mappings younger than the call that does it: they were made after it
   * had been entered, in pages that it had freed.
   *
   * @param entry - the line on which it was entered; `line`, where it returned
   * @returns bytes that went
   */
  clear(mappings: Mappings, start: number, end: number, entry: number, line: number, gone: PieceGone | null): number {
    this.cleared = 0;
    this.gone = gone;
    if (entry === line) this.map.clear(start, end, this.clearing);
    else
      for (const piece of this.pieces(start, end))
        if (mappings.line[piece.id] <= entry) this.map.clear(piece.start, piece.end, this.clearing);
    this.gone = null;
    return this.cleared;
  }

  /** Give what lies in [start, end) another protection; younger mappings keep theirs. */
  protect(mappings: Mappings, start: number, end: number, prot: number, entry: number): void {
    const { cursor } = this;
    if (!cursor.seek(start) || cursor.start >= end) return;
    // Most calls are about one mapping.
    if (cursor.end >= end) this.protectPiece(mappings, Math.max(cursor.start, start), end, prot, entry);
    else for (const piece of this.pieces(start, end)) this.protectPiece(mappings, piece.start, piece.end, prot, entry);
  }

  /** The same for a part of one range. Parts of a mapping that nothing tells apart any more become one range again. */
  private protectPiece(mappings: Mappings, start: number, end: number, prot: number, entry: number): void {
    const { cursor, map } = this;
    if (cursor.start > start || cursor.end <= start) cursor.seek(start);
    const { id, start: first, end: last } = cursor;
    if (mappings.line[id] > entry) return;
    const traits = traitsUnder(mappings.traits[id], mappings.prot[id], prot);
    if (prot === mappings.prot[id] && traits === mappings.traits[id]) return;
    if (start > first || end < last) {
      // An arena grows: the border between the part in use and the rest moves up.
      if (start === first && cursor.previous() && cursor.end === start) {
        if (mappings.isPart(cursor.id, id, prot, traits)) {
          map.moveBorder(start, end);
          return;
        }
      }
      map.replace(start, end, mappings.changed(id, prot, traits));
    } else map.setId(start, mappings.changed(id, prot, traits));
    if (start === first) this.join(mappings, start);
    if (end === last) this.join(mappings, end);
  }

  /** Where the memory that is mapped without a hole from an address on ends; `end` at most. */
  mappedUntil(start: number, end: number): number {
    const { cursor } = this;
    let to = start;
    for (let more = cursor.seek(start); more && cursor.start <= to && to < end; more = cursor.next()) to = cursor.end;
    return Math.min(to, end);
  }

  /** The pieces in [start, end), cut at its edges. */
  pieces(start: number, end: number): { start: number; end: number; id: number }[] {
    const { cursor } = this;
    const found = [];
    for (let more = cursor.seek(start); more && cursor.start < end; more = cursor.next())
      found.push({ start: Math.max(cursor.start, start), end: Math.min(cursor.end, end), id: cursor.id });
    return found;
  }

  /** Two parts of one mapping that meet at an address are one again when nothing tells them apart. */
  private join(mappings: Mappings, at: number): void {
    const { cursor, map } = this;
    if (!cursor.seek(at) || cursor.start !== at) return;
    const { end, id } = cursor;
    if (!cursor.previous() || cursor.end !== at || !mappings.alike(cursor.id, id)) return;
    const { start } = cursor;
    map.remove(at);
    map.reshape(start, start, end);
  }
}

/** How an address space begins. */
export interface AddressSpaceBegin {
  readonly number: number;
  readonly pid: number;
  readonly parent: number | null;
  readonly program: string | null;
  readonly line: number;
  readonly event: number;
  readonly time: number;
  /** It is a copy. */
  readonly from?: AddressSpace;
  /** What is mapped at first, in a map that nobody else has; if left out, what `from` has at present. */
  readonly map?: RangeMap | undefined;
}

/** What is known of a mapping whose protection changes. */
function traitsUnder(traits: number, old: number, prot: number): number {
  const writes = (prot & 2) !== 0;
  if (writes) return (traits | Trait.writable) & ~Trait.sealed;
  // Readable now, and no more writable.
  if ((traits & Trait.writable) !== 0 && (old & 2) !== 0 && (prot & 5) !== 0) return traits | Trait.sealed;
  return traits;
}
