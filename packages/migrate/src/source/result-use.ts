import { type AnswerKind, type AnswerTest, answerTest, armTested, holds, type Tested } from './error-tests.ts';
import { changedBy, type Edge, endsRun, type Graph, type Step } from './flow-graph.ts';
import { addsTable, ASSERTS, FATAL, PRINTS, UNMAPS } from './sinks.ts';
import type { ResultUse, TextRange } from './site.ts';
import { bare, type Call, type Expr, partsOf, rootOf, show, visit } from './tree.ts';

/** What becomes of the answer of one call. */
export interface AnswerUse {
  readonly use: ResultUse;
  /** The variable that takes it. */
  readonly name: string | null;
  /** The test that decides. */
  readonly test: TextRange | null;
  /** An error makes the code add a table and map again. */
  readonly retries: boolean;
  /** `InvalidCapability` has a branch of its own, in which a copy is made and mapped. */
  readonly copies: boolean;
  /** The map finds something out: it is undone where it works, and only `FailedLookup` is as good. */
  readonly probes: boolean;
  /** `DeleteFirst` has a branch with work of its own, which permissive kernels never run. */
  readonly revives: boolean;
  /** Errors that pass for success. */
  readonly accepts: readonly Tested[];
  /** The steps that run only when the map has failed. */
  readonly onError: ReadonlySet<number>;
  /** The edges (by `edgeOf`) that are taken only when the map has failed. */
  readonly failing: ReadonlySet<string>;
  /** An error leads out of the function (or to the end of the run) without going on. */
  readonly leaves: boolean;
}

/** An edge of a graph in one word. */
export const edgeOf = (from: number, to: number): string => `${from} ${to}`;

/** Follows the answers of calls through a function. */
export class AnswerUses {
  private readonly graph: Graph;
  private readonly maps: (call: Call) => boolean;
  private readonly outside: boolean;
  private readonly isLocal: (name: string) => boolean;

  /**
   * @param maps - whether a call maps, too
   * @param outside - it is a fragment, which goes on elsewhere
   * @param isLocal - whether a variable ends with the function
   */
  constructor(graph: Graph, maps: (call: Call) => boolean, outside: boolean, isLocal: (name: string) => boolean) {
    this.graph = graph;
    this.outside = outside;
    this.isLocal = isLocal;
    this.maps = maps;
  }

  of(step: Step, call: Call, kind: AnswerKind): AnswerUse {
    const at = this.context(step, call, kind);
    if (at.k === 'done')
      return { ...nothing, use: at.use, name: null, leaves: at.use === 'asserted' || at.use === 'returned' };
    if (at.k === 'name') return this.followed(step, at.name, at.kind, at.about, []);
    const decision = this.tested(step, (e) => e === call, kind);
    if (at.name === null || decision.final) return this.judged(step, [decision], at.name);
    return this.followed(step, at.name, kind, null, [decision]);
  }

