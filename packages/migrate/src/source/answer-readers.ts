import { expects } from './answer-context.ts';
import { decisionOf } from './answer-decision.ts';
import type { Decision } from './answer-use.ts';
import { type AnswerKind, type AnswerTest, answerTest, holds } from './error-tests.ts';
import type { Graph, Step } from './flow-graph.ts';
import { ASSERTS, FATAL, PRINTS } from './sinks.ts';
import type { ResultUse } from './site.ts';
import { bare, type Expr, partsOf, rootOf, show, visit } from './tree.ts';

/** What reads the variable that has an answer. */
export interface Collected {
  readonly decided: Decision[];
  readonly uses: Set<ResultUse>;
  /** Some way sets the variable again, or ends, before anything reads it. */
  readonly open: boolean;
}

interface Use {
  readonly k: 'use';
  readonly use: ResultUse;
  readonly final: boolean;
}

/** Finds what reads an answer that a variable has. */
export class AnswerReaders {
  private readonly graph: Graph;
  private readonly outside: boolean;
  private readonly isLocal: (name: string) => boolean;

  /**
   * @param outside - it is a fragment, which goes on elsewhere
   * @param isLocal - whether a variable ends with the function
   */
  constructor(graph: Graph, outside: boolean, isLocal: (name: string) => boolean) {
    this.graph = graph;
    this.outside = outside;
    this.isLocal = isLocal;
  }

  /** Every place that reads a variable, until it is set again. */
  collected(from: Step, name: string, kind: AnswerKind, about: AnswerTest | null): Collected {
    const { steps } = this.graph;
    const decided: Decision[] = [];
    const uses = new Set<ResultUse>();
    let open = false;
    const isAnswer = (e: Expr): boolean =>
      (e.k === 'name' || e.k === 'field' || e.k === 'index' || e.k === 'unary') && show(e) === name;
    const seen = new Set<number>();
    const queue = from.next.map(({ to }) => to);
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (seen.has(id)) continue;
      seen.add(id);
      const step = steps[id];
      if (step === undefined) continue;
      if (step.kind === 'exit') {
        if (this.outside || !this.isLocal(/^\w+/.exec(name)?.[0] ?? name)) uses.add('passed on');
        open = true;
        continue;
      }
      const { expr } = step;
      const sets = expr !== null && setsName(expr, name);
      const reads = expr !== null && readsAnswer(expr, name, isAnswer);
      if (reads && expr !== null) {
        const inner = this.renamed(step, expr, isAnswer, kind, name);
        if (inner !== null) {
          decided.push(...inner.decided);
          for (const use of inner.uses) uses.add(use);
        }
        const found = inner === null ? this.read(step, expr, isAnswer, kind, about) : null;
        if (found !== null) {
          if (found.k === 'use') uses.add(found.use);
          else decided.push(found);
          if (found.final) continue;
        }
      }
      if (sets || (id === from.id && !reads)) {
        if (!reads) open = true;
        continue;
      }
      for (const { to } of step.next) queue.push(to);
    }
    return { decided, uses, open };
  }

  /** `bool there = (e == DeleteFirst);`: the answer under another name. */
  private renamed(
    step: Step,
    expr: Expr,
    isAnswer: (e: Expr) => boolean,
    kind: AnswerKind,
    name: string,
  ): Collected | null {
    if (step.kind !== 'do' || expr.k !== 'assign' || expr.op !== '=' || expr.to.k !== 'name' || expr.to.name === name)
      return null;
    if (!holds(expr.value, isAnswer)) return null;
    const value = bare(expr.value);
    if (isAnswer(value)) return this.collected(step, expr.to.name, kind, null);
    const found = answerTest(expr.value, isAnswer, kind);
    return found.about === 'unclear' ? null : this.collected(step, expr.to.name, 'success', found);
  }

  /** One place that reads the variable. */
  private read(
    step: Step,
    expr: Expr,
    isAnswer: (e: Expr) => boolean,
    kind: AnswerKind,
    about: AnswerTest | null,
  ): Decision | Use | null {
    if (step.kind === 'test' || step.kind === 'switch') {
      const tested = decisionOf(step, isAnswer, kind);
      if (about !== null && tested.about === 'any error')
        return {
          ...tested,
          about: about.about,
          error: about.side === true ? tested.good : tested.error,
          good: tested.error,
        };
      return tested;
    }
    if (step.kind === 'return' || (step.tail && step.kind === 'do')) {
      const told = answerTest(expr, isAnswer, kind);
      if (told.about === 'any error' && told.except.includes('DeleteFirst')) {
        const test = { start: expr.start, end: expr.end };
        return {
          k: 'test',
          step,
          about: 'any error',
          error: step.next[0]?.to ?? null,
          good: null,
          except: told.except,
          final: true,
          test,
          others: [],
        };
      }
      return { k: 'use', use: 'returned', final: true };
    }
    let use: Use | null = null;
    const look = (e: Expr): boolean => {
      if (isAnswer(e)) return true;
      const parts = partsOf(e);
      const inside = parts.filter(look);
      if (inside.length === 0) return false;
      if (use !== null && use.final) return true;
      if (e.k === 'try') use = { k: 'use', use: 'returned', final: true };
      else if (e.k === 'call') {
        const on = e.on !== null && inside.includes(e.on);
        if (on && /^(?:unwrap|expect)/.test(e.name)) use = { k: 'use', use: 'asserted', final: true };
        else if (on && /^ok$|^err$/.test(e.name)) return true;
        else if (e.bang && e.name === 'assert' && e.args.some((arg) => show(arg).includes('is_err')))
          use = { k: 'use', use: 'expected to fail', final: true };
        else if (ASSERTS.test(e.name))
          use = { k: 'use', use: expects(e, e) ? 'expected to fail' : 'asserted', final: true };
        else if (FATAL.test(e.name)) use = { k: 'use', use: 'asserted', final: true };
        else if (PRINTS.test(e.name)) use ??= { k: 'use', use: 'printed', final: false };
        else use = { k: 'use', use: 'passed on', final: false };
      } else if (e.k === 'assign' && e.to.k !== 'other' && inside.includes(e.value) && e.op === '=') {
        use = show(e.to) === show(e.value) ? use : { k: 'use', use: 'passed on', final: false };
      } else if (e.k === 'choice') use = { k: 'use', use: 'passed on', final: false };
      return true;
    };
    look(expr);
    return use;
  }
}

/** Whether an expression sets a variable anew. */
export function setsName(e: Expr, name: string): boolean {
  let sets = false;
  visit(e, (part) => {
    if (part.k === 'assign' && part.op === '=' && show(part.to) === name) sets = true;
  });
  return sets;
}

/** Whether the variable is read: everywhere but where it is set. */
export function readsAnswer(e: Expr, name: string, isAnswer: (e: Expr) => boolean): boolean {
  if (e.k === 'assign' && show(e.to) === name && rootOf(e.to) !== null)
    return e.op !== '=' ? false : holds(e.value, isAnswer);
  if (isAnswer(e)) return true;
  return partsOf(e).some((part) => readsAnswer(part, name, isAnswer));
}
