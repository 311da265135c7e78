import { isHeader, LONGEST_LINE, readLogLine, validateEvent } from '@overmap/trace';
import { textAndEnd } from './lines.ts';

/** A record or a header, and where it stands in the text of its line. */
export interface LinePart {
  readonly kind: 'record' | 'header';
  /** Index of its opening brace. */
  readonly start: number;
  /** Index behind its closing brace. */
  readonly end: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A line with what a reader takes from it. */
export interface PartedLine {
  readonly text: string;
  /** "\n", "\r\n", or nothing. */
  readonly lineEnd: string;
  /** In their order; a line of a log may hold several. */
  readonly parts: readonly LinePart[];
}

/** Finds what a reader takes from the lines of one trace. The line of the header must be among those that it is given. */
export class LineParts {
  private readonly isLog: boolean;
  private header: string | null = null;

  /** @param isLog - the records stand in a log */
  constructor(isLog: boolean) {
    this.isLog = isLog;
  }

  /** Whether the header was among the lines. */
  get began(): boolean {
    return this.header !== null;
  }

  /** Whether a line may hold the header, the first or again: [start, end) of the bytes. */
  mayBegin(bytes: Buffer, start: number, end: number): boolean {
    return (this.header === null || this.isLog) && bytes.subarray(start, end).includes('"trace"');
  }

  /**
   * The parts of a line.
   *
   * @param bytes - [start, end) of them are the line and its end
   * @param bad - the reader found something malformed in it, and took only the rest
   */
  read(bytes: Buffer, start: number, end: number, bad: boolean): PartedLine {
    if (bad && end - start > LONGEST_LINE) return { text: '', lineEnd: '', parts: [] };
    const { text, lineEnd } = textAndEnd(bytes, start, end);
    const parts: LinePart[] = [];
    // Of a malformed line of JSON Lines a reader takes no record, and none from behind the header.
    let records = this.isLog || (!bad && this.began);
    for (const object of readLogLine(text).objects) {
      const { value } = object;
      if (isHeader(value)) {
        if (this.takesHeader(text.slice(object.start, object.end))) parts.push({ kind: 'header', ...object });
        records = this.isLog;
      } else if (records && this.began && Object.hasOwn(value, 'op') && !('expected' in validateEvent(value, true)))
        parts.push({ kind: 'record', ...object });
    }
    return { text, lineEnd, parts };
  }

  private takesHeader(text: string): boolean {
    if (this.header !== null) return this.isLog && text === this.header;
    this.header = text;
    return true;
  }
}
