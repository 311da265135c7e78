import { loadParser, type Syntax } from './grammar.ts';
import { CLowering, MACRO_AFTER, MACRO_BEFORE } from './lower-c.ts';
import { RustLowering, separatorsOf } from './lower-rust.ts';
import { type Fragment, kidsOf, Reader } from './lowering.ts';
import { withoutComments } from './preprocessor.ts';
import type { SourceLanguage, TextRange } from './site.ts';
import type { ParsedFunc } from './source-file.ts';
import type { Expr, Stmt } from './tree.ts';

/** A macro that stands for a name. */
export interface Alias extends TextRange {
  readonly name: string;
  readonly of: string;
}

/** What a macro is: another name, or code. */
export interface MacroTrees {
  readonly alias: Alias | null;
  readonly funcs: readonly ParsedFunc[];
}

/** A `#define`, with its body read as that of a function; null where it has none. */
export function cMacro(node: Syntax, reader: Reader, language: SourceLanguage): MacroTrees | null {
  const range = reader.range(node);
  const named = node.field('name');
  const value = node.field('value');
  if (named === null || value === null) return null;
  const name = reader.of(named);
  // What is pasted together is one name, of the same length.
  const body = reader
    .of(value)
    .replace(COMMENT_OR_STRING, (part) => (part.startsWith('/') ? part.replace(/[^\r\n\\]/g, ' ') : part))
    .replace(/\\(?=\r?\n)/g, ' ')
    .replace(/(?<=\w)\s*##\s*(?=\w)/g, (paste) => '_'.repeat(paste.length))
    .replace(/##/g, '  ');
  const { start } = reader.range(value);
  const list = node.field('parameters');
  const plain = /^\(?\s*([A-Za-z_]\w*)\s*\)?\s*$/.exec(withoutComments(body))?.[1];
  if (plain !== undefined) {
    return { alias: list === null ? { ...range, name, of: plain } : null, funcs: [] };
  }
  const params = list === null ? [] : (reader.of(list).match(/[A-Za-z_]\w*(?:\s*\.\.\.)?|\.\.\./g) ?? []);
  const { own, inner, broken } = macroBody(body, start);
  const common = { language, macro: true, outside: false, local: false, broken } as const;
  const func: ParsedFunc = {
    ...range,
    body: own,
    name,
    owner: null,
    declares: [],
    params,
    types: params.map(() => ''),
    method: false,
    returns: '',
    ...common,
  };
  return { alias: null, funcs: [func, ...inner.map((each) => ({ ...each, ...common }))] };
}

const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\[\s\S])*"/g;

type Body = Pick<ParsedFunc, 'body'>['body'];

/** A macro's text as the body of a function, and the functions that it defines itself. */
function macroBody(
  text: string,
  start: number,
): {
  readonly own: Body;
  readonly inner: readonly Omit<ParsedFunc, 'language' | 'broken' | 'outside' | 'local'>[];
  readonly broken: boolean;
} {
  const fragment = { text: MACRO_BEFORE + text + MACRO_AFTER, shift: start - MACRO_BEFORE.length };
  const root = loadParser()('c', fragment.text);
  const [node, ...nested] = root.findAll({ rule: { kind: 'function_definition' } } as never) as Syntax[];
  const range = { start, end: start + text.length };
  if (node === undefined) return { own: { ...range, k: 'block', body: [] }, inner: [], broken: true };
  const lowering = new CLowering(new Reader(fragment));
  const func = lowering.func(node);
  const inner = nested.flatMap((each) => {
    const made = lowering.func(each);
    return made === null ? [] : [made];
  });
  const broken = root.find({ rule: { kind: 'ERROR' } } as never) !== null;
  const body: Stmt = func?.body ?? { ...range, k: 'block', body: [] };
  // A macro that is one expression has its value.
  const only = body.k === 'block' && body.body.length === 1 ? body.body[0] : undefined;
  if (only?.k === 'expr' && !/[;}]\s*$/.test(withoutComments(text))) {
    return { own: { ...range, k: 'block', body: [{ ...only, tail: true }] }, inner, broken };
  }
  return { own: body, inner, broken };
}

/**
 * The rules of a `macro_rules!`, each with `$name` taken for a name.
 *
 * @param items - the functions of a text, what stands outside of them included
 */
