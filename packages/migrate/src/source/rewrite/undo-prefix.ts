import { answerOf } from './answers.ts';
import { booksBefore } from './books-before.ts';
import { failureBranch, testOf } from './control.ts';
import { insertAtStart, insertBefore, stepAt } from './insert.ts';
import { explanation, type Proposal, type SiteContext } from './proposal.ts';
import { unmapOf } from './spellings.ts';
import {
  above,
  below,
  isBlock,
  isFunction,
  isLoop,
  namesIn,
  type Node,
  nodeAt,
  rangeOf,
  same,
  statementAround,
  writtenNames,
} from './syntax.ts';
import { indentAt, lineEnd } from './text-edit.ts';
import { root, sentence } from './unmap-before.ts';

const ADVICE =
  'When a page in the middle is refused, unmap those before it, or say in the books which of them are there.';

/** A range is mapped page by page, and the pages before a refused one stay: they are unmapped first. */
export function undoPrefix(context: SiteContext): Proposal {
  const { site, call } = context;
  if (site.inMacro) return explanation(`The call stands in a macro. ${ADVICE}`);
  if (site.language === 'rust') return undoInRust(context);
  const loop = above(call, isLoop, isFunction);
  const count = loop === null ? null : counting(loop);
  if (loop === null || count === null || site.frame === null)
    return explanation(`Which pages were mapped before is not plain from a counter of the loop. ${ADVICE}`);
  const book = booksBefore(context);
  if (book !== null)
    return explanation(
      `${book} is written before the map: an unmap alone would leave it as if the pages were there. ${ADVICE}`,
    );
  const frame = nodeAt(root(context.scope), {
    start: site.frame.start - context.base,
    end: site.frame.end - context.base,
  });
  if (!namesIn(frame).has(count.name))
    return explanation(
      `The frames of the pages before have no names here: the loop keeps only the one at hand. ${ADVICE}`,
    );
  const body = loop.field('body');
  const written = body === null ? new Set<string>() : writtenNames(body, rangeOf(body));
  if (!moves(context, new Set([...written, count.name])))
    return explanation(`The address does not move with the loop. ${ADVICE}`);
  if (
    below(frame, (node) => /call_expression|update_expression/.test(String(node.kind()))).length > 0 ||
    written.has(count.name)
  )
    return explanation(`Which pages were mapped before is not plain from a counter of the loop. ${ADVICE}`);
  const statement = statementAround(call);
  const parent = statement?.node.parent() ?? null;
  const skips =
    body !== null &&
    below(body, (node) => /^(?:continue|goto)_statement$/.test(String(node.kind()))).some(
      (node) => rangeOf(node).start < rangeOf(call).start,
    );
  if (body === null || parent === null || !same(parent, body) || statement?.sometimes === true || skips)
    return explanation(`Not every round maps a page, so which of them to unmap is not plain. ${ADVICE}`);
  const test = statement === null ? null : testOf(site, call, statement.node);
  const failed = test === null ? null : failureBranch(test, call.text(), site.resultName, answerOf(context));
  if (failed === null) return explanation(`The branch for a refused page was not found. ${ADVICE}`);
  if (namesIn(failed).has(count.name))
    return explanation(`The branch for a refused page tells how many are mapped: its caller keeps those. ${ADVICE}`);
  const used = namesIn(context.scope);
  const index = ['j', 'k', 'mapped', 'done'].find((name) => !used.has(name));
  if (index === undefined) return explanation(ADVICE);
  const unmap = unmapOf(context, site.frame.text.replace(new RegExp(`\\b${count.name}\\b`, 'g'), index));
  if ('why' in unmap) return explanation(`${sentence(unmap.why)} ${ADVICE}`);
  const step = stepAt(context, statement?.node ?? call);
  const lines = [
    `for (${count.type} ${index} = ${count.from}; ${index} < ${count.name}; ${index}++) {`,
    `${step}${unmap.call};`,
    '}',
  ];
  const edits = isBlock(failed)
    ? insertAtStart(context, failed, lines)
    : insertBefore(context, { node: failed, bare: true, sometimes: false }, lines);
  if (edits === null) return explanation(`The branch for a refused page has a form that leaves no place. ${ADVICE}`);
  return {
    kind: 'edit',
    rewrite: 'undo-prefix',
    edits,
    says: 'Unmaps the pages before the refused one, so that the range is there as a whole or not at all.',
  };
}

