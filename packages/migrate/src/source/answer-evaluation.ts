import { fits, matches } from './answer-patterns.ts';
import {
  answer,
  areEqual,
  compared,
  either,
  isTrue,
  type Meanings,
  namedAnswer,
  same,
  truth,
  type Value,
  type Values,
} from './answer-value.ts';
import { bare, type Call, type Expr, partsOf, show, type Stmt } from './tree.ts';

/** When a macro or function ends the run: if its first argument is true, or false, or is an error, … */
export type Assertion = 'true' | 'false' | 'success' | 'equal' | 'different' | 'always';

/** What an evaluation knows. */
export interface AnswerEvaluationOptions {
  /** The map, whose value is `given`. */
  readonly call: Call | null;
  readonly given: Value;
  readonly meanings: Meanings;
  readonly language: string;
  readonly asserts: (name: string) => Assertion | null;
}

/** Evaluates expressions in which an answer stands. */
export class AnswerEvaluation {
  /** The run, or the function, has ended inside of the expression: by an assertion, or Rust's `?`. */
  ended: 'run' | 'error' | null = null;
  /** Closures that an error has run, and whose value is not known. */
  readonly unclear: Expr[] = [];
  private readonly values: Values;
  private readonly call: Call | null;
  private readonly given: Value;
  private readonly meanings: Meanings;
  private readonly language: string;
  private readonly asserts: (name: string) => Assertion | null;

  /**
   * @param values - of the variables; assignments change them
   */
  constructor(values: Values, { call, given, meanings, language, asserts }: AnswerEvaluationOptions) {
    this.values = values;
    this.call = call;
    this.given = given;
    this.meanings = meanings;
    this.language = language;
    this.asserts = asserts;
  }

  of(e: Expr): Value {
    if (e === this.call) return this.given;
    switch (e.k) {
      case 'name':
      case 'field':
      case 'index': {
        const known = this.values.get(show(e));
        if (known !== undefined) return known;
        if (e.k === 'index') return null;
        const named = e.k === 'name' ? namedAnswer(e.name) : null;
        if (named !== null) return answer(named);
        if (e.k === 'name' && /^(?:true|false)$/.test(e.name)) return truth(e.name === 'true');
        if (e.k === 'name' && /^(?:NULL|nullptr|seL4_CapNull)$/.test(e.name)) return { k: 'number', n: 0 };
        return null;
      }
      case 'literal': {
        const text = show(e);
        if (/^(?:true|false)$/.test(text)) return truth(text === 'true');
        return /^\d+$/.test(text) ? { k: 'number', n: Number(text) } : null;
      }
      case 'cast':
        return this.of(e.of);
      case 'try': {
        const value = this.of(e.of);
        if (value?.k === 'answer' && value.is !== 'none') this.ended ??= 'error';
        return null;
      }
      case 'unary':
        return this.unary(e.op, this.of(e.of), e.of);
      case 'binary':
        return this.binary(e);
      case 'choice': {
        const side = isTrue(this.of(e.test));
        if (side !== null) return this.of(side ? e.yes : e.no);
        const [yes, no] = [this.of(e.yes), this.of(e.no)];
        return same(yes, no) ? yes : null;
      }
      case 'assign':
        return this.assigned(e);
      case 'call':
        return this.called(e);
      case 'other': {
        const parts = e.kids.map((kid) => this.of(kid));
        // The comma of C and C++.
        return this.language !== 'rust' && parts.length > 1 ? (parts.at(-1) ?? null) : null;
      }
      case 'body':
        return this.block(e.body);
      default:
        for (const part of partsOf(e)) if (e.k !== 'closure') this.of(part);
        return null;
    }
  }

  private unary(op: string, value: Value, of: Expr): Value {
    if (op === '!') {
      const is = isTrue(value);
      return truth(is === null ? null : !is);
    }
    if (op === '-') return value?.k === 'number' ? { k: 'number', n: -value.n } : value?.k === 'answer' ? value : null;
    if (op === '&' || op === '*' || op === '+') return this.values.get(`${op}${show(of)}`) ?? value;
    return null;
  }

  private binary({ op, left, right }: Expr & { k: 'binary' }): Value {
    const a = this.of(left);
    if (op === '&&' || op === '||') {
      const [x, stops] = [isTrue(a), op === '||'];
      if (x === stops) return truth(stops);
      const y = isTrue(this.of(right));
      if (y === stops) return truth(stops);
      return truth(x === null || y === null ? null : !stops);
    }
    const b = this.of(right);
    if (op === '==') return truth(areEqual(a, b));
    if (op === '!=') {
      const equal = areEqual(a, b);
      return truth(equal === null ? null : !equal);
    }
    if (/^[<>]=?$/.test(op)) return truth(compared(op, a, b));
    // `failed |= error`, `a | b`: what is or-ed is wrong if one of the two is.
    if (op === '|') return either(a, b);
    return null;
  }

