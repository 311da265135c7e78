import {
  construction,
  declared,
  functionDeclarator,
  functionIn,
  inFunction,
  lastName,
  withNames,
  withType,
} from './declarators.ts';
import type { Syntax } from './grammar.ts';
import { empty, kidsOf, type Lowering, nameOf, other, type Reader } from './lowering.ts';
import type { TextRange } from './site.ts';
import { fieldsOf } from './struct-fields.ts';
import type { Arm, Call, Expr, Func, Stmt } from './tree.ts';

/** C and C++ trees as functions, statements and expressions. */
export class CLowering implements Lowering {
  private readonly r: Reader;
  private declares: string[] = [];
  private declaredTypes: Map<string, string> = new Map();
  /** Classes of the objects that the block around has constructed so far. */
  private constructed: string[] = [];

  constructor(reader: Reader) {
    this.r = reader;
  }

  func(node: Syntax): Func | null {
    const body = node.field('body');
    const declarator = functionDeclarator(node.field('declarator'));
    if (body === null || declarator === null) return null;
    const { r } = this;
    const named = declarator.field('declarator');
    if (named === null) return null;
    const parts = r
      .of(named)
      .replace(/<[^<>]*>/g, '')
      .split('::');
    const name = (parts.pop() ?? '').replace(/[\s*&()]/g, '');
    let owner = parts.pop()?.trim() ?? null;
    let bases: string[] = [];
    if (owner === null) {
      const around = node.ancestors().find((up) => up.is('class_specifier') || up.is('struct_specifier'));
      const type = around?.field('name');
      // `class Core::Vm_space`: its methods are defined elsewhere as `Vm_space::…`.
      owner = type === null || type === undefined ? null : (/(\w+)\s*(?:<[^<>]*>)?$/.exec(r.of(type))?.[1] ?? null);
      const from = around === undefined ? undefined : kidsOf(around).find((kid) => kid.is('base_class_clause'));
      bases = from === undefined ? [] : kidsOf(from).map((kid) => lastName(r.of(kid)));
    }
    const list = declarator.field('parameters');
    const { params, types } = this.parameters(list, node);
    this.declares = [];
    this.declaredTypes = new Map();
    const made = this.initialised(node);
    const block = this.stmt(body);
    const inside: Stmt = made.length === 0 ? block : { ...r.range(body), k: 'block', body: [...made, block] };
    return {
      ...r.range(node),
      name,
      owner,
      bases,
      params,
      types,
      method: owner !== null,
      declares: this.declares,
      declaredTypes: this.declaredTypes,
      body: inside,
      macro: false,
      returns: r.text.slice(node.range().start.index, declarator.range().start.index).trim(),
    };
  }

  statement(node: Syntax): Stmt {
    // What it declares belongs to no function.
    this.declares = [];
    this.declaredTypes = new Map();
    return this.stmt(node);
  }

  /** The names and types of parameters; before C89 the types stand behind the list. */
  private parameters(list: Syntax | null, node: Syntax | null): { params: string[]; types: string[] } {
    const { r } = this;
    const params: string[] = [];
    const types: string[] = [];
    for (const kid of list === null ? [] : kidsOf(list)) {
      if (kid.is('identifier')) {
        const name = r.of(kid);
        const given = node === null ? [] : kidsOf(node).filter((each) => each.is('declaration'));
        params.push(name);
        types.push(given.map((each) => r.of(each)).find((text) => new RegExp(`\\b${name}\\b`).test(text)) ?? '');
      } else if (String(kid.kind()).endsWith('parameter_declaration')) {
        const place = kid.field('declarator');
        const type = r.of(kid);
        if (place === null && type === 'void') continue;
        params.push(place === null ? '' : declared(r, place));
        types.push(type);
      }
    }
    return { params, types };
  }

