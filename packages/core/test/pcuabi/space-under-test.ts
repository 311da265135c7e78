import { PcuabiSpace } from '../../src/pcuabi/address-space.ts';
import { applyEdits } from '../../src/pcuabi/apply.ts';
import type { MmapCall, PcuabiCall } from '../../src/pcuabi/call.ts';
import { decide } from '../../src/pcuabi/decide.ts';
import type { Decision } from '../../src/pcuabi/decision.ts';
import type { PcuabiSink } from '../../src/pcuabi/effects.ts';
import { PROT } from '../../src/pcuabi/permissions.ts';
import { PCUABI, type PcuabiProfile } from '../../src/pcuabi/profile.ts';
import { nullDerived, offset, type UserCapability } from '../../src/pcuabi/user-capability.ts';

export const PAGE = 0x1000;
/** A place that tests map at. */
export const AT = 0x100000000;
export const RW = PROT.read | PROT.write;

/** A space that is driven call by call. */
export class SpaceUnderTest {
  readonly space: PcuabiSpace;
  sink: PcuabiSink | null = null;

  constructor(profile: Partial<PcuabiProfile> = {}) {
    this.space = new PcuabiSpace({ ...PCUABI, ...profile });
  }

  /** Make a call. */
  run(call: PcuabiCall): Decision {
    const decision = decide(this.space, call);
    applyEdits(this.space, decision.edits, this.sink);
    return decision;
  }

  /** Make a call. @returns "ok", or the error */
  result(call: PcuabiCall): string {
    return this.run(call).refusal?.error ?? 'ok';
  }

  /** Map `pages` pages at a fixed, null-derived address. @returns the root capability */
  map(address: number, pages: number, rest: Partial<MmapCall> = {}): UserCapability {
    const call: MmapCall = {
      call: 'mmap',
      address: nullDerived(address),
      length: pages * PAGE,
      prot: RW,
      fixed: true,
      ...rest,
    };
    const { refusal, returned } = this.run(call);
    if (refusal !== null || returned === null) throw new Error(`it was refused: ${refusal?.check}`);
    return returned;
  }

  unmap(pointer: UserCapability, page: number, pages: number): string {
    return this.result({ call: 'munmap', address: this.at(pointer, page), length: pages * PAGE });
  }

  /** A pointer, so many pages on. */
  at(pointer: UserCapability, page: number): UserCapability {
    return offset(this.space.profile.format, pointer, page * PAGE);
  }

  /** Mapped runs as [first page, pages] from `AT`. */
  runs(): number[][] {
    return this.space.listMappings().map(({ start, end }) => [(start - AT) / PAGE, (end - start) / PAGE]);
  }
}

/** mmap with the defaults of tests: a page, readable and writable. */
export const mmap = (address: UserCapability, rest: Partial<MmapCall> = {}): MmapCall => ({
  call: 'mmap',
  address,
  length: PAGE,
  prot: RW,
  ...rest,
});
