import { indentAt, indentStep, lineEnd, startsLine, type TextEdit } from '../../source/rewrite/text-edit.ts';
import { insertAfter } from '../../source/rewrite/insert.ts';
import {
  above,
  below,
  isBlock,
  isFunction,
  type Node,
  rangeOf,
  same,
  statementAround,
} from '../../source/rewrite/syntax.ts';
import type { FixedSite } from '../fixed-site.ts';

/** A call in its syntax tree. */
export interface HardenContext {
  readonly site: FixedSite;
  /** The whole file, and where the parsed text begins in it. */
  readonly text: string;
  readonly base: number;
  readonly call: Node;
  readonly scope: Node;
  /** Names that the file's new variables have so far. */
  readonly taken: Set<string>;
}

/** What can be done about a call. */
export type HardenProposal =
  | {
      readonly kind: 'edit';
      readonly edits: readonly TextEdit[];
      readonly says: string;
      /** The comparison that is added uses errno. */
      readonly errno: boolean;
    }
  | { readonly kind: 'explanation'; readonly says: string };

const explain = (says: string): HardenProposal => ({ kind: 'explanation', says });

const NO_CALL =
  'The address or the length is not a plain expression (it calls or changes something), so it cannot be written a second time for the comparison.';
const NO_PLACE =
  'The call stands where no statement can be put behind it: keep its answer in a variable first, and compare that with the address.';

/**
 * MAP_FIXED_NOREPLACE in place of MAP_FIXED, and the comparison that kernels before 4.17 need. A call that has the flag
 * already only gets the comparison.
 */
export function proposeHardening(context: HardenContext): HardenProposal {
  const { site, call } = context;
  const hasFlag = site.verdict === 'NOREPLACE, not compared';
  if (site.inMacro) return explain('The call stands in a macro: what is right depends on where that is used.');
  if (site.kind === 'syscall')
    return explain('The call goes to the kernel by its number, and its answer is a number: change it by hand.');
  if (site.kind !== 'mmap')
    return explain(
      `The flag is handed to ${site.callee}, which calls mmap: change both by hand, since the comparison belongs where mmap is called.`,
    );
  if (site.sometimes)
    return explain(
      'The flag is there in some runs only: without it the address is a hint, and another one is no error. Change it by hand.',
    );
  if (!hasFlag && site.word === null)
    return explain('MAP_FIXED is written elsewhere, where other calls may read it: change it by hand.');
  if (!site.heeded)
    return explain(
      site.result === 'ignored'
        ? 'Nothing looks at the answer: the refusal would go unnoticed, and the memory be missing. Test it for MAP_FAILED first.'
        : 'The answer is used before it is tested for MAP_FAILED: a refusal would go unnoticed. Test it first.',
    );
  const flag: TextEdit[] = hasFlag || site.word === null ? [] : [{ ...bounds(site.word), text: 'MAP_FIXED_NOREPLACE' }];
  if (site.firm && flag.length > 0)
    return {
      kind: 'edit',
      edits: flag,
      says: 'MAP_FIXED_NOREPLACE; the answer is compared with the address already.',
      errno: false,
    };
  const addressNode = argument(call, 0);
  const lengthNode = argument(call, 1);
  if (addressNode === null || lengthNode === null || !repeatable(addressNode) || !repeatable(lengthNode))
    return explain(NO_CALL);
  const edits = compared(context, addressNode, lengthNode);
  if (typeof edits === 'string') return explain(edits);
  const says = hasFlag
    ? 'The answer is compared with the address, which kernels before 4.17 take for a hint.'
    : 'MAP_FIXED_NOREPLACE, and the answer is compared with the address, which kernels before 4.17 take for a hint.';
  // A call that is moved takes its flag along.
  const stays = flag.filter(({ start, end }) => !edits.some((edit) => edit.start <= start && end <= edit.end));
  return { kind: 'edit', edits: [...stays, ...edits], says, errno: true };
}