  /** Where a value goes from the expression in which it stands. */
  private context(step: Step, call: Call, kind: AnswerKind): Context {
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
          if (ASSERTS.test(up.name)) return { k: 'done', use: this.expects(up, cur) ? 'expected to fail' : 'asserted' };
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

  /** Whether an assertion is about an error: `test_eq(e, seL4_DeleteFirst)`. */
  private expects(call: Call, answer: Expr): boolean {
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

  private followed(
    from: Step,
    name: string,
    kind: AnswerKind,
    about: AnswerTest | null,
    before: readonly Decision[],
  ): AnswerUse {
    const { decided, uses, open } = this.collected(from, name, kind, about);
    decided.unshift(...before);
    const use = this.judged(from, decided, name);
    if (decided.some(({ final }) => final)) return use;
    if (uses.has('expected to fail')) return { ...use, use: 'expected to fail' };
    if (uses.has('asserted')) return { ...use, use: 'asserted', leaves: true };
    if (uses.has('returned'))
      return { ...use, use: use.use === 'stored and not read' ? 'returned' : use.use, leaves: true };
    if (decided.length > 0 && (use.use !== 'stored and not read' || !uses.has('passed on'))) return use;
    if (uses.has('passed on')) return { ...use, use: 'passed on' };
    if (uses.has('printed')) return { ...use, use: 'printed' };
    return { ...use, use: open ? 'stored and not read' : 'passed on' };
  }

  /** Every place that reads a variable, until it is set again. */
  private collected(from: Step, name: string, kind: AnswerKind, about: AnswerTest | null): Collected {
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
      const tested = this.tested(step, isAnswer, kind);
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
          use = { k: 'use', use: this.expects(e, e) ? 'expected to fail' : 'asserted', final: true };
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

  private tested(step: Step, isAnswer: (e: Expr) => boolean, kind: AnswerKind): Decision {
    const { expr } = step;
    const edges = step.next;
    const range = { start: step.range.start, end: expr?.end ?? step.range.end };
    if (step.kind === 'switch') {
      const arms = edges.map(({ to, when }) => ({ to, about: armTested(when) }));
      const special = arms.find(({ about }) => about === 'DeleteFirst');
      if (special !== undefined) {
        return {
          k: 'test',
          step,
          about: 'DeleteFirst',
          error: special.to,
          good: null,
          except: [],
          final: true,
          test: range,
          others: arms,
        };
      }
      const failed =
        arms.find(({ about }) => about === 'any error') ?? arms.find(({ about }) => about === 'another error');
      const lookup = arms.find(({ about }) => about === 'FailedLookup');
      const good = arms.find(({ about }) => about === null)?.to ?? null;
      if (failed === undefined) {
        const about = lookup === undefined ? 'unclear' : 'FailedLookup';
        return {
          k: 'test',
          step,
          about,
          error: lookup?.to ?? null,
          good,
          except: [],
          final: lookup === undefined && good === null,
          test: range,
          others: arms,
        };
      }
      return {
        k: 'test',
        step,
        about: 'any error',
        error: failed.to,
        good,
        except: lookup === undefined ? [] : ['FailedLookup'],
        final: true,
        test: range,
        others: arms,
      };
    }
    const found = expr === null ? null : answerTest(expr, isAnswer, kind);
    if (found === null || found.about === 'unclear' || found.side === null) {
      return {
        k: 'test',
        step,
        about: 'unclear',
        error: null,
        good: null,
        except: [],
        final: true,
        test: range,
        others: [],
      };
    }
    const error = edges.find(({ when }) => when === found.side)?.to ?? null;
    const good = edges.find(({ when }) => when === !found.side)?.to ?? null;
    const final = found.about === 'any error';
    return { k: 'test', step, about: found.about, error, good, except: found.except, final, test: range, others: [] };
  }

  /** What the decisions on an answer come to. */
  private judged(from: Step, decided: readonly Decision[], name: string | null): AnswerUse {
    const onError = new Set<number>();
    const failing = new Set<string>();
    const accepts = new Set<Tested>();
    let use: ResultUse = 'stored and not read';
    let test: TextRange | null = null;
    let retries = false;
    let copies = false;
    let leaves = false;
    let probes = false;
    let revives = false;
    const rank = (next: ResultUse, at: TextRange): void => {
      if (RANKS.indexOf(next) > RANKS.indexOf(use)) {
        use = next;
        test = at;
      }
    };
    for (const decision of decided) {
      const { about, error, step, except } = decision;
      if (about === 'unclear' || error === null) {
        rank('checked', decision.test);
        leaves = true;
        continue;
      }
      const region = this.region(step, error, decision.good);
      if (about === 'any error') {
        if (error !== decision.good && except.length === 0) failing.add(edgeOf(step.id, error));
        for (const id of this.onlyHere(from, decision, region.steps)) onError.add(id);
        for (const each of except) if (each === 'DeleteFirst') accepts.add(each);
        if (except.includes('DeleteFirst')) rank('compared with DeleteFirst', decision.test);
        const inner = this.innerTests(region.steps, name);
        const again = region.goesOn && from.loops.some((loop) => step.loops.includes(loop));
        const maps = region.maps || again || this.mapsSoon(step, region);
        if (region.tables && maps && !inner && !except.includes('FailedLookup')) {
          retries = true;
          rank('any error retried', decision.test);
        } else if (region.ends) rank('asserted', decision.test);
        else if (region.leaves || region.repairs || inner || decision.others.length > 2) rank('checked', decision.test);
        else if (name !== null && this.heededLater(step, error, name)) {
          rank('checked', decision.test);
          leaves = true;
        } else rank('printed', decision.test);
        if (region.leaves || region.ends) leaves = true;
        if (
          name !== null &&
          decision.good !== null &&
          this.undoes(step, decision.good) &&
          this.tellsLookup(region.steps, name)
        )
          probes = true;
        for (const { to, about: arm } of decision.others) {
          if (arm !== 'FailedLookup') continue;
          if (this.region(step, to, null).tables) retries = true;
        }
      } else if (about === 'DeleteFirst') {
        for (const id of this.onlyHere(from, decision, region.steps)) onError.add(id);
        // To clear the place and map again is what the error asks for.
        if (region.maps) rank('checked', decision.test);
        else if (!region.fails) {
          if (region.works) revives = true;
          accepts.add('DeleteFirst');
          rank('compared with DeleteFirst', decision.test);
        } else rank('checked', decision.test);
        if (decision.others.length > 0) leaves = true;
      } else if (about === 'FailedLookup') {
        for (const id of this.onlyHere(from, decision, region.steps)) onError.add(id);
        if (region.tables || region.maps || region.repairs) rank('failed lookup retried', decision.test);
      } else if (about === 'InvalidCapability') {
        for (const id of this.onlyHere(from, decision, region.steps)) onError.add(id);
        if (region.copies || region.maps) copies = true;
        rank('checked', decision.test);
      }
    }
    return { use, name, test, probes, revives, retries, copies, accepts: [...accepts], onError, failing, leaves };
  }

  /** Whether an error that one test lets pass is returned or asserted on all ways behind it: `if (e) log(); return e;`. */
  private heededLater(test: Step, error: number, name: string): boolean {
    const { steps, exit } = this.graph;
    const isAnswer = (e: Expr): boolean => show(e) === name;
    const seen = new Set<number>([test.id]);
    const queue = [error];
    let heeded = false;
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (id === exit) return false;
      if (seen.has(id)) continue;
      seen.add(id);
      const step = steps[id];
      if (step === undefined) continue;
      const { expr } = step;
      if (expr !== null && readsAnswer(expr, name, isAnswer)) {
        if (
          step.kind === 'return' ||
          (step.tail && step.kind === 'do') ||
          callsIn(expr).some((call) => ASSERTS.test(call.name) || FATAL.test(call.name))
        ) {
          heeded = true;
          continue;
        }
        const told = step.kind === 'test' ? answerTest(expr, isAnswer, 'error') : null;
        if (told !== null && told.about === 'any error' && told.side !== null && told.except.length === 0) {
          for (const { to, when } of step.next) if (when === told.side) queue.push(to);
          continue;
        }
      }
      if (expr !== null && setsName(expr, name)) return false;
      for (const { to } of step.next) queue.push(to);
    }
    return heeded;
  }

  /** Whether the answer is told apart further inside of a region. */
  private innerTests(steps: ReadonlySet<number>, name: string | null): boolean {
    if (name === null) return false;
    for (const id of steps) {
      const step = this.graph.steps[id];
      if (step === undefined || step.expr === null || (step.kind !== 'test' && step.kind !== 'switch')) continue;
      if (!holds(step.expr, (e) => show(e) === name)) continue;
      const found =
        step.kind === 'switch' || answerTest(step.expr, (e) => show(e) === name, 'error').about !== 'any error';
      // A table that was added before is what the inner test is about, not the map.
      if (found) return true;
    }
    return false;
  }

  /** The first thing that a side does is an unmap. */
  private undoes(test: Step, good: number): boolean {
    let at: Step | undefined = this.graph.steps[good];
    for (let n = 0; n < 3 && at !== undefined && at.id !== test.after; n++) {
      if (at.expr !== null) return callsIn(at.expr).some(({ name }) => UNMAPS.test(name));
      at = this.graph.steps[at.next[0]?.to ?? -1];
    }
    return false;
  }

  /** Of all errors a region heeds `FailedLookup` alone. */
  private tellsLookup(steps: ReadonlySet<number>, name: string): boolean {
    const texts = [...steps]
      .map((id) => this.graph.steps[id])
      .flatMap((step) =>
        step?.kind === 'test' && step.expr !== null && holds(step.expr, (e) => show(e) === name)
          ? [show(step.expr)]
          : [],
      );
    return texts.some((text) => /failed_?lookup/i.test(text)) && !texts.some((text) => /delete_?first/i.test(text));
  }

  /** Whether the map is repeated right after a region. */
  private mapsSoon(test: Step, region: Region): boolean {
    if (region.leaves || test.after < 0) return false;
    let at: Step | undefined = this.graph.steps[test.after];
    for (let n = 0; n < 4 && at !== undefined; n++) {
      if (at.expr !== null && callsIn(at.expr).some(this.maps)) return true;
      const only: Edge | undefined = at.next[0];
      if (at.next.length !== 1 || only === undefined) return false;
      at = this.graph.steps[only.to];
    }
    return false;
  }

  /** The steps of a region that nothing but its side of the test leads to, before the map is made again. */
  private onlyHere(from: Step, { step, error }: Decision, steps: ReadonlySet<number>): number[] {
    const seen = new Set<number>([from.id, step.id]);
    const queue = step.next.map(({ to }) => to).filter((to) => to !== error);
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (seen.has(id)) continue;
      seen.add(id);
      for (const { to } of this.graph.steps[id]?.next ?? []) queue.push(to);
    }
    return [...steps].filter((id) => !seen.has(id));
  }

  /** Whether one side of a test comes to the place where both meet. */
  private meets(test: Step, start: number): boolean {
    const { graph } = this;
    const seen = new Set<number>(test.loops.map((id) => graph.loops[id]?.head ?? -1));
    const queue = [start];
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (id === test.after) return true;
      if (seen.has(id)) continue;
      seen.add(id);
      for (const { to } of graph.steps[id]?.next ?? []) queue.push(to);
    }
    return false;
  }

