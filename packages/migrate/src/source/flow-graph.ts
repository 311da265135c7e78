import { hoist, holdsBody, pushed } from './body-values.ts';
import type { TextRange } from './site.ts';
import { FATAL } from './sinks.ts';
import { type Expr, type Func, rootOf, type Stmt, visit } from './tree.ts';

/** When an edge is taken: always, by the value of a test, or for an arm of a switch. */
export type When = null | boolean | { readonly label: string; readonly names: readonly string[] };

/** An edge of the graph. */
export interface Edge {
  readonly to: number;
  readonly when: When;
}

/** A statement, or the test of one. */
export interface Step {
  readonly id: number;
  readonly kind: 'do' | 'test' | 'switch' | 'return' | 'join' | 'exit';
  readonly expr: Expr | null;
  /** The whole statement. */
  readonly range: TextRange;
  readonly next: Edge[];
  /** The loops around it, the outermost first. */
  readonly loops: readonly number[];
  /** Its value is the function's. */
  readonly tail: boolean;
  /** Where both sides of a test meet again; -1 = it is no test. */
  after: number;
}

/** A loop of a function. */
interface Loop {
  readonly id: number;
  /** Where each round begins. */
  readonly head: number;
  readonly body: TextRange;
  /** Names that a round sets anew, and those that the code in it changes. */
  readonly changes: Set<string>;
}

/** The control flow of a function. */
export interface Graph {
  readonly steps: readonly Step[];
  readonly entry: number;
  readonly exit: number;
  readonly loops: readonly Loop[];
  /** Names that a `for … in` gives each time, and what it goes over. */
  readonly rounds: ReadonlyMap<string, Expr>;
}

interface Dangling {
  readonly from: number;
  readonly when: When;
}

interface Around {
  readonly label: string | null;
  readonly breaks: Dangling[];
  /** Undefined for a switch. */
  readonly head: number | undefined;
}

/** Steps beyond which a function is not followed any further. */
const MOST_STEPS = 20_000;

/** Makes the control flow of a function. */
export function graphOf(func: Func): Graph {
  return new Builder().build(func);
}

class Builder {
  private readonly steps: Step[] = [];
  private readonly loops: Loop[] = [];
  private readonly open: number[] = [];
  private readonly around: Around[] = [];
  private readonly labels: Map<string, number> = new Map();
  private readonly jumps: { readonly from: number; readonly label: string }[] = [];
  private readonly leaves: Dangling[] = [];
  private readonly rounds: Map<string, Expr> = new Map();

  build(func: Func): Graph {
    const entry = this.step('join', null, func, []);
    const out = this.stmt(func.body, [{ from: entry, when: null }], true);
    const exit = this.step('exit', null, { start: func.end, end: func.end }, [...out, ...this.leaves]);
    for (const { from, label } of this.jumps) {
      this.link([{ from, when: null }], this.labels.get(label) ?? exit);
    }
    for (const loop of this.loops) this.changesOf(loop);
    return { steps: this.steps, entry, exit, loops: this.loops, rounds: this.rounds };
  }

  private step(
    kind: Step['kind'],
    expr: Expr | null,
    range: TextRange,
    ins: readonly Dangling[],
    tail = false,
  ): number {
    const id = this.steps.length;
    const { start, end } = range;
    this.steps.push({ id, kind, expr, range: { start, end }, next: [], loops: [...this.open], tail, after: -1 });
    this.link(ins, id);
    return id;
  }

  private link(ins: readonly Dangling[], to: number): void {
    for (const { from, when } of ins) this.steps[from]?.next.push({ to, when });
  }

  private all(stmts: readonly Stmt[], ins: readonly Dangling[], tail: boolean): readonly Dangling[] {
    let at = ins;
    stmts.forEach((stmt, i) => {
      at = this.stmt(stmt, at, tail && i === stmts.length - 1);
    });
    return at;
  }