  /** What a constructor does before its body: each member, and base, as a call by its name. */
  private initialised(node: Syntax): Stmt[] {
    const { r } = this;
    const list = kidsOf(node).find((kid) => kid.is('field_initializer_list'));
    return (list === undefined ? [] : kidsOf(list)).flatMap((entry): Stmt[] => {
      const [member, given] = kidsOf(entry);
      if (member === undefined || given === undefined) return [];
      const range = r.range(entry);
      const to = nameOf(r.range(member), lastName(r.of(member)));
      const args = this.exprs(kidsOf(given));
      const [only] = args;
      // One value is what the member is set to, unless its type says that it is constructed.
      const type = this.memberType(to.k === 'name' ? to.name : '', to) ?? (member.is('field_identifier') ? null : to);
      const value: Expr =
        type !== null
          ? construction(range, type, args)
          : only !== undefined && args.length === 1
            ? only
            : other(range, args);
      return [
        { ...range, k: 'expr', expr: { ...range, k: 'assign', op: '=', to, value, declares: false }, tail: false },
      ];
    });
  }

  /** The class of a member, where this text declares it; null for what is no class by its name. */
  private memberType(member: string, { start, end }: TextRange): Expr | null {
    if (!/^\w+$/.test(member)) return null;
    const found = new RegExp(
      `(?<![\\w.>])((?:[A-Za-z_]\\w*::)*[A-Z]\\w*)(?:<[^;{}()]*>)?\\s+${member}\\s*(?:;|\\{|=)`,
    ).exec(this.r.text);
    if (found === null) return null;
    return nameOf({ start, end }, lastName(found[1] ?? ''));
  }

  private block(nodes: readonly Syntax[]): Stmt[] {
    const out: Stmt[] = [];
    for (const node of nodes) {
      const stmt = this.stmt(node);
      if (stmt.k !== 'block' || stmt.body.length > 0) out.push(stmt);
    }
    return out;
  }

