/**
 * Numbers as bytes, and back. Integers are written as varints: seven bits a byte, the lowest first, the highest bit set
 * where more follow. Signed ones are folded first, so that small magnitudes stay short.
 */

/** Collects bytes. */
export class ByteWriter {
  private bytes: Uint8Array = new Uint8Array(1 << 12);
  private length = 0;

  /** A non-negative integer below 2^53. */
  unsigned(value: number): void {
    if (!(value >= 0) || value > Number.MAX_SAFE_INTEGER) throw new RangeError(`${value} is no non-negative integer`);
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** An integer between -2^52 and 2^52. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A column: how long it is, then each value as its difference from the one before. */
  column(values: ArrayLike<number>): void {
    this.unsigned(values.length);
    let before = 0;
    for (let i = 0; i < values.length; i++) {
      this.signed(values[i] - before);
      before = values[i];
    }
  }

  /** What has been written. */
  done(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private byte(value: number): void {
    if (this.length === this.bytes.length) {
      const grown = new Uint8Array(this.length * 2);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes[this.length++] = value;
  }
}

/** Reads what a {@link ByteWriter} has written. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  /** Bytes that have been read. */
  get offset(): number {
    return this.at;
  }

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Whether all has been read. */
  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** @throws RangeError - when the bytes end within the number */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      if (this.at >= this.bytes.length) throw new RangeError('the data of this page ends too early');
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const folded = this.unsigned();
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  }

  /** A column into an array of the caller's, or a new one. @returns the array */
  column<A extends { [i: number]: number; readonly length: number }>(make: (length: number) => A): A {
    const length = this.unsigned();
    const values = make(length);
    let before = 0;
    for (let i = 0; i < length; i++) {
      before += this.signed();
      values[i] = before;
    }
    return values;
  }
}