export function rustMacro(
  node: Syntax,
  reader: Reader,
  items: (fragment: Fragment) => readonly ParsedFunc[],
): ParsedFunc[] {
  const named = node.field('name');
  const macro = named === null ? '' : reader.of(named);
  return kidsOf(node)
    .filter((kid) => kid.is('macro_rule'))
    .flatMap((rule) => {
      const [pattern] = kidsOf(rule).filter((kid) => kid.is('token_tree_pattern'));
      const tokens = kidsOf(rule)
        .filter((kid) => kid.is('token_tree'))
        .at(-1);
      if (tokens === undefined) return [];
      const list = pattern === undefined ? '' : reader.of(pattern).slice(1, -1);
      const separators = list.includes('$(') ? {} : { separators: separatorsOf(list) };
      const params = pattern === undefined ? [] : ruleParams(reader.of(pattern));
      const inside = reader
        .of(tokens)
        .slice(1, -1)
        .replace(/\$(?=[A-Za-z_])/g, '_');
      const shift = reader.range(tokens).start + 1;
      return items({ text: inside, shift }).map((func): ParsedFunc => {
        if (func.outside) {
          return {
            ...func,
            name: macro,
            params,
            types: params.map(() => ''),
            macro: true,
            outside: false,
            local: false,
            ...separators,
          };
        }
        const index = params.indexOf(func.name);
        return index < 0 ? func : { ...func, madeBy: { macro, index } };
      });
    });
}

/** The parameters of a rule, with `_` for `$`; one that repeats takes all the rest. */
function ruleParams(pattern: string): string[] {
  const params: string[] = [];
  const part = /\$\(|\$([A-Za-z_]\w*)\s*:/g;
  for (const [all, name] of pattern.matchAll(part)) {
    if (all === '$(') {
      params.push('...');
      break;
    }
    params.push(`_${name ?? ''}`);
  }
  return params;
}

const CALL_BEFORE = 'fn _(){_(';
const CALL_AFTER = ');}';

/** The inside of a Rust macro's call as arguments. */
export function macroArguments(text: string, start: number): readonly Expr[] | null {
  const plain = plainArguments(text, start);
  if (plain !== null) return plain;
  // Macros have other separators, too.
  const commas = text.includes('=>') || text.includes(';') ? withCommas(text) : text;
  const fragment = { text: CALL_BEFORE + commas.replace(/\$/g, '_') + CALL_AFTER, shift: start - CALL_BEFORE.length };
  const root = loadParser()('rust', fragment.text);
  const call = root.find({ rule: { kind: 'call_expression' } } as never) as Syntax | null;
  const list = call?.field('arguments') ?? null;
  if (list === null) return null;
  const lowering = new RustLowering(new Reader(fragment), macroArguments);
  return kidsOf(list).map((kid) => lowering.expr(kid));
}

/** The text with a comma for each `=>` and `;` that stands in no parentheses; of the same length. */
function withCommas(text: string): string {
  const out = [...text];
  if (out.length !== text.length) return text;
  let depth = 0;
  for (let at = 0; at < out.length; at++) {
    const code = out[at] ?? '';
    if ('([{'.includes(code)) depth++;
    else if (')]}'.includes(code)) depth--;
    else if (depth === 0 && code === ';') out[at] = ',';
    else if (depth === 0 && code === '=' && out[at + 1] === '>') {
      out[at] = ',';
      out[at + 1] = ' ';
    }
  }
  return out.join('');
}

/** Arguments that are names and literals only, which need no parser; null where others are among them. */
function plainArguments(text: string, start: number): Expr[] | null {
  const found: Expr[] = [];
  const part = /\s*(?:("(?:[^"\\]|\\.)*"|\d\w*)|([A-Za-z_]\w*))\s*(?:,|$)/y;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return text.trim() === '' ? [] : null;
    const [whole, literal, name] = match;
    const word = literal ?? name ?? '';
    const at = start + match.index + whole.indexOf(word);
    const range = { start: at, end: at + word.length };
    found.push(literal === undefined ? { ...range, k: 'name', name: word } : { ...range, k: 'literal', text: word });
    if (whole === '') return null;
  }
  return found;
}
