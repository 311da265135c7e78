import { answerOf } from './answers.ts';
import { failureBranch, meaningOf } from './control.ts';
import { failureExit } from './failure-exit.ts';
import { insertAfter, insertAtStart, stepAt } from './insert.ts';
import { explanation, type Proposal, type SiteContext } from './proposal.ts';
import { above, isFunction, isIf, isLoop, namesIn, type Node, nodeAt, rangeOf } from './syntax.ts';
import { root } from './unmap-before.ts';

const ADVICE =
  'Add a table for FailedLookup only; every other error, DeleteFirst first of all, is not for want of one.';

/** Any error is taken for a missing table: what is no FailedLookup ends the function before one is added. */
export function onlyFailedLookup(context: SiteContext): Proposal {
  const { site, base, call, scope } = context;
  if (site.inMacro) return explanation(`The call stands in a macro. ${ADVICE}`);
  if (site.language === 'rust')
    return explanation(
      `In Rust that is a match with an arm for sel4::Error::FailedLookup, and one that passes the rest on. ${ADVICE}`,
    );
  if (answerOf(context) !== 'kernel error')
    return explanation(`Whether ${site.callee} answers the kernel's own errors is not plain. ${ADVICE}`);
  const name = site.resultName;
  if (site.test === null || name === null)
    return explanation(`The answer has no variable by which errors could be told apart. ${ADVICE}`);
  const at = nodeAt(root(scope), { start: site.test.start - base, end: site.test.end - base });
  const test = isIf(at) || isLoop(at) ? at : above(at, (node) => isIf(node) || isLoop(node), isFunction);
  const condition = test?.field('condition') ?? null;
  if (test === null || condition === null || !namesIn(condition).has(name))
    return explanation(`The test that takes any error for a missing table was not found. ${ADVICE}`);
  const meaning = meaningOf(condition.text(), call.text(), name, 'kernel error');
  const exit = failureExit(context, test);
  if (exit === null)
    return explanation(`The function around it returns nothing by which it could tell an error. ${ADVICE}`);
  const leave = `return ${exit.kind === 'error' ? name : exit.text};`;
  const body = isLoop(test) ? test.field('body') : failureBranch(test, call.text(), name, 'kernel error');
  let edits = null;
  if (meaning === 'failed' && body !== null) {
    const first = firstStatement(body);
    const step = first === null ? '    ' : stepAt(context, first);
    edits = insertAtStart(context, body, [`if (${name} != seL4_FailedLookup) {`, `${step}${leave}`, '}']);
  } else if (meaning === 'worked' && isIf(test) && test.field('alternative') === null) {
    const step = stepAt(context, test);
    edits = insertAfter(context, test, [`if (${name} != seL4_FailedLookup) {`, `${step}${leave}`, '}']);
  }
  if (edits === null) return explanation(`The test has a form that leaves no place for another one. ${ADVICE}`);
  return {
    kind: 'edit',
    rewrite: 'only-failed-lookup',
    edits,
    says: 'Adds a table for FailedLookup only, and ends the function at any other error.',
  };
}

const firstStatement = (block: Node): Node | null => {
  const { start } = rangeOf(block);
  return block.children().find((child) => child.isNamed() && rangeOf(child).start > start) ?? null;
};
