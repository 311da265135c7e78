import type { MappingRecord, Semantics } from '../semantics.ts';
import { CAP_WORDS, CapType, OBJECT, TYPE_MASK } from './capability.ts';
import { visitEntries } from './checkpoint.ts';
import type { Columns } from './columns.ts';
import type { EffectSink } from './effects.ts';
import { check, perform } from './invoke.ts';
import { Kernel, type KernelOptions, type KernelSnapshot } from './kernel.ts';

/**
 * seL4 behind the interface that all systems share. Hot paths use the kernel and its functions directly.
 *
 * @example
 * ```ts
 * const sel4 = new Sel4Semantics({ arch: 'aarch64', asidPoolSlot: 1 });
 * if (sel4.check(columns, 0, Policy.strict) === OK) sel4.perform(columns, 0);
 * ```
 */
export class Sel4Semantics implements Semantics<Columns, EffectSink, KernelSnapshot> {
  readonly system = 'sel4';
  readonly kernel: Kernel;
  private readonly initial: KernelSnapshot;

  /** @param options - as for {@link Kernel} */
  constructor(options: KernelOptions) {
    this.kernel = new Kernel(options);
    this.initial = this.kernel.snapshot();
  }

  get sink(): EffectSink | null {
    return this.kernel.sink;
  }

  set sink(sink: EffectSink | null) {
    this.kernel.sink = sink;
  }

  check(columns: Columns, i: number, policy: number): number {
    return check(this.kernel, columns, i, policy);
  }

  perform(columns: Columns, i: number): void {
    perform(this.kernel, columns, i);
  }

  reset(): void {
    this.kernel.restore(this.initial);
  }

  snapshot(): KernelSnapshot {
    return this.kernel.snapshot();
  }

  restore(snapshot: KernelSnapshot): void {
    this.kernel.restore(snapshot);
  }

  /**
   * The pages of a vspace. A large page of aarch32 is one mapping, though it fills 16 entries.
   *
   * @param space - dense slot of a capability to the vspace
   * @throws RangeError when the slot holds no vspace
   */
  mappings(space: number): MappingRecord[] {
    const k = this.kernel;
    const c = space * CAP_WORDS;
    const type = k.caps[c] & TYPE_MASK;
    if (type !== CapType.vspace && type !== CapType.table) throw new RangeError(`slot ${space} holds no vspace`);
    const found: MappingRecord[] = [];
    const wide = (hi: number, lo: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
    visitEntries(k, k.caps[c + OBJECT], (vaddrHi, vaddrLo, _bits, entryHi, entryLo, link) => {
      if (link > 0) return;
      const size = -link - 1;
      const bytes = 1n << BigInt(k.sizeBits[size]);
      const start = wide(vaddrHi, vaddrLo);
      // The other entries of a large page.
      if ((start & (bytes - 1n)) !== 0n) return;
      const maskHi = k.addressMaskHi[size];
      const maskLo = k.addressMaskLo[size];
      found.push({
        object: wide(entryHi & maskHi, entryLo & maskLo) << BigInt(k.addressShift),
        start,
        end: start + bytes,
        protection: wide(entryHi & ~maskHi, entryLo & ~maskLo),
      });
    });
    return found;
  }
}