/** Whether the address is another one in each round. */
function moves({ site, scope, base }: SiteContext, changed: ReadonlySet<string>): boolean {
  if (site.vaddr === null) return false;
  const names = namesIn(nodeAt(root(scope), { start: site.vaddr.start - base, end: site.vaddr.end - base }));
  return [...names].some((name) => changed.has(name));
}

/** The counter of `for (i = from; …; i++)`. */
function counting(loop: Node): { readonly name: string; readonly type: string; readonly from: string } | null {
  if (String(loop.kind()) !== 'for_statement') return null;
  const start = loop.field('initializer');
  const step = loop.field('update')?.text().replace(/\s/g, '') ?? '';
  const name = /^(?:\+\+)?(\w+?)(?:\+\+|\+=1)?$/.exec(step)?.[1];
  if (name === undefined || !/\+\+|\+=1/.test(step) || start === null) return null;
  const match = new RegExp(`^(?:((?:const\\s+)?[\\w ]+?)\\s+)?${name}\\s*=\\s*(0|0U|0u|[A-Za-z_]\\w*)\\s*;?$`).exec(
    start.text().trim(),
  );
  if (match === null) return null;
  return { name, type: match[1] ?? typeBefore(loop, name) ?? 'int', from: match[2] ?? '0' };
}

/** The type of a counter that is declared before its loop. */
function typeBefore(loop: Node, name: string): string | null {
  const scope = above(loop, isFunction, () => false);
  const declared = new RegExp(
    `\\b(int|unsigned|unsigned int|size_t|long|seL4_Word|uint32_t|uint64_t|uintptr_t|word_t)\\s+${name}\\b`,
  );
  return scope === null ? null : (declared.exec(scope.text())?.[1] ?? null);
}

/** Rust: `map(…)?;` in `for (i, frame) in frames.iter().enumerate()`. */
function undoInRust(context: SiteContext): Proposal {
  const { site, text, base, call, scope } = context;
  const loop = above(call, isLoop, isFunction);
  const over = /^\(\s*(\w+)\s*,\s*&?(\w+)\s*\)$/.exec(loop?.field('pattern')?.text() ?? '');
  const list = /^([\w.]+)\.iter\(\)\.enumerate\(\)$/.exec(loop?.field('value')?.text().replace(/\s/g, '') ?? '')?.[1];
  const statement = statementAround(call);
  const returns = scope.field('return_type')?.text() ?? '';
  const [, index, item] = over ?? [];
  const method = /^(\w+)\.(frame_map|page_map)$/.exec(site.callee);
  if (list === undefined || index === undefined || item === undefined || statement === null || method?.[1] !== item)
    return explanation(`Which frames were mapped before is not plain from the loop. ${ADVICE}`);
  const address =
    site.vaddr === null
      ? new Set<string>()
      : namesIn(nodeAt(root(scope), { start: site.vaddr.start - base, end: site.vaddr.end - base }));
  if (!address.has(index)) return explanation(`Whether the address moves with the loop is not plain. ${ADVICE}`);
  const book = booksBefore(context);
  if (book !== null)
    return explanation(
      `${book} is written before the map: an unmap alone would leave it as if the frames were there. ${ADVICE}`,
    );
  if (!/^sel4::Result\b/.test(returns))
    return explanation(
      `The function returns ${returns === '' ? 'nothing' : returns}, and not an sel4::Result. ${ADVICE}`,
    );
  const range = rangeOf(statement.node);
  const start = range.start + base;
  const end = range.end + base;
  if (start !== site.start || text.slice(site.end, end).replace(/\s/g, '') !== '?;')
    return explanation(`The answer is not simply passed on. ${ADVICE}`);
  const names = namesIn(scope);
  if (names.has('mapped') || names.has('error')) return explanation(ADVICE);
  const at = insertLines(context, statement.node);
  const lines = [
    `if let Err(error) = ${call.text()} {`,
    `${at.step}for mapped in &${list}[..${index}] {`,
    `${at.step}${at.step}let _ = mapped.${method[2]?.replace('_map', '_unmap')}();`,
    `${at.step}}`,
    `${at.step}return Err(error);`,
    '}',
  ];
  return {
    kind: 'edit',
    rewrite: 'undo-prefix',
    edits: [{ start, end, text: lines.join(at.eol + at.indent) }],
    says: 'Unmaps the frames before the refused one, so that the range is there as a whole or not at all.',
  };
}

function insertLines(context: SiteContext, node: Node): { step: string; indent: string; eol: string } {
  const start = rangeOf(node).start + context.base;
  return { step: stepAt(context, node), indent: indentAt(context.text, start), eol: lineEnd(context.text, start) };
}
