import type { Syntax } from './grammar.ts';
import { empty, kidsOf, type Lowering, nameOf, other, type Reader } from './lowering.ts';
import type { TextRange } from './site.ts';
import type { Arm, Expr, Func, Stmt } from './tree.ts';

/** Parses the inside of a macro's call as a list of arguments; null where it is none. */
export type MacroArguments = (text: string, start: number) => readonly Expr[] | null;

/** Rust trees as functions, statements and expressions. */
export class RustLowering implements Lowering {
  private readonly r: Reader;
  private readonly inMacro: MacroArguments;
  private declares: string[] = [];
  private declaredTypes: Map<string, string> = new Map();

  constructor(reader: Reader, inMacro: MacroArguments) {
    this.r = reader;
    this.inMacro = inMacro;
  }

  func(node: Syntax): Func | null {
    const { r } = this;
    const body = node.field('body');
    const name = node.field('name');
    if (body === null || name === null) return null;
    const around = node.ancestors().find((up) => up.is('impl_item') || up.is('trait_item'));
    const type = around?.field('type') ?? around?.field('name') ?? null;
    const params: string[] = [];
    const types: string[] = [];
    let method = false;
    const trait = around?.is('impl_item') === true ? around.field('trait') : null;
    const list = node.field('parameters');
    for (const param of list === null ? [] : kidsOf(list)) {
      if (param.is('self_parameter')) method = true;
      else if (param.is('parameter')) {
        const pattern = param.field('pattern');
        params.push(pattern === null ? '' : r.of(pattern).replace(/^(?:mut|ref)\s+/, ''));
        types.push(r.of(param));
      }
    }
    const back = node.field('return_type');
    this.declares = [];
    this.declaredTypes = new Map();
    const inside = this.block(body);
    return {
      ...r.range(node),
      name: r.of(name),
      owner: type === null ? null : (r.of(type).match(/[A-Za-z_]\w*/)?.[0] ?? null),
      bases: trait === null ? [] : [/(\w+)\s*(?:<.*)?$/s.exec(r.of(trait))?.[1] ?? ''],
      params,
      types,
      method,
      declares: this.declares,
      declaredTypes: this.declaredTypes,
      body: inside,
      macro: false,
      returns: back === null ? '' : r.of(back),
    };
  }

  private block(node: Syntax): Stmt {
    const kids = kidsOf(node);
    const body = kids.map((kid, i) => this.stmt(kid, i === kids.length - 1));
    return { ...this.r.range(node), k: 'block', body };
  }

  /** A statement that stands by itself. */
  statement(node: Syntax): Stmt {
    // What it declares belongs to no function.
    this.declares = [];
    this.declaredTypes = new Map();
    return this.stmt(node, false);
  }

  /** @param last - of its block: an expression here is the block's value */
  private stmt(node: Syntax, last: boolean): Stmt {
    const { r } = this;
    const range = r.range(node);
    switch (String(node.kind())) {
      case 'expression_statement': {
        const [inner] = kidsOf(node);
        if (inner === undefined) return empty(range);
        const ends = r.of(node).endsWith(';');
        return this.control(inner, range, last && !ends);
      }
      case 'let_declaration':
        return this.binding(node, range);
      case 'function_item':
      case 'use_declaration':
      case 'empty_statement':
      case 'struct_item':
      case 'enum_item':
      case 'impl_item':
      case 'attribute_item':
      case 'macro_definition':
      case 'label':
        return empty(range);
      case 'const_item':
      case 'static_item': {
        const name = node.field('name');
        const value = node.field('value');
        if (name === null || value === null) return empty(range);
        const to = nameOf(r.range(name), r.of(name));
        const expr: Expr = { ...range, k: 'assign', op: '=', to, value: this.expr(value), declares: true };
        return { ...range, k: 'expr', expr, tail: false };
      }
      default:
        return this.control(node, range, last);
    }
  }

