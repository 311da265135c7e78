/**
 * A mapping as every system shows it: an object at an address range of an address space, with its protection. Entries,
 * slots, keys and reference counts stay each system's own; comparisons, reports and cross-system audits see only this.
 */
export interface MappingRecord {
  /** Identity of the object: a frame's physical address in seL4. */
  readonly object: bigint;
  /** First address. */
  readonly start: bigint;
  /** First address behind it. */
  readonly end: bigint;
  /** Protection and attributes as the system encodes them, the object's address left out. */
  readonly protection: bigint;
}

/**
 * A semantics takes an operation and answers an outcome, and the effects that really happened. Deterministic: the same
 * operations from the same state give the same outcomes, effects and state.
 *
 * @typeParam Columns - the batch of operations that it reads, one typed array for each field
 * @typeParam Sink - the receiver of its effects
 */
export interface Semantics<Columns, Sink, Snapshot> {
  /** The system's name, as in traces' `system`. */
  readonly system: string;
  /** Effects go here; null = nobody listens. */
  sink: Sink | null;
  /** The outcome of row `i` under a policy, packed. Pure. */
  check(columns: Columns, i: number, policy: number): number;
  /** Perform row `i`, which `check` has just answered with success. */
  perform(columns: Columns, i: number): void;
  /** Return to the state in which it was made. */
  reset(): void;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  /** The mappings of an address space, in address order. `space` is the system's own handle of one. */
  mappings(space: number): Iterable<MappingRecord>;
}
