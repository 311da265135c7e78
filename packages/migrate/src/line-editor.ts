import { formatEvent, objectEnd, type TraceEvent, type TraceHeader } from '@overmap/trace';
import type { Edit } from './edit-script.ts';
import { Lines, textAndEnd } from './lines.ts';

/** How lines are edited. */
export interface LineEditorOptions {
  /** In the order of their lines. */
  readonly edits: readonly Edit[];
  readonly header: TraceHeader;
  /** Name of the target policy, for the header. */
  readonly policy: string;
  /** The texts of lines that are moved, by number. */
  readonly movedLines: ReadonlyMap<number, string>;
  /** Malformed lines, ascending: they are left out. */
  readonly badLines: readonly number[];
  /** The records stand in a log. */
  readonly isLog: boolean;
  /** Of a log, keep what stands between and around the records. */
  readonly keepsLog: boolean;
}

/** Applies edits to the lines of a trace. What is not edited stays as it is, byte by byte. */
export class LineEditor {
  private readonly options: LineEditorOptions;
  private readonly lines: Lines;
  private readonly out: (bytes: Uint8Array) => void;
  private pieces: Uint8Array[] = [];
  /** Untouched lines of the piece at hand that wait to be copied together. */
  private from = 0;
  private to = 0;
  private waiting: Buffer | null = null;
  private next = 0;
  private nextBad = 0;
  private headerSeen = false;

  /** @param out - gets the edited text, piece by piece */
  constructor(options: LineEditorOptions, out: (bytes: Uint8Array) => void) {
    this.options = options;
    this.out = out;
    this.lines = new Lines((bytes, start, end) => this.line(bytes, start, end));
  }

  /** Some more of the trace, cut anywhere. */
  feed(bytes: Uint8Array): void {
    this.lines.feed(bytes);
    this.flush();
  }

  /** The trace is at its end. */
  end(): void {
    this.lines.end();
    this.flush();
  }

  private line(bytes: Buffer, start: number, end: number): void {
    const { edits, badLines, isLog } = this.options;
    const { line } = this.lines;
    if (badLines[this.nextBad] === line) {
      this.nextBad++;
      return;
    }
    if (!this.headerSeen || isLog) {
      this.oddLine(bytes, start, end);
      return;
    }
    if (edits[this.next]?.line === line) {
      const { text, lineEnd } = textAndEnd(bytes, start, end);
      this.edited(text, lineEnd);
    } else this.copy(bytes, start, end);
  }

  /** A line before the header, the header, or a line of a log. */
  private oddLine(bytes: Buffer, start: number, end: number): void {
    const { header, isLog, keepsLog, policy } = this.options;
    const { text, lineEnd } = textAndEnd(bytes, start, end);
    if (text.includes('"trace"')) {
      const object = embedded(text, '{"trace"');
      if (object !== null && isHeader(object.value)) {
        this.headerSeen = true;
        if (header.policy === policy && (keepsLog || !isLog)) this.copy(bytes, start, end);
        else this.put(this.within(text, object, { ...object.value, policy }) + lineEnd);
        return;
      }
    }
    const record = text.trimStart().startsWith('{') || text.includes('"op":');
    if (!this.headerSeen || (isLog && !record)) {
      if (keepsLog || text.trim() === '') this.copy(bytes, start, end);
    } else this.edited(text, lineEnd);
  }

  /** A record with the edits that its line may have. */
  private edited(text: string, lineEnd: string): void {
    const { edits, movedLines, isLog, keepsLog } = this.options;
    let dropped = false;
    let set: Readonly<Record<string, unknown>> | null = null;
    const { line } = this.lines;
    const newline = lineEnd === '' ? '\n' : lineEnd;
    let edit = edits[this.next];
    for (; edit !== undefined && edit.line === line; edit = edits[++this.next]) {
      if (edit.kind === 'drop') dropped = true;
      else if (edit.kind === 'change') set = set === null ? edit.set : { ...(set as object), ...edit.set };
      else if (edit.from === 0) this.put(formatEvent(edit.event) + newline);
      else {
        const moved = embedded(movedLines.get(edit.from) ?? '', '{"op"');
        if (moved === null) throw new Error(`line ${edit.from}, which is moved to line ${line}, cannot be read again`);
        this.put(movedText(moved.value, edit.event) + newline);
      }
    }
    if (dropped) return;
    if (set === null && (!isLog || keepsLog)) {
      this.put(text + lineEnd);
      return;
    }
    const object = embedded(text, '{"op"');
    this.put((object === null ? text : this.within(text, object, { ...object.value, ...set })) + lineEnd);
  }

  /** A line whose object has become another one. */
  private within(text: string, object: Embedded, value: Readonly<Record<string, unknown>>): string {
    const { isLog, keepsLog } = this.options;
    if (isLog && !keepsLog) return JSON.stringify(value);
    return text.slice(0, object.from) + JSON.stringify(value) + text.slice(object.to);
  }

  private copy(bytes: Buffer, start: number, end: number): void {
    if (this.waiting === bytes && this.to === start) {
      this.to = end;
      return;
    }
    this.settle();
    this.waiting = bytes;
    this.from = start;
    this.to = end;
  }

  private put(text: string): void {
    this.settle();
    this.pieces.push(Buffer.from(text, 'utf8'));
  }

  private settle(): void {
    if (this.waiting !== null) this.pieces.push(this.waiting.subarray(this.from, this.to));
    this.waiting = null;
  }

  private flush(): void {
    this.settle();
    if (this.pieces.length === 0) return;
    const [only] = this.pieces;
    this.out(this.pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.pieces));
    this.pieces = [];
  }
}

interface Embedded {
  readonly from: number;
  readonly to: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The object of a line, as the reader finds it: the whole line, or in a log the first that begins like that. */
function embedded(text: string, begins: string): Embedded | null {
  const first = text.indexOf('{');
  const named = text.indexOf(begins);
  const from = text.trimStart().startsWith('{') || named < 0 ? first : named;
  const to = from < 0 ? -1 : objectEnd(text, from);
  if (to < 0) return null;
  try {
    return { from, to, value: JSON.parse(text.slice(from, to)) as Record<string, unknown> };
  } catch {
    return null;
  }
}

const isHeader = (value: Readonly<Record<string, unknown>>): boolean => value['trace'] === 'overmap';

/** The unmap that was moved, as it was written, with what is different at its new place. */
function movedText(was: Readonly<Record<string, unknown>>, event: TraceEvent): string {
  const { cap, cspace, cleared, why, found, boot, synth }: Readonly<Record<string, unknown>> = { ...event };
  return JSON.stringify({
    ...was,
    cap,
    cspace,
    boot,
    synth,
    cleared,
    why,
    found,
    migrated: 'moved',
  });
}
