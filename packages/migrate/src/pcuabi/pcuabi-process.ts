import { nullDerived, offset, PcuabiSpace, type PcuabiProfile, RangeMap, type UserCapability } from '@overmap/core';
import type { Placed } from './placed.ts';

/** A pointer of the log, as the program would hold it at the target. */
export interface FoundPointer {
  readonly pointer: UserCapability;
  /** The mapping that it comes from; undefined: no known one, so that it is what an integer becomes. */
  readonly placed: Placed | undefined;
}

/** What a {@link Placed} is made from; numbers are given here. */
export type NewPlaced = Omit<Placed, 'number' | 'bytes' | 'hole' | 'cause'> & Partial<Pick<Placed, 'cause'>>;

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
  /** The number of the mapping that made a reservation. */
  private readonly makers: Map<number, number>;

  /** @param parent - of a fork: copied */
  constructor(profile: PcuabiProfile, parent?: PcuabiProcess) {
    this.space = parent?.space.clone() ?? new PcuabiSpace(profile);
    this.known = parent?.known.clone() ?? new RangeMap();
    this.placed = new Map([...(parent?.placed ?? [])].map(([number, one]) => [number, { ...one }]));
    this.heapStart = parent?.heapStart ?? Number.NaN;
    this.heap =
      parent?.heap === undefined || parent.heap === null ? null : (this.placed.get(parent.heap.number) ?? null);
    this.next = parent?.next ?? 1;
    this.makers = new Map(parent?.makers);
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
    return this.placed.get(this.makers.get(reservation) ?? 0);
  }

  /** A call of the log has mapped something: what was there is hidden. */
  add(made: NewPlaced): Placed {
    const { start, end, reservation } = made;
    const placed: Placed = { cause: null, ...made, number: this.next++, bytes: end - start, hole: null };
    this.known.replace(start, end, placed.number, this.hidden);
    this.placed.set(placed.number, placed);
    if (reservation !== 0 && this.makerOf(reservation) === undefined) this.makers.set(reservation, placed.number);
    return placed;
  }

  /** Forget what the log has in [start, end). */
  forget(start: number, end: number): void {
    this.known.clear(start, end, this.hidden);
  }

  /** Mappings whose reservation has ended at the target are known no more: their capabilities are good for nothing. */
  prune(among: readonly Placed[]): void {
    for (const placed of among) {
      if (placed.capability === null || this.space.reservations.has(placed.reservation)) continue;
      const pieces: [number, number][] = [];
      const at = this.known.cursor();
      for (let more = at.seek(placed.start); more && at.start < placed.end; more = at.next())
        if (at.id === placed.number) pieces.push([at.start, at.end]);
      for (const [start, end] of pieces) this.forget(start, end);
    }
  }

  /** A piece of a range goes; with its last one the mapping is known no more. */
  private readonly hidden = (start: number, end: number, id: number): void => {
    const placed = this.placed.get(id);
    if (placed === undefined) return;
    placed.bytes -= end - start;
    if (placed.bytes > 0) return;
    this.placed.delete(id);
    if (this.makers.get(placed.reservation) === id) this.makers.delete(placed.reservation);
  };
}
