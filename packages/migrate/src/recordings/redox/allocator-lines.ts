import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import type { Compare } from './compare.ts';
import { hexAt, listAt, MalformedRecord, numberAt, recordAt, rowsAt, textAt } from './record-reader.ts';

const { DEFECTS, FrameAllocator, MAX_ORDER, MAX_SECTION_FRAMES, REFERENCE_BITS } = redox;

const CONSTANTS: Readonly<Record<string, bigint>> = {
  RC_USED_NOT_FREE: REFERENCE_BITS.used,
  RC_SHARED_NOT_COW: REFERENCE_BITS.shared,
  RC_MAX: REFERENCE_BITS.most,
  RC_COUNT_MASK: REFERENCE_BITS.count,
  MAX_SECTION_PAGE_COUNT: BigInt(MAX_SECTION_FRAMES),
  MAX_ORDER: BigInt(MAX_ORDER),
};

/** A constant of the kernel. @returns why it was not compared, or null */
export function constLine(record: LineRecord, compare: Compare): string | null {
  const name = textAt(record, 'name');
  if (!Object.hasOwn(CONSTANTS, name)) return `constant "${name.slice(0, 40)}" is not known`;
  compare('hex', hexAt(record, 'hex').toString(16), CONSTANTS[name].toString(16));
  return null;
}

const ranges = (rows: readonly (readonly number[])[]): redox.FrameRange[] =>
  rows.map(([base, count]) => ({ base, count }));

/** An allocator after booting, when the zeroed frame is the only one that was given out. */
function booted(areas: readonly redox.FrameRange[], policy: number): redox.FrameAllocator {
  const allocator = new FrameAllocator(areas, (policy & DEFECTS.buddyZero) !== 0);
  allocator.allocate(0);
  return allocator;
}

const shownSections = ({ sections }: redox.FrameAllocator): number[][] =>
  sections.map(({ base, count }) => [base, count]);

/** Memory at boot, and the sections and free lists that come of it. */
export function sectionsLine(record: LineRecord, compare: Compare, policy: number): null {
  const allocator = booted(ranges(rowsAt(record, 'areas', 2)), policy);
  compare('sections', record.sections, shownSections(allocator));
  compare('free_counts_by_order', record.free_counts_by_order, allocator.freeCounts());
  compare('total', record.total, allocator.total);
  return null;
}

/** Blocks of frames taken and given back. */
export class BuddyLines {
  private allocator: redox.FrameAllocator | null = null;
  /** Order of each block that is taken, by its first frame. */
  private readonly taken = new Map<number, number>();
  private readonly policy: number;

  constructor(policy: number) {
    this.policy = policy;
  }

  /** @throws MalformedRecord */
  begin(record: LineRecord, compare: Compare): null {
    // The recording names the sections. The frame before the first one held the kernel's root table.
    const areas = ranges(rowsAt(record, 'sections', 2)).map(({ base, count }, i) =>
      i === 0 ? { base: base - 1, count: count + 1 } : { base, count },
    );
    this.allocator = booted(areas, this.policy);
    this.taken.clear();
    compare('sections', record.sections, shownSections(this.allocator));
    compare('heads', record.heads, this.allocator.freeHeads());
    compare('total', record.total, this.allocator.total);
    return this.compareLists(this.allocator, record, compare);
  }

  /** @returns why the step was not compared, or null @throws MalformedRecord */
  step(record: LineRecord, compare: Compare): string | null {
    const { allocator } = this;
    if (allocator === null) return 'no buddy-init';
    const input = recordAt(record, 'in');
    const op = textAt(input, 'op');
    const order = numberAt(input, 'order');
    if (op === 'alloc') {
      const frame = allocator.allocate(order);
      if (frame >= 0) this.taken.set(frame, order);
      compare('out', record.out, frame < 0 ? null : frame);
    } else if (op === 'free') {
      const frame = numberAt(input, 'frame');
      if (this.taken.get(frame) !== order)
        throw new MalformedRecord('frame', 'expected a block that is taken, and its order');
      this.taken.delete(frame);
      allocator.free(frame, order);
    } else return `operation "${op.slice(0, 40)}" is not known`;
    return this.compareLists(allocator, record, compare);
  }

  /** All blocks that are taken still are given back. @returns why it was not compared, or null @throws MalformedRecord */
  end(record: LineRecord, compare: Compare): string | null {
    const { allocator } = this;
    for (const [frame, order] of this.taken) allocator?.free(frame, order);
    this.taken.clear();
    this.allocator = null;
    return allocator === null ? 'no buddy-init' : this.compareLists(allocator, record, compare);
  }

  private compareLists(allocator: redox.FrameAllocator, record: LineRecord, compare: Compare): null {
    compare('free_counts_by_order', listAt(record, 'free_counts_by_order'), allocator.freeCounts());
    compare('used', numberAt(record, 'used'), allocator.used);
    return null;
  }
}
