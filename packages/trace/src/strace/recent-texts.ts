/** Texts that are tried before they are looked up. */
const TRIED = 8;
/** Longest text that is remembered, in bytes. */
const LONGEST = 160;

/**
 * The texts that came last, with what they mean and the separator behind them: most calls repeat one of them, which is
 * seen four bytes at a time, before anybody knows where the text ends.
 */
export class RecentTexts {
  /** What the text that was found last means. */
  value = 0;
  private readonly texts: RecentText[] = [];

  /**
   * @param view - of all the bytes, of which at least {@link LONGEST} follow `from`
   * @returns how long the text at `from` is, with its separator; 0 = it is none of these
   */
  match(view: DataView, from: number): number {
    const { texts } = this;
    for (let k = 0; k < texts.length; k++) {
      const text = texts[k];
      const { length, words } = text;
      if (view.getInt32(from + length - 4, true) !== text.tail) continue;
      let i = (length >> 2) - 1;
      while (i >= 0 && view.getInt32(from + 4 * i, true) === words[i]) i--;
      if (i >= 0) continue;
      this.value = text.value;
      if (k > 1) this.promote(k);
      return length;
    }
    return 0;
  }

  /** Remember the text at [from, to), the separator included. Its number may have been given to another since. */
  add(view: DataView, from: number, to: number, value: number): void {
    const length = to - from;
    const { texts } = this;
    if (length < 4 || length > LONGEST) return;
    let text = texts[TRIED - 1];
    if (text === undefined) {
      text = { words: new Int32Array(LONGEST >> 2), length: 0, tail: 0, value: 0 };
      texts.push(text);
    }
    for (let i = 0; i < length >> 2; i++) text.words[i] = view.getInt32(from + 4 * i, true);
    text.length = length;
    text.tail = view.getInt32(to - 4, true);
    text.value = value;
    this.promote(texts.length - 1);
  }

  /** Forget all: numbers were given out again. */
  clear(): void {
    this.texts.length = 0;
  }

  /** Nearer to the front, so that what recurs is tried early. */
  private promote(k: number): void {
    const { texts } = this;
    const to = k >> 1;
    const text = texts[k];
    texts[k] = texts[to];
    texts[to] = text;
  }
}

interface RecentText {
  /** Its bytes, by fours; `tail` are the last four. */
  readonly words: Int32Array;
  length: number;
  tail: number;
  value: number;
}

/** Bytes that must follow a place where {@link RecentTexts} looks. */
export const RECENT_LONGEST: number = LONGEST;
