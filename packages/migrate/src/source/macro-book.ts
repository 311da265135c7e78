import { withoutComments } from './preprocessor.ts';

/** A macro of C, as it is written. */
export interface MacroText {
  readonly name: string;
  /** Null = it takes none, and stands for itself. */
  readonly params: readonly string[] | null;
  readonly body: string;
  readonly file: string;
}

/** Longer ones build no names. */
const LONGEST_BODY = 1500;
/** Tokens that an expansion may make, and deeper ones are not followed: macros can double what they get. */
const MOST_TOKENS = 4000;

const DEFINE = /^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)(\([^()]*\))?((?:\\\r?\n|[^\n\\]|\\(?!\r?\n))*)/gm;
/** A word that names are built of. */
const PIECE = /^_*(?:sel4|arm|aarch(?:32|64)|x86|x86_64|ia32|riscv|arch|page|map|remap|frame)(?:_\w*)?$/i;

/** The macros of a text that could build a name or a call: with `##`, with any number of arguments, or a piece of a name. */
export function nameBuilders(text: string, file: string): MacroText[] {
  if (!text.includes('define')) return [];
  return definesIn(text, file, (macro) => {
    const { body, params } = macro;
    if (params === null) return body.includes('##') || PIECE.test(body);
    return body.includes('##') || params.at(-1)?.endsWith('...') === true;
  });
}

/** The macros of a text whose bodies use one of these. */
export function macrosUsing(text: string, file: string, wanted: ReadonlySet<string>): MacroText[] {
  return definesIn(text, file, ({ body, name }) => {
    if (body.length > LONGEST_BODY) return false;
    return (body.match(/[A-Za-z_]\w*/g) ?? []).some((word) => word !== name && wanted.has(word));
  });
}

function definesIn(text: string, file: string, keep: (macro: MacroText) => boolean): MacroText[] {
  const found: MacroText[] = [];
  for (const [, name = '', list, rest = ''] of text.matchAll(DEFINE)) {
    if (rest.length > LONGEST_BODY) continue;
    const body = (rest.includes('/') ? withoutMarks(rest) : rest).replace(/\\\r?\n/g, ' ').trim();
    const params =
      list === undefined
        ? null
        : list
            .slice(1, -1)
            .split(',')
            .map((each) => each.trim());
    const macro = { name, params: params?.[0] === '' ? [] : params, body, file };
    if (keep(macro)) found.push(macro);
  }
  return found;
}

const withoutMarks = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ');

interface Token {
  readonly text: string;
  /** Macros that it may not be expanded by any more. */
  readonly hidden: readonly string[];
}

/** Macros that build names, and their expansion. */
export class MacroBook {
  private readonly macros: Map<string, MacroText[]> = new Map();
  private readonly done: Map<string, string | null> = new Map();
  /** The names of those that can be more than a piece of a name, in the order in which they became known. */
  readonly builders: string[] = [];
  private readonly building: Set<string> = new Set();
  /** Goes up with each macro. */
  version = 0;

  /** @returns whether it was news */
  add(macro: MacroText): boolean {
    const list = this.macros.get(macro.name);
    if (list === undefined) this.macros.set(macro.name, [macro]);
    else {
      if (list.some(({ file, body }) => file === macro.file && body === macro.body)) return false;
      list.push(macro);
    }
    if (!this.building.has(macro.name) && (macro.params !== null || !/^\w+$/.test(macro.body))) {
      this.building.add(macro.name);
      this.builders.push(macro.name);
    }
    this.done.clear();
    this.version++;
    return true;
  }

  has(name: string): boolean {
    return this.macros.has(name);
  }

  /**
   * The text of a use with all macros of the book expanded. Of several definitions the one of the same file is meant, or
   * else the first that makes something of it.
   *
   * @param args - null for a macro that takes none
   * @returns null where it cannot be expanded, or makes too much
   */
  expand(name: string, args: readonly string[] | null, file: string): string | null {
    const key = `${file}\0${name}\0${args === null ? '' : `(${args.join(',')})`}`;
    const had = this.done.get(key);
    if (had !== undefined) return had;
    let text: string | null = null;
    try {
      const tokens =
        args === null
          ? [name]
          : [name, '(', ...args.flatMap((arg, i) => [...(i > 0 ? [','] : []), ...split(arg)]), ')'];
      const made = new Expansion((each) => this.nearest(each, file)).all(
        tokens.map((each) => ({ text: each, hidden: [] })),
      );
      text = made.map((token) => token.text).join('');
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
    }
    this.done.set(key, text);
    return text;
  }

  private nearest(name: string, file: string): MacroText | undefined {
    const list = this.macros.get(name);
    return list?.find((macro) => macro.file === file) ?? list?.[0];
  }
}

class TooMuch extends Error {}

class Expansion {
  private left = MOST_TOKENS;
  private readonly macro: (name: string) => MacroText | undefined;

  constructor(macro: (name: string) => MacroText | undefined) {
    this.macro = macro;
  }

