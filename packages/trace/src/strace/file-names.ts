import { ByteTexts, hashOf } from './byte-texts.ts';

/** Names from which on the table asks which are needed. */
const FEW = 8192;
const decoder = new TextDecoder('utf-8');

/**
 * Names of the files that a log maps, numbered from 1. What is needed no more is forgotten, so that the table does not
 * grow with the log.
 */
export class FileNames {
  /** How often names have been forgotten. */
  sweeps = 0;
  readonly #texts = new ByteTexts();
  readonly #needed: (count: number) => Uint8Array;
  #limit = FEW;

  /** @param needed - says which of the numbers up to `count` are needed */
  constructor(needed: (count: number) => Uint8Array) {
    this.#needed = needed;
  }

  /** The number of a name. */
  intern(bytes: Uint8Array, from: number, to: number): number {
    const texts = this.#texts;
    const hash = hashOf(bytes, from, to);
    const known = texts.find(bytes, from, to, hash);
    if (known !== 0) return known;
    if (texts.count >= this.#limit) {
      this.sweeps++;
      texts.keep(this.#needed(texts.highest));
      this.#limit = Math.max(FEW, texts.count * 2);
    }
    return texts.add(bytes, from, to, hash);
  }

  /** A name as the log writes it; without paths in the log, the number of the descriptor: "fd 3". */
  name(id: number): string {
    const text = decoder.decode(this.#texts.bytesOf(id));
    return /^\d+$/.test(text) ? `fd ${text}` : text.replace(/>\(deleted\)$/, ' (deleted)');
  }

  /** Names at present. */
  get count(): number {
    return this.#texts.count;
  }
}
