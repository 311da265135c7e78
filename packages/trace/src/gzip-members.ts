import { constants, crc32, createInflateRaw, type InflateRaw } from 'node:zlib';

/** A gzip stream that cannot be inflated further; what came before has been delivered. */
export class BrokenGzipError extends Error {
  override readonly name = 'BrokenGzipError';
  /** It ends in the middle, as a copy that was cut off. */
  readonly truncated: boolean;

  constructor(message: string, truncated: boolean, options?: ErrorOptions) {
    super(message, options);
    this.truncated = truncated;
  }
}

/** Bytes of a member's header without its optional parts, and of its trailer. */
const HEADER = 10;
const TRAILER = 8;
/** Bits of a header's flags. */
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;
/** Longest header that is read. */
const LONGEST_HEADER = 1 << 20;
const DEFLATE = 8;

/**
 * Inflates gzip members, one behind the other. Node's own gunzip takes whatever follows a member for the next one, and
 * then loses the text that it had just inflated; this one tells garbage from a member before it touches it.
 *
 * Source: RFC 1952.
 */
export class GzipMembers {
  /** Compressed bytes consumed. */
  read = 0;
  /** What follows `read` is no gzip member. Zeros are padding, and no garbage. */
  garbage = false;
  readonly #input: AsyncIterator<Uint8Array>;
  readonly #chunkSize: number;
  #rest: Uint8Array;
  #ended = false;

  /**
   * @param input - the file
   * @param first - bytes that have been read from it already
   * @param chunkSize - bytes that are handed out at a time
   */
  constructor(input: AsyncIterable<Uint8Array>, first: Uint8Array, chunkSize: number) {
    this.#input = input[Symbol.asyncIterator]();
    this.#rest = first;
    this.#chunkSize = chunkSize;
  }

  /**
   * Inflate to the end.
   *
   * @param take - gets the text; false ends it
   * @throws {@link BrokenGzipError}, and what `take` or the input throws
   */
  async inflate(take: (text: Uint8Array) => boolean): Promise<void> {
    try {
      do await this.#header();
      while ((await this.#member(take)) && (await this.#another()));
    } finally {
      await this.#input.return?.();
    }
  }

  /** Read on until there are `bytes` bytes, if there are so many. Returns whether there are. */
  async #need(bytes: number): Promise<boolean> {
    while (this.#rest.length < bytes && !this.#ended) {
      const { value, done } = await this.#input.next();
      if (done === true) this.#ended = true;
      else this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    }
    return this.#rest.length >= bytes;
  }

  #consume(bytes: number): void {
    this.read += bytes;
    this.#rest = this.#rest.subarray(bytes);
  }

  async #header(): Promise<void> {
    await this.#needed(HEADER);
    const flags = this.#rest[3] ?? 0;
    if (this.#rest[0] !== 0x1f || this.#rest[1] !== 0x8b) throw new BrokenGzipError('incorrect header', false);
    if (this.#rest[2] !== DEFLATE) throw new BrokenGzipError('unknown compression method', false);
    if ((flags & RESERVED) !== 0) throw new BrokenGzipError('unknown flags in the header', false);
    let end = HEADER;
    if ((flags & EXTRA) !== 0) {
      await this.#needed(end + 2);
      end += 2 + (this.#rest[end] ?? 0) + 256 * (this.#rest[end + 1] ?? 0);
      await this.#needed(end);
    }
    for (const text of [NAME, COMMENT]) {
      if ((flags & text) === 0) continue;
      for (;;) {
        const zero = this.#rest.indexOf(0, end);
        if (zero >= 0) {
          end = zero + 1;
          break;
        }
        if (this.#rest.length > LONGEST_HEADER) throw new BrokenGzipError('incorrect header', false);
        await this.#needed(this.#rest.length + 1);
      }
    }
    if ((flags & HEADER_CRC) !== 0) end += 2;
    await this.#needed(end);
    this.#consume(end);
  }

  async #needed(bytes: number): Promise<void> {
    if (!(await this.#need(bytes))) throw new BrokenGzipError('unexpected end of file', true);
  }

  /** Inflate one member's text. Returns false when `take` wants no more. */
  async #member(take: (text: Uint8Array) => boolean): Promise<boolean> {
    let crc = 0;
    let length = 0;
    const wanted = await new Inflating(this.#chunkSize, (text) => {
      crc = crc32(text, crc);
      length = (length + text.length) | 0;
      return take(text);
    }).run(
      async () => ((await this.#need(1)) ? this.#rest : undefined),
      (consumed) => this.#consume(consumed),
    );
    if (!wanted) return false;
    await this.#needed(TRAILER);
    const trailer = new DataView(this.#rest.buffer, this.#rest.byteOffset, TRAILER);
    if (trailer.getUint32(0, true) !== crc) throw new BrokenGzipError('incorrect data check', false);
    if (trailer.getInt32(4, true) !== length) throw new BrokenGzipError('incorrect length check', false);
    this.#consume(TRAILER);
    return true;
  }

  /** Whether another member follows. */
  async #another(): Promise<boolean> {
    while (await this.#need(1)) {
      const data = this.#rest.findIndex((byte) => byte !== 0);
      if (data < 0) {
        this.#consume(this.#rest.length);
        continue;
      }
      this.#consume(data);
      if (this.#rest[0] === 0x1f && (await this.#need(2)) && this.#rest[1] === 0x8b) return true;
      this.garbage = true;
      return false;
    }
    return false;
  }
}

/** One deflate stream, from chunks of which the last holds more than it. */
class Inflating {
  readonly #stream: InflateRaw;
  #ended = false;
  #stopped = false;
  /** Called when a chunk was consumed, the stream is at its end, or something went wrong. */
  #settle: (error?: unknown) => void = () => {};

  constructor(chunkSize: number, take: (text: Uint8Array) => boolean) {
    // A stream that breaks off gives what it has, and the end of the input is noticed here.
    this.#stream = createInflateRaw({ chunkSize, finishFlush: constants.Z_SYNC_FLUSH });
    this.#stream.on('data', (text: Uint8Array) => {
      if (this.#stopped) return;
      try {
        if (take(text)) return;
        this.#stopped = true;
        this.#settle();
      } catch (error) {
        this.#stopped = true;
        this.#settle(error);
      }
    });
    this.#stream.on('end', () => {
      this.#ended = true;
      this.#settle();
    });
    this.#stream.on('error', (error) => this.#settle(new BrokenGzipError(error.message, false, { cause: error })));
  }

  /**
   * @param next - gives some bytes, undefined at the end of the input
   * @param consumed - is told how many of them were used
   * @returns false when `take` wanted no more
   */
  async run(next: () => Promise<Uint8Array | undefined>, consumed: (bytes: number) => void): Promise<boolean> {
    try {
      while (!this.#ended && !this.#stopped) {
        const bytes = await next();
        const before = this.#stream.bytesWritten;
        await new Promise<void>((resolve, reject) => {
          this.#settle = (error) => (error === undefined ? resolve() : reject(error));
          if (bytes === undefined) this.#stream.end();
          else this.#stream.write(bytes, () => this.#settle());
        });
        consumed(this.#stream.bytesWritten - before);
        if (bytes === undefined && !this.#stopped) throw new BrokenGzipError('unexpected end of file', true);
      }
      return !this.#stopped;
    } finally {
      this.#stream.destroy();
    }
  }
}
