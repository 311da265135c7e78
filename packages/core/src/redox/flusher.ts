import type { AddressSpace } from './address-space.ts';
import type { Machine } from './machine.ts';

/** Entries of a flusher's queue. */
const QUEUE = 32;

/**
 * Collects what translations of a space may be stale, and the frames whose references go once no processor has them any
 * more. A queue that is full is flushed first; {@link Flusher.end} flushes the rest.
 */
export class Flusher {
  private readonly machine: Machine;
  /** Null: no processor has the space loaded, references go at once. */
  private readonly space: AddressSpace | null;
  private queued = 0;
  private frames: number[] = [];

  constructor(machine: Machine, space: AddressSpace | null) {
    this.machine = machine;
    this.space = space;
  }

  /** An entry was written or taken out. @param released - frame that has lost the entry's reference; 0 = none */
  queue(released: number): void {
    if (this.space === null) {
      if (released !== 0) this.machine.frames.release(released);
      return;
    }
    if (this.queued === QUEUE) this.flush();
    this.queued++;
    if (released !== 0) this.frames.push(released);
  }

  end(): void {
    if (this.queued > 0) this.flush();
  }

  private flush(): void {
    const { machine, space, frames } = this;
    if (space !== null) machine.costs.flush(space.remoteProcessors, machine.current === space);
    this.queued = 0;
    this.frames = [];
    for (const frame of frames) machine.frames.release(frame);
  }
}