  private stmt(node: Syntax): Stmt {
    const { r } = this;
    const range = r.range(node);
    switch (String(node.kind())) {
      case 'compound_statement': {
        const around = this.constructed;
        this.constructed = [];
        const body = this.block(kidsOf(node));
        // What was constructed in it goes at its end; at the function's end nothing follows.
        const at = { start: range.end, end: range.end };
        const gone = this.constructed.map((name) => construction(at, nameOf(at, `~${name}`), []));
        this.constructed = around;
        if (gone.length > 0 && node.parent()?.is('function_definition') !== true)
          for (const expr of gone.toReversed()) body.push({ ...at, k: 'expr', expr, tail: false });
        return { ...range, k: 'block', body };
      }
      case 'declaration_list':
        return { ...range, k: 'block', body: this.block(kidsOf(node)) };
      case 'expression_statement': {
        const [inner] = kidsOf(node);
        return inner === undefined ? empty(range) : { ...range, k: 'expr', expr: this.expr(inner), tail: false };
      }
      case 'declaration':
        return this.declaration(node);
      case 'if_statement': {
        const otherwise = node.field('alternative');
        const then = node.field('consequence');
        const { before, test } = this.condition(node.field('condition'), range);
        const chosen: Stmt = {
          ...range,
          k: 'if',
          test,
          yes: then === null ? empty(range) : this.stmt(then),
          otherwise: otherwise === null ? null : this.stmt(otherwise),
        };
        return before.length === 0 ? chosen : { ...range, k: 'block', body: [...before, chosen] };
      }
      case 'else_clause':
        return { ...range, k: 'block', body: this.block(kidsOf(node)) };
      case 'for_statement': {
        const start = node.field('initializer');
        const test = node.field('condition');
        const step = node.field('update');
        const body = node.field('body');
        return {
          ...range,
          k: 'loop',
          start_: start === null ? [] : [this.asStmt(start)],
          test: test === null ? null : this.expr(test),
          step: step === null ? null : this.expr(step),
          body: body === null ? empty(range) : this.stmt(body),
          once: false,
          names: [],
        };
      }
      case 'for_range_loop': {
        const place = node.field('declarator');
        const over = node.field('right');
        const body = node.field('body');
        return {
          ...range,
          k: 'loop',
          start_: over === null ? [] : [{ ...r.range(over), k: 'expr', expr: this.expr(over), tail: false }],
          test: null,
          step: null,
          body: body === null ? empty(range) : this.stmt(body),
          once: false,
          names: place === null ? [] : (r.of(place).match(/[A-Za-z_]\w*/g) ?? []),
        };
      }
      case 'while_statement':
      case 'do_statement': {
        const body = node.field('body');
        const { before, test } = this.condition(node.field('condition'), range);
        return {
          ...range,
          k: 'loop',
          start_: before,
          test,
          step: null,
          body: body === null ? empty(range) : this.stmt(body),
          once: node.is('do_statement'),
          names: [],
        };
      }
      case 'switch_statement': {
        const body = node.field('body');
        const arms = body === null ? [] : this.cases(kidsOf(body));
        const { before, test } = this.condition(node.field('condition'), range);
        const chosen: Stmt = { ...range, k: 'switch', subject: test, arms, falls: true };
        return before.length === 0 ? chosen : { ...range, k: 'block', body: [...before, chosen] };
      }
      case 'return_statement':
      case 'co_return_statement': {
        const [value] = kidsOf(node);
        return { ...range, k: 'return', value: value === undefined ? null : this.expr(value) };
      }
      case 'throw_statement':
        return {
          ...range,
          k: 'return',
          value: other(
            range,
            kidsOf(node).map((kid) => this.expr(kid)),
          ),
        };
      case 'break_statement':
        return { ...range, k: 'break', label: null };
      case 'continue_statement':
        return { ...range, k: 'continue', label: null };
      case 'goto_statement': {
        const [label] = kidsOf(node);
        return { ...range, k: 'goto', label: label === undefined ? '' : r.of(label) };
      }
      case 'labeled_statement': {
        const [label, ...rest] = kidsOf(node);
        const body: Stmt = { ...range, k: 'block', body: this.block(rest) };
        return { ...range, k: 'label', label: label === undefined ? '' : r.of(label), body };
      }
      case 'try_statement': {
        const [tried, ...clauses] = kidsOf(node);
        const bodies = clauses.map((clause) =>
          this.block(kidsOf(clause).filter((kid) => kid.is('compound_statement'))),
        );
        const run = tried === undefined ? empty(range) : this.stmt(tried);
        return { ...range, k: 'block', body: [run, { ...range, k: 'branches', bodies, total: false }] };
      }
      case 'preproc_if':
      case 'preproc_ifdef':
      case 'preproc_elif':
      case 'preproc_elifdef':
      case 'preproc_else':
        return this.branches(node);
      case 'case_statement':
        return { ...range, k: 'block', body: this.cases([node]).flatMap(({ body }) => body) };
      case 'preproc_call':
      case 'preproc_def':
      case 'preproc_function_def':
      case 'preproc_include':
      case 'type_definition':
      case 'access_specifier':
      case 'using_declaration':
      case 'function_definition':
      case 'asm_statement':
        return empty(range);
      case 'ERROR':
      case 'attributed_statement':
        return { ...range, k: 'block', body: this.block(kidsOf(node)) };
      default:
        return { ...range, k: 'expr', expr: this.expr(node), tail: false };
    }
  }

  private asStmt(node: Syntax): Stmt {
    return node.is('declaration')
      ? this.declaration(node)
      : { ...this.r.range(node), k: 'expr', expr: this.expr(node), tail: false };
  }

  /** One branch for each of `#if`, `#elif`, `#else`. */
  private branches(node: Syntax): Stmt {
    const bodies: Stmt[][] = [];
    let total = false;
    let at: Syntax | null = node;
    while (at !== null) {
      const next: Syntax | null = at.field('alternative');
      const skipped = new Set([at.field('condition')?.id(), at.field('name')?.id(), next?.id()]);
      bodies.push(this.block(kidsOf(at).filter((kid) => !skipped.has(kid.id()))));
      total ||= at.is('preproc_else');
      at = next;
    }
    return { ...this.r.range(node), k: 'branches', bodies, total };
  }

