/** Most entries of a table that is never swept. */
const FIRST = 1024;

/**
 * Texts by their bytes, numbered from 1, so that a text which recurs on many lines is never made a string. Holds what
 * it is given; whoever owns it says when it is full.
 */
export class ByteTexts {
  /** Numbers that are in use, and the highest one that ever was. */
  count = 0;
  highest = 0;
  #index = new Int32Array(FIRST * 2);
  #hashes = new Int32Array(FIRST);
  #starts = new Int32Array(FIRST);
  #lengths = new Int32Array(FIRST);
  #bytes = new Uint8Array(FIRST * 32);
  #used = 0;
  #free: number[] = [];

  /** The number of the text at [from, to), with its {@link hashOf}; 0 if it has none. */
  find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const index = this.#index;
    const mask = index.length - 1;
    const length = to - from;
    for (let at = (hash ^ (hash >>> 15)) & mask; ; at = (at + 1) & mask) {
      const id = index[at];
      if (id === 0) return 0;
      if (this.#hashes[id] === hash && this.#lengths[id] === length && this.#same(id, bytes, from, length)) return id;
    }
  }

  /** Number a text that has none. */
  add(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const id = this.#free.pop() ?? this.highest + 1;
    if (id >= this.#hashes.length) this.#grow();
    if (id > this.highest) this.highest = id;
    const length = to - from;
    if (this.#used + length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + length));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(from, to), this.#used);
    this.#hashes[id] = hash;
    this.#starts[id] = this.#used;
    this.#lengths[id] = length;
    this.#used += length;
    this.count++;
    this.#enter(id);
    return id;
  }

  /** The bytes of a numbered text. */
  bytesOf(id: number): Uint8Array {
    const start = this.#starts[id];
    return this.#bytes.subarray(start, start + this.#lengths[id]);
  }

  /** Forget all texts but these. Their numbers stay what they are; those of others are given out again. */
  keep(needed: Uint8Array): void {
    const old = this.#bytes;
    this.#bytes = new Uint8Array(old.length);
    this.#used = 0;
    this.#index.fill(0);
    this.#free = [];
    this.count = 0;
    for (let id = this.highest; id > 0; id--) {
      if (needed[id] !== 1 || this.#lengths[id] < 0) {
        this.#lengths[id] = -1;
        this.#free.push(id);
        continue;
      }
      const start = this.#starts[id];
      this.#bytes.set(old.subarray(start, start + this.#lengths[id]), this.#used);
      this.#starts[id] = this.#used;
      this.#used += this.#lengths[id];
      this.count++;
      this.#enter(id);
    }
  }

  #same(id: number, bytes: Uint8Array, from: number, length: number): boolean {
    const own = this.#bytes;
    const start = this.#starts[id];
    for (let k = 0; k < length; k++) if (own[start + k] !== bytes[from + k]) return false;
    return true;
  }

  #enter(id: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    const hash = this.#hashes[id];
    let at = (hash ^ (hash >>> 15)) & mask;
    while (index[at] !== 0) at = (at + 1) & mask;
    index[at] = id;
  }

  #grow(): void {
    const size = this.#hashes.length * 2;
    this.#hashes = grown(this.#hashes, size);
    this.#starts = grown(this.#starts, size);
    this.#lengths = grown(this.#lengths, size);
    this.#index = new Int32Array(size * 2);
    for (let id = 1; id <= this.highest; id++) if (this.#lengths[id] >= 0) this.#enter(id);
  }
}

/** What {@link ByteTexts} knows a text by. */
export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  let p = from;
  // By fours, as one product need not wait for another: 31, its square, its cube and its fourth power.
  for (const end = to - 3; p < end; p += 4)
    hash =
      (Math.imul(hash, 923521) +
        Math.imul(bytes[p], 29791) +
        Math.imul(bytes[p + 1], 961) +
        Math.imul(bytes[p + 2], 31) +
        bytes[p + 3]) |
      0;
  for (; p < to; p++) hash = (Math.imul(hash, 31) + bytes[p]) | 0;
  return hash;
}

function grown(column: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(column);
  return larger;
}
