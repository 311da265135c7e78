import { answerOf } from './answers.ts';
import { exitsAfter, failureBranch, testOf } from './control.ts';
import { insertAtEnd, insertBefore } from './insert.ts';
import { explanation, type Proposal, type SiteContext } from './proposal.ts';
import { unmapOf } from './spellings.ts';
import {
  above,
  below,
  isBlock,
  isFunction,
  isIf,
  isJump,
  isLoop,
  type Node,
  nodeAt,
  namesIn,
  plain,
  rangeOf,
  same,
  type Statement,
  statementAround,
  writtenNames,
} from './syntax.ts';
import type { TextEdit } from './text-edit.ts';

/**
 * A map over what is mapped there: the earlier capability is unmapped first. Only where it can be named, where nothing
 * else was mapped through it since, and where both maps are plainly about one address.
 */
export function unmapBefore(context: SiteContext): Proposal {
  const { site, call } = context;
  if (site.inMacro)
    return explanation(`The call stands in a macro; what is mapped before it depends on where that is used. ${ADVICE}`);
  if (site.frame === null) return explanation(`Which frame ${site.callee} maps is not among its arguments. ${ADVICE}`);
  const statement = statementAround(call);
  if (statement === null) return explanation(`The statement around the call was not found. ${ADVICE}`);
  if (statement.sometimes)
    return explanation(
      `The call runs only under a condition in its own statement, and an unmap in front would always run. ${ADVICE}`,
    );
  const { earlier } = site;
  if (earlier === null || (earlier.file === site.file && earlier.line === site.line)) return inLoop(context, statement);
  return inARow(context, statement);
}

/** Calls that may clear the place. */
const CLEARS = /unmap|delete|revoke|free|release/i;
const ADVICE = 'Unmap what is mapped there first, through the capability that mapped it.';

/** One map after another: `unmap(earlier)` goes in front of the later one. */
function inARow(context: SiteContext, statement: Statement): Proposal {
  const { site, scope, base, neighbours } = context;
  const { earlier } = site;
  if (earlier === null) return explanation(ADVICE);
  const where = `the one of line ${earlier.line}`;
  if (!earlier.inScope || earlier.file !== site.file)
    return explanation(`What is mapped there, ${where}, has no name here. ${ADVICE}`);
  const before = neighbours.find(
    (other) => other.line === earlier.line && other.frame !== null && other.start < site.start,
  );
  if (before === undefined || before.frame === null)
    return explanation(`What is mapped there was mapped outside of this function, or in the round before. ${ADVICE}`);
  if (plain(before.frame.text) !== plain(earlier.frame))
    return explanation(`What is mapped there, ${where}, is reached another way here. ${ADVICE}`);
  if (!onePlace(context, before))
    return explanation(`That both maps are about one address is known only from their values. ${ADVICE}`);
  const frame = nodeAt(root(scope), { start: before.frame.start - base, end: before.frame.end - base });
  const between = { start: before.end - base, end: site.start - base };
  const written = writtenNames(scope, between);
  const earlierCall = nodeAt(root(scope), { start: before.start - base, end: before.end - base });
  for (const part of leftBehind(context, earlierCall)) {
    // A loop's head runs again behind its body; what a branch sets may not be set without it.
    for (const name of writtenNames(part, rangeOf(part))) written.add(name);
  }
  if ([...namesIn(frame)].some((name) => written.has(name)))
    return explanation(`${plain(earlier.frame)} means something else by now, or nothing. ${ADVICE}`);
  const moved = neighbours.find(
    (other) =>
      other.start > before.start &&
      other.start < site.start &&
      other.frame !== null &&
      plain(other.frame.text) === plain(earlier.frame) &&
      !onePlace(context, other),
  );
  if (moved !== undefined)
    return explanation(
      `Line ${moved.line} maps ${plain(earlier.frame)} elsewhere, which an unmap here would undo. ${ADVICE}`,
    );
  const unmap = unmapOf(
    before.kind === site.kind || site.kind === 'function pointer' ? context : { ...context, site: before },
    earlier.frame,
  );
  if ('why' in unmap) return explanation(`${sentence(unmap.why)} ${ADVICE}`);
  return {
    kind: 'edit',
    rewrite: 'unmap-before',
    edits: insertBefore(context, statement, [`${unmap.call};`]),
    says: `Unmaps ${plain(earlier.frame)}, which line ${earlier.line} mapped there, before ${plain(site.frame?.text ?? '')} comes.`,
  };
}

