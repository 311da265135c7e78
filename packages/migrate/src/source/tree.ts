import type { TextRange } from './site.ts';

/**
 * Expressions and statements as the analysis needs them: one form for C, C++ and Rust. Ranges are those of the file, in
 * UTF-16 units. What has no form of its own keeps its parts in `other`, so that no call is lost.
 */
export type Expr = TextRange &
  /** `path` = the type or module in front of it: `Region` of `os::Region::map`. */
  (
    | { readonly k: 'name'; readonly name: string; readonly path?: string }
    | { readonly k: 'literal'; readonly text: string }
    | Call
    | { readonly k: 'field'; readonly of: Expr; readonly name: string }
    | { readonly k: 'index'; readonly of: Expr; readonly at: Expr }
    | { readonly k: 'unary'; readonly op: string; readonly of: Expr }
    | { readonly k: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr }
    | { readonly k: 'assign'; readonly op: string; readonly to: Expr; readonly value: Expr; readonly declares: boolean }
    | { readonly k: 'choice'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
    /** A cast, or what else leaves the value as it is. `drops` = cast to void. */
    | { readonly k: 'cast'; readonly of: Expr; readonly drops: boolean }
    | {
        readonly k: 'init';
        readonly entries: readonly { readonly name: string | null; readonly value: Expr }[];
        /** The type that is initialised, where it stands there. */
        readonly type?: string;
        /** The same as the call of a constructor. */
        readonly made?: Call;
      }
    /** Rust's `?`. */
    | { readonly k: 'try'; readonly of: Expr }
    /** Statements that have a value: Rust's blocks, `if`, `match`, C's statement expressions. */
    | { readonly k: 'body'; readonly body: Stmt }
    | { readonly k: 'closure'; readonly params: readonly string[]; readonly body: Expr }
    /** `closure` = it stands for one, whose statements were taken out of it. */
    | { readonly k: 'other'; readonly kids: readonly Expr[]; readonly closure?: Closure }
  );

/** A function without a name. */
export type Closure = Extract<Expr, { readonly k: 'closure' }>;

/** A call of a function, method or macro. */
export interface Call extends TextRange {
  readonly k: 'call';
  /** The last name of the callee: `seL4_Page_Map` of `sel4_sys::seL4_Page_Map`, `frame_map` of `self.f.frame_map`. */
  readonly name: string;
  readonly callee: Expr;
  /** What a method is called on. */
  readonly on: Expr | null;
  readonly args: readonly Expr[];
  /** Written with a `!`. */
  readonly bang: boolean;
  /** Of a Rust macro: what stands between its arguments: `,` `;` `=>`. */
  readonly separators?: string;
}

/** A statement. */
export type Stmt = TextRange &
  (
    | { readonly k: 'expr'; readonly expr: Expr /** Its value is the block's. */; readonly tail: boolean }
    | { readonly k: 'block'; readonly body: readonly Stmt[] }
    | { readonly k: 'if'; readonly test: Expr; readonly yes: Stmt; readonly otherwise: Stmt | null }
    | {
        readonly k: 'loop';
        readonly start_: readonly Stmt[];
        readonly test: Expr | null;
        readonly step: Expr | null;
        readonly body: Stmt;
        /** The body runs before the first test. */
        readonly once: boolean;
        /** Names that a `for … in` gives each time. */
        readonly names: readonly string[];
      }
    | { readonly k: 'switch'; readonly subject: Expr; readonly arms: readonly Arm[]; readonly falls: boolean }
    | { readonly k: 'return'; readonly value: Expr | null }
    | { readonly k: 'break' | 'continue'; readonly label: string | null }
    | { readonly k: 'goto'; readonly label: string }
    | { readonly k: 'label'; readonly label: string; readonly body: Stmt | null }
    /** Branches of `#if`: one of them is compiled. */
    | { readonly k: 'branches'; readonly bodies: readonly (readonly Stmt[])[]; readonly total: boolean }
  );

/** A case of a `switch`, or an arm of a `match`. */
export interface Arm extends TextRange {
  /** As written; '' = default. */
  readonly label: string;
  /** Names that the pattern binds. */
  readonly names: readonly string[];
  readonly body: readonly Stmt[];
}

/** A function, method, or macro with a body. */
export interface Func extends TextRange {
  readonly name: string;
  /** The class, or type of the `impl`. */
  readonly owner: string | null;
  /** Classes that the owner is derived from, and the trait of the `impl`, as far as they stand around it. */
  readonly bases?: readonly string[];
  readonly params: readonly string[];
  /** Types of the parameters, as written; '' = unknown. */
  readonly types: readonly string[];
  /** It has a receiver (`self`, `this`), which is no parameter. */
  readonly method: boolean;
  /** Variables that it declares, at any depth. */
  readonly declares: readonly string[];
  /** Types that stand with these, as written; `auto` and what is left out says nothing. */
  readonly declaredTypes?: ReadonlyMap<string, string>;
  readonly body: Stmt;
  readonly macro: boolean;
  /** Of a rule of `macro_rules!`: what stands between its parameters. */
  readonly separators?: string;
  /** As written before the name, or after the arrow. */
  readonly returns: string;
}

/** The parts of an expression, not looking into statements and closures. */
export function partsOf(e: Expr): readonly Expr[] {
  switch (e.k) {
    case 'name':
    case 'literal':
    case 'body':
      return [];
    case 'call':
      return e.on === null ? (e.callee.k === 'name' ? e.args : [e.callee, ...e.args]) : [e.on, ...e.args];
    case 'field':
    case 'unary':
    case 'cast':
    case 'try':
      return [e.of];
    case 'index':
      return [e.of, e.at];
    case 'binary':
      return [e.left, e.right];
    case 'assign':
      return [e.to, e.value];
    case 'choice':
      return [e.test, e.yes, e.no];
    case 'init':
      return e.made === undefined ? e.entries.map(({ value }) => value) : [e.made];
    case 'closure':
      return [e.body];
    case 'other':
      return e.kids;
  }
}

/** Visits an expression and its parts, the outer one first. */
export function visit(e: Expr, see: (e: Expr) => void): void {
  see(e);
  for (const part of partsOf(e)) visit(part, see);
}

/** The expression without casts, parentheses and references. */
export function bare(e: Expr): Expr {
  let at = e;
  for (;;) {
    if (at.k === 'cast' || at.k === 'try') at = at.of;
    else if (at.k === 'unary' && (at.op === '&' || at.op === '*' || at.op === '+')) at = at.of;
    else if (at.k === 'call' && at.on !== null && at.args.length === 0 && TRANSPARENT.has(at.name)) at = at.on;
    else if (at.k === 'call' && at.on === null && at.args.length === 1 && WRAPS.has(at.name)) at = at.args[0] as Expr;
    else return at;
  }
}

/** Methods that give the same thing in another type. */
const TRANSPARENT = new Set(
  'clone into unwrap expect cap cptr raw bits to_cap to_raw as_ptr as_mut_ptr as_mut as_ref get borrow borrow_mut value c_str downcast to_u64 to_usize copied upcast cast'.split(
    ' ',
  ),
);
/** Functions and macros that give the same thing in another type. */
const WRAPS = new Set(
  'Some Ok likely unlikely PAGE_ALIGN PAGE_ALIGN_4K ROUND_DOWN ALIGN_DOWN unsafe from new'.split(' '),
);

const shown: WeakMap<Expr, string> = new WeakMap();

/** An expression in one spelling: without casts, parentheses, white space and comments. */
export function show(e: Expr): string {
  let text = shown.get(e);
  if (text === undefined) {
    text = spell(bare(e));
    shown.set(e, text);
  }
  return text;
}

function spell(e: Expr): string {
  switch (e.k) {
    case 'name':
      return e.name;
    case 'literal':
      return number(e.text);
    case 'call':
      return `${e.on === null ? show(e.callee) : `${show(e.on)}.${e.name}`}(${e.args.map(show).join(',')})`;
    case 'field':
      return `${show(e.of)}.${e.name}`;
    case 'index':
      return `${show(e.of)}[${show(e.at)}]`;
    case 'unary':
      return `${e.op}${show(e.of)}`;
    case 'cast':
    case 'try':
      return show(e.of);
    case 'binary':
      return `(${show(e.left)}${e.op}${show(e.right)})`;
    case 'assign':
      return `${show(e.to)}${e.op}${show(e.value)}`;
    case 'choice':
      return `(${show(e.test)}?${show(e.yes)}:${show(e.no)})`;
    case 'init':
      return `{${e.entries.map(({ name, value }) => `${name ?? ''}:${show(value)}`).join(',')}}`;
    case 'body':
      return `{@${e.start}}`;
    case 'closure':
      return `|@${e.start}|`;
    case 'other':
      return `<${e.kids.map(show).join(' ')}@${e.kids.length === 0 ? e.start : ''}>`;
  }
}

function number(text: string): string {
  const plain = text.replace(/_/g, '').replace(/(?:[uUlL]+|[ui](?:8|16|32|64|128|size))$/, '');
  if (!/^(?:0[xX][\da-fA-F]+|\d+)$/.test(plain)) return text;
  const value = Number(plain);
  return Number.isSafeInteger(value) ? String(value) : plain;
}

/** The names that an expression reads: variables, and the first of each chain of fields. */
export function namesIn(e: Expr): Set<string> {
  const names = new Set<string>();
  visit(e, (part) => {
    if (part.k === 'name') names.add(part.name);
  });
  return names;
}

/** The variable that an expression begins with: `a` of `a->b[c].d`; null where it begins otherwise. */
export function rootOf(e: Expr): string | null {
  let at = bare(e);
  for (;;) {
    if (at.k === 'name') return at.name;
    if (at.k === 'field' || at.k === 'index') at = bare(at.of);
    else if (at.k === 'call' && at.on !== null) at = bare(at.on);
    else return null;
  }
}

/** The expressions around a part, from the inside out. */
export function pathTo(root: Expr, part: Expr): Expr[] {
  if (root === part) return [];
  for (const kid of partsOf(root)) {
    if (kid === part) return [root];
    const inner = pathTo(kid, part);
    if (inner.length > 0) return [...inner, root];
  }
  return [];
}

/** Whether an expression is a part of another one, or the same. */
export const within = (e: Expr, part: Expr): boolean => e === part || pathTo(e, part).length > 0;

/** The calls in an expression, the inner ones first. */
export function callsIn(e: Expr): Call[] {
  const calls: Call[] = [];
  visit(e, (part) => {
    if (part.k === 'call') calls.push(part);
  });
  return calls.reverse();
}