  private cases(nodes: readonly Syntax[]): Arm[] {
    const arms: Arm[] = [];
    for (const node of nodes) {
      if (/^preproc_(?:if|ifdef|elif|else)/.test(String(node.kind()))) {
        const skipped = new Set([node.field('condition')?.id(), node.field('name')?.id()]);
        arms.push(...this.cases(kidsOf(node).filter((kid) => !skipped.has(kid.id()))));
        continue;
      }
      if (!node.is('case_statement')) {
        const last = arms.at(-1);
        if (last !== undefined) arms[arms.length - 1] = { ...last, body: [...last.body, this.stmt(node)] };
        continue;
      }
      const value = node.field('value');
      const body = kidsOf(node).filter((kid) => kid.id() !== value?.id());
      arms.push({
        ...this.r.range(node),
        label: value === null ? '' : this.r.of(value),
        names: [],
        body: this.block(body),
      });
    }
    return arms;
  }

  private condition(node: Syntax | null, range: { start: number; end: number }): { before: Stmt[]; test: Expr } {
    if (node === null) return { before: [], test: other(range, []) };
    if (!node.is('condition_clause')) return { before: [], test: this.expr(node) };
    const before: Stmt[] = [];
    let test: Expr = other(this.r.range(node), []);
    for (const kid of kidsOf(node)) {
      if (kid.is('init_statement')) before.push(...this.block(kidsOf(kid)));
      else if (kid.is('declaration')) {
        before.push(this.declaration(kid));
        const place = kid.field('declarator');
        const value = kid.field('value');
        if (place !== null && value !== null) {
          // In a condition the value belongs to the declaration itself.
          const kidRange = this.r.range(kid);
          const to = nameOf(this.r.range(place), declared(this.r, place));
          const expr: Expr = { ...kidRange, k: 'assign', op: '=', to, value: this.expr(value), declares: true };
          before.push({ ...kidRange, k: 'expr', expr, tail: false });
        }
        test = nameOf(this.r.range(kid), place === null ? '' : declared(this.r, place));
      } else test = this.expr(kid);
    }
    return { before, test };
  }

  private declaration(node: Syntax): Stmt {
    const { r } = this;
    const range = r.range(node);
    const body: Stmt[] = [];
    const type = node.field('type');
    const typeText = type === null ? '' : r.of(type);
    for (const kid of kidsOf(node)) {
      const kind = String(kid.kind());
      if (!/declarator$|^identifier$/.test(kind)) continue;
      const name = declared(r, kid);
      const { place, value } = this.initial(kid, type);
      // A function that is declared in another one is no variable.
      if (value === null && functionIn(kid)) continue;
      this.declares.push(name);
      this.declaredTypes.set(name, typeText);
      if (place === null || value === null) continue;
      const made =
        value.k === 'init'
          ? value.made
          : value.k === 'call' && kid.field('value')?.is('call_expression') !== true
            ? value
            : undefined;
      if (made !== undefined && typeText.includes(made.name)) this.constructed.push(made.name);
      const to = nameOf(r.range(place), name);
      body.push({
        ...range,
        k: 'expr',
        expr: { ...r.range(kid), k: 'assign', op: '=', to, value, declares: true },
        tail: false,
      });
    }
    const [only] = body;
    return body.length === 1 && only !== undefined ? only : { ...range, k: 'block', body };
  }

