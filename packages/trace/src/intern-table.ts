/** Most distinct values of a table; further ones share one entry. */
const MOST = 65_536;
/** Entries of the cache by raw bytes; a power of two. */
const CACHE = 4096;
/** Longest raw text that is cached, in bytes. */
const LONGEST_RAW = 512;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Values that recur on many lines (thread names, call sites), numbered from 1; 0 means "none". Bounded: beyond 65,536
 * distinct values all further ones are {@link InternTable.othersIndex}.
 */
export class InternTable<T> {
  /** The values; the index is the number, and the first is a placeholder. */
  readonly values: (T | undefined)[] = [undefined];
  /** Number of the shared entry; 0 while there is none. */
  othersIndex = 0;
  readonly #others: T;
  readonly #accept: (value: unknown) => T | undefined;
  readonly #numbers: Map<string, number> = new Map();
  readonly #cacheNumber = new Int32Array(CACHE);
  readonly #cacheBytes: (Uint8Array | undefined)[] = Array.from({ length: CACHE }, () => undefined);

  /**
   * @param others - the value of the shared entry
   * @param accept - a parsed JSON value as a value of this table; undefined when it is none
   */
  constructor(others: T, accept: (value: unknown) => T | undefined) {
    this.#others = others;
    this.#accept = accept;
  }

  /** The number of a value, a new one if need be. */
  intern(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#numbers.size >= MOST) {
      if (this.othersIndex === 0) this.othersIndex = this.values.push(this.#others) - 1;
      return this.othersIndex;
    }
    const number = this.values.push(value) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  /**
   * The number of the value whose JSON text stands at [from, to) of some bytes, mostly without parsing it.
   *
   * @returns 0 when it is no JSON or no value of this table
   */
  internRaw(bytes: Uint8Array, from: number, to: number): number {
    let hash = 0x811c9dc5;
    for (let p = from; p < to; p++) hash = Math.imul(hash ^ bytes[p], 0x01000193);
    const at = (hash ^ (hash >>> 15)) & (CACHE - 1);
    const cached = this.#cacheBytes[at];
    if (cached !== undefined && same(cached, bytes, from, to)) return this.#cacheNumber[at];
    const raw = bytes.slice(from, to);
    let value: T | undefined;
    try {
      value = this.#accept(JSON.parse(decoder.decode(raw)));
    } catch {
      return 0;
    }
    if (value === undefined) return 0;
    const number = this.intern(value);
    if (raw.length <= LONGEST_RAW) {
      this.#cacheBytes[at] = raw;
      this.#cacheNumber[at] = number;
    }
    return number;
  }
}

function same(cached: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (cached.length !== to - from) return false;
  for (let k = 0; k < cached.length; k++) if (cached[k] !== bytes[from + k]) return false;
  return true;
}