  /** Source: C17, 6.10.3. What it makes is looked at again together with what follows. */
  all(tokens: readonly Token[], depth = 0): Token[] {
    if (depth > 24) throw new TooMuch();
    const out: Token[] = [];
    const rest = tokens.toReversed();
    for (let token = rest.pop(); token !== undefined; token = rest.pop()) {
      if (--this.left < 0) throw new TooMuch();
      const macro = token.hidden.includes(token.text) ? undefined : this.macro(token.text);
      if (macro === undefined) {
        out.push(token);
        continue;
      }
      const hidden = [...token.hidden, macro.name];
      let args: Token[][] = [];
      if (macro.params !== null) {
        const given = takeArguments(rest);
        if (given === null) {
          out.push(token);
          continue;
        }
        args = given;
      }
      const made = this.substituted(macro, args, depth);
      if (made.length + rest.length > MOST_TOKENS) throw new TooMuch();
      for (const each of made.toReversed()) rest.push({ text: each.text, hidden: [...each.hidden, ...hidden] });
    }
    return out;
  }

  private substituted({ params, body }: MacroText, args: readonly Token[][], depth: number): Token[] {
    const names = params ?? [];
    const last = names.at(-1) ?? '';
    const rest = last.endsWith('...') ? names.length - 1 : -1;
    const restName = last === '...' ? '__VA_ARGS__' : last.slice(0, -3).trim();
    const argument = (word: string): readonly Token[] | null => {
      if (rest >= 0 && word === restName)
        return args.slice(rest).flatMap((arg, i) => (i === 0 ? arg : [{ text: ',', hidden: [] }, ...arg]));
      const index = names.indexOf(word);
      return index < 0 || index === rest ? null : (args[index] ?? []);
    };
    const words = split(body);
    const out: Token[] = [];
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? '';
      if (word === '##') {
        let next = i + 1;
        while ((words[next] ?? '').trim() === '' && next < words.length) next++;
        const right = argument(words[next] ?? '') ?? [{ text: words[next] ?? '', hidden: [] }];
        while (out.at(-1)?.text.trim() === '') out.pop();
        const left = out.pop();
        const [first, ...more] = right.filter(({ text }, at) => at > 0 || text.trim() !== '');
        // `, ## __VA_ARGS__` pastes nothing.
        if (left?.text === ',') out.push(...(first === undefined ? [] : [left, first, ...more]));
        else out.push({ text: `${left?.text ?? ''}${first?.text ?? ''}`, hidden: [] }, ...more);
        i = next;
        continue;
      }
      const given = argument(word);
      if (given === null) {
        out.push({ text: word, hidden: [] });
        continue;
      }
      const pasted = /^\s*##/.test(words.slice(i + 1, i + 3).join(''));
      // An empty operand still stands there, so that the other one is pasted to nothing.
      if (pasted) out.push(...(given.length === 0 ? [{ text: '', hidden: [] }] : given));
      else out.push(...this.all(given, depth + 1));
      if (out.length > MOST_TOKENS) throw new TooMuch();
    }
    return out;
  }
}

/** Takes what stands in parentheses off the end of a list that is the wrong way round; null = no parentheses. */
function takeArguments(rest: Token[]): Token[][] | null {
  let at = rest.length - 1;
  while (at >= 0 && rest[at]?.text.trim() === '') at--;
  if (rest[at]?.text !== '(') return null;
  const args: Token[][] = [[]];
  let depth = 0;
  for (; at >= 0; at--) {
    const token = rest[at];
    if (token === undefined) break;
    if (token.text === '(' && depth++ === 0) continue;
    if (token.text === ')' && --depth === 0) {
      rest.length = at;
      return args.map(trimmed);
    }
    if (token.text === ',' && depth === 1) args.push([]);
    else args.at(-1)?.push(token);
  }
  return null;
}

function trimmed(tokens: readonly Token[]): Token[] {
  const from = tokens.findIndex(({ text }) => text.trim() !== '');
  const to = tokens.findLastIndex(({ text }) => text.trim() !== '');
  return from < 0 ? [] : tokens.slice(from, to + 1);
}

const split = (text: string): string[] =>
  text.match(/[A-Za-z_]\w*|\d[\w.]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|##|\s+|[\s\S]/g) ?? [];

/** The one name that a text is, parentheses aside. */
export function plainName(text: string | null): string | null {
  return text === null ? null : (/^[\s(]*([A-Za-z_]\w*)[\s)]*$/.exec(text)?.[1] ?? null);
}

/** The calls in a text, with their arguments; the outer ones first. */
export function callsInText(text: string): { readonly name: string; readonly given: readonly string[] }[] {
  const plain = withoutComments(text);
  const calls: { name: string; given: readonly string[] }[] = [];
  for (const { 1: name = '', 0: all, index } of plain.matchAll(/([A-Za-z_]\w*)\s*\(/g)) {
    const given = argumentsAt(plain, index + all.length - 1);
    if (given !== null) calls.push({ name, given: given.args });
  }
  return calls;
}

/** Arguments of a use longer than this are not looked at. */
const LONGEST_USE = 2000;

/** The arguments in the parentheses at an offset, as they are written, and the offset behind them. */
export function argumentsAt(
  text: string,
  open: number,
): { readonly args: readonly string[]; readonly end: number } | null {
  const args: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < text.length && at < open + LONGEST_USE; at++) {
    const code = text[at];
    if (code === '(' || code === '{' || code === '[') depth++;
    else if (code === ')' || code === '}' || code === ']') {
      if (--depth > 0) continue;
      const last = text.slice(from, at).trim();
      return { args: last === '' && args.length === 0 ? [] : [...args, last], end: at + 1 };
    } else if (code === ',' && depth === 1) {
      args.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return null;
}
