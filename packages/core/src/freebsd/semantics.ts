import type { MappingRecord, Semantics } from '../semantics.ts';
import type { FreeBsdSink } from './effects.ts';
import { ERRNO } from './errors.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { type FreeBsdOperation, type FreeBsdOutcome, performFreeBsd } from './operation.ts';

/** A state of a machine; it is only read, and copied when it is restored. */
export type FreeBsdSnapshot = Machine;

/**
 * FreeBSD behind the interface that all systems share. An outcome is 0 or an error number. `check` runs the operation on
 * a copy: its cost is that of the state. Use `performFreeBsd` where that matters.
 *
 * @example
 * ```ts
 * const system = new FreeBsdSemantics({ policy: KEY_POLICIES.every_pmap_remove });
 * const operations: FreeBsdOperation[] = [{ op: 'setKey', process: 0, address: 0x1000, length: 4096, key: 5, flags: 0 }];
 * if (system.check(operations, 0) === 0) system.perform(operations, 0);
 * ```
 */
export class FreeBsdSemantics implements Semantics<readonly FreeBsdOperation[], FreeBsdSink, FreeBsdSnapshot> {
  readonly system = 'freebsd';
  sink: FreeBsdSink | null = null;
  machine: Machine;
  /** What the last `check` or `perform` came to. */
  last: FreeBsdOutcome | null = null;
  private readonly initial: Machine;

  constructor(options: MachineOptions = {}) {
    this.machine = new Machine(options);
    this.initial = this.machine.clone();
  }

  check(operations: readonly FreeBsdOperation[], i: number): number {
    this.last = performFreeBsd(this.machine.clone(), operations[i]);
    return this.last.error === null ? 0 : ERRNO[this.last.error];
  }

  perform(operations: readonly FreeBsdOperation[], i: number): void {
    this.machine.sink = this.sink;
    this.last = performFreeBsd(this.machine, operations[i]);
  }

  reset(): void {
    this.restore(this.initial);
  }

  snapshot(): FreeBsdSnapshot {
    return this.machine.clone();
  }

  restore(snapshot: FreeBsdSnapshot): void {
    this.machine = snapshot.clone();
    this.last = null;
  }

  /**
   * The entries of a process. Memory without an object yet has 2^60 and its address for one.
   *
   * @throws RangeError when there is no such process
   */
  mappings(space: number): MappingRecord[] {
    const process = this.machine.processes.get(space);
    if (process === undefined) throw new RangeError(`there is no process ${space}`);
    return process.map.list().map(({ start, end, entry }) => ({
      object: entry.object === null ? (1n << 60n) | BigInt(start) : BigInt(entry.object),
      start: BigInt(start),
      end: BigInt(end),
      protection: BigInt(entry.prot),
    }));
  }
}
