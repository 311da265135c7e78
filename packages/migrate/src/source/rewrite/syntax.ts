import type { SgNode } from '@ast-grep/napi';
import type { TextRange } from '../site.ts';

/** A node of a syntax tree. */
export type Node = SgNode;

const LOOPS = new Set([
  'for_statement',
  'while_statement',
  'do_statement',
  'for_range_loop',
  'for_expression',
  'while_expression',
  'loop_expression',
]);
const FUNCTIONS = new Set(['function_definition', 'lambda_expression', 'function_item', 'closure_expression']);
const BLOCKS = new Set([
  'compound_statement',
  'block',
  'case_statement',
  'translation_unit',
  'source_file',
  'declaration_list',
]);
const PREPROCESSOR = new Set(['preproc_if', 'preproc_ifdef', 'preproc_elif', 'preproc_elifdef', 'preproc_else']);
const IFS = new Set(['if_statement', 'if_expression']);
const JUMPS = new Set([
  'return_statement',
  'break_statement',
  'continue_statement',
  'goto_statement',
  'return_expression',
  'break_expression',
  'continue_expression',
  'try_expression',
]);
const COMMENTS = new Set(['comment', 'line_comment', 'block_comment']);

export const isLoop = (node: Node): boolean => LOOPS.has(String(node.kind()));
export const isFunction = (node: Node): boolean => FUNCTIONS.has(String(node.kind()));
export const isBlock = (node: Node): boolean => BLOCKS.has(String(node.kind()));
const isBranch = (node: Node): boolean => PREPROCESSOR.has(String(node.kind()));
export const isIf = (node: Node): boolean => IFS.has(String(node.kind()));
export const isJump = (node: Node): boolean => JUMPS.has(String(node.kind()));
export const isComment = (node: Node): boolean => COMMENTS.has(String(node.kind()));

/** The text range of a node, in its parsed text. */
export function rangeOf(node: Node): TextRange {
  const { start, end } = node.range();
  return { start: start.index, end: end.index };
}

export const same = (a: Node, b: Node): boolean => a.id() === b.id();

/** The smallest node that holds a range; the outermost one of several that hold exactly this range. */
export function nodeAt(root: Node, { start, end }: TextRange): Node {
  let at = root;
  for (;;) {
    const own = rangeOf(at);
    if (own.start === start && own.end === end) return at;
    const inner = at.children().find((child) => {
      const range = rangeOf(child);
      return range.start <= start && end <= range.end && range.end > range.start;
    });
    if (inner === undefined) return at;
    at = inner;
  }
}

/** The nearest node above that is one of these; not beyond `limit`. */
export function above(node: Node, wanted: (node: Node) => boolean, limit: (node: Node) => boolean): Node | null {
  for (let at = node.parent(); at !== null; at = at.parent()) {
    if (wanted(at)) return at;
    if (limit(at)) return null;
  }
  return null;
}

/** Visits a node and what is below it; `false` leaves out what is below. */
export function walk(node: Node, see: (node: Node) => boolean | undefined): void {
  if (see(node) === false) return;
  for (const child of node.children()) walk(child, see);
}

/** All nodes below (and this one) that are wanted. */
export function below(node: Node, wanted: (node: Node) => boolean): Node[] {
  const found: Node[] = [];
  walk(node, (at) => {
    if (wanted(at)) found.push(at);
    return undefined;
  });
  return found;
}

/** A statement of a block, and how it stands there. */
export interface Statement {
  readonly node: Node;
  /** It is the only statement of an `if`, `else` or loop without braces. */
  readonly bare: boolean;
  /** The call may not run although the statement does: it is behind `&&`, `||`, `?` or in a loop's head. */
  readonly sometimes: boolean;
}

const BODIES = ['body', 'consequence', 'alternative'];

/** The statement around a node. Null at the top level of a file that is no block of code. */
export function statementAround(node: Node): Statement | null {
  let sometimes = false;
  for (let at = node; ; ) {
    const parent = at.parent();
    if (parent === null) return null;
    const kind = String(parent.kind());
    if (isBlock(parent) || isBranch(parent) || kind === 'labeled_statement') {
      if (kind === 'labeled_statement' && parent.parent() !== null && !isBlock(parent.parent() as Node)) return null;
      return { node: at, bare: false, sometimes };
    }
    if (kind === 'else_clause') return { node: at, bare: true, sometimes };
    if (isLoop(parent) || isIf(parent)) {
      const isBody = BODIES.some((field) => {
        const body = parent.field(field);
        return body !== null && same(body, at);
      });
      if (isBody && kind.endsWith('_statement')) return { node: at, bare: true, sometimes };
      if (isBody) return { node: at, bare: false, sometimes };
      if (isLoop(parent)) sometimes = true;
    }
    if (kind === 'binary_expression') {
      const op = parent.field('operator')?.text();
      const right = parent.field('right');
      if ((op === '&&' || op === '||') && right !== null && same(right, at)) sometimes = true;
    }
    if (kind === 'conditional_expression') {
      const test = parent.field('condition');
      if (test === null || !same(test, at)) sometimes = true;
    }
    if (kind === 'match_arm') sometimes = true;
    at = parent;
  }
}

/** The names in an expression: variables, macros and fields; none of types and functions that are called. */
export function namesIn(node: Node): Set<string> {
  const names = new Set<string>();
  walk(node, (at) => {
    const kind = String(at.kind());
    if (kind === 'identifier' || kind === 'field_identifier') names.add(at.text());
    return undefined;
  });
  return names;
}

/** An expression without casts, parentheses and white space around it, in one spelling. */
export function plain(text: string): string {
  let at = text.replace(/\/\*[^]*?\*\//g, '').trim();
  for (;;) {
    const before = at;
    at = at.replace(
      /^\((?:const\s+)?(?:void|char|uint8_t|uintptr_t|seL4_\w+|unsigned(?: long)?|size_t)\s*\**\s*\)\s*/,
      '',
    );
    if (/^\([^()]*\)$/.test(at)) at = at.slice(1, -1).trim();
    if (at === before) return at.replace(/\s+/g, ' ');
  }
}

/** What is written to between two places of a function, by the first name of what is written. */
export function writtenNames(scope: Node, { start, end }: TextRange): Set<string> {
  const names = new Set<string>();
  walk(scope, (at) => {
    const range = rangeOf(at);
    if (range.end <= start || range.start >= end) return false;
    if (range.start < start) return undefined;
    const target = writeTarget(at);
    if (target !== null) for (const name of namesIn(target)) names.add(name);
    return undefined;
  });
  return names;
}

function writeTarget(node: Node): Node | null {
  switch (String(node.kind())) {
    case 'assignment_expression':
    case 'compound_assignment_expr':
      return node.field('left');
    case 'update_expression':
      return node.field('argument');
    case 'init_declarator':
      return node.field('declarator');
    // A name that is declared is another one from there on.
    case 'declaration': {
      const declared = node.field('declarator');
      return declared === null || declared.is('init_declarator') ? null : declared;
    }
    case 'let_declaration':
    case 'for_expression':
      return node.field('pattern');
    case 'for_range_loop':
      return node.field('declarator');
    // Its address is handed out.
    case 'pointer_expression':
      return node.text().startsWith('&') ? node.field('argument') : null;
    case 'reference_expression':
      return /^&\s*mut\b/.test(node.text()) ? node.field('value') : null;
    default:
      return null;
  }
}