/** The edits that add the comparison; a sentence where that cannot be done. */
function compared(context: HardenContext, address: Node, length: Node): TextEdit[] | string {
  const { call, base } = context;
  const value = valueOf(call);
  if (value === null) return 'The answer is kept as a number: compare it with the address by hand.';
  const { outer, failed } = value;
  const parent = outer.parent();
  if (parent === null) return NO_PLACE;
  const own = (to: string): boolean => !words(address).has(to) && !words(length).has(to);
  if (parent.is('init_declarator')) {
    const declarator = parent.field('declarator');
    const name = declarator === null ? null : declaredName(declarator);
    const statement = parent.parent();
    const lone = statement?.children().filter((kid) => String(kid.kind()).endsWith('declarator')).length === 1;
    if (name === null || statement === null || !lone || !inBlock(statement)) return NO_PLACE;
    if (/\bconst\b/.test(declarator?.text() ?? ''))
      return 'The answer is kept in a constant, which could not say that the call was refused.';
    if (!own(name)) return OVERWRITES;
    return insertAfter(context, statement, check(context, statement, { name, failed, address, length })) ?? NO_PLACE;
  }
  if (parent.is('assignment_expression')) {
    const left = parent.field('left');
    if (left === null || parent.field('operator')?.text() !== '=' || !repeatable(left)) return NO_PLACE;
    const name = left.text();
    const [root = name] = words(left);
    if (!own(root)) return OVERWRITES;
    const about = { name, failed, address, length };
    const statement = parent.parent();
    if (statement?.is('expression_statement') === true && inBlock(statement))
      return insertAfter(context, statement, check(context, statement, about)) ?? NO_PLACE;
    // `if ((p = mmap(…)) == MAP_FAILED)`
    const around = parent.parent();
    if (around === null || !around.is('parenthesized_expression')) return NO_PLACE;
    const before = firstOf(around);
    if (before === null) return NO_PLACE;
    const first = `${callText(context, parent)};`;
    const put = insertInFront(context, before, [first, ...check(context, before, about)]);
    return put === null ? NO_PLACE : [...put, { ...shifted(around, base), text: name }];
  }
  // `if (mmap(…) == MAP_FAILED)`, `return mmap(…);`
  const before = firstOf(outer);
  if (before === null) return NO_PLACE;
  if (context.site.language === 'cpp' && /\bgoto\b/.test(context.scope.text()))
    return 'The function has a goto, which must not jump over a new variable: keep the answer in one by hand.';
  const name = fresh(context);
  const first = `void *${name} = ${callText(context, call)};`;
  const about = { name, failed: 'MAP_FAILED', address, length };
  const put = insertInFront(context, before, [first, ...check(context, before, about)]);
  return put === null ? NO_PLACE : [...put, { ...shifted(call, base), text: name }];
}

const OVERWRITES =
  'The answer overwrites what the address is made of, so that they cannot be compared: keep the address in a variable of its own.';

/** A call as it is to stand elsewhere: with the flag, where that is written in it. */
function callText({ site, text, base }: HardenContext, node: Node): string {
  const { start, end } = shifted(node, base);
  const { word } = site;
  if (word === null || word.start < start || word.end > end) return text.slice(start, end);
  return `${text.slice(start, word.start)}MAP_FIXED_NOREPLACE${text.slice(word.end, end)}`;
}

/** The comparison, as lines without indentation in front of the first. */
function check(
  context: HardenContext,
  statement: Node,
  about: { readonly name: string; readonly failed: string; readonly address: Node; readonly length: Node },
): string[] {
  const { text, base } = context;
  const { name, failed, address, length } = about;
  const own = indentAt(text, rangeOf(statement).start + base);
  const step = indentStep(outerIndent(context, statement, own), own);
  return [
    '/* Before Linux 4.17 the address is a hint: what is elsewhere is refused here. */',
    `if (${name} != MAP_FAILED && ${name} != ${asPointer(context, address)}) {`,
    `${step}munmap(${isVoid(context, name) ? name : `(void *)${name}`}, ${length.text()});`,
    `${step}errno = EEXIST;`,
    `${step}${name} = ${failed};`,
    '}',
  ];
}

/** The statement in a block that begins with this expression: the first thing that it does. Null elsewhere. */
function firstOf(node: Node): Node | null {
  const around = statementAround(node);
  if (around === null || around.bare || around.sometimes || !inBlock(around.node)) return null;
  const { node: statement } = around;
  if (!statement.is('if_statement') && !statement.is('return_statement')) return null;
  for (let at = node; !same(at, statement); ) {
    const parent = at.parent();
    if (parent === null) return null;
    const left = parent.field('left');
    // `0 > n || mmap(…)` reads something else first, `MAP_FAILED == mmap(…)` does not.
    if (parent.is('binary_expression') && left !== null && !same(left, at) && !/^\w+$/.test(left.text())) return null;
    if (
      /^(?:call_expression|argument_list|assignment_expression|comma_expression|update_expression)$/.test(
        String(parent.kind()),
      )
    )
      return null;
    if (parent.is('if_statement')) {
      const condition = parent.field('condition');
      if (condition === null || !same(condition, at)) return null;
    }
    at = parent;
  }
  return statement;
}

