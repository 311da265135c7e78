import type { MappingRecord, Semantics } from '../semantics.ts';
import { AddressSpace, type LinuxConfig, type LinuxSnapshot } from './address-space.ts';
import { type LinuxColumns, LinuxOp } from './columns.ts';
import type { LinuxSink } from './effects.ts';
import { Errno } from './errno.ts';
import { checkMmap, performMmap } from './mmap.ts';
import { performMprotect } from './mprotect.ts';
import { performMremap } from './mremap.ts';
import { performMremapBefore617 } from './mremap-before-6-17.ts';
import { checkMunmap, removeMappings } from './munmap.ts';
import { roundUp } from './argument.ts';
import { checkTouch, performTouch } from './touch.ts';

/**
 * Run row `i`: check it, and do what it does. Unlike an invocation of seL4, a call that ends with an error may have done a
 * part of its work: mprotect below the place where it stopped, mremap at its target.
 *
 * @returns how it ended; `space.at` is the page of the address that mmap and mremap give
 */
export function runCall(space: AddressSpace, calls: LinuxColumns, i: number): Errno {
  switch (calls.op[i]) {
    case LinuxOp.mmap: {
      const error = checkMmap(space, calls, i);
      if (error === Errno.OK) performMmap(space, calls, i);
      space.tidy();
      return error;
    }
    case LinuxOp.munmap: {
      const error = checkUnmapRow(space, calls, i);
      if (error === Errno.OK) unmapRow(space, calls, i);
      return error;
    }
    case LinuxOp.mprotect:
      return performMprotect(space, calls, i);
    case LinuxOp.mremap:
      return space.before617 ? performMremapBefore617(space, calls, i) : performMremap(space, calls, i);
    default: {
      const error = checkTouch(space, calls.addrPage[i]);
      if (error === Errno.OK) performTouch(space, calls.addrPage[i]);
      space.tidy();
      return error;
    }
  }
}

const checkUnmapRow = (space: AddressSpace, calls: LinuxColumns, i: number): Errno =>
  checkMunmap(space, calls.addrPage[i], calls.addrOffset[i], calls.lenPage[i], calls.lenOffset[i]);

function unmapRow(space: AddressSpace, calls: LinuxColumns, i: number): void {
  const start = calls.addrPage[i];
  removeMappings(space, start, start + roundUp(calls.lenPage[i], calls.lenOffset[i]), 'vanished');
}

/**
 * What row `i` would answer. Pure: mmap, munmap and touch are only looked at; mprotect and mremap, whose answer comes of
 * what they do on the way, are rehearsed on a copy of the ranges, which costs no more than what they change.
 */
export function checkCall(space: AddressSpace, calls: LinuxColumns, i: number): Errno {
  switch (calls.op[i]) {
    case LinuxOp.mmap:
      return checkMmap(space, calls, i);
    case LinuxOp.munmap:
      return checkUnmapRow(space, calls, i);
    case LinuxOp.touch:
      return checkTouch(space, calls.addrPage[i]);
    default:
      return rehearse(space, calls, i);
  }
}

function rehearse(space: AddressSpace, calls: LinuxColumns, i: number): Errno {
  const { map, attributes, sink } = space;
  space.use(map.clone());
  space.sink = null;
  const error = runCall(space, calls, i);
  space.use(map);
  space.attributes = attributes;
  space.sink = sink;
  return error;
}

/**
 * The memory of a Linux process behind the interface that all systems share.
 *
 * @example
 * ```ts
 * const linux = new LinuxSemantics();
 * const calls = new LinuxColumns();
 * calls.set(0, { op: 'mmap', len: 8192, prot: Prot.READ, flags: MapFlag.PRIVATE | MapFlag.ANONYMOUS });
 * if (linux.check(calls, 0) === Errno.OK) linux.perform(calls, 0);
 * linux.space.at * PAGE_SIZE; // the address
 * ```
 */
export class LinuxSemantics implements Semantics<LinuxColumns, LinuxSink, LinuxSnapshot> {
  readonly system = 'linux';
  readonly space: AddressSpace;
  private readonly initial: LinuxSnapshot;

  constructor(config: LinuxConfig = {}) {
    this.space = new AddressSpace(config);
    this.initial = this.space.snapshot();
  }

  get sink(): LinuxSink | null {
    return this.space.sink;
  }

  set sink(sink: LinuxSink | null) {
    this.space.sink = sink;
  }

  /** Linux has one policy: which rules of mremap hold is the address space's own. */
  check(calls: LinuxColumns, i: number): number {
    return checkCall(this.space, calls, i);
  }

  /** Does what the row does, also where that is a part of what was asked, and an error. */
  perform(calls: LinuxColumns, i: number): void {
    runCall(this.space, calls, i);
  }

  reset(): void {
    this.space.restore(this.initial);
  }

  snapshot(): LinuxSnapshot {
    return this.space.snapshot();
  }

  restore(snapshot: LinuxSnapshot): void {
    this.space.restore(snapshot);
  }

  /** The VMAs. The object is the file's number, 0 = anonymous memory; the protection the VMA's flags. */
  mappings(): MappingRecord[] {
    const { attributes, map } = this.space;
    const records: MappingRecord[] = [];
    map.forEach((start, end, id) => {
      records.push({
        object: BigInt(Math.max(attributes.file[id], 0)),
        start: BigInt(start) << 12n,
        end: BigInt(end) << 12n,
        protection: BigInt(attributes.flags[id]),
      });
    });
    return records;
  }
}
