/** Constants of the file that was asked last: its functions ask one after another. */
let last: { readonly text: string; readonly found: ReadonlyMap<string, number> } | undefined;

const DEFINE = /^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)[ \t]+([^\n]*)/gm;
const CONST =
  /\b(?:const(?:expr)?|static\s+const(?:expr)?)\b[^=;{}()]*?\b([A-Za-z_]\w*)\s*(?::\s*\w+\s*)?=\s*([^;{}]*);/g;

/** The constants of a file by name, as far as they are sums and products of numbers and of each other. */
export function constantsIn(text: string): ReadonlyMap<string, number> {
  if (last?.text === text) return last.found;
  const written = new Map<string, string>();
  const twice = new Set<string>();
  for (const pattern of [DEFINE, CONST]) {
    for (const [, name = '', value = ''] of text.matchAll(pattern)) {
      // Given twice, in the branches of an `#if`: not one value.
      if (written.has(name)) twice.add(name);
      written.set(name, value.replace(/\/\*.*?\*\/|\/\/.*$/g, ' ').trim());
    }
  }
  const found = new Map<string, number>();
  const value = (name: string, depth: number): number | null => {
    const known = found.get(name);
    const own = written.get(name);
    if (known !== undefined || own === undefined || twice.has(name) || depth > 5) return known ?? null;
    const sum = new Sums(own, (other) => value(other, depth + 1)).value();
    if (sum !== null) found.set(name, sum);
    return sum;
  };
  for (const name of written.keys()) value(name, 0);
  last = { text, found };
  return found;
}

/** Reads sums and products. */
class Sums {
  private readonly words: readonly string[];
  private at = 0;
  private readonly named: (name: string) => number | null;

  constructor(text: string, named: (name: string) => number | null) {
    this.words = text.match(/0[xX][\da-fA-F_]+\w*|\d[\d_]*\w*|[A-Za-z_]\w*|<<|[-+*()]|\S/g) ?? [];
    this.named = named;
  }

  value(): number | null {
    const sum = this.sum();
    return this.at === this.words.length && sum !== null && Number.isSafeInteger(sum) ? sum : null;
  }

  private sum(): number | null {
    let left = this.product();
    for (let op = this.words[this.at]; left !== null && (op === '+' || op === '-'); op = this.words[this.at]) {
      this.at++;
      const right = this.product();
      left = right === null ? null : op === '+' ? left + right : left - right;
    }
    return left;
  }

  private product(): number | null {
    let left = this.one();
    for (let op = this.words[this.at]; left !== null && (op === '*' || op === '<<'); op = this.words[this.at]) {
      this.at++;
      const right = this.one();
      left = right === null ? null : op === '*' ? left * right : left * 2 ** right;
    }
    return left;
  }

  private one(): number | null {
    const word = this.words[this.at++];
    if (word === undefined) return null;
    if (word === '(') {
      const inner = this.sum();
      return this.words[this.at++] === ')' ? inner : null;
    }
    if (/^\d/.test(word)) {
      const plain = word.replace(/_/g, '').replace(/(?:[uUlL]+|[ui](?:8|16|32|64|128|size))$/, '');
      const n = Number(plain);
      return Number.isSafeInteger(n) ? n : null;
    }
    return /^[A-Za-z_]/.test(word) ? this.named(word) : null;
  }
}
