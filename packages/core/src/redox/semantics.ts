import type { MappingRecord, Semantics } from '../semantics.ts';
import type { RedoxSink } from './effects.ts';
import { ERRNO } from './errors.ts';
import type { Grant, Provider } from './grant.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { performRedox, type RedoxOperation, type RedoxOutcome } from './operation.ts';
import { PAGE_SIZE } from './page-span.ts';

/** A state of a machine; it is only read, and copied when it is restored. */
export type RedoxSnapshot = Machine;

/** What `check` answers of a page fault that is not corrected, and of a panic: behind all error numbers. */
const FAULTED = 1000;
const PANICKED = 1001;

/**
 * Redox behind the interface that all systems share. An outcome is 0, an error number, or one for faults and panics.
 * `check` runs the operation on a copy, since a call of Redox that fails may have changed something by then: its cost
 * is that of the state. Use `performRedox` where that matters.
 *
 * @example
 * ```ts
 * const system = new RedoxSemantics({ policy: REDOX_POLICIES.intended });
 * const operations: RedoxOperation[] = [{ op: 'fork', space: 0, child: 1 }];
 * if (system.check(operations, 0) === 0) system.perform(operations, 0);
 * [...system.mappings(1)];
 * ```
 */
export class RedoxSemantics implements Semantics<readonly RedoxOperation[], RedoxSink, RedoxSnapshot> {
  readonly system = 'redox';
  sink: RedoxSink | null = null;
  /** Starts with one address space, number 0. */
  machine: Machine;
  /** What the last `check` or `perform` came to. */
  last: RedoxOutcome | null = null;
  private readonly initial: Machine;

  constructor(options: MachineOptions = {}) {
    this.machine = new Machine(options);
    this.machine.addSpace(0);
    this.initial = this.snapshot();
  }

  check(operations: readonly RedoxOperation[], i: number): number {
    this.last = performRedox(new Machine(this.machine), operations[i]);
    switch (this.last.kind) {
      case 'done':
      case 'accessed':
        return 0;
      case 'error':
        return ERRNO[this.last.error];
      case 'fault':
        return FAULTED;
      case 'panic':
        return PANICKED;
    }
  }

  perform(operations: readonly RedoxOperation[], i: number): void {
    this.machine.sink = this.sink;
    this.last = performRedox(this.machine, operations[i]);
  }

  reset(): void {
    this.restore(this.initial);
  }

  snapshot(): RedoxSnapshot {
    return new Machine(this.machine);
  }

  restore(snapshot: RedoxSnapshot): void {
    this.machine = new Machine(snapshot);
    this.last = null;
  }

  /** The grants of an address space. @throws RangeError when there is no such space */
  mappings(space: number): MappingRecord[] {
    const found = this.machine.spaces.get(space);
    if (found === undefined) throw new RangeError(`there is no address space ${space}`);
    return found.grants.list().map((grant) => mappingRecord(space, grant));
  }
}

const bytes = (pages: number): bigint => BigInt(pages) * BigInt(PAGE_SIZE);

function mappingRecord(space: number, grant: Grant): MappingRecord {
  return {
    object: mappedObject(space, grant.provider),
    start: bytes(grant.base),
    end: bytes(grant.base + grant.count),
    protection: BigInt(grant.flags),
  };
}

/**
 * What is mapped, as a number: a physical address; from 2^60 on the private memory of a space, from 2^61 on its shared
 * memory, from 2^62 on an address of another space, from 2^63 on a file.
 */
function mappedObject(space: number, provider: Provider): bigint {
  const within = (owner: number, place: bigint): bigint => (BigInt(owner) << 48n) | place;
  switch (provider.kind) {
    case 'PhysBorrowed':
      return bytes(provider.frame);
    case 'Allocated':
      return (1n << 60n) | within(space, 0n);
    case 'AllocatedShared':
      return (1n << 61n) | within(space, 0n);
    case 'External':
      return (1n << 62n) | within(provider.source?.id ?? 0, bytes(provider.sourceBase));
    case 'FmapBorrowed':
      return (1n << 63n) | within(provider.file.file, bytes(provider.file.offset));
  }
}
