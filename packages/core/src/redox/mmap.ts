import type { AddressSpace } from './address-space.ts';
import { failure, KernelPanic } from './errors.ts';
import { MAP, type MemoryType, memoryTypeBits, protectionBits } from './flags.ts';
import { Flusher } from './flusher.ts';
import { MAX_ORDER } from './frame-allocator.ts';
import { OutOfFrames } from './frames.ts';
import type { Grant } from './grant.ts';
import type { Machine } from './machine.ts';
import { isPageMultiple, PAGE_SIZE, type PageSpan, validateNonempty } from './page-span.ts';
import { mapGrant, physicalGrant, type Place, requestedPage, zeroedGrant } from './placement.ts';
import { notify, type UnmapNotice } from './unmap.ts';

/** End of physical memory, in bytes. */
const PHYSICAL_END = 2 ** 52;

/** What a mapping without a file asks for; address and size in bytes. */
export interface AnonymousRequest {
  readonly address: number;
  readonly size: number;
  readonly mapFlags: number;
  readonly memory: MemoryType;
  /** One run of physical memory. */
  readonly contiguous: boolean;
}

/**
 * `mmap` of `memory:zeroed`, or without a file.
 *
 * @returns the address, or EINVAL, EOPNOTSUPP, EEXIST, EBUSY, ENOMEM
 */
export function mmapAnonymous(machine: Machine, space: AddressSpace, request: AnonymousRequest): number {
  const { address, size, mapFlags, contiguous } = request;
  const span = validateNonempty(address, size);
  if (span === null) return failure('EINVAL');
  const shared = (mapFlags & MAP.shared) !== 0;
  if (contiguous && shared) return failure('EOPNOTSUPP');
  const flags = protectionBits(mapFlags) | memoryTypeBits(request.memory);
  const place = { requested: requestedPage(address, mapFlags), count: span.count, mapFlags };
  return mapOne(machine, space, place, (base, flusher) => {
    const pages = { base, count: span.count };
    return contiguous
      ? contiguousGrant(machine, space, pages, flags, flusher)
      : zeroedGrant(machine, space, pages, flags, shared, flusher);
  });
}

/**
 * `mmap` of `memory:physical`: device memory, at an address that the kernel chooses.
 *
 * @param physical - in bytes
 * @returns the address, or EINVAL, ENOMEM, EPERM where a frame is the allocator's
 * @throws KernelPanic at physical address 0
 */
export function mapPhysical(
  machine: Machine,
  space: AddressSpace,
  physical: number,
  size: number,
  mapFlags: number,
  memory: MemoryType,
): number {
  const aligned = isPageMultiple(physical) && isPageMultiple(size);
  if (!aligned || size === 0 || physical + size > PHYSICAL_END) return failure('EINVAL');
  if (physical === 0) throw new KernelPanic('frame 0 was named');
  const flags = protectionBits(mapFlags) | memoryTypeBits(memory);
  const frame = physical / PAGE_SIZE;
  const count = size / PAGE_SIZE;
  return mapOne(machine, space, { requested: -1, count, mapFlags: 0 }, (base, flusher) =>
    machine.frames.allocator.owns({ base: frame, count })
      ? failure('EPERM')
      : physicalGrant(space, { base, count }, frame, flags, flusher),
  );
}

/** Map one thing into one space. @returns the address, or an error */
function mapOne(
  machine: Machine,
  space: AddressSpace,
  place: Place,
  make: (base: number, flusher: Flusher) => Grant | number,
): number {
  const notices: UnmapNotice[] = [];
  const flusher = new Flusher(machine, space);
  const page = machine.holding([space], () => mapGrant(machine, space, place, flusher, notices, make));
  flusher.end();
  notify(machine, notices, page);
  return page < 0 ? page : page * PAGE_SIZE;
}

/** One run of physical memory, all of it mapped. The block is a power of two; its surplus is lost (defect B2). */
function contiguousGrant(
  machine: Machine,
  space: AddressSpace,
  { base, count }: PageSpan,
  flags: number,
  flusher: Flusher,
): Grant | number {
  const { frames } = machine;
  const order = Math.ceil(Math.log2(count));
  if (order > MAX_ORDER) return failure('ENOMEM');
  let first: number;
  try {
    first = frames.takeBlock(order);
  } catch (error) {
    if (error instanceof OutOfFrames) return failure('ENOMEM');
    throw error;
  }
  for (let i = 0; i < count; i++) {
    space.table.map(base + i, first + i, flags);
    flusher.queue(0);
  }
  if (!machine.has('contiguousSurplus')) for (let i = count; i < 2 ** order; i++) frames.give(first + i);
  return { base, count, flags, mapped: true, provider: { kind: 'Allocated', contiguous: true, file: null } };
}
