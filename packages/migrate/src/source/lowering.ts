import type { Syntax } from './grammar.ts';
import type { TextRange } from './site.ts';
import type { Expr, Func, Stmt } from './tree.ts';

/** What makes functions, statements and expressions of a syntax tree. */
export interface Lowering {
  /** The function that a node defines; null where it has no body or no name. */
  func(node: Syntax): Func | null;
  /** A statement that stands by itself. */
  statement(node: Syntax): Stmt;
}

/** A text that is parsed again, as a part of another one. */
export interface Fragment {
  readonly text: string;
  /** Offset in the file = offset in the fragment's text + this. */
  readonly shift: number;
}

/** Gives ranges and texts of the nodes of one tree. */
export class Reader {
  readonly text: string;
  private readonly shift: number;

  constructor({ text, shift }: Fragment) {
    this.text = text;
    this.shift = shift;
  }

  /** The range in the file. */
  range(node: Syntax): TextRange {
    const { start, end } = node.range();
    return { start: start.index + this.shift, end: end.index + this.shift };
  }

  /** The text of a range of the file. */
  at({ start, end }: TextRange): string {
    return this.text.slice(start - this.shift, end - this.shift);
  }

  /** The text of a node; cheaper than its own. */
  of(node: Syntax): string {
    const { start, end } = node.range();
    return this.text.slice(start.index, end.index);
  }
}

/** The children that are named and no comments. Each question to a node is a call into native code, so few are asked. */
export const kidsOf = (node: Syntax): Syntax[] =>
  node.namedChildren().filter((kid) => !COMMENTS.has(String(kid.kind())));
const COMMENTS = new Set(['comment', 'line_comment', 'block_comment']);

export const other = (range: TextRange, kids: readonly Expr[]): Expr => ({ ...range, k: 'other', kids });
export const nameOf = (range: TextRange, name: string, path?: string): Expr =>
  path === undefined ? { ...range, k: 'name', name } : { ...range, k: 'name', name, path };
export const empty = (range: TextRange): Stmt => ({ ...range, k: 'block', body: [] });
