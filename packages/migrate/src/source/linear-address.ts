import type { FuncModel } from './func-model.ts';
import { bare, type Call, type Expr, show } from './tree.ts';

/** An address as a sum: what stands in it with its factor, and a number. */
interface Sum {
  readonly terms: ReadonlyMap<string, Term>;
  readonly plus: number;
}

/** A part of a sum. */
interface Term {
  readonly factor: number;
  readonly of: Expr;
}

/** Names of the size of a small page, which all code-bases for seL4 give it; 4 KiB on every architecture. */
const PAGE = /^(?:PAGE_SIZE(?:_4K)?|PAGE_?4K(?:_SIZE)?|SIZE_4K|GRANULE_SIZE|seL4_PageSize|FRAME_SIZE)$/;
/** And of its number of bits. */
const PAGE_BITS = /^(?:seL4_PageBits|PAGE_BITS(?:_4K)?|PAGE_SHIFT)$/;

/**
 * An address in one spelling, whatever its sum is written as: `BASE + PAGE_SIZE` and `0x1000 + BASE` are the same, and a
 * constant is its value where the file has it. Rounding to a page is left out, since only whole pages are mapped.
 */
export function addressText(e: Expr, model: FuncModel): string {
  const { terms, plus } = sumOf(model.replaced(e), model, 0);
  const parts = [...terms].filter(([, { factor }]) => factor !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (parts.length === 0) return `0x${plus.toString(16)}`;
  const texts = parts.map(([text, { factor }]) => (factor === 1 ? text : `${text}*${factor}`));
  return [...texts, ...(plus === 0 ? [] : [`0x${plus.toString(16)}`])].join('+');
}

/** The parts of an address that are no numbers, with their factors. */
export const termsOf = (e: Expr, model: FuncModel): readonly Term[] =>
  [...sumOf(model.replaced(e), model, 0).terms.values()].filter(({ factor }) => factor !== 0);

const alone = (of: Expr): Sum => ({ terms: new Map([[show(of), { factor: 1, of }]]), plus: 0 });
const number = (plus: number): Sum => ({ terms: new Map(), plus });
const isNumber = ({ terms }: Sum): boolean => terms.size === 0;

function sumOf(expr: Expr, model: FuncModel, depth: number): Sum {
  const e = bare(expr);
  if (depth > 8) return alone(e);
  const of = (part: Expr): Sum => sumOf(part, model, depth + 1);
  switch (e.k) {
    case 'literal': {
      const text = show(e);
      return /^\d+$/.test(text) ? number(Number(text)) : alone(e);
    }
    case 'name': {
      if (PAGE.test(e.name)) return number(4096);
      if (PAGE_BITS.test(e.name)) return number(12);
      const value = model.constant(e.name);
      return value === null ? alone(e) : number(value);
    }
    case 'call':
      return calledSum(e, of);
    case 'binary':
      return combined(e, of);
    default:
      return alone(e);
  }
}

function calledSum(e: Call, of: (e: Expr) => Sum): Sum {
  const [only, ...more] = e.args;
  if (e.on !== null || only === undefined || more.length > 1) return alone(e);
  if (e.name === 'BIT' && more.length === 0) {
    const bits = of(only);
    if (isNumber(bits)) return number(2 ** bits.plus);
  }
  // What is mapped is rounded to pages in any case.
  if (/^(?:ROUND_DOWN|ALIGN_DOWN|PAGE_ALIGN(?:_4K|_DOWN)?|page_?align(?:_down)?|round_down)$/i.test(e.name))
    return of(only);
  return alone(e);
}

function combined(e: Expr & { k: 'binary' }, of: (e: Expr) => Sum): Sum {
  const { op } = e;
  const [a, b] = [of(e.left), of(e.right)];
  if (op === '+' || op === '-') {
    const sign = op === '+' ? 1 : -1;
    const terms = new Map(a.terms);
    for (const [text, { factor, of: part }] of b.terms)
      terms.set(text, { factor: (terms.get(text)?.factor ?? 0) + sign * factor, of: part });
    return { terms, plus: a.plus + sign * b.plus };
  }
  if (op === '*' || op === '<<') {
    const times = op === '*' ? (isNumber(b) ? b.plus : isNumber(a) ? a.plus : null) : isNumber(b) ? 2 ** b.plus : null;
    if (times !== null && Number.isSafeInteger(times)) {
      const sum = op === '*' && !isNumber(b) ? b : a;
      return {
        terms: new Map(
          [...sum.terms].map(([text, { factor, of: part }]) => [text, { factor: factor * times, of: part }]),
        ),
        plus: sum.plus * times,
      };
    }
  }
  // `address & ~(PAGE_SIZE - 1)`
  if (op === '&' && bare(e.right).k === 'unary') return isNumber(a) ? number(a.plus - (a.plus % 4096)) : a;
  if (op === '|' && isNumber(a) && isNumber(b)) return number(Number(BigInt(a.plus) | BigInt(b.plus)));
  if (op === '&' && isNumber(a) && isNumber(b)) return number(Number(BigInt(a.plus) & BigInt(b.plus)));
  return alone(e);
}
