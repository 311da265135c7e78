import { type BadLine, badLine } from '../bad-line.ts';
import { MalformedInputError } from '../errors.ts';
import { escapeText } from '../escape-text.ts';

const SHOWN = 400;
const decoder = new TextDecoder('latin1');

/** Who hears of bad lines. */
export interface BadLinesOptions {
  /** The input's name, for messages. */
  readonly name?: string;
  /** Throw at the first bad line. Default false: tell and go on. */
  readonly strictInput?: boolean;
  readonly onBadLine?: (bad: BadLine) => void;
}

/** Lines of a log that cannot be read: counted and told, or the end of the reading. */
export class BadLines {
  count = 0;
  private readonly options: BadLinesOptions;

  constructor(options: BadLinesOptions) {
    this.options = options;
  }

  /**
   * The line at [start, end) is bad.
   *
   * @param offset - of its first byte in the input
   * @param at - the byte that is not as `expected`; outside of the line, where that is not known
   * @throws {@link MalformedInputError} with `strictInput`
   */
  add(line: number, offset: number, bytes: Uint8Array, start: number, end: number, expected: string, at: number): void {
    const shown = bytes.subarray(start, Math.min(end, start + SHOWN));
    const place = at >= start && at <= end ? { at: at - start } : {};
    const text = decoder.decode(bytes.subarray(start, Math.min(end, start + (place.at ?? 0) + 1)));
    const told = badLine(line, offset, shown, { expected }, text, 0);
    this.tell(place.at === undefined ? told : { ...told, column: place.at });
  }

  /** A line has more bytes than any may have. @param beginning - of it @throws as `add` */
  tooLong(line: number, offset: number, beginning: Uint8Array, longest: number): void {
    const expected = `expected a line of at most ${longest} bytes`;
    this.tell(badLine(line, offset, beginning.subarray(0, SHOWN), { expected }, '', 0));
  }

  private tell(bad: BadLine): void {
    this.count++;
    const { name, strictInput, onBadLine } = this.options;
    if (strictInput === true) {
      const where = `${name === undefined ? '' : `${escapeText(name, SHOWN)}: `}line ${bad.line}`;
      throw new MalformedInputError(`${where}: ${bad.expected}`, bad);
    }
    onBadLine?.(bad);
  }
}
