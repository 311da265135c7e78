import { changedBy, type Graph, graphOf, type Step } from './flow-graph.ts';
import { constantsIn } from './file-constants.ts';
import type { ParsedFunc } from './source-file.ts';
import { type Call, callsIn, type Expr, namesIn, show, visit } from './tree.ts';

/** A call in a function. */
export interface PlacedCall {
  readonly step: Step;
  readonly call: Call;
}

/** A function with its flow, its calls, and what its variables are set to. */
export class FuncModel {
  readonly func: ParsedFunc;
  readonly graph: Graph;
  readonly calls: readonly PlacedCall[];
  private readonly sets: Map<string, Expr[]> = new Map();
  private readonly bySteps: Map<number, ReadonlySet<string>> = new Map();
  private readonly locals: Set<string>;
  /** Variables that outlive the call: `static` ones. */
  readonly statics: ReadonlySet<string>;

  private readonly constants: ReadonlyMap<string, number>;
  /** The file. */
  readonly text: string;

  constructor(func: ParsedFunc, text: string) {
    this.func = func;
    this.text = text;
    this.constants = constantsIn(text);
    this.graph = graphOf(func);
    const calls: PlacedCall[] = [];
    const statics = text
      .slice(func.start, func.end)
      .matchAll(/\bstatic\s+(?:mut\s+)?[^;={}()]*?\b([A-Za-z_]\w*)\s*(?:=|;|:)/g);
    this.statics = new Set([...statics].map(([, name]) => name ?? ''));
    this.locals = new Set([...func.params, ...func.declares]);
    for (const step of this.graph.steps) {
      if (step.expr === null) continue;
      for (const call of callsIn(step.expr)) calls.push({ step, call });
      this.noteSets(step.expr);
      if (step.kind === 'switch') {
        for (const { when } of step.next) {
          if (when !== null && typeof when === 'object') for (const name of when.names) this.noteSet(name, step.expr);
        }
      }
    }
    for (const loop of this.graph.loops)
      for (const name of loop.changes) if (!this.sets.has(name)) this.locals.add(name);
    this.calls = calls;
  }

  private noteSets(expr: Expr): void {
    visit(expr, (e) => {
      if (e.k === 'other' && e.closure !== undefined) for (const name of e.closure.params) this.locals.add(name);
      if (e.k !== 'assign') return;
      if (e.declares && e.to.k === 'name') this.locals.add(e.to.name);
      const name = e.to.k === 'name' ? e.to.name : null;
      if (name !== null) this.noteSet(name, e.op === '=' ? e.value : e);
    });
    for (const name of changedBy(expr)) if (!this.sets.has(name)) this.noteSet(name, UNKNOWN);
    // Set once and then passed by reference: not only set once.
    visit(expr, (e) => {
      if (e.k !== 'call') return;
      for (const given of e.args) {
        if (given.k !== 'unary' || given.op !== '&' || given.of.k !== 'name') continue;
        this.noteSet(given.of.name, UNKNOWN);
      }
    });
  }

  private noteSet(name: string, value: Expr): void {
    const list = this.sets.get(name);
    if (list === undefined) this.sets.set(name, [value]);
    else list.push(value);
  }

  /** All that a variable is set to. */
  setsOf(name: string): readonly Expr[] {
    return this.sets.get(name) ?? [];
  }

  /** The type that stands with a parameter or variable; null = none that says anything. */
  typeOf(name: string): string | null {
    const index = this.func.params.indexOf(name);
    const type = index >= 0 ? this.func.types[index] : this.func.declaredTypes?.get(name);
    const plain = type
      ?.replace(/\b(?:auto|const|mut|let|struct|class|static)\b/g, ' ')
      .replace(new RegExp(`\\b${name}\\b`), ' ');
    return plain === undefined || !/\w/.test(plain) ? null : plain.trim();
  }

  isParam(name: string): boolean {
    return this.func.params.includes(name);
  }

  /** It belongs to the function: a parameter, a variable declared in it. */
  isLocal(name: string): boolean {
    return this.locals.has(name) && !this.statics.has(name);
  }

