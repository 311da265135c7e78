import type { SiteContext } from './proposal.ts';
import { below, isFunction, type Node, rangeOf, same } from './syntax.ts';

/** What enters something in a list or table. */
const ENTERS = /(?:^|_)(?:push|push_back|append|insert|add|register|record|track|emplace\w*|enqueue)(?:_|$)/i;
/** What is no book of mappings. */
const OTHER = /log|print|alloc|irq|notification|add_?page_?table/i;

/**
 * The text of what a function writes, before a map, in something that outlives it: a counter, a list, a field. Where the
 * map is refused it stays written.
 *
 * @param within - a part of the function; all of it by default
 * @returns null where it writes nothing
 */
export function booksBefore({ call, scope }: SiteContext, within: Node = scope): string | null {
  const { start } = rangeOf(call);
  const inner = below(within, (node) => WRITES.test(String(node.kind())) && rangeOf(node).end <= start);
  const own = declaredIn(scope);
  for (const node of inner) {
    if (inClosure(node, scope)) continue;
    if (String(node.kind()) === 'call_expression') {
      const callee = node.field('function');
      const name = /\w+$/.exec(callee?.text() ?? '')?.[0] ?? '';
      const on = callee?.field('argument') ?? callee?.field('value') ?? null;
      const kept = on === null ? true : outlives(on, own);
      if (ENTERS.test(name) && !OTHER.test(name) && kept) return `${callee?.text() ?? name}(…)`;
      continue;
    }
    const target = node.field('left') ?? node.field('argument');
    if (target !== null && outlives(target, own)) return target.text();
  }
  return null;
}

const WRITES = /^(?:assignment_expression|compound_assignment_expr|update_expression|call_expression)$/;

/** Whether what is written is more than a variable of the function. */
function outlives(target: Node, own: ReadonlySet<string>): boolean {
  const text = target.text().replace(/^[(*&\s]+/, '');
  const root = /^\w+/.exec(text)?.[0];
  if (root === undefined) return false;
  // `info.base = …` of a variable of the function is no book; `info->base` may be one.
  if (/->|^self\b|^this\b/.test(text) || /^\s*\*/.test(target.text())) return true;
  return !own.has(root);
}

/** The variables that a function declares, but for static ones; its parameters are among them. */
function declaredIn(scope: Node): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of below(scope, (each) => DECLARES.test(String(each.kind())))) {
    if (/^\s*static\b/.test(node.text())) continue;
    const part = node.field('pattern') ?? node.field('declarator') ?? node;
    const head = part.text().split('=')[0] ?? '';
    for (const [name] of head.matchAll(/[A-Za-z_]\w*/g)) names.add(name);
    if (String(node.kind()) === 'declaration') {
      for (const [, name = ''] of node.text().matchAll(/([A-Za-z_]\w*)\s*(?=[=,;[])/g)) names.add(name);
    }
  }
  return names;
}

const DECLARES =
  /^(?:declaration|parameter_declaration|let_declaration|parameter|init_declarator|for_expression|closure_parameters)$/;

function inClosure(node: Node, scope: Node): boolean {
  for (let at = node.parent(); at !== null && !same(at, scope); at = at.parent()) if (isFunction(at)) return true;
  return false;
}
