import { KernelPanic } from './errors.ts';
import { PageInfos } from './page-info.ts';
import { PAGE_SIZE } from './page-span.ts';

/** Blocks have 2^order frames, with an order from 0 to this. */
export const MAX_ORDER = 10;
/** Frames of a section at most, 128 MiB; a section does not cross a multiple of this either. */
export const MAX_SECTION_FRAMES = 0x8000;
/** Bytes of a frame's entry: the references' word, and a link. */
const PAGE_INFO_BYTES = 16;
/** Bytes of an entry in the list of sections. */
const SECTION_BYTES = 24;
/** The block whose buddy would be frame 0 (defect B16): physical 2 MiB. */
const BUDDY_OF_ZERO = 512;

/** Physical memory: `count` frames from `base` on. */
export interface FrameRange {
  readonly base: number;
  readonly count: number;
}

interface Section extends FrameRange {
  /** Place of its first frame in the arrays of all sections. */
  readonly first: number;
}

const NONE = -1;

/** Memory areas in pieces that a section may hold; areas that touch are joined first. */
function sectionRanges(areas: readonly FrameRange[]): FrameRange[] {
  const joined: FrameRange[] = [];
  for (const { base, count } of areas) {
    const last = joined.at(-1);
    if (count === 0) continue;
    if (last !== undefined && last.base + last.count === base)
      joined[joined.length - 1] = { base: last.base, count: last.count + count };
    else joined.push({ base, count });
  }
  const ranges: FrameRange[] = [];
  for (const area of joined) {
    let { base, count } = area;
    while (count > 0) {
      const piece = Math.min(count, MAX_SECTION_FRAMES - (base % MAX_SECTION_FRAMES));
      ranges.push({ base, count: piece });
      base += piece;
      count -= piece;
    }
  }
  return ranges;
}

/**
 * The frames of physical memory that the kernel gives out: sections with an entry for each frame, and a buddy allocator
 * over them. A frame without an entry is device memory.
 */
export class FrameAllocator {
  readonly sections: readonly Section[];
  /** The references of each frame, by {@link FrameAllocator.index}. */
  readonly infos: PageInfos;
  /** Frames of all sections. */
  readonly total: number;
  /** Frames given out. What was used while booting is not counted. */
  used = 0;
  private readonly areas: readonly FrameRange[];
  private readonly buddyZeroPanics: boolean;
  /** By index: the order of a free block's first frame, or -1. */
  private readonly orders: Int8Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly heads = new Int32Array(MAX_ORDER + 1).fill(NONE);
  private readonly counts = new Int32Array(MAX_ORDER + 1);

  /**
   * @param areas - memory at boot, upward. The first frame of the first one holds the kernel's root table by then
   * @param buddyZeroPanics - defect B16
   */
  constructor(areas: readonly FrameRange[], buddyZeroPanics = true) {
    this.areas = areas;
    this.buddyZeroPanics = buddyZeroPanics;
    const left = areas.map(({ base, count }, i) => (i === 0 ? { base: base + 1, count: count - 1 } : { base, count }));
    let total = 0;
    this.sections = sectionRanges(left).map((range) => {
      const section = { ...range, first: total };
      total += range.count;
      return section;
    });
    this.total = total;
    this.infos = new PageInfos(total);
    this.orders = new Int8Array(total).fill(NONE);
    this.next = new Int32Array(total).fill(NONE);
    this.previous = new Int32Array(total).fill(NONE);
    this.fillLists(left.filter(({ count }) => count > 0));
  }

