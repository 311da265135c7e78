import { nullDerived, offset, PcuabiSpace, type PcuabiProfile, RangeMap, type UserCapability } from '@overmap/core';
import type { Placed } from './placed.ts';

/** A pointer of the log, as the program would hold it at the target. */
export interface FoundPointer {
  readonly pointer: UserCapability;
  /** The mapping that it comes from; undefined: no known one, so that it is what an integer becomes. */
  readonly placed: Placed | undefined;
}

/** What a {@link Placed} is made from; numbers are given here. */
export type NewPlaced = Omit<Placed, 'number' | 'hole' | 'cause'> & Partial<Pick<Placed, 'cause'>>;

/**
 * One process at two places: the addresses of the log, and the target's space that its calls are made in again. The two
 * share no address that a kernel chose.
 */
export class PcuabiProcess {
  readonly space: PcuabiSpace;
  /**
   * Where the log has what: a mapping keeps its range while its reservation lives, holes included, as the program keeps
   * its capability; but the recorded kernel may give a hole to another one.
   */
  readonly known: RangeMap;
  /** The mappings by number. */
  readonly placed: Map<number, Placed>;
  /** The start of the brk range; NaN = not known yet. */
  heapStart: number;
  /** What stands for it, if it is not empty. */
  heap: Placed | null;
  /** That the target has no brk has been told. */
  brkTold = false;
  private next: number;

  /** @param parent - of a fork: copied */
  constructor(profile: PcuabiProfile, parent?: PcuabiProcess) {
    this.space = parent?.space.clone() ?? new PcuabiSpace(profile);
    this.known = parent?.known.clone() ?? new RangeMap();
    this.placed = new Map([...(parent?.placed ?? [])].map(([number, one]) => [number, { ...one }]));
    this.heapStart = parent?.heapStart ?? Number.NaN;
    this.heap =
      parent?.heap === undefined || parent.heap === null ? null : (this.placed.get(parent.heap.number) ?? null);
    this.next = parent?.next ?? 1;
  }

  /** The pointer that an address of the log is. */
  pointerTo(address: number): FoundPointer {
    const placed = this.placed.get(this.known.find(address));
    if (placed === undefined || placed.capability === null) return { pointer: nullDerived(address), placed };
    return { pointer: offset(this.space.profile.format, placed.capability, address - placed.start), placed };
  }

  /** Whether the log shows that anything in [start, end) was mapped by a call. */
  knows(start: number, end: number): boolean {
    return this.known.overlaps(start, end);
  }

  /** The mappings of which the log has a part in [start, end), upward, each once. */
  within(start: number, end: number): Placed[] {
    const found = new Set<Placed>();
    const at = this.known.cursor();
    for (let more = at.seek(start); more && at.start < end; more = at.next()) {
      const placed = this.placed.get(at.id);
      if (placed !== undefined) found.add(placed);
    }
    return [...found];
  }

  /** The mapping that made a reservation. */
  makerOf(reservation: number): Placed | undefined {
    for (const placed of this.placed.values()) if (placed.reservation === reservation) return placed;
    return undefined;
  }

  /** A call of the log has mapped something. */
  add(made: NewPlaced): Placed {
    const placed: Placed = { cause: null, ...made, number: this.next++, hole: null };
    this.placed.set(placed.number, placed);
    this.forgetHidden(made.start, made.end);
    this.known.replace(made.start, made.end, placed.number);
    return placed;
  }

  /** Forget what the log has in [start, end). */
  forget(start: number, end: number): void {
    this.forgetHidden(start, end);
    this.known.clear(start, end);
  }

  /** Mappings whose reservation has ended at the target are known no more: their capabilities are good for nothing. */
  prune(among: readonly Placed[]): void {
    for (const placed of among) {
      if (placed.capability === null || this.space.reservations.has(placed.reservation)) continue;
      for (const piece of this.piecesOf(placed)) this.known.clear(piece.start, piece.end);
      this.placed.delete(placed.number);
    }
  }

  /** Mappings that are hidden whole by what takes their place are known no more. */
  private forgetHidden(start: number, end: number): void {
    for (const placed of this.within(start, end))
      if (this.piecesOf(placed).every((piece) => piece.start >= start && piece.end <= end))
        this.placed.delete(placed.number);
  }

  private piecesOf({ number, start, end }: Placed): { start: number; end: number }[] {
    const found = [];
    const at = this.known.cursor();
    for (let more = at.seek(start); more && at.start < end; more = at.next())
      if (at.id === number) found.push({ start: at.start, end: at.end });
    return found;
  }
}