  /** The names that a step changes. */
  changesAt(step: Step): ReadonlySet<string> {
    let names = this.bySteps.get(step.id);
    if (names === undefined) {
      names = step.expr === null ? new Set() : changedBy(step.expr);
      this.bySteps.set(step.id, names);
    }
    return names;
  }

  /** What a variable stands for: its value where it is set once and not by a call. */
  origin(e: Expr, depth = 0): Expr {
    const root = e.k === 'cast' ? this.origin(e.of, depth) : e;
    if (root.k !== 'name' || depth > 5 || this.isParam(root.name)) return root;
    const [only, ...more] = this.setsOf(root.name);
    if (only === undefined || more.length > 0 || only === UNKNOWN) return root;
    const value = only.k === 'cast' || only.k === 'unary' ? (only.k === 'cast' ? only.of : only) : only;
    // `next += PAGE` is no value: the variable was something before.
    if (value.k === 'body' || value.k === 'other' || value.k === 'init' || value.k === 'assign') return root;
    if (holdsCall(value)) return root;
    return this.origin(value, depth + 1);
  }

  /** An expression with variables that stand for others replaced. */
  replaced(e: Expr): Expr {
    return this.deep(e, 0);
  }

  /** The value of a constant that the file gives; null where it does not, or where the function has such a variable. */
  constant(name: string): number | null {
    if (this.locals.has(name)) return null;
    return this.constants.get(name) ?? null;
  }

  /** An expression in one spelling, with variables that stand for others replaced. */
  norm(e: Expr): string {
    return show(this.deep(e, 0));
  }

  private deep(e: Expr, depth: number): Expr {
    if (depth > 6) return e;
    const at = this.origin(e);
    switch (at.k) {
      case 'cast':
      case 'unary':
      case 'field':
        return { ...at, of: this.deep(at.of, depth + 1) };
      case 'index':
        return { ...at, of: this.deep(at.of, depth + 1), at: this.deep(at.at, depth + 1) };
      case 'binary':
        return { ...at, left: this.deep(at.left, depth + 1), right: this.deep(at.right, depth + 1) };
      default:
        return at;
    }
  }

  /** The names that decide about an expression: those in it, and those that its variables stand for. */
  names(e: Expr): Set<string> {
    const names = namesIn(this.deep(e, 0));
    for (const name of namesIn(e)) names.add(name);
    return names;
  }

  /** The names in an expression, in all that its variables are set to, and so on. */
  reaching(e: Expr): Set<string> {
    const found = new Set<string>();
    const queue = [...namesIn(e)];
    while (queue.length > 0) {
      const name = queue.pop() ?? '';
      if (found.has(name)) continue;
      found.add(name);
      for (const value of this.setsOf(name)) queue.push(...namesIn(value));
    }
    return found;
  }

  private byReference(arg: Expr, texts: ReadonlySet<string>): boolean {
    const at = arg.k === 'cast' ? arg.of : arg;
    return at.k === 'unary' && at.op === '&' && texts.has(show(at.of));
  }

  /** Calls whose values reach an expression through variables, by name. */
  sources(e: Expr, depth = 0): Call[] {
    const found: Call[] = [...callsIn(e)];
    if (depth > 4) return found;
    for (const name of namesIn(e)) {
      if (this.isParam(name)) continue;
      for (const value of this.setsOf(name)) {
        if (value === UNKNOWN || value === e) continue;
        found.push(...this.sources(value, depth + 1));
      }
    }
    // A variable that a call fills in by reference: itself, and not what else its object holds.
    const texts = new Set([...namesIn(e)].filter((name) => !this.isParam(name)));
    texts.add(show(e));
    for (const { call } of this.calls) {
      if (call.args.some((arg) => this.byReference(arg, texts))) found.push(call);
    }
    return found;
  }
}

const UNKNOWN: Expr = { start: -1, end: -1, k: 'other', kids: [] };

/** A call that is more than a cast, or a getter without arguments. */
function holdsCall(e: Expr): boolean {
  let found = false;
  visit(e, (part) => {
    if (part.k === 'call' && !/align|round|^page_?(?:of|base|down|up)|mask|BIT$/i.test(part.name)) found = true;
  });
  return found;
}