  /** Where a frame's entry is, or -1: it is device memory. */
  index(frame: number): number {
    const { sections } = this;
    let low = 0;
    let high = sections.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sections[middle].base <= frame) low = middle + 1;
      else high = middle;
    }
    const section = sections[low - 1];
    return section !== undefined && frame < section.base + section.count ? section.first + frame - section.base : NONE;
  }

  /** Whether any frame of a range is the allocator's. */
  owns({ base, count }: FrameRange): boolean {
    return this.sections.some((section) => section.base < base + count && base < section.base + section.count);
  }

  /** The length of the free list of each order. */
  freeCounts(): number[] {
    return [...this.counts];
  }

  /** The first block of each order's free list; 0 = the list is empty. */
  freeHeads(): number[] {
    return [...this.heads].map((i) => (i === NONE ? 0 : this.frameAt(i)));
  }

  /** Take a block of 2^order frames. @returns its first frame, or -1 when there is none */
  allocate(order: number): number {
    let from = order;
    while (from <= MAX_ORDER && this.heads[from] === NONE) from++;
    if (from > MAX_ORDER) return NONE;
    const i = this.heads[from];
    this.unlink(i);
    const frame = this.frameAt(i);
    // The lower half is kept each time.
    while (from > order) {
      from--;
      this.push(this.index(frame + 2 ** from), from);
    }
    this.used += 2 ** order;
    return frame;
  }

  /** Give a block of 2^order frames back; it grows as long as its buddy is free as well. @throws KernelPanic (B16) */
  free(frame: number, order: number): void {
    let base = frame;
    let size = order;
    this.used -= 2 ** order;
    for (let i = 0; i < 2 ** order; i++) this.infos.setFree(this.index(frame + i));
    for (; size < MAX_ORDER; size++) {
      const buddy = Math.floor(base / 2 ** (size + 1)) * 2 ** (size + 1) === base ? base + 2 ** size : base - 2 ** size;
      if (buddy === 0 && size === 9 && base === BUDDY_OF_ZERO && this.buddyZeroPanics)
        throw new KernelPanic('the buddy of a block is frame 0');
      const i = this.index(buddy);
      if (i === NONE || this.orders[i] < size) break;
      this.unlink(i);
      base = Math.min(base, buddy);
    }
    this.push(this.index(base), size);
  }

  /** A copy that is changed apart from this one. */
  clone(): FrameAllocator {
    const copy = new FrameAllocator(this.areas, this.buddyZeroPanics);
    copy.infos.copyFrom(this.infos);
    copy.used = this.used;
    copy.orders.set(this.orders);
    copy.next.set(this.next);
    copy.previous.set(this.previous);
    copy.heads.set(this.heads);
    copy.counts.set(this.counts);
    return copy;
  }

  private frameAt(i: number): number {
    const section = this.sections.find(({ first, count }) => i >= first && i < first + count);
    return section === undefined ? 0 : section.base + i - section.first;
  }

  private push(i: number, order: number): void {
    const head = this.heads[order];
    this.orders[i] = order;
    this.previous[i] = NONE;
    this.next[i] = head;
    if (head !== NONE) this.previous[head] = i;
    this.heads[order] = i;
    this.counts[order]++;
  }

  private unlink(i: number): void {
    const order = this.orders[i];
    const before = this.previous[i];
    const after = this.next[i];
    if (before === NONE) this.heads[order] = after;
    else this.next[before] = after;
    if (after !== NONE) this.previous[after] = before;
    this.orders[i] = NONE;
    this.counts[order]--;
  }

  /**
   * Make the free lists. Booting has taken memory from the start of the areas, for the list of sections and their
   * entries; a block of which it took any part is left out as a whole (seen in the recording, docs/redox/observed.md).
   */
  private fillLists(areas: readonly FrameRange[]): void {
    let booted = Math.ceil((this.sections.length * SECTION_BYTES) / PAGE_SIZE);
    for (const { count } of this.sections) booted += Math.ceil((count * PAGE_INFO_BYTES) / PAGE_SIZE);
    const taken: FrameRange[] = [];
    for (const { base, count } of areas) {
      if (booted === 0) break;
      const part = Math.min(booted, count);
      taken.push({ base, count: part });
      booted -= part;
    }
    const isTaken = (base: number, count: number): boolean =>
      taken.some((range) => range.base < base + count && base < range.base + range.count);
    const blocks: { base: number; order: number }[] = [];
    for (const section of this.sections) {
      let { base } = section;
      const end = base + section.count;
      while (base < end) {
        let order = 0;
        while (order < MAX_ORDER && base % 2 ** (order + 1) === 0 && base + 2 ** (order + 1) <= end) order++;
        if (!isTaken(base, 2 ** order)) blocks.push({ base, order });
        base += 2 ** order;
      }
    }
    // Pushed at the head: the lowest block comes first in its list when it is pushed last.
    for (const { base, order } of blocks.reverse()) this.push(this.index(base), order);
  }
}
