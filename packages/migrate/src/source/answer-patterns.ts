import { answer, areEqual, namedAnswer, type Value, type Values } from './answer-value.ts';
import { type Expr, show } from './tree.ts';

/** Whether a value fits a pattern that was parsed as an expression. */
export function fits(pattern: Expr, value: Value): boolean | null {
  const at = pattern.k === 'cast' ? pattern.of : pattern;
  if (at.k === 'binary' && at.op === '|') {
    const [x, y] = [fits(at.left, value), fits(at.right, value)];
    return x === true || y === true ? true : x === null || y === null ? null : false;
  }
  return matches(at.k === 'call' ? `${at.name}(${at.args.map(show).join(',')})` : show(at), value, new Map()).does;
}

/** What a pattern makes of a value. */
interface Match {
  /** Null = not known. */
  readonly does: boolean | null;
  readonly binds: readonly (readonly [string, Value])[];
}

/** Whether a value fits the label of an arm, guard included, and the names that it gives. */
export function matches(label: string, value: Value, values: Values): Match {
  const [, pattern = label, guard] = /^([\s\S]*?)\s+if\s+([\s\S]+)$/.exec(label) ?? [label];
  let does: boolean | null = false;
  const binds: (readonly [string, Value])[] = [];
  for (const one of alternatives(pattern)) {
    const each = alternative(one.trim(), value);
    binds.push(...each.binds);
    if (each.does === true) does = true;
    else if (each.does === null && does === false) does = null;
  }
  if (guard !== undefined && does !== false) {
    const also = guarded(guard, new Map([...values, ...binds]));
    does = also === false ? false : also === true ? does : null;
  }
  return { does, binds };
}

/** `A | B(C | D)` as A, B(C), B(D). */
function alternatives(pattern: string): string[] {
  const inner = /^\s*((?:\w+::)*\w+)\(([^()]*\|[^()]*)\)\s*$/.exec(pattern);
  if (inner !== null) return (inner[2] ?? '').split('|').map((one) => `${inner[1]}(${one.trim()})`);
  let depth = 0;
  const parts = [''];
  for (const c of pattern) {
    if (c === '(') depth++;
    if (c === ')') depth--;
    if (c === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts.length === 1 ? parts : parts.flatMap(alternatives);
}

function alternative(pattern: string, value: Value): Match {
  const none: Match = { does: value === null ? null : false, binds: [] };
  if (pattern === '' || pattern === '_') return { does: true, binds: [] };
  if (/^(?:(?:ref|mut|&)\s*)*[a-z]\w*$/.test(pattern) && !/^(?:true|false|sel4|seL4_)/.test(pattern))
    return { does: true, binds: [[/\w+$/.exec(pattern)?.[0] ?? pattern, value]] };
  if (value === null) return none;
  const failed = value.k === 'answer' ? value.is !== 'none' : null;
  const wrapped = /^(?:\w+::)*(Ok|Err|Some|None)\b(?:\(([\s\S]*)\))?$/.exec(pattern);
  if (wrapped !== null) {
    const [, name, inside = ''] = wrapped;
    if (failed === null || name === 'Some' || name === 'None') return { does: null, binds: [] };
    if (name === 'Ok') return { does: !failed, binds: [] };
    return failed ? alternative(inside.trim(), value) : none;
  }
  const named = namedAnswer(/\w+\)*$/.exec(pattern)?.[0].replace(/\)+$/, '') ?? '');
  if (named !== null) return { does: areEqual(value, answer(named)), binds: [] };
  const number = /^\(*(-?\d+|0[xX][\da-fA-F]+)[uUlL]*\)*$/.exec(pattern)?.[1];
  if (number !== undefined) return { does: areEqual(value, { k: 'number', n: Number(number) }), binds: [] };
  return { does: value.k === 'answer' && value.is === 'none' ? false : null, binds: [] };
}

/** A guard of the forms that tests of errors have; null = it is another one. */
function guarded(text: string, values: Values): boolean | null {
  const both = /^([\s\S]*?)\s*(&&|\|\|)\s*([\s\S]*)$/.exec(text);
  if (both !== null) {
    const stops = both[2] === '||';
    const sides = [guarded(both[1] ?? '', values), guarded(both[3] ?? '', values)];
    return sides.includes(stops) ? stops : sides.includes(null) ? null : !stops;
  }
  const compares = /^\(?\s*[*&]?(\w+)\s*(==|!=)\s*[*&]?((?:\w+::)*\w+)\s*\)?$/.exec(text.trim());
  if (compares !== null) {
    const named = namedAnswer(/\w+$/.exec(compares[3] ?? '')?.[0] ?? '');
    const equal = named === null ? null : areEqual(values.get(compares[1] ?? '') ?? null, answer(named));
    return equal === null ? null : equal === (compares[2] === '==');
  }
  const pattern = /^(!?)\s*matches!\(\s*[*&]?(\w+)\s*,([\s\S]*)\)$/.exec(text.trim());
  if (pattern !== null) {
    const { does } = matches(pattern[3]?.trim() ?? '', values.get(pattern[2] ?? '') ?? null, values);
    return does === null ? null : does === (pattern[1] === '');
  }
  return null;
}
