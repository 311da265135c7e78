/** Longest and shortest text that is remembered, in bytes. */
const LONGEST = 160;
const SHORTEST = 8;
const WORDS = LONGEST / 8;

/**
 * The texts that came last, with what they mean and the separator behind them: most calls repeat one of them, which is
 * seen eight bytes at a time, before anybody knows where the text ends. Eight bytes are compared as a floating-point
 * number: of ASCII, two are equal only if all their bits are. What would be no number is never found.
 */
export class RecentTexts {
  /** What the text that was found last means. */
  value = 0;
  private count = 0;
  private readonly most: number;
  /** By the order in which they are tried: lengths, last eight bytes, and where the rest stands. */
  private readonly lengths: Int32Array;
  private readonly tails: Float64Array;
  private readonly slots: Int32Array;
  /** By slot: all of their bytes, by eights, and what they mean. */
  private readonly words: Float64Array;
  private readonly values: Int32Array;

  /** @param most - texts that are tried before they are looked up */
  constructor(most: number) {
    this.most = most;
    this.lengths = new Int32Array(most);
    this.tails = new Float64Array(most);
    this.slots = new Int32Array(most);
    this.words = new Float64Array(most * WORDS);
    this.values = new Int32Array(most);
  }

  /**
   * @param view - of all the bytes, of which at least {@link LONGEST} follow `from`
   * @returns how long the text at `from` is, with its separator; 0 = it is none of these
   */
  match(view: DataView, from: number): number {
    const { lengths, tails, words, count } = this;
    for (let k = 0; k < count; k++) {
      const length = lengths[k];
      if (view.getFloat64(from + length - 8, true) !== tails[k]) continue;
      const slot = this.slots[k];
      const first = slot * WORDS;
      let i = (length >> 3) - 1;
      while (i >= 0 && view.getFloat64(from + 8 * i, true) === words[first + i]) i--;
      if (i >= 0) continue;
      this.value = this.values[slot];
      if (k > 1) this.promote(k);
      return length;
    }
    return 0;
  }

  /** Remember the text at [from, to), the separator included. Its number may have been given to another since. */
  add(view: DataView, from: number, to: number, value: number): void {
    const length = to - from;
    if (length < SHORTEST || length > LONGEST) return;
    for (let p = from; p < to; p++) {
      const byte = view.getUint8(p);
      if (byte === 0 || byte > 0x7f) return;
    }
    if (this.count < this.most) this.slots[this.count] = this.count++;
    const k = this.count - 1;
    const slot = this.slots[k];
    for (let i = 0; i < length >> 3; i++) this.words[slot * WORDS + i] = view.getFloat64(from + 8 * i, true);
    this.values[slot] = value;
    this.lengths[k] = length;
    this.tails[k] = view.getFloat64(to - 8, true);
    this.promote(k);
  }

  /** Forget all: numbers were given out again. */
  clear(): void {
    this.count = 0;
  }

  /** Nearer to the front, so that what recurs is tried early. */
  private promote(k: number): void {
    const { lengths, tails, slots } = this;
    const to = k >> 1;
    const length = lengths[k];
    const tail = tails[k];
    const slot = slots[k];
    lengths[k] = lengths[to];
    tails[k] = tails[to];
    slots[k] = slots[to];
    lengths[to] = length;
    tails[to] = tail;
    slots[to] = slot;
  }
}

/** Bytes that must follow a place where {@link RecentTexts} looks. */
export const RECENT_LONGEST: number = LONGEST;
