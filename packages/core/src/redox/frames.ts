import { KernelPanic } from './errors.ts';
import { FrameAllocator, type FrameRange } from './frame-allocator.ts';
import type { AddRefOutcome, RefKind } from './page-info.ts';
import type { TableFrames } from './page-table.ts';

/** Out of memory while a table or page is made; callers that answer an error for it catch it. */
export class OutOfFrames extends Error {
  override readonly name = 'OutOfFrames';
}

/**
 * Physical memory: who refers to a frame, and the word at its start. The zeroed frame is shown wherever fresh memory is
 * only read; it has one reference of its own, so that it always counts as copy-on-write.
 */
export class Frames implements TableFrames {
  readonly allocator: FrameAllocator;
  readonly zeroed: number;
  private readonly words: Float64Array;
  private readonly deviceWords: Map<number, number>;

  /** @param from - what to copy, or the memory at boot */
  constructor(from: Frames | { readonly areas: readonly FrameRange[]; readonly buddyZeroPanics: boolean }) {
    const copied = from instanceof Frames;
    this.allocator = copied ? from.allocator.clone() : new FrameAllocator(from.areas, from.buddyZeroPanics);
    this.words = copied ? from.words.slice() : new Float64Array(this.allocator.total);
    this.deviceWords = new Map(copied ? from.deviceWords : []);
    this.zeroed = copied ? from.zeroed : this.take();
  }

  /** A frame filled with zeros, with one reference. @throws OutOfFrames */
  take(): number {
    return this.takeBlock(0);
  }

  /** 2^order frames filled with zeros, one reference each. @throws OutOfFrames */
  takeBlock(order: number): number {
    const frame = this.allocator.allocate(order);
    if (frame < 0) throw new OutOfFrames('no frame is free');
    for (let i = 0; i < 2 ** order; i++) {
      const at = this.allocator.index(frame + i);
      this.allocator.infos.setOne(at);
      this.words[at] = 0;
    }
    return frame;
  }

  /** Give a frame back whatever its references say: tables, and the surplus of contiguous memory. */
  give(frame: number): void {
    this.allocator.free(frame, 0);
  }

  isDevice(frame: number): boolean {
    return this.allocator.index(frame) < 0;
  }

  /** Take a reference; device memory has none, and is Ok. */
  addRef(frame: number, kind: RefKind): AddRefOutcome {
    const i = this.allocator.index(frame);
    return i < 0 ? 'Ok' : this.allocator.infos.addRef(i, kind);
  }

  /** A reference goes, and with the last one the frame. */
  release(frame: number): void {
    const i = this.allocator.index(frame);
    if (i >= 0 && !this.allocator.infos.removeRef(i)) this.allocator.free(frame, 0);
  }

  allowsWritable(frame: number): boolean {
    const i = this.allocator.index(frame);
    return i < 0 || this.allocator.infos.allowsWritable(i);
  }

  /**
   * The frame to use where one is about to be written, or shared: itself while there is one reference, otherwise a copy.
   * The old frame's reference is the caller's to give back.
   *
   * @param kind - what the copy is for: Shared counts two references
   * @throws OutOfFrames
   */
  copyOnWrite(frame: number, kind: RefKind): number {
    const { infos } = this.allocator;
    const old = this.allocator.index(frame);
    if (old < 0 || infos.hasNone(old)) throw new KernelPanic('a frame without references was to be copied');
    if (infos.isOne(old)) return frame;
    const copy = this.take();
    const i = this.allocator.index(copy);
    if (kind === 'Shared') infos.setSharedTwo(i);
    if (frame !== this.zeroed) this.words[i] = this.words[old];
    return copy;
  }

  /** The word at the start of a frame. */
  read(frame: number): number {
    const i = this.allocator.index(frame);
    return i < 0 ? (this.deviceWords.get(frame) ?? 0) : this.words[i];
  }

  write(frame: number, word: number): void {
    const i = this.allocator.index(frame);
    if (i < 0) this.deviceWords.set(frame, word);
    else this.words[i] = word;
  }
}
