import type { SourceSite } from '../site.ts';
import type { Answer } from './answers.ts';
import {
  above,
  below,
  isBlock,
  isFunction,
  isIf,
  isJump,
  isLoop,
  type Node,
  namesIn,
  plain,
  rangeOf,
  same,
} from './syntax.ts';

/** A condition that is true if the map failed, false if it worked, or says neither. */
export type ConditionMeaning = 'failed' | 'worked' | 'other';

/**
 * What a condition says about the answer of a map.
 *
 * @param call - text of the call, which may stand in the condition itself
 * @param name - the variable that holds the answer, if one does
 * @param answer - how an answer says that the map failed
 */
export function meaningOf(condition: string, call: string, name: string | null, answer: Answer): ConditionMeaning {
  if (answer === 'unknown') return 'other';
  let text = unwrapped(condition);
  const spelled = plain(call);
  text = text.split(spelled).join('@');
  if (name !== null)
    text = text.replace(new RegExp(`\\b${name}\\s*=\\s*@`), '@').replace(new RegExp(`^${name}\\b`), '@');
  text = unwrapped(text).replace(/^\(@\)/, '@');
  const some = /^@$/.test(text) || /^@ ?(?:!=|>|<) ?(?:0|seL4_NoError|OK|NULL|nullptr|false)$/.test(text);
  const none = /^! ?@$/.test(text) || /^@ ?== ?(?:0|seL4_NoError|OK|NULL|nullptr|false)$/.test(text);
  if (!some && !none) return 'other';
  return some === (answer !== 'truth') ? 'failed' : 'worked';
}

function unwrapped(text: string): string {
  let at = plain(text);
  for (;;) {
    const before = at;
    at = at.replace(/^(?:likely|unlikely|__builtin_expect)\s*\((.*?)(?:, ?[01])?\)$/, '$1').trim();
    if (at.startsWith('(') && at.endsWith(')') && closes(at)) at = at.slice(1, -1).trim();
    if (at === before) return at;
  }
}

/** Whether the first parenthesis closes at the very end. */
function closes(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i === text.length - 1;
  }
  return false;
}

/** The part of an `if` that runs when the map failed; null where it has none, or says something else. */
export function failureBranch(node: Node, call: string, name: string | null, answer: Answer): Node | null {
  if (!isIf(node)) return null;
  const condition = node.field('condition');
  if (condition === null) return null;
  const meaning = meaningOf(condition.text(), call, name, answer);
  if (meaning === 'failed') return node.field('consequence');
  if (meaning !== 'worked') return null;
  const otherwise = node.field('alternative');
  if (otherwise === null) return null;
  return String(otherwise.kind()) === 'else_clause' ? (otherwise.children().at(-1) ?? null) : otherwise;
}

/** The `if` that tests a map's answer: the one around the call, or a statement right behind it; null = none. */
export function testOf(site: SourceSite, call: Node, statement: Node): Node | null {
  const around = above(call, isIf, (node) => same(node, statement) || isFunction(node));
  if (around !== null) return around;
  for (let next = statement.next(); next !== null; next = next.next()) {
    if (!next.isNamed() || /comment/.test(String(next.kind()))) continue;
    const inner = String(next.kind()) === 'expression_statement' ? (next.child(0) ?? next) : next;
    if (isIf(inner)) {
      const condition = inner.field('condition');
      if (condition !== null && site.resultName !== null && namesIn(condition).has(site.resultName)) return inner;
    }
    return null;
  }
  return null;
}

/** Whether control cannot go on behind a block or statement: its last statement jumps or ends the program. */
export function leaves(node: Node): boolean {
  if (isJump(node) && String(node.kind()) !== 'try_expression') return true;
  if (String(node.kind()) === 'expression_statement') {
    const inner = node.child(0);
    return (
      inner !== null &&
      (leaves(inner) || /^(?:abort|exit|_exit|panic!?|assert\(0\)|assert\(false\))/.test(inner.text()))
    );
  }
  if (!isBlock(node)) return false;
  const last = node
    .children()
    .filter((child) => child.isNamed() && !/comment/.test(String(child.kind())))
    .at(-1);
  return last !== undefined && leaves(last);
}

/**
 * Jumps in a loop's body, from a place on, that leave the round before its end. Those of inner loops stay in them.
 *
 * @param except - a part whose jumps do not count
 */
export function exitsAfter(body: Node, from: number, except: Node | null): Node[] {
  return below(body, isJump).filter((jump) => {
    const { start, end } = rangeOf(jump);
    if (start < from) return false;
    if (except !== null) {
      const range = rangeOf(except);
      if (range.start <= start && end <= range.end) return false;
    }
    const kind = String(jump.kind());
    if (above(jump, isFunction, (node) => same(node, body)) !== null) return false;
    if (!/^(?:break|continue)_/.test(kind)) return true;
    const holder = above(
      jump,
      (node) => isLoop(node) || (kind === 'break_statement' && String(node.kind()) === 'switch_statement'),
      (node) => same(node, body),
    );
    return holder === null;
  });
}
