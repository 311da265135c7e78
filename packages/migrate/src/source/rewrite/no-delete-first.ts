import { leaves } from './control.ts';
import { explanation, type Proposal, type SiteContext } from './proposal.ts';
import { above, isFunction, isIf, namesIn, type Node, nodeAt, rangeOf, statementAround } from './syntax.ts';
import { root } from './unmap-before.ts';
import { lineStart, startsLine, type TextEdit } from './text-edit.ts';

const ADVICE =
  'DeleteFirst says that another frame is there: it is an error, unless the client knows by its own books that this page is mapped.';
const NAME = /\bDeleteFirst\b|seL4_DeleteFirst\b/;

/** DeleteFirst from a page map counts as the error that it is: its place among what is accepted goes. */
export function noDeleteFirst(context: SiteContext): Proposal {
  const { site, base, call, scope } = context;
  const { test } = site;
  if (test === null) return explanation(`Where the answer is compared was not found. ${ADVICE}`);
  const node = nodeAt(root(scope), { start: test.start - base, end: test.end - base });
  const literal = findName(node);
  if (literal === null) return explanation(ADVICE);
  const arm = above(literal, (at) => /^(?:case_statement|match_arm)$/.test(String(at.kind())), isFunction);
  const edits =
    arm === null
      ? (fromCondition(context, literal) ?? wholeTest(context, literal))
      : String(arm.kind()) === 'case_statement'
        ? fromSwitch(context, arm)
        : fromMatch(context, arm);
  if (edits === null || edits.length === 0 || rangeOf(literal).start < rangeOf(call).start)
    return explanation(`How the error is to be told from here is not plain. ${ADVICE}`);
  return {
    kind: 'edit',
    rewrite: 'no-delete-first',
    edits,
    says: 'Takes DeleteFirst for the error that it is, and no longer for success.',
  };
}

function findName(node: Node): Node | null {
  if (node.children().length === 0 || String(node.kind()) === 'scoped_identifier')
    return NAME.test(node.text()) ? node : null;
  for (const child of node.children()) {
    const found = findName(child);
    if (found !== null) return found;
  }
  return null;
}

/** `a != NoError && a != DeleteFirst`, `a == NoError || a == DeleteFirst`: one part of a condition goes. */
function fromCondition({ base }: SiteContext, literal: Node): TextEdit[] | null {
  let part: Node | null = literal.parent();
  while (part !== null && String(part.kind()) === 'parenthesized_expression') part = part.parent();
  if (part === null || String(part.kind()) !== 'binary_expression') return null;
  const compares = part.field('operator')?.text();
  let outer = part;
  for (let up = part.parent(); up !== null && String(up.kind()) === 'parenthesized_expression'; up = up.parent()) {
    // The parentheses of the whole condition stay.
    const next = up.parent();
    if (next === null || String(next.kind()) !== 'binary_expression') break;
    outer = up;
  }
  // A branch that is for DeleteFirst alone would be left behind, and never run again.
  const test = above(literal, isIf, isFunction);
  const branches = [test?.field('consequence') ?? null, test?.field('alternative') ?? null];
  if (branches.some((branch) => branch !== null && findName(branch) !== null)) return null;
  const whole = outer.parent();
  if (whole === null || String(whole.kind()) !== 'binary_expression') return null;
  const joins = whole.field('operator')?.text();
  if (!((joins === '&&' && compares === '!=') || (joins === '||' && compares === '=='))) return null;
  const left = whole.field('left');
  const right = whole.field('right');
  if (left === null || right === null) return null;
  const goes = rangeOf(outer);
  const stays = rangeOf(left).start <= goes.start && goes.end <= rangeOf(left).end ? rangeOf(right) : rangeOf(left);
  return stays.start > goes.start
    ? [{ start: goes.start + base, end: stays.start + base, text: '' }]
    : [{ start: stays.end + base, end: goes.end + base, text: '' }];
}