/** Directly in braces, where statements may be put in front and behind. */
function inBlock(statement: Node): boolean {
  const parent = statement.parent();
  return (
    parent !== null &&
    isBlock(parent) &&
    !parent.is('case_statement') &&
    above(statement, isFunction, () => false) !== null
  );
}

/** The casts around a call, and MAP_FAILED in the same; null where one of them makes a number of it. */
function valueOf(call: Node): { readonly outer: Node; readonly failed: string } | null {
  let outer = call;
  let failed = 'MAP_FAILED';
  for (;;) {
    const parent = outer.parent();
    if (parent === null) break;
    if (parent.is('parenthesized_expression') && !isControl(parent)) {
      failed = `(${failed})`;
      outer = parent;
    } else if (parent.is('cast_expression')) {
      const type = parent.field('type')?.text() ?? '';
      if (!type.includes('*')) return null;
      failed = `(${type})${failed}`;
      outer = parent;
    } else if (parent.is('argument_list') && /^(?:static|reinterpret)_cast\b/.test(parent.parent()?.text() ?? '')) {
      const cast = parent.parent();
      const type = cast?.field('function')?.text() ?? '';
      if (cast === null || cast === undefined || !type.includes('*')) return null;
      failed = `${type}(${failed})`;
      outer = cast;
    } else break;
  }
  return { outer, failed };
}

/** The parentheses of `if (…)`, and not those of an expression. */
function isControl(node: Node): boolean {
  const parent = node.parent();
  return (
    parent !== null &&
    String(parent.kind()).endsWith('_statement') &&
    !parent.is('expression_statement') &&
    !parent.is('return_statement')
  );
}

/** An expression that may be written twice. */
const repeatable = (node: Node): boolean =>
  below(node, (at) =>
    /^(?:call_expression|assignment_expression|update_expression|compound_statement|ERROR|lambda_expression)$/.test(
      String(at.kind()),
    ),
  ).length === 0;

/** The address, to be compared with a pointer of any type. */
function asPointer(context: HardenContext, address: Node): string {
  const text = address.text();
  if (/^\(\s*void\s*\*\s*\)/.test(text) && address.is('cast_expression')) return text;
  if (isVoid(context, text)) return text;
  return `(void *)${/^(?:identifier|number_literal|field_expression|subscript_expression|parenthesized_expression)$/.test(String(address.kind())) ? text : `(${text})`}`;
}

/** Whether the function declares a name as a plain `void *`. */
function isVoid({ scope, taken }: HardenContext, name: string): boolean {
  if (taken.has(name)) return true;
  return (
    /^\w+$/.test(name) &&
    new RegExp(`(?<!\\b(?:const|volatile)\\s)\\bvoid\\s*\\*\\s*(?:const\\s+)?${name}\\b`).test(scope.text())
  );
}

function declaredName(declarator: Node): string | null {
  const [name, ...more] = below(declarator, (at) => at.is('identifier'));
  return name === undefined || more.length > 0 ? null : name.text();
}

function fresh({ scope, taken }: HardenContext): string {
  const text = scope.text();
  for (let n = 1; ; n++) {
    const name = n === 1 ? 'mapped' : `mapped${n}`;
    if (taken.has(name) || new RegExp(`\\b${name}\\b`).test(text)) continue;
    taken.add(name);
    return name;
  }
}

/** Statements in front of another one that begins its line. */
function insertInFront({ text, base }: HardenContext, statement: Node, lines: readonly string[]): TextEdit[] | null {
  const { start } = shifted(statement, base);
  if (!startsLine(text, start)) return null;
  const eol = lineEnd(text, start);
  const indent = indentAt(text, start);
  return [{ start, end: start, text: lines.map((line) => line + eol + indent).join('') }];
}

function outerIndent({ text, base }: HardenContext, node: Node, indent: string): string {
  for (let at = node.parent(); at !== null; at = at.parent()) {
    const start = rangeOf(at).start + base;
    const own = startsLine(text, start) ? indentAt(text, start) : indent;
    if (own.length < indent.length) return own;
  }
  return '';
}

const bounds = ({ start, end }: { readonly start: number; readonly end: number }) => ({ start, end });

function shifted(node: Node, base: number): { readonly start: number; readonly end: number } {
  const { start, end } = rangeOf(node);
  return { start: start + base, end: end + base };
}

function argument(call: Node, index: number): Node | null {
  const list = call.field('arguments');
  const given = list?.children().filter((kid) => kid.isNamed() && !String(kid.kind()).endsWith('comment'));
  return given?.[index] ?? null;
}

const words = (node: Node): Set<string> => new Set(node.text().match(/[A-Za-z_]\w*/g));
