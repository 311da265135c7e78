/** Texts that are tried before they are looked up. */
const TRIED = 6;
/** Longest text that is remembered, in bytes. */
const LONGEST = 160;

/**
 * The texts that came last, with what they mean and the separator behind them: most calls repeat one of them, which is
 * seen four bytes at a time, before anybody knows where the text ends.
 */
export class RecentTexts {
  /** What the text that was found last means. */
  value = 0;
  private readonly words: Int32Array[] = [];
  private readonly lengths: number[] = [];
  private readonly tails: number[] = [];
  private readonly values: number[] = [];

  /**
   * @param view - of all the bytes, of which at least {@link LONGEST} follow `from`
   * @returns how long the text at `from` is, with its separator; 0 = it is none of these
   */
  match(view: DataView, from: number): number {
    const { words, lengths } = this;
    for (let k = 0; k < words.length; k++) {
      const text = words[k];
      let i = 0;
      while (i < text.length && view.getInt32(from + 4 * i, true) === text[i]) i++;
      if (i < text.length) continue;
      const length = lengths[k];
      if (view.getInt32(from + length - 4, true) !== this.tails[k]) continue;
      this.value = this.values[k];
      if (k > 1) this.promote(k);
      return length;
    }
    return 0;
  }

  /** Remember the text at [from, to), the separator included. Its number may have been given to another since. */
  add(view: DataView, from: number, to: number, value: number): void {
    const length = to - from;
    if (length < 4 || length > LONGEST) return;
    const words = new Int32Array(length >> 2);
    for (let i = 0; i < words.length; i++) words[i] = view.getInt32(from + 4 * i, true);
    const at = Math.min(this.words.length, TRIED - 1);
    this.words[at] = words;
    this.lengths[at] = length;
    this.tails[at] = view.getInt32(to - 4, true);
    this.values[at] = value;
    this.promote(at);
  }

  /** Forget all: numbers were given out again. */
  clear(): void {
    for (const list of [this.words, this.lengths, this.tails, this.values]) list.length = 0;
  }

  /** Nearer to the front, so that what recurs is tried early. */
  private promote(k: number): void {
    if (k === 0) return;
    const to = k >> 1;
    for (const list of [this.words, this.lengths, this.tails, this.values] as unknown[][])
      [list[k], list[to]] = [list[to], list[k]];
  }
}

/** Bytes that must follow a place where {@link RecentTexts} looks. */
export const RECENT_LONGEST: number = LONGEST;