  /** What a variable begins with: a value, or the construction of an object. */
  private initial(kid: Syntax, type: Syntax | null): { place: Syntax | null; value: Expr | null } {
    const { r } = this;
    const of = type !== null && /^(?:type_identifier|qualified_identifier|template_type)$/.test(String(type.kind()));
    const made = of ? nameOf(r.range(type), lastName(r.of(type))) : null;
    if (kid.is('function_declarator') && made !== null) {
      // `Mapping page(frame, vaddr);` in a function looks like the declaration of one.
      const list = kid.field('parameters');
      const names = list === null ? [] : kidsOf(list);
      const plain = names.every(
        (name) => name.is('parameter_declaration') && name.field('declarator') === null && /^\w+$/.test(r.of(name)),
      );
      if (!plain || names.length === 0 || !inFunction(kid)) return { place: null, value: null };
      const args = names.map((name) => nameOf(r.range(name), r.of(name)));
      return { place: kid.field('declarator'), value: construction(r.range(kid), made, args) };
    }
    if (!kid.is('init_declarator')) return { place: null, value: null };
    const place = kid.field('declarator');
    const value = kid.field('value');
    if (place === null || value === null) return { place: null, value: null };
    if (value.is('argument_list')) {
      const args = this.exprs(kidsOf(value));
      return { place, value: made === null ? other(r.range(value), args) : construction(r.range(kid), made, args) };
    }
    const given = this.expr(value);
    if (given.k !== 'init') return { place, value: given };
    if (type?.is('struct_specifier') === true && type.field('body') !== null && type.field('name') === null)
      return { place, value: withNames(given, fieldsOf(r.of(type))) };
    const typed = withType(given, type === null ? '' : lastName(r.of(type).replace(/^(?:struct|union|class)\s+/, '')));
    const array = kidsOf(kid).some((each) => each.is('array_declarator'));
    // `Mapping page{frame, vaddr};` constructs, if the class has a constructor.
    if (
      made === null ||
      array ||
      r.text[value.range().start.index - 1] === '=' ||
      /=\s*$/.test(r.at({ start: r.range(place).end, end: given.start }))
    )
      return { place, value: typed };
    const args = typed.k === 'init' ? typed.entries.map((entry) => entry.value) : [];
    return { place, value: typed.k === 'init' ? { ...typed, made: construction(r.range(kid), made, args) } : typed };
  }

  private exprs(nodes: readonly Syntax[]): Expr[] {
    return nodes.map((node) => this.expr(node));
  }

  private expr(node: Syntax): Expr {
    const { r } = this;
    const range = r.range(node);
    switch (String(node.kind())) {
      case 'identifier':
      case 'field_identifier':
      case 'this':
      case 'type_identifier':
      case 'namespace_identifier':
        return nameOf(range, r.at(range));
      case 'qualified_identifier':
        return nameOf(range, lastName(r.at(range)), lastName(r.at(range).replace(/::[^:]*$/, '')));
      case 'number_literal':
      case 'string_literal':
      case 'char_literal':
      case 'concatenated_string':
      case 'true':
      case 'false':
      case 'null':
      case 'sizeof_expression':
      case 'system_lib_string':
        return { ...range, k: 'literal', text: r.at(range) };
      case 'call_expression':
        return this.call(node);
      case 'field_expression': {
        const of = node.field('argument');
        const name = node.field('field');
        if (of === null || name === null) break;
        return { ...range, k: 'field', of: this.expr(of), name: r.of(name).replace(/<.*$/s, '') };
      }
      case 'subscript_expression': {
        const [of, at] = kidsOf(node);
        if (of === undefined || at === undefined) break;
        return { ...range, k: 'index', of: this.expr(of), at: this.expr(at) };
      }
      case 'pointer_expression':
      case 'unary_expression': {
        const of = node.field('argument');
        if (of === null) break;
        return { ...range, k: 'unary', op: node.field('operator')?.text() ?? '', of: this.expr(of) };
      }
      case 'update_expression': {
        const of = node.field('argument');
        if (of === null) break;
        const to = this.expr(of);
        return { ...range, k: 'assign', op: '+=', to, value: { ...range, k: 'literal', text: '1' }, declares: false };
      }
      case 'binary_expression': {
        const left = node.field('left');
        const right = node.field('right');
        if (left === null || right === null) break;
        const op = node.field('operator')?.text() ?? '';
        return { ...range, k: 'binary', op, left: this.expr(left), right: this.expr(right) };
      }
      case 'assignment_expression': {
        const to = node.field('left');
        const value = node.field('right');
        if (to === null || value === null) break;
        const op = node.field('operator')?.text() ?? '=';
        return { ...range, k: 'assign', op, to: this.expr(to), value: this.expr(value), declares: false };
      }
      case 'conditional_expression': {
        const test = node.field('condition');
        const yes = node.field('consequence');
        const no = node.field('alternative');
        if (test === null || no === null) break;
        const first = this.expr(test);
        return { ...range, k: 'choice', test: first, yes: yes === null ? first : this.expr(yes), no: this.expr(no) };
      }
      case 'cast_expression': {
        const of = node.field('value');
        const type = node.field('type');
        if (of === null) break;
        return { ...range, k: 'cast', of: this.expr(of), drops: type !== null && r.of(type).trim() === 'void' };
      }
      case 'parenthesized_expression': {
        const [of] = kidsOf(node);
        if (of === undefined) break;
        if (of.is('compound_statement')) return { ...range, k: 'body', body: this.stmt(of) };
        return { ...range, k: 'cast', of: this.expr(of), drops: false };
      }
      case 'compound_statement':
        return { ...range, k: 'body', body: this.stmt(node) };
      case 'compound_literal_expression': {
        const value = node.field('value');
        const type = node.field('type');
        if (value === null) break;
        const given = this.expr(value);
        return type === null
          ? given
          : withType(given, lastName(r.of(type).replace(/^(?:struct|union|class)\s+|[\s*[\]]+$/g, '')));
      }
      case 'new_expression': {
        const type = node.field('type');
        const list = node.field('arguments');
        if (type === null || list === null) break;
        return construction(range, nameOf(r.range(type), lastName(r.of(type))), this.exprs(kidsOf(list)));
      }
      case 'initializer_list': {
        const entries = kidsOf(node).map((kid) => {
          if (!kid.is('initializer_pair')) return { name: null, value: this.expr(kid) };
          const at = kid.field('designator');
          const value = kid.field('value');
          const name = at !== null && at.is('field_designator') ? r.of(at).slice(1).trim() : null;
          return { name, value: value === null ? other(range, []) : this.expr(value) };
        });
        return { ...range, k: 'init', entries };
      }
      case 'lambda_expression': {
        const body = node.field('body');
        if (body === null) break;
        const list = node.field('declarator')?.field('parameters') ?? null;
        const { params } = this.parameters(list, null);
        return { ...range, k: 'closure', params, body: { ...r.range(body), k: 'body', body: this.stmt(body) } };
      }
      case 'type_descriptor':
      case 'comment':
        return other(range, []);
    }
    return other(range, this.exprs(kidsOf(node)));
  }

