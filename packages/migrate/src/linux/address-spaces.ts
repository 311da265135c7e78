import type { RangeMap } from '@overmap/core';
import { CloneFlag, type PendingClone, type StraceCall, type StraceThread } from '@overmap/trace';
import { AddressSpace } from './address-space.ts';

/** Maps of address spaces of the past that are kept for those to come. */
const SPARE = 64;

/**
 * Whose address space is whose: a fork copies it, CLONE_VM and vfork share it until one of the two calls execve, which
 * begins a new one; it goes with the last thread that has it.
 */
export class AddressSpaces {
  /** Children whose parent had to be guessed. */
  guessed = 0;
  private count = 0;
  /** By the slot of the thread. */
  private readonly bySlot: (AddressSpace | undefined)[] = [];
  private readonly spare: RangeMap[] = [];
  /** What interrupted forks copy, by event: their process as it was when they were entered, if others share it. */
  private readonly copies: Map<number, { readonly thread: StraceThread; readonly map: RangeMap }> = new Map();
  private readonly gone: (space: AddressSpace, line: number, time: number) => void;
  private readonly copied: ((child: AddressSpace, parent: AddressSpace) => void) | undefined;

  /**
   * @param gone - told when an address space has gone
   * @param copied - told when one has become the copy of another, by a fork
   */
  constructor(
    gone: (space: AddressSpace, line: number, time: number) => void,
    copied?: (child: AddressSpace, parent: AddressSpace) => void,
  ) {
    this.gone = gone;
    this.copied = copied;
  }

  /** The address space of a thread. */
  of(thread: StraceThread): AddressSpace {
    return this.bySlot[thread.slot] ?? this.begin(thread, null, 0, 0, Number.NaN);
  }

  /** A fork was entered, and has not returned: the kernel copies early, and other threads go on. */
  cloning(call: StraceCall): void {
    const { thread, event } = call;
    const { map, users } = this.of(thread);
    if (!shares(call) && users > 1) this.copies.set(event, { thread, map: map.clone() });
  }

  /** A thread spoke for the first time. @param makers - the clones under way that may have made it, the likeliest first */
  appeared(thread: StraceThread, makers: readonly PendingClone[]): void {
    const maker = makers.at(0);
    if (maker === undefined) return;
    const parent = this.of(maker.thread);
    const sharing = shares(maker);
    if (makers.some((other) => shares(other) !== sharing || this.of(other.thread) !== parent)) this.guessed++;
    this.give(thread, maker.thread, sharing, thread.since, maker.event, Number.NaN);
  }

  /** A clone returned. */
  cloned(call: StraceCall): void {
    const { thread, event, child, childSpoke, line, time } = call;
    const spoke = childSpoke && child !== null && this.bySlot[child.slot] !== undefined;
    if (child !== null && call.ok && !spoke) this.give(child, thread, shares(call), line, event, time);
    this.copies.delete(event);
  }

  /** execve succeeded. @returns the new address space */
  exec(call: StraceCall): AddressSpace {
    const { thread, program, line, event, time } = call;
    const old = this.bySlot[thread.slot];
    this.leave(thread, line, time);
    return this.begin(thread, program, line, event, time, old?.parent ?? null);
  }

  /** A thread is gone. */
  ended(thread: StraceThread, line: number, time: number): void {
    this.leave(thread, line, time);
    for (const [event, copy] of this.copies) if (copy.thread === thread) this.copies.delete(event);
  }

  /** `by` goes on under the number of `thread`. */
  superseded(thread: StraceThread, by: StraceThread): void {
    const space = this.bySlot[by.slot];
    this.leave(thread, 0, Number.NaN);
    this.bySlot[thread.slot] = space;
    this.bySlot[by.slot] = undefined;
  }

  /** All that are there, each once. */
  *[Symbol.iterator](): IterableIterator<AddressSpace> {
    yield* new Set(this.bySlot.filter((space) => space !== undefined));
  }

  /** The maps of all that are there, and those that forks under way will have. */
  *maps(): IterableIterator<RangeMap> {
    for (const { map } of this) yield map;
    for (const { map } of this.copies.values()) yield map;
  }

  /** Mark the mappings that any map has. @returns how many ranges were looked at */
  mark(marks: Uint8Array): number {
    let visited = 0;
    for (const map of this.maps())
      map.forEach((_start, _end, id) => {
        marks[id] = 1;
        visited++;
      });
    return visited;
  }

  /** A thread gets its parent's address space, or a copy. */
  private give(
    child: StraceThread,
    parent: StraceThread,
    sharing: boolean,
    line: number,
    event: number,
    time: number,
  ): void {
    const space = this.of(parent);
    this.leave(child, line, time);
    if (sharing) {
      space.users++;
      this.bySlot[child.slot] = space;
      return;
    }
    const { program } = space;
    const copy = new AddressSpace({
      number: ++this.count,
      pid: child.pid,
      parent: space.pid,
      program,
      line,
      event,
      time,
      from: space,
      map: this.taken(event),
    });
    this.bySlot[child.slot] = copy;
    this.copied?.(copy, space);
  }

  /** What an interrupted fork has copied. */
  private taken(event: number): RangeMap | undefined {
    const map = this.copies.get(event)?.map;
    this.copies.delete(event);
    return map;
  }

  private begin(
    thread: StraceThread,
    program: string | null,
    line: number,
    event: number,
    time: number,
    parent: number | null = null,
  ): AddressSpace {
    const spare = this.spare.pop();
    const space = new AddressSpace({
      number: ++this.count,
      pid: thread.pid,
      parent,
      program,
      line,
      event,
      time,
      map: spare,
    });
    this.bySlot[thread.slot] = space;
    return space;
  }

  private leave(thread: StraceThread, line: number, time: number): void {
    const space = this.bySlot[thread.slot];
    this.bySlot[thread.slot] = undefined;
    if (space === undefined || --space.users > 0) return;
    this.gone(space, line, time);
    if (this.spare.length >= SPARE) return;
    space.map.empty();
    this.spare.push(space.map);
  }
}

const shares = ({ flags }: { readonly flags: number }): boolean => (flags & CloneFlag.vm) !== 0;
