/** A word of a line, and where it begins. */
export interface Word {
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

/** The words of a line up to a comment. */
export function wordsOf(line: string): Word[] {
  const end = line.search(/(?:^|\s)#/);
  const text = end < 0 ? line : line.slice(0, end);
  return [...text.matchAll(/\S+/g)].map((found) => ({ text: found[0], column: found.index + 1 }));
}

/** The line is wrong at a column; whoever knows file and line adds them. */
export class WordError extends Error {
  override readonly name = 'WordError';
  readonly column: number;

  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

/** Takes the words of a line one after the other. */
export class Words {
  private readonly words: readonly Word[];
  private readonly behind: number;
  private next = 0;

  constructor(words: readonly Word[]) {
    this.words = words;
    const last = words.at(-1);
    this.behind = last === undefined ? 1 : last.column + last.text.length + 1;
  }

  /** The next word without taking it. */
  get peek(): string | undefined {
    return this.words[this.next]?.text;
  }

  /** The next word. @param what - what it should be, for the message */
  take(what: string): Word {
    const word = this.words[this.next];
    if (word === undefined) throw new WordError(`the line ends where ${what} should stand`, this.behind);
    this.next++;
    return word;
  }

  /** Take the next word if it is this one. */
  takeIf(text: string): boolean {
    if (this.peek !== text) return false;
    this.next++;
    return true;
  }

  /** The next word must be one of these. */
  expect(...texts: readonly string[]): void {
    const what = texts.map((text) => `"${text}"`).join(' or ');
    const word = this.take(what);
    if (!texts.includes(word.text)) throw new WordError(`${what} should stand here, not "${word.text}"`, word.column);
  }

  /** Nothing may be left. */
  end(): void {
    const word = this.words[this.next];
    if (word !== undefined)
      throw new WordError(`"${word.text}" is too much: the step is complete before it`, word.column);
  }
}
