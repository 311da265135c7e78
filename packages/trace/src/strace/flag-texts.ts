import { ByteTexts } from './byte-texts.ts';

/** Distinct texts of flags that are remembered; further ones are read each time. */
const MOST = 4096;
const decoder = new TextDecoder('latin1');

/** What strace calls the bits; names that change nothing here are left out. Linux, asm-generic/mman*.h, linux/sched.h. */
const BITS: Readonly<Record<string, number>> = {
  PROT_READ: 1,
  PROT_WRITE: 2,
  PROT_EXEC: 4,
  PROT_GROWSDOWN: 0x1000000,
  PROT_GROWSUP: 0x2000000,
  MAP_SHARED: 1,
  MAP_PRIVATE: 2,
  MAP_SHARED_VALIDATE: 3,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_ANON: 0x20,
  MAP_GROWSDOWN: 0x100,
  MAP_NORESERVE: 0x4000,
  MAP_STACK: 0x20000,
  MAP_FIXED_NOREPLACE: 0x100000,
  MREMAP_MAYMOVE: 1,
  MREMAP_FIXED: 2,
  MREMAP_DONTUNMAP: 4,
  CLONE_VM: 0x100,
  CLONE_VFORK: 0x4000,
  CLONE_THREAD: 0x10000,
};

/** Flags as numbers, by the bytes with which a log writes them: names, hexadecimal, or both. */
export class FlagTexts {
  readonly #texts = new ByteTexts();
  readonly #values = new Int32Array(MOST + 1);

  /** @returns the bits; -1 where the text at [from, to) is none of flags */
  value(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const texts = this.#texts;
    const known = texts.find(bytes, from, to, hash);
    if (known !== 0) return this.#values[known];
    const value = flagsOf(decoder.decode(bytes.subarray(from, Math.min(to, from + 4096))));
    if (texts.count < MOST && to - from <= 512) this.#values[texts.add(bytes, from, to, hash)] = value;
    return value;
  }
}

/**
 * Bits of a text of flags: `PROT_READ|PROT_WRITE`, `0x3`, `0x3 /* PROT_READ|PROT_WRITE *\/`, `0x8 /* MREMAP_??? *\/`.
 *
 * @returns the bits; -1 where it is none of these
 */
function flagsOf(text: string): number {
  let bits = 0;
  // A structure's field: `prot=PROT_READ`.
  for (const part of text
    .replace(/^[a-z]+=/, '')
    .replace(/\/\*.*?\*\//g, '')
    .split('|')) {
    const word = part.trim();
    if (/^0x[0-9a-f]+$/i.test(word)) bits |= Number.parseInt(word.slice(2).slice(-8), 16);
    else if (/^\d+$/.test(word)) bits |= Number(word) | 0;
    else if (/^[A-Z][A-Z0-9_?]*$/.test(word)) bits |= BITS[word] ?? 0;
    else if (!/^\d+<<[A-Z_]+$/.test(word)) return -1;
  }
  return bits & 0x7fffffff;
}