  /** What happens on one side of a test, until both sides meet again. */
  private region(test: Step, start: number, good: number | null): Region {
    const { graph } = this;
    const steps = new Set<number>();
    // Where the good side leaves, all that follows is for the other one.
    const after = good === null || this.meets(test, good) ? test.after : -1;
    const stop = new Set<number>([after, graph.exit, ...test.loops.map((id) => graph.loops[id]?.head ?? -1)]);
    const queue = [start];
    let leaves = true;
    let tables = false;
    let maps = false;
    let repairs = false;
    let works = false;
    let copies = false;
    let ends = false;
    let goesOn = false;
    let success = false;
    const told: string[] = [];
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (id === after) leaves = false;
      if (steps.has(id) || stop.has(id) || id === test.id) {
        if (id === test.id && test.loops.length > 0) goesOn = true;
        if (test.loops.some((loop) => graph.loops[loop]?.head === id)) goesOn = true;
        continue;
      }
      const step = graph.steps[id];
      if (step === undefined) continue;
      steps.add(id);
      const { expr } = step;
      if (expr !== null) {
        for (const call of callsIn(expr)) {
          if (this.maps(call)) maps = true;
          else if (addsTable(call.name)) tables = true;
          else if (/copy|mint|dup/i.test(call.name)) copies = true;
          else if (
            !PRINTS.test(call.name) &&
            !ASSERTS.test(call.name) &&
            !FATAL.test(call.name) &&
            step.kind === 'do' &&
            !/^(?:Ok|Err|Some|None)$/.test(call.name)
          ) {
            repairs = true;
            if (/delete|free|release|copy|lookup|get_|find|share/i.test(call.name)) works = true;
          }
        }
        if (step.kind === 'do' && changedBy(expr).size > 0 && callsIn(expr).length === 0) repairs = true;
        if (step.kind === 'return') told.push(show(expr));
        if (step.tail && step.kind === 'do') {
          told.push(show(expr));
          continue;
        }
      } else if (step.kind === 'return') told.push('');
      if (endsRun(expr)) ends = true;
      for (const { to } of step.next) queue.push(to);
    }
    success =
      told.length > 0 &&
      told.every(
        (text) =>
          /^(?:0|seL4_NoError|true|Ok\(.*\)|STATUS_SUCCESS|)$|success|_OK$/i.test(text) || /^<@\d*>$/.test(text),
      );
    const only = leaves && ends && told.length === 0 && !goesOn;
    return {
      steps,
      leaves,
      tables,
      maps,
      repairs,
      works,
      copies,
      goesOn,
      ends: only,
      fails: leaves && !goesOn && !success,
    };
  }
}

