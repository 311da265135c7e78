import { type AnswerKind, type AnswerTest, answerTest } from './error-tests.ts';
import type { Step } from './flow-graph.ts';
import { ASSERTS, PRINTS } from './sinks.ts';
import type { ResultUse } from './site.ts';
import { bare, type Call, type Expr, pathTo, show, within } from './tree.ts';

/** Where an answer goes first. */
export type Context =
  | { readonly k: 'done'; readonly use: ResultUse }
  | { readonly k: 'tested'; readonly name: string | null }
  | { readonly k: 'name'; readonly name: string; readonly kind: AnswerKind; readonly about: AnswerTest | null };

/** Whether an assertion is about an error: `test_eq(e, seL4_DeleteFirst)`. */
export function expects(call: Call, answer: Expr): boolean {
  const rest = call.args.filter((arg) => arg !== answer && !within(arg, answer)).map(show);
  const own = call.args.find((arg) => arg === answer || within(arg, answer));
  const texts = own === undefined ? rest : [show(own), ...rest];
  return texts.some(
    (text) =>
      !text.startsWith('"') &&
      /delete_?first|failed_?lookup|invalid_?(?:cap|arg)|range_?error|alignment_?error|illegal_?op|revoke_?first|is_err/i.test(
        text,
      ),
  );
}

/** Where a value goes from the expression in which it stands. */
export function contextOf(step: Step, call: Call, kind: AnswerKind): Context {
  const { expr } = step;
  if (expr === null) return { k: 'done', use: 'passed on' };
  const path = pathTo(expr, call);
  let cur: Expr = call;
  let about: AnswerTest | null = null;
  let through = false;
  let named: string | null = null;
  for (const up of path) {
    switch (up.k) {
      case 'cast':
        if (up.drops) return { k: 'done', use: 'ignored' };
        break;
      case 'try':
        return { k: 'done', use: 'returned' };
      case 'call': {
        if (up.on === cur || (up.on !== null && bare(up.on) === cur)) {
          if (/^(?:unwrap|expect)(?:_err)?$/.test(up.name))
            return { k: 'done', use: /_err/.test(up.name) ? 'expected to fail' : 'asserted' };
          break;
        }
        const wraps = /^(?:Some|Ok|likely|unlikely|Result|int|bool|seL4_Error|from|into)$/.test(up.name);
        if (wraps) break;
        if (ASSERTS.test(up.name)) return { k: 'done', use: expects(up, cur) ? 'expected to fail' : 'asserted' };
        if (PRINTS.test(up.name) && !up.bang && step.kind === 'do' && !/result|check|err_?as/i.test(up.name))
          return { k: 'done', use: 'printed' };
        if (up.bang && PRINTS.test(up.name)) return { k: 'done', use: 'printed' };
        through = true;
        break;
      }
      case 'assign': {
        if (up.value !== cur && !within(up.value, cur)) return { k: 'done', use: 'passed on' };
        const name = show(up.to);
        if (step.kind === 'test' || step.kind === 'switch') {
          named = name;
          break;
        }
        return { k: 'name', name, kind: about === null ? kind : 'success', about };
      }
      case 'binary':
      case 'unary': {
        if (step.kind === 'test') return { k: 'tested', name: named };
        const found = answerTest(up, (e) => e === call, kind);
        if (found.about !== 'unclear') about = found;
        break;
      }
      case 'choice':
        return { k: 'done', use: 'checked' };
      case 'init':
        return { k: 'done', use: 'passed on' };
      default:
        break;
    }
    cur = up;
  }
  if (step.kind === 'test' || step.kind === 'switch') return { k: 'tested', name: named };
  if (step.kind === 'return' || step.tail) return { k: 'done', use: 'returned' };
  return { k: 'done', use: through ? 'passed on' : 'ignored' };
}