  private assigned({ op, to, value }: Expr & { k: 'assign' }): Value {
    const given = this.of(value);
    const name = show(bare(to));
    const next = op === '=' ? given : op === '|=' || op === '+=' ? either(this.values.get(name) ?? null, given) : null;
    // What is not known is not kept.
    if (next === null) this.values.delete(name);
    else this.values.set(name, next);
    return next;
  }

  private called(e: Call): Value {
    const { name, on, args } = e;
    if (on !== null) return this.method(e, this.of(on));
    const given = args.map((arg) => this.of(arg));
    const [first = null, second = null] = given;
    if (/^(?:un)?likely$|^__builtin_expect$|^(?:Some|int|bool|seL4_Error|from|into|Box)$/i.test(name)) return first;
    if (name === 'Ok') return answer('none');
    if (name === 'Err') return first?.k === 'answer' && first.is !== 'none' ? first : answer('other');
    if (e.bang && name === 'matches') {
      const pattern = args[1];
      return pattern === undefined || first === null ? null : truth(fits(pattern, first));
    }
    const meaning = this.meanings(name);
    if (meaning !== null) {
      const value = given[meaning.index] ?? null;
      return value?.k === 'answer' ? meaning.gives[value.is] : null;
    }
    const asserted = this.asserts(name);
    if (asserted !== null) {
      const bad =
        asserted === 'always'
          ? true
          : asserted === 'equal' || asserted === 'different'
            ? areEqual(first, second) === (asserted === 'different')
            : first?.k === 'answer' && asserted === 'success'
              ? first.is !== 'none'
              : isTrue(first) === (asserted === 'true');
      if (bad) this.ended ??= 'run';
    }
    return null;
  }

  private method({ name, args }: Call, on: Value): Value {
    const failed = on?.k === 'answer' ? on.is !== 'none' : null;
    const [first] = args;
    switch (name) {
      case 'is_err':
      case 'is_none':
        return truth(failed);
      case 'is_ok':
      case 'is_some':
        return truth(failed === null ? null : !failed);
      case 'is_err_and':
        if (failed !== true || first === undefined) return truth(failed);
        return truth(isTrue(this.run(first, on)));
      case 'is_ok_and':
      case 'is_some_and':
        return truth(failed === true ? false : null);
      case 'unwrap':
      case 'expect':
        if (failed === true) this.ended ??= 'run';
        return null;
      case 'unwrap_err':
      case 'expect_err':
        if (failed === false) this.ended ??= 'run';
        return on;
      case 'or':
      case 'or_else': {
        if (failed !== true || first === undefined) return failed === false ? on : null;
        return this.run(first, on);
      }
      case 'unwrap_or':
      case 'unwrap_or_default':
        return failed === null ? null : answer('none');
      case 'map_err':
      case 'clone':
      case 'into':
      case 'ok':
      case 'err':
      case 'as_ref':
        return on;
      case 'map':
        return on;
      case 'eq':
      case 'ne': {
        const equal = first === undefined ? null : areEqual(on, this.of(first));
        return truth(equal === null ? null : equal === (name === 'eq'));
      }
      default:
        for (const arg of args) this.of(arg);
        return null;
    }
  }

  /** The value of a closure that is given an error, or of what stands in its place. */
  private run(e: Expr, given: Value): Value {
    const closure = e.k === 'other' && e.closure !== undefined ? e.closure : e;
    if (closure.k !== 'closure') return this.of(e);
    const [name] = closure.params;
    if (name !== undefined) this.values.set(name, given);
    const value = this.of(closure.body);
    if (value === null) this.unclear.push(closure);
    return value;
  }

  /** The value of statements: that of the last one. */
  private block(stmt: Stmt): Value {
    switch (stmt.k) {
      case 'expr':
        return this.of(stmt.expr);
      case 'return':
        return stmt.value === null ? null : this.of(stmt.value);
      case 'block': {
        let value: Value = null;
        for (const each of stmt.body) value = this.block(each);
        return value;
      }
      case 'if': {
        const side = isTrue(this.of(stmt.test));
        if (side === null) return null;
        return side ? this.block(stmt.yes) : stmt.otherwise === null ? null : this.block(stmt.otherwise);
      }
      case 'switch': {
        const value = this.of(stmt.subject);
        for (const { label, body } of stmt.arms) {
          const { does, binds } = matches(label, value, this.values);
          if (does === null) return null;
          if (!does) continue;
          for (const [name, bound] of binds) this.values.set(name, bound);
          return this.block({ start: stmt.start, end: stmt.end, k: 'block', body });
        }
        return null;
      }
      default:
        return null;
    }
  }
}