interface Region {
  readonly steps: ReadonlySet<number>;
  readonly leaves: boolean;
  readonly tables: boolean;
  readonly maps: boolean;
  readonly repairs: boolean;
  /** It gives something back, or fetches what is there. */
  readonly works: boolean;
  readonly copies: boolean;
  /** It comes to another round of a loop around it. */
  readonly goesOn: boolean;
  /** All of it ends the run. */
  readonly ends: boolean;
  /** It leaves the function, and not with success. */
  readonly fails: boolean;
}

type Context =
  | { readonly k: 'done'; readonly use: ResultUse }
  | { readonly k: 'tested'; readonly name: string | null }
  | { readonly k: 'name'; readonly name: string; readonly kind: AnswerKind; readonly about: AnswerTest | null };

interface Collected {
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

interface Decision {
  readonly k: 'test';
  readonly step: Step;
  readonly about: Tested;
  readonly error: number | null;
  readonly good: number | null;
  readonly except: readonly Tested[];
  readonly final: boolean;
  readonly test: TextRange;
  readonly others: readonly { readonly to: number; readonly about: Tested | null }[];
}

const nothing = {
  probes: false,
  revives: false,
  test: null,
  retries: false,
  copies: false,
  accepts: [],
  onError: new Set<number>(),
  failing: new Set<string>(),
  leaves: false,
} as const;

/** What counts more when an answer is used in several ways. */
const RANKS: readonly ResultUse[] = [
  'stored and not read',
  'printed',
  'failed lookup retried',
  'checked',
  'asserted',
  'any error retried',
  'compared with DeleteFirst',
];

/** The expressions around a part, from the inside out. */
function pathTo(root: Expr, part: Expr): Expr[] {
  if (root === part) return [];
  for (const kid of partsOf(root)) {
    if (kid === part) return [root];
    const inner = pathTo(kid, part);
    if (inner.length > 0) return [...inner, root];
  }
  return [];
}

const within = (e: Expr, part: Expr): boolean => e === part || pathTo(e, part).length > 0;

/** The calls in an expression, the inner ones first. */
export function callsIn(e: Expr): Call[] {
  const calls: Call[] = [];
  visit(e, (part) => {
    if (part.k === 'call') calls.push(part);
  });
  return calls.reverse();
}

function setsName(e: Expr, name: string): boolean {
  let sets = false;
  visit(e, (part) => {
    if (part.k === 'assign' && part.op === '=' && show(part.to) === name) sets = true;
  });
  return sets;
}

/** Whether the variable is read: everywhere but where it is set. */
function readsAnswer(e: Expr, name: string, isAnswer: (e: Expr) => boolean): boolean {
  if (e.k === 'assign' && show(e.to) === name && rootOf(e.to) !== null)
    return e.op !== '=' ? false : holds(e.value, isAnswer);
  if (isAnswer(e)) return true;
  return partsOf(e).some((part) => readsAnswer(part, name, isAnswer));
}
