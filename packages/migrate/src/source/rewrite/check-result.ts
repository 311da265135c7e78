import { type Answer, answerOf } from './answers.ts';
import { booksBefore } from './books-before.ts';
import { failureBranch, leaves, testOf } from './control.ts';
import { failureExit } from './failure-exit.ts';
import { insertAfter, insertAtEnd, stepAt } from './insert.ts';
import { explanation, type Proposal, type SiteContext } from './proposal.ts';
import { below, type Node, namesIn, rangeOf, type Statement, statementAround } from './syntax.ts';
import { indentAt, lineEnd } from './text-edit.ts';

const ADVICE = 'Look at the answer, and tell the caller; what stands in the books has to follow it.';

/** A map whose answer is dropped, kept unread, or only printed: the function fails where the map did. */
export function checkResult(context: SiteContext): Proposal {
  const { site, call } = context;
  if (site.inMacro)
    return explanation(
      `The call stands in a macro: what is to be done with its answer depends on where that is used. ${ADVICE}`,
    );
  const statement = statementAround(call);
  if (statement === null) return explanation(`The statement around the call was not found. ${ADVICE}`);
  const book = booksBefore(context);
  if (book !== null)
    return explanation(
      `${book} is written before the map, and says that the page is there: where the map is refused, take that back first, or write it after the map.`,
    );
  if (site.language === 'rust') return passOn(context, statement);
  if (statement.sometimes) return explanation(`The call stands inside of a larger condition. ${ADVICE}`);
  const exit = failureExit(context);
  if (exit === null)
    return explanation(
      `${site.function === null ? 'There is no function around it that' : `${site.function} returns nothing by which it`} could tell its caller of an error. ${ADVICE}`,
    );
  const answer = answerOf(context);
  if (answer === 'unknown') return explanation(`How ${site.callee} says that it failed is not plain. ${ADVICE}`);
  if (exit.kind === 'error' && answer === 'truth')
    return explanation(`${site.callee} answers no error that could be passed on. ${ADVICE}`);
  const leave = (name: string): string => `return ${exit.kind === 'error' ? name : exit.text};`;
  const says = 'Ends the function as its other errors do when the map fails.';
  if (site.result === 'ignored') return check(context, statement, exit.kind === 'error', answer, leave, says);
  const name = site.resultName;
  if (name === null) return explanation(ADVICE);
  const test = testOf(site, call, statement.node);
  if (test === null) {
    if (statement.bare) return explanation(`The call is the only statement of a branch without braces. ${ADVICE}`);
    const step = stepAt(context, statement.node);
    const edits = insertAfter(context, statement.node, [
      `if (${name} != seL4_NoError) {`,
      `${step}${leave(name)}`,
      '}',
    ]);
    return edits === null ? explanation(ADVICE) : { kind: 'edit', rewrite: 'check-result', edits, says };
  }
  const branch = failureBranch(test, call.text(), name, answer);
  if (branch === null || leaves(branch))
    return explanation(`What becomes of the answer is decided elsewhere. ${ADVICE}`);
  const edits = insertAtEnd(context, branch, [leave(name)]);
  if (edits === null) return explanation(`The branch that handles the error has no braces. ${ADVICE}`);
  return { kind: 'edit', rewrite: 'check-result', edits, says };
}

/** `map(…);` → `if (map(…) != seL4_NoError) { return …; }`, with a variable where the error itself is returned. */
function check(
  context: SiteContext,
  statement: Statement,
  named: boolean,
  answer: Answer,
  leave: (name: string) => string,
  says: string,
): Proposal {
  const { text, base, call, site, scope } = context;
  const node = statement.node;
  const range = rangeOf(node);
  const around = text.slice(range.start + base, site.start);
  const behind = text.slice(site.end, range.end + base);
  if (
    String(node.kind()) !== 'expression_statement' ||
    !/^(?:\(\s*void\s*\)\s*)?$/.test(around) ||
    !/^\s*;$/.test(behind)
  )
    return explanation(`The call is a part of a larger expression. ${ADVICE}`);
  const start = range.start + base;
  const eol = lineEnd(text, start);
  const indent = indentAt(text, start);
  const step = stepAt(context, node);
  const invocation = call.text();
  const used = namesIn(scope);
  const name = ['error', 'map_error', 'page_map_error'].find((each) => !used.has(each));
  if (named && (name === undefined || statement.bare || !takesDeclaration(context, node)))
    return explanation(`The answer needs a variable, for which there is no good place. ${ADVICE}`);
  const lead = named
    ? `${answer === 'kernel error' ? 'seL4_Error' : 'int'} ${name} = ${invocation};${eol}${indent}if (${failed(name ?? '', answer)})`
    : `if (${failed(invocation, answer)})`;
  const end = range.end + base;
  const body = `${eol}${indent}${step}${leave(name ?? '')}${eol}${indent}}`;
  // A comment that ends the line stays on it.
  const remark = named
    ? null
    : /^[ \t]*(?:\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/)(?=[ \t]*\r?\n)/.exec(text.slice(end));
  const edits =
    remark === null
      ? [{ start, end, text: `${lead} {${body}` }]
      : [
          { start, end, text: `${lead} {` },
          { start: end + remark[0].length, end: end + remark[0].length, text: body },
        ];
  return { kind: 'edit', rewrite: 'check-result', edits, says };
}

/** Whether a declaration may stand here: not behind a label, and in C++ not where a jump could pass it over. */
function takesDeclaration({ site, scope }: SiteContext, node: Node): boolean {
  const parent = node.parent();
  if (parent !== null && /^(?:case|labeled)_statement$/.test(String(parent.kind()))) return false;
  return (
    site.language !== 'cpp' || below(scope, (at) => /^(?:goto|switch)_statement$/.test(String(at.kind()))).length === 0
  );
}

/** The condition that is true if a map failed. */
const failed = (answer: string, kind: Answer): string =>
  kind === 'kernel error' ? `${answer} != seL4_NoError` : kind === 'truth' ? `!${answer}` : answer;

/** Rust: `let _ = x;` and `x.ok();` → `x?;`, in a function whose error is the kernel's. */
function passOn({ site, text, base, scope }: SiteContext, statement: Statement): Proposal {
  const node = statement.node;
  const { start, end } = rangeOf(node);
  const before = text.slice(start + base, site.start);
  const behind = text.slice(site.end, end + base);
  const around = site.function ?? 'The code around it';
  const drops = /^(?:let\s+_\s*=\s*)?$/.test(before) && /^(?:\s*\.ok\(\))?\s*;$/.test(behind);
  const returns = scope.field('return_type')?.text() ?? '';
  if (!/\bResult\b/.test(returns))
    return explanation(`${around} returns no Result by which it could pass the error on. ${ADVICE}`);
  if (!/^(?:sel4::Result\b|(?:(?:core|std)::result::)?Result<[^,]*,\s*sel4::Error\s*>$)/.test(returns))
    return explanation(
      `${around} returns ${returns}; whether the kernel's error can be made one of its errors is not plain from this file. ${ADVICE}`,
    );
  if (!drops || statement.sometimes)
    return explanation(`The answer is used in a larger expression, and not simply dropped. ${ADVICE}`);
  return {
    kind: 'edit',
    rewrite: 'check-result',
    edits: [
      { start: start + base, end: site.start, text: '' },
      { start: site.end, end: end + base, text: '?;' },
    ].filter((edit) => edit.start < edit.end),
    says: 'Passes the error on to the caller.',
  };
}