  private stmt(stmt: Stmt, ins: readonly Dangling[], tail: boolean): readonly Dangling[] {
    if (this.steps.length > MOST_STEPS) return ins;
    switch (stmt.k) {
      case 'block':
        return this.all(stmt.body, ins, tail);
      case 'expr':
        return this.expr(stmt.expr, stmt, ins, stmt.tail && tail);
      case 'if': {
        const { expr, ins: at } = this.hoisted(stmt.test, ins);
        const test = this.step('test', expr, stmt, at);
        const yes = this.stmt(stmt.yes, [{ from: test, when: true }], tail);
        const no: readonly Dangling[] =
          stmt.otherwise === null
            ? [{ from: test, when: false }]
            : this.stmt(stmt.otherwise, [{ from: test, when: false }], tail);
        return this.joined(test, [...yes, ...no], stmt.end);
      }
      case 'switch':
        return this.choose(stmt, ins, tail);
      case 'loop':
        return this.loop(stmt, ins);
      case 'return': {
        if (stmt.value !== null && this.spreads(stmt.value)) {
          const value = stmt.value;
          const spread = pushed(value, (e) => ({ ...stmt, k: 'return', value: e }));
          if (spread !== null) return this.stmt(spread, ins, false);
        }
        const { expr, ins: at } = stmt.value === null ? { expr: null, ins } : this.hoisted(stmt.value, ins);
        const id = this.step('return', expr, stmt, at);
        this.leaves.push({ from: id, when: null });
        return [];
      }
      case 'break':
      case 'continue': {
        const id = this.step('join', null, stmt, ins);
        const fits = this.around.filter(({ label, head }) =>
          stmt.label !== null ? label === stmt.label : stmt.k === 'break' || head !== undefined,
        );
        const target = fits.at(-1);
        if (target === undefined) this.leaves.push({ from: id, when: null });
        else if (stmt.k === 'break') target.breaks.push({ from: id, when: null });
        else if (target.head !== undefined) this.link([{ from: id, when: null }], target.head);
        return [];
      }
      case 'goto': {
        const from = this.step('join', null, stmt, ins);
        this.jumps.push({ from, label: stmt.label });
        return [];
      }
      case 'label': {
        const id = this.step('join', null, { start: stmt.start, end: stmt.start }, ins);
        this.labels.set(stmt.label, id);
        const at: readonly Dangling[] = [{ from: id, when: null }];
        return stmt.body === null ? at : this.stmt(stmt.body, at, tail);
      }
      case 'branches': {
        const at = this.step('join', null, { start: stmt.start, end: stmt.start }, ins);
        const outs = stmt.bodies.flatMap((body) => this.all(body, [{ from: at, when: null }], tail));
        return stmt.total ? outs : [...outs, { from: at, when: null }];
      }
    }
  }

  private joined(test: number, outs: readonly Dangling[], end: number): readonly Dangling[] {
    const after = this.step('join', null, { start: end, end }, outs);
    const at = this.steps[test];
    if (at !== undefined) at.after = after;
    return [{ from: after, when: null }];
  }

  private choose(stmt: Stmt & { k: 'switch' }, ins: readonly Dangling[], tail: boolean): readonly Dangling[] {
    const { expr, ins: start } = this.hoisted(stmt.subject, ins);
    const at = this.step('switch', expr, stmt, start);
    const breaks: Dangling[] = [];
    if (stmt.falls) this.around.push({ label: null, breaks, head: undefined });
    let through: readonly Dangling[] = [];
    const outs: Dangling[] = [];
    for (const { label, names, body } of stmt.arms) {
      const before: readonly Dangling[] = [{ from: at, when: { label, names } }, ...(stmt.falls ? through : [])];
      through = this.all(body, before, tail);
      if (!stmt.falls) outs.push(...through);
    }
    if (stmt.falls) {
      this.around.pop();
      outs.push(...through, ...breaks);
      if (!stmt.arms.some(({ label }) => label === '')) outs.push({ from: at, when: { label: '', names: [] } });
    }
    return this.joined(at, outs, stmt.end);
  }