  private binding(node: Syntax, range: TextRange): Stmt {
    const { r } = this;
    const pattern = node.field('pattern');
    const value = node.field('value');
    if (pattern !== null) this.declares.push(...bound(r.of(pattern)));
    if (pattern === null || value === null) return empty(range);
    const text = r.of(pattern);
    const given = this.expr(value);
    const refused = node.field('alternative');
    if (refused !== null) {
      const bind = { ...range, label: text, names: bound(text), body: [] };
      const rest = { ...r.range(refused), label: '_', names: [], body: [this.block(refused)] };
      return { ...range, k: 'switch', subject: given, arms: [bind, rest], falls: false };
    }
    const name = /^(?:mut\s+)?([A-Za-z_]\w*)$/.exec(text)?.[1];
    const type = node.field('type');
    if (name !== undefined && type !== null) this.declaredTypes.set(name, r.of(type));
    // `Type::new(…)`, `Type { … }`.
    const made = type === null ? /^(?:\w+::)*([A-Z]\w*)\s*(?:::|\{)/.exec(r.of(value))?.[1] : undefined;
    if (name !== undefined && made !== undefined) this.declaredTypes.set(name, made);
    if (name === undefined || name === '_') {
      if (text === '_') {
        return { ...range, k: 'expr', expr: { ...range, k: 'cast', of: given, drops: true }, tail: false };
      }
      const to = other(
        r.range(pattern),
        bound(text).map((each) => nameOf(r.range(pattern), each)),
      );
      return {
        ...range,
        k: 'expr',
        expr: { ...range, k: 'assign', op: '=', to, value: given, declares: true },
        tail: false,
      };
    }
    const to = nameOf(r.range(pattern), name);
    return {
      ...range,
      k: 'expr',
      expr: { ...range, k: 'assign', op: '=', to, value: given, declares: true },
      tail: false,
    };
  }

  /** An expression in the place of a statement; those that branch become statements. */
  private control(node: Syntax, range: TextRange, tail: boolean): Stmt {
    const { r } = this;
    switch (String(node.kind())) {
      case 'block':
        return this.block(node);
      case 'unsafe_block':
      case 'async_block':
      case 'const_block': {
        const inner = kidsOf(node).find((kid) => kid.is('block'));
        return inner === undefined ? empty(range) : this.block(inner);
      }
      case 'if_expression': {
        const test = node.field('condition');
        const then = node.field('consequence');
        const otherwise = node.field('alternative');
        const [inner] = otherwise === null ? [] : kidsOf(otherwise);
        const no = inner === undefined ? null : this.control(inner, r.range(inner), tail);
        const yes = then === null ? empty(range) : this.block(then);
        if (test?.is('let_condition') === true) {
          const pattern = test.field('pattern');
          const value = test.field('value');
          const label = pattern === null ? '' : r.of(pattern);
          const arms: Arm[] = [
            { ...range, label, names: bound(label), body: [yes] },
            { ...range, label: '_', names: [], body: no === null ? [] : [no] },
          ];
          return {
            ...range,
            k: 'switch',
            subject: value === null ? other(range, []) : this.expr(value),
            arms,
            falls: false,
          };
        }
        return {
          ...range,
          k: 'if',
          test: test === null ? other(range, []) : this.expr(test),
          yes,
          otherwise: no,
        };
      }
      case 'match_expression': {
        const subject = node.field('value');
        const body = node.field('body');
        const arms: Arm[] = [];
        for (const arm of body === null ? [] : kidsOf(body)) {
          const pattern = arm.field('pattern');
          const value = arm.field('value');
          if (value === null) continue;
          const label = pattern === null ? '' : r.of(pattern);
          arms.push({
            ...r.range(arm),
            label: label === '_' ? '' : label,
            names: bound(label),
            body: [this.control(value, r.range(value), tail)],
          });
        }
        return {
          ...range,
          k: 'switch',
          subject: subject === null ? other(range, []) : this.expr(subject),
          arms,
          falls: false,
        };
      }
      case 'while_expression': {
        const test = node.field('condition');
        const body = node.field('body');
        const inner = body === null ? empty(range) : this.block(body);
        const letting = test?.is('let_condition') === true;
        const value = letting ? test.field('value') : test;
        return {
          ...range,
          k: 'loop',
          start_: [],
          test: value === null || value === undefined ? null : this.expr(value),
          step: null,
          body: inner,
          once: false,
          names: letting ? bound(r.of(test.field('pattern') ?? test)) : [],
        };
      }
      case 'loop_expression': {
        const body = node.field('body');
        const inner = body === null ? empty(range) : this.block(body);
        return { ...range, k: 'loop', start_: [], test: null, step: null, body: inner, once: true, names: [] };
      }
      case 'for_expression': {
        const pattern = node.field('pattern');
        const value = node.field('value');
        const body = node.field('body');
        return {
          ...range,
          k: 'loop',
          start_: value === null ? [] : [{ ...r.range(value), k: 'expr', expr: this.expr(value), tail: false }],
          test: null,
          step: null,
          body: body === null ? empty(range) : this.block(body),
          once: false,
          names: pattern === null ? [] : bound(r.of(pattern)),
        };
      }
      case 'return_expression': {
        const [value] = kidsOf(node);
        return { ...range, k: 'return', value: value === undefined ? null : this.expr(value) };
      }
      case 'break_expression':
        return { ...range, k: 'break', label: /'\w+/.exec(r.of(node).slice(0, 40))?.[0] ?? null };
      case 'continue_expression':
        return { ...range, k: 'continue', label: /'\w+/.exec(r.of(node).slice(0, 40))?.[0] ?? null };
      default:
        return { ...range, k: 'expr', expr: this.expr(node), tail };
    }
  }

  /** The name of a closure's parameter; of a pattern its first one. */
  private closureParam(param: Syntax): string {
    const pattern = param.is('parameter') ? (param.field('pattern') ?? param) : param;
    return bound(this.r.of(pattern))[0] ?? '_';
  }

  private exprs(nodes: readonly Syntax[]): Expr[] {
    return nodes.filter((node) => !node.is('attribute_item')).map((node) => this.expr(node));
  }

  expr(node: Syntax): Expr {
    const { r } = this;
    const range = r.range(node);
    switch (String(node.kind())) {
      case 'identifier':
      case 'field_identifier':
      case 'self':
      case 'type_identifier':
      case 'metavariable':
        return nameOf(range, r.at(range));
      case 'scoped_identifier':
        return pathOf(range, r.at(range));
      case 'integer_literal':
      case 'float_literal':
      case 'string_literal':
      case 'raw_string_literal':
      case 'char_literal':
      case 'boolean_literal':
        return { ...range, k: 'literal', text: r.at(range) };
      case 'call_expression': {
        const callee = node.field('function');
        const list = node.field('arguments');
        if (callee === null) break;
        const args = list === null ? [] : this.exprs(kidsOf(list));
        const plain = callee.is('generic_function') ? (callee.field('function') ?? callee) : callee;
        let at = this.expr(plain);
        while (at.k === 'cast' || (at.k === 'unary' && at.op === '*')) at = at.of;
        const name = at.k === 'name' || at.k === 'field' ? at.name : '';
        return { ...range, k: 'call', name, callee: at, on: at.k === 'field' ? at.of : null, args, bang: false };
      }
      case 'macro_invocation': {
        const name = node.field('macro');
        const tokens = kidsOf(node).find((kid) => kid.is('token_tree'));
        if (name === null || tokens === undefined) break;
        const inside = r.of(tokens).slice(1, -1);
        const args = this.inMacro(inside, r.range(tokens).start + 1) ?? [];
        const at = this.expr(name);
        const separators = separatorsOf(inside);
        const called = at.k === 'name' ? at.name : '';
        return { ...range, k: 'call', name: called, callee: at, on: null, args, bang: true, separators };
      }
      case 'field_expression': {
        const of = node.field('value');
        const name = node.field('field');
        if (of === null || name === null) break;
        return { ...range, k: 'field', of: this.expr(of), name: r.of(name) };
      }
      case 'index_expression': {
        const [of, at] = kidsOf(node);
        if (of === undefined || at === undefined) break;
        return { ...range, k: 'index', of: this.expr(of), at: this.expr(at) };
      }
      case 'reference_expression': {
        const of = node.field('value');
        if (of === null) break;
        return { ...range, k: 'unary', op: '&', of: this.expr(of) };
      }
      case 'unary_expression': {
        const [of] = kidsOf(node);
        if (of === undefined) break;
        return { ...range, k: 'unary', op: r.of(node).slice(0, 1), of: this.expr(of) };
      }
      case 'binary_expression': {
        const left = node.field('left');
        const right = node.field('right');
        if (left === null || right === null) break;
        const op = node.field('operator')?.text() ?? '';
        return { ...range, k: 'binary', op, left: this.expr(left), right: this.expr(right) };
      }
      case 'assignment_expression':
      case 'compound_assignment_expr': {
        const to = node.field('left');
        const value = node.field('right');
        if (to === null || value === null) break;
        if (r.of(to) === '_') return { ...range, k: 'cast', of: this.expr(value), drops: true };
        const op = node.is('assignment_expression') ? '=' : (node.field('operator')?.text() ?? '+=');
        return { ...range, k: 'assign', op, to: this.expr(to), value: this.expr(value), declares: false };
      }
      case 'type_cast_expression': {
        const of = node.field('value');
        if (of === null) break;
        return { ...range, k: 'cast', of: this.expr(of), drops: false };
      }
      case 'parenthesized_expression':
      case 'await_expression': {
        const [of] = kidsOf(node);
        if (of === undefined) break;
        return { ...range, k: 'cast', of: this.expr(of), drops: false };
      }
      case 'try_expression': {
        const [of] = kidsOf(node);
        if (of === undefined) break;
        return { ...range, k: 'try', of: this.expr(of) };
      }
      case 'struct_expression': {
        const body = node.field('body');
        const entries = (body === null ? [] : kidsOf(body)).map((kid) => {
          const name = kid.field('field') ?? kid.field('name');
          const value = kid.field('value');
          const given = value ?? kidsOf(kid)[0] ?? null;
          return {
            name: name === null ? null : r.of(name),
            value: given === null ? other(range, []) : this.expr(given),
          };
        });
        return { ...range, k: 'init', entries };
      }
      case 'closure_expression': {
        const body = node.field('body');
        const params = node.field('parameters');
        if (body === null) break;
        const names = params === null ? [] : kidsOf(params).map((param) => this.closureParam(param));
        return { ...range, k: 'closure', params: names, body: this.expr(body) };
      }
      case 'block':
      case 'unsafe_block':
      case 'async_block':
      case 'if_expression':
      case 'match_expression':
      case 'loop_expression':
      case 'while_expression':
      case 'for_expression':
      case 'return_expression':
      case 'break_expression':
      case 'continue_expression': {
        const body = this.control(node, range, true);
        return { ...range, k: 'body', body };
      }
    }
    return other(range, this.exprs(kidsOf(node)));
  }
}

/** What stands between the arguments of a macro, outside of parentheses: `,` `;` `=>`. */
export function separatorsOf(text: string): string {
  let depth = 0;
  let found = '';
  for (let at = 0; at < text.length; at++) {
    const code = text[at] ?? '';
    if ('([{'.includes(code)) depth++;
    else if (')]}'.includes(code)) depth--;
    else if (depth === 0 && (code === ';' || code === ',')) found += code;
    else if (depth === 0 && code === '=' && text[at + 1] === '>') found += '=>';
  }
  // One at the end is no separator.
  return /[,;]\s*$/.test(text) ? found.slice(0, -1) : found;
}

/** `Region::map`, `<T as Mapper>::map`, `Space::<A>::map`. */
function pathOf(range: TextRange, text: string): Expr {
  const parts = text
    .replace(/<\s*[^<>]*\bas\s+([\w:]+)[^<>]*>/g, '$1')
    .replace(/::<[^<>]*>/g, '')
    .split('::');
  const name = parts.pop()?.trim() ?? '';
  const path = /\w+/.exec(parts.pop() ?? '')?.[0];
  return nameOf(range, name, path);
}

/** The names that a pattern binds: those in lower case. */
const bound = (pattern: string): string[] =>
  (pattern.match(/(?<![\w:])[a-z_]\w*(?!\s*(?:::|\())/g) ?? []).filter((name) => !KEYWORDS.has(name));
const KEYWORDS = new Set(['mut', 'ref', '_', 'box', 'if', 'true', 'false']);
