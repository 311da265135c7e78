import { formatEvent, type TraceEvent, type TraceHeader } from '@overmap/trace';
import type { Edit } from './edit-script.ts';
import { type LinePart, LineParts, type PartedLine } from './line-parts.ts';
import { Lines } from './lines.ts';

/** How lines are edited. */
export interface LineEditorOptions {
  /** In the order of the records that they are about. */
  readonly edits: readonly Edit[];
  readonly header: TraceHeader;
  /** Name of the target policy, for the header. */
  readonly policy: string;
  /** The records of the lines from which some are moved, by number. */
  readonly movedRecords: ReadonlyMap<number, readonly LinePart[]>;
  /** Malformed lines, ascending: only the records that were read from them stay. */
  readonly badLines: readonly number[];
  /** The records stand in a log. */
  readonly isLog: boolean;
  /** Of a log, keep what stands between and around the records. */
  readonly keepsLog: boolean;
}

/** The version of the format in which records may be marked as migrated. */
const MARKED_VERSION = 2;

/** What is to be done with a part of a line. */
interface PartEdit {
  /** Records that go in front of it. */
  readonly inserted: readonly string[];
  /** The part as it will be; null = it goes, undefined = it stays as it is. */
  readonly text: string | null | undefined;
}

/** Applies edits to the lines of a trace. What is not edited stays as it is, byte by byte. */
export class LineEditor {
  private readonly options: LineEditorOptions;
  private readonly version: number;
  private readonly lines: Lines;
  private readonly parts: LineParts;
  private readonly out: (bytes: Uint8Array) => void;
  private pieces: Uint8Array[] = [];
  /** Untouched lines of the piece at hand that wait to be copied together. */
  private from = 0;
  private to = 0;
  private waiting: Buffer | null = null;
  private next = 0;
  private nextBad = 0;
  private headerWritten = false;

  /** @param out - gets the edited text, piece by piece */
  constructor(options: LineEditorOptions, out: (bytes: Uint8Array) => void) {
    const { edits, header, isLog } = options;
    this.options = options;
    this.version = edits.some(marks) ? Math.max(header.version, MARKED_VERSION) : header.version;
    this.parts = new LineParts(isLog);
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
    const left = this.options.edits[this.next];
    if (left !== undefined) throw new Error(`the record of line ${left.line}, which is edited, is not there`);
  }

  private line(bytes: Buffer, start: number, end: number): void {
    const { edits, badLines, isLog, keepsLog } = this.options;
    const { line } = this.lines;
    const { parts } = this;
    const bad = badLines[this.nextBad] === line;
    if (bad) this.nextBad++;
    const extracts = isLog && !keepsLog;
    if (!bad && !extracts && edits[this.next]?.line !== line && !parts.mayBegin(bytes, start, end)) {
      this.copy(bytes, start, end);
      return;
    }
    const parted = parts.read(bytes, start, end, bad);
    const partEdits = this.partEdits(parted);
    if (bad || extracts) {
      if (!bad && parted.text.trim() === '') this.copy(bytes, start, end);
      else this.putParts(parted, partEdits);
    } else if (partEdits.every(({ inserted, text }) => inserted.length === 0 && text === undefined))
      this.copy(bytes, start, end);
    else this.putLine(parted, partEdits);
  }

  private partEdits({ parts }: PartedLine): PartEdit[] {
    const { keepsLog, header, isLog, policy } = this.options;
    let place = 0;
    return parts.map((part) => {
      if (part.kind === 'record') return this.recordEdit(part, place++);
      const again = this.headerWritten;
      this.headerWritten = true;
      // JSON Lines have one header.
      if (again && isLog && !keepsLog) return { inserted: [], text: null };
      const { version } = this;
      const stays = header.policy === policy && header.version === version;
      return { inserted: [], text: stays ? undefined : JSON.stringify({ ...part.value, version, policy }) };
    });
  }

  /** What is to be done with the record that has `place` others in front of it on its line. */
  private recordEdit(part: LinePart, place: number): PartEdit {
    const { edits } = this.options;
    const { line } = this.lines;
    const inserted: string[] = [];
    let dropped = false;
    let set: Readonly<Record<string, unknown>> | null = null;
    let edit = edits[this.next];
    for (; edit?.line === line && edit.place === place; edit = edits[++this.next]) {
      if (edit.kind === 'drop') dropped = true;
      else if (edit.kind === 'change') set = set === null ? edit.set : { ...(set as object), ...edit.set };
      else inserted.push(this.unmapText(edit));
    }
    if (dropped) return { inserted, text: null };
    return { inserted, text: set === null ? undefined : JSON.stringify({ ...part.value, ...set }) };
  }

  private unmapText({ line, from, event }: Edit & { readonly kind: 'unmap' }): string {
    if (from === null) return formatEvent(event);
    const moved = this.options.movedRecords.get(from.line)?.[from.place];
    if (moved === undefined)
      throw new Error(`a record of line ${from.line}, which is moved to line ${line}, cannot be read again`);
    return movedText(moved.value, event);
  }

  /** A line of which only the records stay, each on a line of its own. */
  private putParts({ text, lineEnd, parts }: PartedLine, partEdits: readonly PartEdit[]): void {
    const newline = lineEnd === '' ? '\n' : lineEnd;
    for (const [n, { start, end }] of parts.entries()) {
      const { inserted, text: changed } = partEdits[n];
      for (const record of inserted) this.put(record + newline);
      const ending = n === parts.length - 1 ? lineEnd : newline;
      if (changed !== null) this.put((changed ?? text.slice(start, end)) + ending);
    }
  }

  /**
   * A line with its other text. A record is inserted in front of the line; if there is already a part in front of its
   * place, the line ends there, and goes on behind it.
   */
  private putLine({ text, lineEnd, parts }: PartedLine, partEdits: readonly PartEdit[]): void {
    const newline = lineEnd === '' ? '\n' : lineEnd;
    const goes = partEdits.every(({ text: changed }) => changed === null);
    let from = 0;
    let current = '';
    for (const [n, { start, end }] of parts.entries()) {
      const { inserted, text: changed } = partEdits[n];
      if (inserted.length > 0 && n > 0) {
        // At an opening brace: what is in front of it is read as before, and so is what follows.
        current += text.slice(from, start);
        from = start;
        if (current.trim() !== '' && !goes) this.put(current + newline);
        current = '';
      }
      for (const record of inserted) this.put(record + newline);
      if (changed === undefined) continue;
      current += text.slice(from, start) + (changed ?? '');
      from = end;
    }
    current += text.slice(from);
    // Of a line without any record left nothing stays.
    if (!goes && current.trim() !== '') this.put(current + lineEnd);
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

/** Whether an edit gives a record the key `migrated`. */
const marks = (edit: Edit): boolean =>
  edit.kind === 'unmap' || (edit.kind === 'change' && edit.set['migrated'] !== undefined);

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