  private loop(stmt: Stmt & { k: 'loop' }, ins: readonly Dangling[]): readonly Dangling[] {
    const before = this.all(stmt.start_, ins, false);
    const id = this.loops.length;
    this.loops.push({ id, head: this.steps.length, body: stmt.body, changes: new Set(stmt.names) });
    this.open.push(id);
    const head = this.step('join', null, { start: stmt.start, end: stmt.start }, before);
    const breaks: Dangling[] = [];
    const { test, once, step } = stmt;
    const outs: Dangling[] = [];
    let into: readonly Dangling[] = [{ from: head, when: null }];
    const ask = (at: readonly Dangling[]): readonly Dangling[] => {
      if (test === null) {
        // `for (x : xs)` ends some time; `for (;;)` and `loop` do not.
        if (!once && stmt.names.length > 0) outs.push(...at);
        return at;
      }
      const { expr, ins: asked } = this.hoisted(test, at);
      const tested = this.step('test', expr, { start: test.start, end: test.end }, asked);
      const always = expr !== null && expr.k === 'literal' && /^(?:1|true)$/.test(expr.text);
      if (!always) outs.push({ from: tested, when: false });
      return [{ from: tested, when: true }];
    };
    if (!once) into = ask(into);
    if (stmt.names.length > 0) {
      const [first] = stmt.start_;
      const over = test ?? (first?.k === 'expr' ? first.expr : null);
      if (over !== null) for (const name of stmt.names) this.rounds.set(name, over);
      // Each round sets its names anew.
      const { start } = stmt;
      const kids = stmt.names.map((name): Expr => ({ start, end: start, k: 'name', name }));
      const to: Expr = { start, end: start, k: 'other', kids };
      const given: Expr = {
        start,
        end: start,
        k: 'assign',
        op: '=',
        to,
        value: { start, end: start, k: 'other', kids: [] },
        declares: true,
      };
      into = [{ from: this.step('do', given, { start, end: start }, into), when: null }];
    }
    const again = this.step('join', null, { start: stmt.end, end: stmt.end }, []);
    this.around.push({ label: null, breaks, head: again });
    const out = this.stmt(stmt.body, into, false);
    this.around.pop();
    this.link(out, again);
    let back: readonly Dangling[] = [{ from: again, when: null }];
    if (step !== null) back = this.expr(step, step, back, false);
    if (once && test !== null) back = ask(back);
    this.link(back, head);
    this.open.pop();
    const after = this.step('join', null, { start: stmt.end, end: stmt.end }, [...outs, ...breaks]);
    for (const { from } of outs) {
      const tested = this.steps[from];
      if (tested !== undefined && tested.kind === 'test') tested.after = after;
    }
    return [{ from: after, when: null }];
  }

  private spreads(e: Expr): boolean {
    return pushed(e, () => ({ start: e.start, end: e.end, k: 'block', body: [] })) !== null;
  }

  private expr(e: Expr, range: TextRange, ins: readonly Dangling[], tail: boolean): readonly Dangling[] {
    const spread = pushed(e, (value) => ({ start: range.start, end: range.end, k: 'expr', expr: value, tail }));
    if (spread !== null) return this.stmt(spread, ins, tail);
    const { expr, ins: at } = this.hoisted(e, ins);
    const id = this.step('do', expr, range, at, tail);
    if (endsRun(expr)) return [];
    return [{ from: id, when: null }];
  }

  /** Statements inside of an expression come before it. */
  private hoisted(e: Expr, ins: readonly Dangling[]): { readonly expr: Expr; readonly ins: readonly Dangling[] } {
    if (!holdsBody(e)) return { expr: e, ins };
    const before: Stmt[] = [];
    const expr = hoist(e, before);
    return { expr, ins: this.all(before, ins, false) };
  }

  private changesOf(loop: Loop): void {
    for (const { loops, expr } of this.steps) {
      if (expr === null || !loops.includes(loop.id)) continue;
      for (const name of changedBy(expr)) loop.changes.add(name);
    }
  }
}

/** The names that an expression may change. */
export function changedBy(expr: Expr): Set<string> {
  const names = new Set<string>();
  visit(expr, (e) => {
    if (e.k === 'assign') {
      const root = rootOf(e.to);
      if (root !== null) names.add(root);
      if (e.to.k === 'other') for (const kid of e.to.kids) if (kid.k === 'name') names.add(kid.name);
    } else if (e.k === 'call') {
      for (const given of e.args) {
        if (given.k !== 'unary' || given.op !== '&') continue;
        const root = rootOf(given.of);
        if (root !== null) names.add(root);
      }
    }
  });
  return names;
}

/** Whether the run ends with an expression: `abort()`, `panic!(…)`. */
export function endsRun(e: Expr | null): boolean {
  if (e === null) return false;
  if (e.k === 'cast' || e.k === 'try') return endsRun(e.of);
  return (
    e.k === 'call' &&
    (e.bang ? /^(?:panic|unreachable|todo|unimplemented|bail)$/.test(e.name) : FATAL.test(e.name)) &&
    !(e.name === 'fail' && e.on !== null)
  );
}
