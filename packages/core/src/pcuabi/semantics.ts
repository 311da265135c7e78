import type { MappingRecord, Semantics } from '../semantics.ts';
import { type PcuabiSnapshot, PcuabiSpace } from './address-space.ts';
import { applyEdits } from './apply.ts';
import type { PcuabiCall } from './call.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { PcuabiSink } from './effects.ts';
import { PCUABI, type PcuabiProfile } from './profile.ts';
import { ERROR_NUMBERS } from './refusal.ts';

/**
 * PCuABI Linux, or CheriBSD, behind the interface that all systems share. An outcome is 0 or an error number. A call
 * that is refused may have changed something nevertheless (see docs/pcuabi/model.md): `perform` does that, too.
 *
 * @example
 * ```ts
 * const pcuabi = new PcuabiSemantics();
 * const calls: PcuabiCall[] = [{ call: 'mmap', address: nullDerived(0), length: 4096, prot: PROT.read }];
 * if (pcuabi.check(calls, 0) === 0) pcuabi.perform(calls, 0);
 * pcuabi.last?.returned; // the capability
 * ```
 */
export class PcuabiSemantics implements Semantics<readonly PcuabiCall[], PcuabiSink, PcuabiSnapshot> {
  readonly system: string;
  sink: PcuabiSink | null = null;
  readonly space: PcuabiSpace;
  /** What the last `check` found. */
  last: Decision | null = null;
  private readonly initial: PcuabiSnapshot;

  /** @param profile - default: PCuABI as its trees are read together */
  constructor(profile: PcuabiProfile = PCUABI) {
    this.system = profile.system;
    this.space = new PcuabiSpace(profile);
    this.initial = this.space.snapshot();
  }

  check(calls: readonly PcuabiCall[], i: number): number {
    this.last = decide(this.space, calls[i]);
    return this.last.refusal === null ? 0 : ERROR_NUMBERS[this.last.refusal.error];
  }

  perform(calls: readonly PcuabiCall[], i: number): void {
    this.last ??= decide(this.space, calls[i]);
    applyEdits(this.space, this.last.edits, this.sink);
  }

  reset(): void {
    this.restore(this.initial);
  }

  snapshot(): PcuabiSnapshot {
    return this.space.snapshot();
  }

  restore(snapshot: PcuabiSnapshot): void {
    this.space.restore(snapshot);
    this.last = null;
  }

  /** The mappings of the address space; there is one. Their object is the caller's number of it. */
  mappings(): MappingRecord[] {
    return this.space.listMappings().map(({ start, end, object, prot }) => ({
      object: BigInt(object),
      start: BigInt(start),
      end: BigInt(end),
      protection: BigInt(prot),
    }));
  }
}
