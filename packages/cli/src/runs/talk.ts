import { writeFully } from '@overmap/report';
import { type BadLine, escapeText } from '@overmap/trace';
import type { Progress } from './progress.ts';

/** Malformed lines of an input that are shown; the rest is counted. */
const SHOWN = 10;

/** What is said on standard error. Whether anybody hears it changes nothing. */
export class Talk {
  private readonly progress: Progress | undefined;
  /** Say no more: the reader of the output has gone, and with it the interest. */
  silent = false;

  constructor(progress: Progress | undefined) {
    this.progress = progress;
  }

  /** A sentence of the program's own; the text must be safe to print. */
  say(text: string): void {
    this.line(`overmap: ${text}`);
  }

  /** A remark about an input, or about a place in one. */
  about(place: string, text: string): void {
    this.line(`${place}: ${text}`);
  }

  private line(text: string): void {
    if (this.silent) return;
    this.progress?.erase();
    try {
      writeFully(2, `${text}\n`);
    } catch {
      // Nobody to tell.
    }
  }
}

/** Tells of the malformed lines of one input: the first few, then how many more there were. */
export class BadLines {
  private readonly talk: Talk;
  private readonly name: string;
  private count = 0;

  constructor(talk: Talk, name: string) {
    this.talk = talk;
    this.name = name;
  }

  /** One more. */
  add(bad: BadLine): void {
    this.count++;
    if (this.count > SHOWN) return;
    const byte = bad.offset + (bad.column ?? 0);
    this.talk.about(`${this.name}:${bad.line}`, `malformed at byte ${byte}: ${bad.expected}`);
    if (bad.text !== '') this.talk.about('   ', escapeText(bad.text, 400));
  }

  /** The input is at its end. */
  finish(): void {
    const more = this.count - SHOWN;
    if (more > 0) this.talk.about(this.name, `and ${more} more malformed ${more === 1 ? 'line' : 'lines'}`);
  }
}
