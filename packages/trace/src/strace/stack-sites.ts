import { ByteTexts, hashOf } from './byte-texts.ts';

/** Most sites that are told apart; further ones share one number. */
const MOST = 65_536;
/** Frames of the C library and the loader: who called them is of interest. */
const LIBRARY = /^(?:ld-linux|ld-|ld64|ld\.so|libc[.-]|libpthread|libdl)/;
const decoder = new TextDecoder('utf-8');

/** A place in a program, as a stack of strace tells it. */
export interface StackSite {
  /** The program or library. */
  readonly module: string;
  /** The function, where its name is known. */
  readonly function: string | null;
  /** The file of source and the line in it, from 1, which -kk tells and -k does not. */
  readonly source?: { readonly file: string; readonly line: number };
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

  /**
   * A line of the stack: ` > /lib/libc.so.6(mmap64+0x33) [0xf9133]`, of -kk with ` map.c:12` behind it.
   *
   * @returns the place as far as it is known now
   */
  frame(bytes: Uint8Array, start: number, end: number): number {
    if (this.chosen !== 0) return this.chosen;
    const from = start + 3;
    let to = from;
    // The name of a program may have a + in it.
    while (to < end && bytes[to] !== 0x28 && bytes[to] !== 0x5b) to++;
    // Up to the offset in the function: it changes with each build, the function does not. A line is told by all of it.
    while (to < end && bytes[to] !== 0x2b && bytes[to] !== 0x29 && bytes[to] !== 0x5b) to++;
    const id = this.names.intern(bytes, from, tellsLine(bytes, to, end) ? end : to);
    if (this.first === 0) this.first = id;
    const module = this.names.site(id)?.module ?? '';
    if (!LIBRARY.test(module.slice(module.lastIndexOf('/') + 1))) this.chosen = id;
    return this.chosen === 0 ? this.first : this.chosen;
  }
}

/** Whether a line goes on behind the address, and ends with `:` and a number. */
function tellsLine(bytes: Uint8Array, from: number, end: number): boolean {
  let last = end - 1;
  while (last > from && bytes[last] >= 0x30 && bytes[last] <= 0x39) last--;
  return last < end - 1 && bytes[last] === 0x3a && bytes[from] !== 0x3a;
}

function siteOf(text: string): StackSite {
  const [, place = text, file, line] = /^(.*?)(?:\[0x[\da-f]+\] (.+):(\d+))$/s.exec(text) ?? [];
  const source = file === undefined ? {} : { source: { file, line: Number(line) } };
  const open = place.indexOf('(');
  if (open < 0) return { module: place.trim(), function: null, ...source };
  const name = /^[^+)[]*/.exec(place.slice(open + 1))?.[0] ?? '';
  return { module: place.slice(0, open), function: name === '' ? null : name, ...source };
}