/** The loops, branches and blocks around a call that do not hold the site. */
function leftBehind({ call, scope }: SiteContext, earlier: Node): Node[] {
  const site = rangeOf(call);
  const parts: Node[] = [];
  for (let at = earlier.parent(); at !== null && !same(at, scope); at = at.parent()) {
    const { start, end } = rangeOf(at);
    if (start <= site.start && site.end <= end) break;
    if (isLoop(at) || isIf(at) || isBlock(at)) parts.push(at);
  }
  return parts;
}

/** One call in a loop: each round unmaps at its end what it mapped. */
function inLoop(context: SiteContext, statement: Statement): Proposal {
  const { site, call, scope, base } = context;
  const loop = above(call, isLoop, isFunction);
  const body = loop?.field('body') ?? null;
  if (loop === null || body === null || site.frame === null)
    return explanation(`What is mapped there was mapped outside of this function. ${ADVICE}`);
  const parent = statement.node.parent();
  if (!isBlock(body) || parent === null || !same(parent, body))
    return explanation(
      `The call does not stand plainly in the loop's body, so an unmap at its end would not fit every round. ${ADVICE}`,
    );
  if (site.vaddr === null) return explanation(`Which address each round uses is not among the arguments. ${ADVICE}`);
  const whole = rangeOf(loop);
  const place = nodeAt(root(scope), { start: site.vaddr.start - base, end: site.vaddr.end - base });
  const frame = nodeAt(root(scope), { start: site.frame.start - base, end: site.frame.end - base });
  const inRounds = writtenNames(loop, whole);
  const placeNames = namesIn(place);
  if (
    below(place, (node) => /call_expression|update_expression/.test(String(node.kind()))).length > 0 ||
    [...placeNames].some((name) => inRounds.has(name))
  )
    return explanation(`Whether every round uses the same address is not plain. ${ADVICE}`);
  if (below(frame, (node) => /call_expression|update_expression/.test(String(node.kind()))).length > 0)
    return explanation(`The frame is computed by the call itself and has no name afterwards. ${ADVICE}`);

  const test = testOf(site, call, statement.node);
  const failed = test === null ? null : failureBranch(test, call.text(), site.resultName, answerOf(context));
  const own = rangeOf(statement.node);
  const exits = [...exitsAfter(statement.node, own.start, failed), ...exitsAfter(body, own.end, failed)].filter(
    (jump) =>
      !(String(jump.kind()) === 'try_expression' && rangeOf(jump).start >= own.start && rangeOf(jump).end <= own.end),
  );
  if (
    below(
      loop,
      (node) => String(node.kind()) === 'call_expression' && CLEARS.test(node.field('function')?.text() ?? ''),
    ).length > 0
  )
    return explanation(
      `The loop unmaps something already, and which round's frame that is was not followed. ${ADVICE}`,
    );
  const names = spread(scope, site.vaddr.text, placeNames);
  const after = { start: whole.end, end: rangeOf(scope).end };
  const uses =
    mentioned(scope, after, names, plain(site.vaddr.text)) ||
    loopHead(loop, body).some((part) => [...namesIn(part)].some((name) => names.has(name)));
  if (uses)
    return explanation(`The window is used again behind the loop, where the last frame has to be in it. ${ADVICE}`);

  const unmap = unmapOf(context, site.frame.text);
  if ('why' in unmap) return explanation(`${sentence(unmap.why)} ${ADVICE}`);
  const line = `${unmap.call};`;
  const edits = atRoundsEnd(context, statement, body, frame, names, line);
  const early = exits.map((jump) => beforeExit(context, jump, { from: own.end, frame, body, window: names }, line));
  const stuck = early.indexOf(null);
  const exit = exits[stuck];
  if (exit !== undefined)
    return explanation(
      `Line ${lineOf(context, exit)} leaves the round with the frame still mapped, in a way that has no place for an unmap. ${ADVICE}`,
    );
  if (edits === null)
    return explanation(
      `${plain(site.frame.text)} means something else at the end of the round, while the window is still used. ${ADVICE}`,
    );
  return {
    kind: 'edit',
    rewrite: 'unmap-in-loop',
    edits: [...edits, ...early.flatMap((more) => more ?? [])],
    says: `Unmaps ${plain(site.frame.text)} at the end of each round, so that the next frame finds the place free.`,
  };
}

