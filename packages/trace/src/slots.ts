/** Trace slots below this, without a CSpace, are their own dense number plus one. */
const DIRECT = 1 << 18;
/** Most slots outside the direct range; a Map holds up to 2^24. */
const MOST_SPARSE = 1 << 23;

/** A slot as the trace names it. */
export interface SlotName {
  readonly number: number;
  /** Number of the CSpace in the trace's names; absent where the trace names none. */
  readonly cspace?: number;
}

/**
 * The trace's capability slots (any integers, several CSpaces) as dense numbers from 1. Numbers below 2^18 map to
 * themselves plus one, so slots that are consecutive in the trace stay consecutive; others are numbered from 2^18 + 1
 * in order of first appearance, so that a hostile number cannot make an array large.
 */
export class Slots {
  readonly #sparse: Map<number, Map<number, number>> = new Map();
  readonly #numbers: number[] = [];
  readonly #cspaces: number[] = [];

  /**
   * The dense number of a slot.
   *
   * @param number - the trace's number, a non-negative safe integer
   * @param cspace - number of the CSpace's name, 0 = none
   * @returns a number from 1; 0 when the trace has too many different slots (8,388,608 outside the direct range)
   */
  dense(number: number, cspace: number): number {
    if (cspace === 0 && number < DIRECT) return number + 1;
    let of = this.#sparse.get(cspace);
    if (of === undefined) {
      of = new Map();
      this.#sparse.set(cspace, of);
    }
    const known = of.get(number);
    if (known !== undefined) return known;
    if (this.#numbers.length >= MOST_SPARSE) return 0;
    this.#numbers.push(number);
    this.#cspaces.push(cspace);
    const fresh = DIRECT + this.#numbers.length;
    of.set(number, fresh);
    return fresh;
  }

  /**
   * The dense numbers of `n` consecutive slots of the trace.
   *
   * @returns undefined when they are consecutive too; null when there are too many different slots
   */
  list(number: number, cspace: number, n: number): Int32Array | undefined | null {
    if (cspace === 0 && number + n <= DIRECT) return undefined;
    const out = new Int32Array(n);
    let consecutive = true;
    for (let k = 0; k < n; k++) {
      const dense = Number.isSafeInteger(number + k) ? this.dense(number + k, cspace) : 0;
      if (dense === 0) return null;
      out[k] = dense;
      consecutive &&= dense === out[0] + k;
    }
    return consecutive ? undefined : out;
  }

  /**
   * What the trace calls a slot.
   *
   * @param dense - a number that {@link Slots.dense} gave
   * @throws {@link RangeError} for any other number
   */
  nameOf(dense: number): SlotName {
    if (dense >= 1 && dense <= DIRECT) return { number: dense - 1 };
    const number = this.#numbers[dense - DIRECT - 1];
    const cspace = this.#cspaces[dense - DIRECT - 1];
    if (number === undefined || cspace === undefined) throw new RangeError(`no slot has the dense number ${dense}`);
    return cspace === 0 ? { number } : { number, cspace };
  }
}

/** Trace slots below this, without a CSpace, need no table: their dense number is one more. */
export const DIRECT_SLOTS: number = DIRECT;
