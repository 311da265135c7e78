/** Says of a name whether a text has it as a word; now and then of one that it has not. Names of ASCII only. */
export class WordFilter {
  private slots: Uint32Array;
  private count = 0;

  constructor(text: string) {
    this.slots = new Uint32Array(1 << Math.max(6, 32 - Math.clz32(text.length >> 5)));
    const { length } = text;
    let at = 0;
    while (at < length) {
      let code = text.charCodeAt(at);
      if (!isWord(code)) {
        at++;
        continue;
      }
      let hash = FIRST;
      do {
        hash = Math.imul(hash ^ code, PRIME);
        code = ++at < length ? text.charCodeAt(at) : 0;
      } while (isWord(code));
      this.add(hash >>> 0);
    }
  }

  has(name: string): boolean {
    let hash = FIRST;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), PRIME);
    const wanted = hash >>> 0 || 1;
    const mask = this.slots.length - 1;
    for (let at = spread(wanted) & mask; ; at = (at + 1) & mask) {
      const there = this.slots[at];
      if (there === wanted) return true;
      if (there === 0) return false;
    }
  }

  private add(hash: number): void {
    const mask = this.slots.length - 1;
    const kept = hash || 1;
    for (let at = spread(kept) & mask; ; at = (at + 1) & mask) {
      const there = this.slots[at];
      if (there === kept) return;
      if (there !== 0) continue;
      this.slots[at] = kept;
      if (++this.count * 2 > mask) this.grow();
      return;
    }
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    this.count = 0;
    for (const hash of old) if (hash !== 0) this.add(hash);
  }
}

// FNV-1a, 32 bits.
const FIRST = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

const spread = (hash: number): number => hash ^ (hash >>> 15);

/** ASCII letters, digits and the underscore. */
function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || (code >= 48 && code <= 57);
}
