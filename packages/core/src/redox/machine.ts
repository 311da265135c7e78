import { AddressSpace } from './address-space.ts';
import { FlushCosts } from './costs.ts';
import { type DefectName, DEFECTS, REDOX_POLICIES } from './defects.ts';
import type { RedoxSink, SchemeListener } from './effects.ts';
import { KernelPanic } from './errors.ts';
import type { FrameRange } from './frame-allocator.ts';
import { Frames } from './frames.ts';

/** What a machine is made with. */
export interface MachineOptions {
  /** Physical memory at boot. Default: 16 MiB to 64 MiB. */
  readonly memory?: readonly FrameRange[];
  /** Bits of {@link DEFECTS} that are kept. Default: all, as recorded. */
  readonly policy?: number;
}

const DEFAULT_MEMORY: readonly FrameRange[] = [{ base: 0x1000, count: 0x3000 }];

/** Physical memory and address spaces of one kernel; what is done to them stands in the modules named after the calls. */
export class Machine {
  readonly frames: Frames;
  readonly policy: number;
  readonly costs = new FlushCosts();
  /** Address spaces that somebody owns, by number. */
  readonly spaces = new Map<number, AddressSpace>();
  /** Spaces without an owner, that grants of others still refer to. */
  readonly orphans = new Set<AddressSpace>();
  /** The space that this processor has loaded. */
  current: AddressSpace | null = null;
  sink: RedoxSink | null = null;
  schemes: SchemeListener | null = null;
  /** Spaces whose locks a call holds while it maps. */
  private readonly locked = new Set<AddressSpace>();

  /**
   * @param from - what to copy (without those who listen), or what to make it with
   * @param policy - the defects that are kept, where a copy is to keep others; B16 stays as it was in the copied one
   */
  constructor(from: Machine | MachineOptions = {}, policy = from.policy ?? REDOX_POLICIES.asIs) {
    this.policy = policy;
    if (from instanceof Machine) {
      this.frames = new Frames(from.frames);
      this.copySpaces(from);
      return;
    }
    this.frames = new Frames({ areas: from.memory ?? DEFAULT_MEMORY, buddyZeroPanics: this.has('buddyZero') });
  }

  /** Whether a defect is kept. */
  has(defect: DefectName): boolean {
    return (this.policy & DEFECTS[defect]) !== 0;
  }

  /** A new, empty address space. @throws OutOfFrames; RangeError when there is one of that number */
  addSpace(id: number, remoteProcessors = 0): AddressSpace {
    if (this.spaces.has(id)) throw new RangeError(`there is an address space ${id} already`);
    const space = new AddressSpace(id, this.frames, remoteProcessors);
    this.spaces.set(id, space);
    return space;
  }

  /** Hold the locks of spaces while something is done. */
  holding<Result>(spaces: readonly AddressSpace[], work: () => Result): Result {
    const added = spaces.filter((space) => !this.locked.has(space));
    for (const space of added) this.locked.add(space);
    try {
      return work();
    } finally {
      for (const space of added) this.locked.delete(space);
    }
  }

  /** Take a lock for a moment. @throws KernelPanic when it is held: the kernel would wait for ever (defect B13) */
  lock(space: AddressSpace): void {
    if (this.locked.has(space) && this.has('deadlock')) throw new KernelPanic('a lock that is held is waited for');
  }

  /** Let a lock go that the caller of a call holds, while that call runs. */
  releasing<Result>(space: AddressSpace, work: () => Result): Result {
    const held = this.locked.delete(space);
    try {
      return work();
    } finally {
      if (held) this.locked.add(space);
    }
  }

  private copySpaces(from: Machine): void {
    const copies = new Map<AddressSpace, AddressSpace>();
    for (const space of [...from.spaces.values(), ...from.orphans]) {
      const copy = new AddressSpace(space.id, this.frames, space.remoteProcessors, space);
      copy.minPage = space.minPage;
      copy.orphaned = space.orphaned;
      copies.set(space, copy);
      if (space.orphaned) this.orphans.add(copy);
      else this.spaces.set(space.id, copy);
      if (from.current === space) this.current = copy;
    }
    for (const [space, copy] of copies) {
      copy.grants.copyFrom(space.grants, (grant) => {
        const { provider } = grant;
        if (provider.kind !== 'External' || provider.source === null) return grant;
        return { ...grant, provider: { ...provider, source: copies.get(provider.source) ?? null } };
      });
    }
    Object.assign(this.costs, from.costs);
  }
}
