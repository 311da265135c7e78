const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Cuts pieces of a text into its lines. */
export class Lines {
  /** Number of the last line that was handed out, from 1. */
  line = 0;
  private rest: Buffer = Buffer.alloc(0);
  private readonly take: (bytes: Buffer, start: number, end: number) => void;

  /** @param take - gets each line with its end (the last one may have none), which is only valid during the call */
  constructor(take: (bytes: Buffer, start: number, end: number) => void) {
    this.take = take;
  }

  /** Some more of the text, cut anywhere. */
  feed(piece: Uint8Array): void {
    const fresh = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const bytes = this.rest.length === 0 ? fresh : Buffer.concat([this.rest, fresh]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE, this.rest.length); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.line++;
      this.take(bytes, start, end + 1);
      start = end + 1;
    }
    this.rest = start === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(start));
  }

  /** The text is at its end. */
  end(): void {
    if (this.rest.length === 0) return;
    this.line++;
    this.take(this.rest, 0, this.rest.length);
    this.rest = Buffer.alloc(0);
  }
}

/** A line's text and its end: "\n", "\r\n", or nothing. */
export function textAndEnd(bytes: Buffer, start: number, end: number): { text: string; lineEnd: string } {
  let stop = end;
  if (stop > start && bytes[stop - 1] === NEWLINE) stop--;
  if (stop > start && stop < end && bytes[stop - 1] === RETURN) stop--;
  return { text: bytes.toString('utf8', start, stop), lineEnd: bytes.toString('latin1', stop, end) };
}
