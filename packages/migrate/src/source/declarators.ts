import type { Syntax } from './grammar.ts';
import { kidsOf, type Reader } from './lowering.ts';
import type { TextRange } from './site.ts';
import type { Call, Expr } from './tree.ts';

/** `Mapping` of `os::Mapping<4096>`. */
export const lastName = (text: string): string => {
  let plain = text;
  for (let before = ''; before !== plain; ) {
    before = plain;
    plain = plain.replace(/<[^<>]*>/g, '');
  }
  return plain.split('::').pop()?.trim() ?? '';
};

/** The construction of an object: a call by the name of its class. */
export const construction = (range: TextRange, type: Expr, args: readonly Expr[]): Call => ({
  start: range.start,
  end: range.end,
  k: 'call',
  name: type.k === 'name' ? type.name : '',
  callee: type,
  on: null,
  args,
  bang: false,
});

/** The type of what braces initialise; an array's is that of its entries. */
export function withType(e: Expr, type: string): Expr {
  if (e.k !== 'init' || type === '') return e;
  return { ...e, type, entries: e.entries.map(({ name, value }) => ({ name, value: withType(value, type) })) };
}

/** A declarator of a function, and not of a pointer to one. */
export const functionIn = (node: Syntax): boolean => {
  let at: Syntax | null = node;
  while (at !== null && at.is('pointer_declarator')) at = at.field('declarator');
  return at !== null && at.is('function_declarator') && at.field('declarator')?.is('identifier') === true;
};

/** Positional entries by the names of their fields; an array's are those of its entries. */
export function withNames(e: Expr, names: readonly string[]): Expr {
  if (e.k !== 'init') return e;
  const entries = e.entries.map(({ name, value }, i) =>
    value.k === 'init' ? { name, value: withNames(value, names) } : { name: name ?? names[i] ?? null, value },
  );
  return { ...e, entries };
}

export const inFunction = (node: Syntax): boolean => node.ancestors().some((up) => up.is('compound_statement'));

/** The declarator of a function inside pointers and parentheses. */
export function functionDeclarator(node: Syntax | null): Syntax | null {
  let at = node;
  while (at !== null && !at.is('function_declarator')) {
    at = at.field('declarator') ?? kidsOf(at).find((kid) => String(kid.kind()).endsWith('declarator')) ?? null;
  }
  if (at === null) return null;
  // A function that returns a pointer to one.
  const inner = at.field('declarator');
  if (inner?.is('parenthesized_declarator') === true) {
    return functionDeclarator(kidsOf(inner)[0]?.field('declarator') ?? null) ?? at;
  }
  return at;
}

/** The name that a declarator declares. */
export function declared(r: Reader, node: Syntax): string {
  let at = node;
  for (let depth = 0; depth < 12; depth++) {
    const kind = String(at.kind());
    if (kind === 'identifier' || kind === 'field_identifier') return r.of(at);
    const next: Syntax | undefined =
      at.field('declarator') ?? kidsOf(at).find((kid) => /declarator$|identifier$/.test(String(kid.kind())));
    if (next === undefined) return '';
    at = next;
  }
  return '';
}