  private call(node: Syntax): Expr {
    const { r } = this;
    const range = r.range(node);
    const [callee, list] = [node.field('function'), node.field('arguments')];
    if (callee === null) return other(range, this.exprs(kidsOf(node)));
    const args = list === null ? [] : this.exprs(kidsOf(list));
    const text = r.of(callee);
    const templated = /^(?:std::)?(?:static|reinterpret|const|dynamic|bit)_cast\s*</.test(text);
    const [first] = args;
    if (templated && first !== undefined) return { ...range, k: 'cast', of: first, drops: false };
    let on: Expr | null = null;
    let at = this.expr(callee);
    if (callee.is('template_function')) at = nameOf(at, lastName(text));
    // What makes an object of the type that it is given.
    const made = /\b(?:make_unique|make_shared|construct_at)\s*<\s*([\w:]+)/.exec(text)?.[1];
    if (made !== undefined) return construction(range, nameOf(at, lastName(made)), args);
    let inner = at;
    while (inner.k === 'cast' || (inner.k === 'unary' && inner.op === '*')) inner = inner.of;
    let name = '';
    if (inner.k === 'name') {
      name = inner.name;
      at = inner;
    } else if (inner.k === 'field') {
      name = inner.name;
      on = inner.of;
      at = inner;
    } else if (inner.k === 'index') {
      const base = inner.of;
      name = base.k === 'name' || base.k === 'field' ? base.name : '';
      // The entry of a table that is a field.
      if (base.k === 'field') on = base.of;
    }
    const call: Call = { ...range, k: 'call', name, callee: at, on, args, bang: false };
    return call;
  }
}

/** Statements of a macro's body, parsed as a function's. */
export const MACRO_BEFORE = 'void _(){';
export const MACRO_AFTER = ';}';