/** `if (error == DeleteFirst) return 0;` before a general test of the same error: the special case goes. */
function wholeTest({ site, base, text }: SiteContext, literal: Node): TextEdit[] | null {
  const comparison = literal.parent();
  const test = above(literal, isIf, isFunction);
  const name = site.resultName;
  if (comparison === null || test === null || name === null || String(test.kind()) !== 'if_statement') return null;
  const condition = test.field('condition');
  if (condition === null || condition.text().replace(/\s/g, '') !== `(${comparison.text().replace(/\s/g, '')})`)
    return null;
  if (comparison.field('operator')?.text() !== '==') return null;
  const body = test.field('consequence');
  if (
    body === null ||
    test.field('alternative') !== null ||
    !leaves(body) ||
    statementAround(comparison)?.bare === true
  )
    return null;
  // What a person wrote there stays a person's business.
  if (/call_expression/.test(kindsBelow(body))) return null;
  let next = test.next();
  while (next !== null && (!next.isNamed() || /comment/.test(String(next.kind())))) next = next.next();
  if (next === null || !/^(?:if|return)_statement$/.test(String(next.kind())) || !heeds(next, name)) return null;
  const range = rangeOf(test);
  const start = range.start + base;
  const end = range.end + base;
  const stop = text.indexOf('\n', end);
  const alone = startsLine(text, start) && stop >= 0 && text.slice(end, stop).trim() === '';
  return [{ start: alone ? lineStart(text, start) : start, end: alone ? stop + 1 : end, text: '' }];
}

/** A test of the error, or its return. */
function heeds(node: Node, name: string): boolean {
  const part = String(node.kind()) === 'if_statement' ? node.field('condition') : node;
  return part !== null && namesIn(part).has(name) && !/DeleteFirst/.test(part.text());
}

const kindsBelow = (node: Node): string => `${String(node.kind())} ${node.children().map(kindsBelow).join(' ')}`;

/** `case seL4_DeleteFirst:` next to other labels of a switch that has a default. */
function fromSwitch({ base, text }: SiteContext, arm: Node): TextEdit[] | null {
  const holder = arm.parent();
  if (holder === null) return null;
  const arms = holder.children().filter((child) => String(child.kind()) === 'case_statement');
  const other = arms.find((each) => each.text().startsWith('default'));
  if (other === undefined) return null;
  const statements = arm.children().filter((child) => child.isNamed());
  const label = statements[0];
  const colon = arm.children().find((child) => child.text() === ':');
  if (label === undefined || colon === undefined) return null;
  const before = arm.prev();
  // Its statements stay with the label before, which falls into them.
  const shares = before !== null && String(before.kind()) === 'case_statement' && before.text().trim().endsWith(':');
  if (statements.length > 1 && !shares) return null;
  const start = rangeOf(arm).start + base;
  const end = rangeOf(colon).end + base;
  const stop = text.indexOf('\n', end);
  const alone = startsLine(text, start) && stop >= 0 && text.slice(end, stop).trim() === '';
  return [{ start: alone ? lineStart(text, start) : start, end: alone ? stop + 1 : end, text: '' }];
}

/** `Ok(()) | Err(sel4::Error::DeleteFirst) => …`: one alternative of a pattern goes. */
function fromMatch({ base }: SiteContext, arm: Node): TextEdit[] | null {
  const pattern = arm.field('pattern');
  const arms = arm.parent()?.children() ?? [];
  const catchAll = arms.some(
    (each) => String(each.kind()) === 'match_arm' && /^(?:_|[a-z]\w*|Err\([a-z_]\w*\))\s*=>/.test(each.text()),
  );
  if (pattern === null || !catchAll) return null;
  const match = /(\s*\|\s*)?Err\(\s*(?:\w+::)*DeleteFirst\s*\)(\s*\|\s*)?/.exec(pattern.text());
  if (match === null || (match[1] === undefined && match[2] === undefined)) return null;
  const start = rangeOf(pattern).start + base + match.index;
  const keep = match[1] !== undefined && match[2] !== undefined ? match[2] : '';
  return [{ start, end: start + match[0].length, text: keep }];
}
