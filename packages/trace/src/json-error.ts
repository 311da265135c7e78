import type { Problem } from './bad-line.ts';
import { escapeText } from './escape-text.ts';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these in a string.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
/** Longest text in which a place is looked for; beyond it a regular expression may run out of stack. */
const LONGEST = 1 << 16;

/**
 * Where a text that `JSON.parse` refused stops being JSON. (The messages of `JSON.parse` differ between versions of
 * Node, seldom name the place, and quote the input unescaped.)
 *
 * @param text - what was refused
 * @returns what was expected there and what was found
 */
export function jsonProblem(text: string): Problem {
  if (text.length > LONGEST) return { expected: 'expected one JSON object, found something that is not JSON' };
  const open: string[] = [];
  let p = 0;
  let want: 'value' | 'key' | 'colon' | 'next' = 'value';
  // After `{` or `[` the closing bracket may follow at once.
  let empty = false;
  const space = (): void => {
    while (p < text.length && ' \t\r\n'.includes(text.charAt(p))) p++;
  };
  const token = (pattern: RegExp): boolean => {
    pattern.lastIndex = p;
    if (!pattern.test(text)) return false;
    p = pattern.lastIndex;
    return true;
  };
  for (;;) {
    space();
    const c = text.charAt(p);
    const inside = open.at(-1);
    if (want === 'next' && inside === undefined) return problem(text, p, 'the end of the line');
    if ((want === 'next' || empty) && c === (inside === '{' ? '}' : ']')) {
      open.pop();
      p++;
      want = 'next';
      empty = false;
    } else if (want === 'next') {
      if (c !== ',') return problem(text, p, inside === '{' ? "',' or '}'" : "',' or ']'");
      p++;
      want = inside === '{' ? 'key' : 'value';
    } else if (want === 'key') {
      if (!token(STRING)) return problem(text, p, 'a key in double quotes');
      want = 'colon';
      empty = false;
    } else if (want === 'colon') {
      if (c !== ':') return problem(text, p, "':'");
      p++;
      want = 'value';
    } else if (c === '{' || c === '[') {
      open.push(c);
      p++;
      want = c === '{' ? 'key' : 'value';
      empty = true;
    } else if (token(STRING) || token(NUMBER) || token(/true|false|null/y)) {
      want = 'next';
      empty = false;
    } else return problem(text, p, c === '"' ? 'a string that ends on this line' : 'a value');
  }
}

function problem(text: string, at: number, wanted: string): Problem {
  const found = at >= text.length ? 'the end of the line' : `"${escapeText(text.slice(at), 12)}"`;
  return { expected: `expected ${wanted}, found ${found}`, at };
}
