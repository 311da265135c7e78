import { ByteTexts, hashOf } from './byte-texts.ts';

/** Most sites that are told apart; further ones share one number. */
const MOST = 65_536;
/** Frames of the C library and the loader: who called them is of interest. */
const LIBRARY = /^(?:ld-linux|ld-|ld64|ld\.so|libc[.-]|libpthread|libdl)/;
const decoder = new TextDecoder('utf-8');

/** A place in a program, as a stack of strace -k tells it: no file of source and no line. */
export interface StackSite {
  /** The program or library. */
  readonly module: string;
  /** The function, where its name is known. */
  readonly function: string | null;
}

/** Places in programs, numbered from 1. */
export class SiteNames {
  readonly #texts = new ByteTexts();
  readonly #sites: StackSite[] = [];

  intern(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const known = this.#texts.find(bytes, from, to, hash);
    if (known !== 0) return known;
    if (this.#texts.count >= MOST) return 0;
    const id = this.#texts.add(bytes, from, to, hash);
    this.#sites[id] = siteOf(decoder.decode(bytes.subarray(from, Math.min(to, from + 1024))));
    return id;
  }

  /** The place of a number, if it has one. */
  site(id: number): StackSite | undefined {
    return this.#sites[id];
  }
}

/** Finds the place of a call in the stack that follows it: its innermost frame outside of the C library. */
export class StackSites {
  private readonly names: SiteNames;
  private first = 0;
  private chosen = 0;

  constructor(names: SiteNames) {
    this.names = names;
  }

  /** A call was read; its stack may follow. */
  begin(): void {
    this.first = 0;
    this.chosen = 0;
  }

  /** A line of the stack: ` > /lib/libc.so.6(mmap64+0x33) [0xf9133]`. @returns the place as far as it is known now */
  frame(bytes: Uint8Array, start: number, end: number): number {
    if (this.chosen !== 0) return this.chosen;
    const from = start + 3;
    let to = from;
    // Up to the offset in the function: it changes with each build, the function does not.
    while (to < end && bytes[to] !== 0x2b && bytes[to] !== 0x29 && bytes[to] !== 0x5b) to++;
    const id = this.names.intern(bytes, from, to);
    if (this.first === 0) this.first = id;
    const module = this.names.site(id)?.module ?? '';
    if (!LIBRARY.test(module.slice(module.lastIndexOf('/') + 1))) this.chosen = id;
    return this.chosen === 0 ? this.first : this.chosen;
  }
}

function siteOf(text: string): StackSite {
  const open = text.indexOf('(');
  if (open < 0) return { module: text.trim(), function: null };
  const name = text.slice(open + 1);
  return { module: text.slice(0, open), function: name === '' ? null : name };
}
