import type { SiteContext } from './proposal.ts';
import { isComment, type Node, rangeOf, type Statement } from './syntax.ts';
import { indentAt, indentStep, lineEnd, lineStart, startsLine, type TextEdit } from './text-edit.ts';

/**
 * Puts statements in front of another one, each on a line of its own; in front of the comment that stands above it.
 * A statement without braces around it gets them.
 */
export function insertBefore(context: SiteContext, statement: Statement, lines: readonly string[]): TextEdit[] {
  const { text, base } = context;
  const range = rangeOf(statement.node);
  const start = range.start + base;
  const eol = lineEnd(text, start);
  if (!statement.bare && startsLine(text, start)) {
    const indent = indentAt(text, start);
    const at = aboveComments(context, statement.node);
    return [{ start: at, end: at, text: lines.map((line) => indent + line + eol).join('') }];
  }
  const inner = lines.map((line) => `${line} `).join('');
  if (!statement.bare) return [{ start, end: start, text: inner }];
  const end = range.end + base;
  if (!startsLine(text, start))
    return [
      { start, end: start, text: `{ ${inner}` },
      { start: end, end, text: ' }' },
    ];
  // On a line of its own below its `if`: the braces go to the lines around.
  const indent = indentAt(text, start);
  const outer = parentIndent(context, statement.node, indent);
  const line = lineStart(text, start);
  const opens = headEnd(context, statement.node);
  const body = lines.map((each) => indent + each + eol).join('');
  if (opens === null || text.slice(opens, line).includes('\\'))
    return [
      { start, end: start, text: `{ ${inner}` },
      { start: end, end, text: ' }' },
    ];
  return [
    { start: opens, end: opens, text: ' {' },
    { start: line, end: line, text: body },
    { start: end, end, text: `${eol}${outer}}` },
  ];
}

/** Where the head of an `if`, `else` or loop without braces ends; null where something else than a comment follows it. */
function headEnd({ text, base }: SiteContext, body: Node): number | null {
  let head = body.prev();
  while (head !== null && isComment(head)) head = head.prev();
  if (head === null) return null;
  const end = rangeOf(head).end + base;
  const between = text.slice(end, rangeOf(body).start + base);
  return /^(?:\s|\/\/[^\n]*|\/\*(?:(?!\*\/)[\s\S])*\*\/)*$/.test(between) ? end : null;
}

/** Puts statements behind another one, each on a line of its own; null where it does not end its line. */
export function insertAfter(
  { text, base }: Pick<SiteContext, 'text' | 'base'>,
  node: Node,
  lines: readonly string[],
): TextEdit[] | null {
  const { start, end } = rangeOf(node);
  const at = end + base;
  const eol = lineEnd(text, at);
  const line = text.indexOf('\n', at);
  const stop = line < 0 ? text.length : line + 1;
  // A comment that ends the line belongs to what stands there.
  if (!/^[ \t]*(?:\/\/[^\n]*|\/\*(?:(?!\*\/)[^\n])*\*\/[ \t]*)?\r?\n?$/.test(text.slice(at, stop))) return null;
  const indent = indentAt(text, start + base);
  const ends = text.slice(at, stop).endsWith('\n');
  const added = lines.map((each) => indent + each + eol).join('');
  return [{ start: stop, end: stop, text: ends ? added : eol + added }];
}

/** Puts statements at the end of a block in braces, indented as its statements are. */
export function insertAtEnd(context: SiteContext, block: Node, lines: readonly string[]): TextEdit[] | null {
  const { text, base } = context;
  const { end } = rangeOf(block);
  const brace = end + base - 1;
  if (text[brace] !== '}' || !startsLine(text, brace)) return null;
  const indent = innerIndent(context, block);
  const eol = lineEnd(text, brace - 1);
  const at = lineStart(text, brace);
  return [{ start: at, end: at, text: lines.map((line) => indent + line + eol).join('') }];
}

/** Puts statements at the beginning of a block in braces, indented as its statements are. */
export function insertAtStart(context: SiteContext, block: Node, lines: readonly string[]): TextEdit[] | null {
  const { text, base } = context;
  const { start } = rangeOf(block);
  const at = start + base + 1;
  if (text[at - 1] !== '{') return null;
  const stop = text.indexOf('\n', at);
  const eol = lineEnd(text, at);
  const rest = stop < 0 ? null : text.slice(at, stop);
  if (rest === null || !/^[ \t]*(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/[ \t]*)?\r?$/.test(rest)) return null;
  const indent = innerIndent(context, block);
  return [{ start: stop + 1, end: stop + 1, text: lines.map((line) => indent + line + eol).join('') }];
}

/** The indentation of a block's statements. */
function innerIndent({ text, base }: SiteContext, block: Node): string {
  const first = block.children().find((child) => child.isNamed() && startsLine(text, rangeOf(child).start + base));
  const outer = indentAt(text, rangeOf(block).end + base - 1);
  if (first !== undefined) return indentAt(text, rangeOf(first).start + base);
  return outer + indentStep('', outer);
}

/** One level of indentation, as it is at this place. */
export function stepAt(context: SiteContext, node: Node): string {
  const inner = indentAt(context.text, rangeOf(node).start + context.base);
  return indentStep(parentIndent(context, node, inner), inner);
}

function parentIndent({ text, base }: SiteContext, node: Node, indent: string): string {
  for (let at = node.parent(); at !== null; at = at.parent()) {
    const start = rangeOf(at).start + base;
    if (!startsLine(text, start)) continue;
    const own = indentAt(text, start);
    if (own.length < indent.length) return own;
  }
  return '';
}

/** The beginning of the line of a statement, or of the first comment right above it. */
function aboveComments({ text, base }: SiteContext, node: Node): number {
  let at = lineStart(text, rangeOf(node).start + base);
  for (let before = node.prev(); before !== null && isComment(before); before = before.prev()) {
    const { start, end } = rangeOf(before);
    const touches =
      text
        .slice(end + base, at)
        .replace(/\r?\n/, '')
        .trim() === '' && lineBreaks(text, end + base, at) <= 1;
    if (!touches || !startsLine(text, start + base)) break;
    at = lineStart(text, start + base);
  }
  return at;
}

const lineBreaks = (text: string, start: number, end: number): number => text.slice(start, end).split('\n').length - 1;
