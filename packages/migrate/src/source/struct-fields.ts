import { withoutComments } from './preprocessor.ts';

/** What a text says of a type that braces initialise. */
export type TypeText =
  /** Its members, in their order; a name is '' where it has none. */
  | { readonly fields: readonly string[] }
  /** It is another name of this one. */
  | { readonly alias: string };

/** A struct's members, where a text of C or C++ defines it; null where it does not. */
export function typeIn(text: string, type: string): TypeText | null {
  if (!/^\w+$/.test(type)) return null;
  const named = new RegExp(`\\b(?:struct|class|union)\\s+${type}\\b[^;{}()=]*\\{`).exec(text);
  if (named !== null) return fieldsAt(text, named.index + named[0].length - 1);
  const behind = new RegExp(`\\}[^;{}()]*?\\b${type}\\s*[;,]`).exec(text);
  if (behind !== null) {
    const open = openingOf(text, behind.index);
    if (open >= 0 && /\btypedef\b[^;{}]*$/.test(text.slice(Math.max(0, open - 300), open))) return fieldsAt(text, open);
  }
  const alias = new RegExp(`\\btypedef\\s+(?:const\\s+)?(?:struct|union)\\s+(\\w+)\\s+${type}\\s*;`).exec(text)?.[1];
  return alias === undefined || alias === type ? null : { alias };
}

/** The members of a struct without a name, whose text this is. */
export function fieldsOf(struct: string): readonly string[] {
  const type = fieldsAt(struct, struct.indexOf('{'));
  return type !== null && 'fields' in type ? type.fields : [];
}

/** Longer bodies are no tables of functions. */
const LONGEST = 20_000;

function openingOf(text: string, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0 && at > close - LONGEST; at--) {
    if (text[at] === '}') depth++;
    else if (text[at] === '{' && --depth === 0) return at;
  }
  return -1;
}

function fieldsAt(text: string, open: number): TypeText | null {
  const plain = withoutComments(text.slice(open + 1, open + LONGEST)).replace(/^[ \t]*#.*$/gm, '');
  const fields: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < plain.length; at++) {
    const code = plain[at];
    if (code === '{' || code === '(') depth++;
    else if (code === '}' && depth === 0) return { fields };
    else if (code === '}' || code === ')') depth--;
    else if (code === ';' && depth === 0) {
      fields.push(...namesOf(plain.slice(from, at)));
      from = at + 1;
    }
  }
  return null;
}

/** The names of a member's declaration: of a pointer to a function, of an array, of several with commas. */
function namesOf(member: string): string[] {
  if (member.trim() === '') return [];
  const pointer = /\(\s*(?:\w+\s+)?\*\s*(?:const\s*|volatile\s*)?(\w+)/.exec(member)?.[1];
  if (pointer !== undefined) return [pointer];
  const flat = member
    .replace(/\{[\s\S]*\}/g, ' ')
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\[[^\]]*\]|:\s*\w+/g, ' ')
    .replace(/=.*$/s, '');
  return flat.split(',').map((each) => /(\w+)\s*$/.exec(each)?.[1] ?? '');
}
