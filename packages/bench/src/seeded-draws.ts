import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws that a seed determines, by pure-rand's xoroshiro128+. */
export class SeededDraws {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  /** @param seed - any integer; its lower 32 bits count */
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed | 0);
    // The first state is mostly the seed itself, so that the first draws of neighbouring seeds are alike.
    this.#generator.jump();
  }

  /**
   * A whole number from 0 up to, and without, `n`. By the upper bits, the generator's better ones; some numbers come
   * more often than others by at most n / 2^32.
   */
  below(n: number): number {
    return Math.floor(((this.#generator.next() >>> 0) * n) / 0x1_0000_0000);
  }
}