/** An unmap in front of a jump out of the round; null where the jump still needs the window, or means another frame. */
function beforeExit(
  context: SiteContext,
  jump: Node,
  round: { readonly from: number; readonly frame: Node; readonly body: Node; readonly window: ReadonlySet<string> },
  line: string,
): TextEdit[] | null {
  const kind = String(jump.kind());
  if (kind === 'try_expression' || kind === 'goto_statement') return null;
  if (below(jump, (node) => String(node.kind()) === 'call_expression').length > 0) return null;
  if ([...namesIn(jump)].some((name) => round.window.has(name))) return null;
  const written = writtenNames(round.body, { start: round.from, end: rangeOf(jump).start });
  if ([...namesIn(round.frame)].some((name) => written.has(name))) return null;
  const statement = statementAround(jump);
  return statement === null ? null : insertBefore(context, statement, [line]);
}

/** In front of the first statement that changes what the frame's expression means; else at the end. */
function atRoundsEnd(
  context: SiteContext,
  statement: Statement,
  body: Node,
  frame: Node,
  window: ReadonlySet<string>,
  line: string,
): TextEdit[] | null {
  const all = body.children().filter((child) => child.isNamed());
  const own = all.findIndex((child) => same(child, statement.node));
  const names = namesIn(frame);
  const rest = all.slice(own + 1).filter((child) => !/comment/.test(String(child.kind())));
  const changes = rest.findIndex((child) => [...writtenNames(child, rangeOf(child))].some((name) => names.has(name)));
  const tail = body.children().at(-2);
  // In Rust the last expression of a block is its value, and nothing can come behind it.
  if (
    context.site.language === 'rust' &&
    tail !== undefined &&
    tail.isNamed() &&
    String(tail.kind()).endsWith('_expression') &&
    !/^(?:if|match|for|while|loop|unsafe)/.test(tail.text())
  )
    return null;
  if (changes < 0) return insertAtEnd(context, body, [line]);
  const behind = rest.slice(changes);
  if (behind.some((child) => [...namesIn(child)].some((name) => window.has(name)))) return null;
  const next = behind[0];
  return next === undefined || isJump(next)
    ? null
    : insertBefore(context, { node: next, bare: false, sometimes: false }, [line]);
}

/** Whether two maps are written for the same address of the same vspace, by names that were not changed in between. */
function onePlace(context: SiteContext, before: SiteContext['site']): boolean {
  const { site, scope, base } = context;
  if (before.vspace !== null && site.vspace !== null && plain(before.vspace.text) !== plain(site.vspace.text))
    return false;
  if (before.vaddr === null || site.vaddr === null)
    return before.vaddr === null && site.vaddr === null && before.callee === site.callee;
  if (plain(before.vaddr.text) !== plain(site.vaddr.text)) return false;
  const names = namesIn(nodeAt(root(scope), { start: site.vaddr.start - base, end: site.vaddr.end - base }));
  const written = writtenNames(scope, { start: before.end - base, end: site.start - base });
  return ![...names].some((name) => written.has(name));
}

/** The names of an address, and those of variables that were made from it. */
function spread(scope: Node, address: string, names: ReadonlySet<string>): Set<string> {
  const all = new Set(names);
  const literal = plain(address);
  for (const node of below(scope, (at) =>
    /^(?:init_declarator|assignment_expression|let_declaration)$/.test(String(at.kind())),
  )) {
    const value = node.field('value') ?? node.field('right');
    const target = node.field('declarator') ?? node.field('left') ?? node.field('pattern');
    if (value === null || target === null) continue;
    if (below(value, (at) => String(at.kind()) === 'call_expression').length > 0) continue;
    const from = [...namesIn(value)].some((name) => all.has(name)) || spells(value.text(), literal);
    if (from) for (const name of namesIn(target)) all.add(name);
  }
  return all;
}

function mentioned(
  scope: Node,
  { start, end }: { start: number; end: number },
  names: ReadonlySet<string>,
  literal: string,
): boolean {
  const text = scope.text().slice(Math.max(0, start - rangeOf(scope).start), end - rangeOf(scope).start);
  return spells(text, literal) || [...names].some((name) => new RegExp(`\\b${name}\\b`).test(text));
}

/** Whether a text has an expression in this spelling, and not as a part of a longer word. */
const spells = (text: string, literal: string): boolean =>
  new RegExp(`(?<!\\w)${literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!\\w)`).test(text);

/** What a loop evaluates besides its body. */
const loopHead = (loop: Node, body: Node): Node[] =>
  loop.children().filter((child) => child.isNamed() && !same(child, body));

export function root(node: Node): Node {
  let at = node;
  for (let parent = at.parent(); parent !== null; parent = at.parent()) at = parent;
  return at;
}

/** The line in the file of a node. */
const lineOf = ({ text, base }: SiteContext, node: Node): number =>
  text.slice(0, rangeOf(node).start + base).split('\n').length;

export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
