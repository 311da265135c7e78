/** Bytes that the fast path may read behind a line's newline. */
export const SLACK = 32;

/** Bytes with which the buffer begins, and to which it shrinks again behind a long line. */
const SMALL = 4096;
/** A buffer that must be larger gets room for the longest line at once: pages are resident once they are written. */
const LARGE = 1 << 20;

/** The beginning of a line whose end has not arrived yet, in a buffer that grows. */
export class LineCarry {
  /** Holds `length` bytes, and always {@link SLACK} more. */
  bytes: Uint8Array = new Uint8Array(SMALL);
  view: DataView = new DataView(this.bytes.buffer);
  length = 0;
  /** A line was too long; the rest of it is to be passed over. */
  skipping = false;
  /** Most bytes of a line. */
  readonly longest: number;

  constructor(longest: number) {
    this.longest = longest;
  }

  /** Whether the next bytes continue a line. */
  get pending(): boolean {
    return this.length > 0 || this.skipping;
  }

  /**
   * Append some bytes.
   *
   * @returns false, and nothing is appended, when there would be more than a line may have
   */
  append(from: Uint8Array, start: number, end: number): boolean {
    const length = this.length + end - start;
    if (length > this.longest) return false;
    if (length + SLACK > this.bytes.length) {
      const wanted = Math.max(length + SLACK, this.bytes.length * 2);
      this.#resize(wanted > LARGE ? this.longest + SLACK : wanted);
    }
    this.bytes.set(from.subarray(start, end), this.length);
    this.length = length;
    return true;
  }

  /** Forget the first `count` bytes. */
  drop(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
    if (this.bytes.length > LARGE && this.length <= SMALL - SLACK) this.#resize(SMALL);
  }

  #resize(size: number): void {
    const resized = new Uint8Array(size);
    resized.set(this.bytes.subarray(0, this.length));
    this.bytes = resized;
    this.view = new DataView(resized.buffer);
  }
}

/** A view of the same bytes. */
export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
