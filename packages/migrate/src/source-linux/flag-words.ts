import type { FuncModel } from '../source/func-model.ts';
import type { TextRange } from '../source/site.ts';
import type { Step } from '../source/flow-graph.ts';
import { type Expr, visit } from '../source/tree.ts';

/** Whether a flag is among the flags. */
type Presence = 'always' | 'sometimes' | 'never';

/** What is known of the flags of a call. */
export interface FlagWords {
  /** MAP_FIXED (or MREMAP_FIXED, SHM_REMAP), and MAP_FIXED_NOREPLACE. */
  readonly fixed: Presence;
  readonly noReplace: Presence;
  /** Indices of parameters that are among them. */
  readonly params: readonly number[];
  /** Where MAP_FIXED is written, if in one place of this function only. */
  readonly word: TextRange | null;
  /** The local variable in which it is written; null = in the call itself. */
  readonly through: string | null;
}

/** Bodies of the tree's macros that name one of the flags. */
export type FlagMacros = ReadonlyMap<string, string>;

const FIXED = /^(?:MAP_FIXED|MREMAP_FIXED|SHM_REMAP)$/;
const NOTHING: FlagWords = { fixed: 'never', noReplace: 'never', params: [], word: null, through: null };

/** What is among the flags of a call, through local variables and macros. */
export function flagWords(model: FuncModel, e: Expr, at: Step, macros: FlagMacros, depth = 0): FlagWords {
  switch (e.k) {
    case 'cast':
      return flagWords(model, e.of, at, macros, depth);
    case 'name':
      return ofName(model, e, at, macros, depth);
    case 'choice': {
      const [yes, no] = [e.yes, e.no].map((side) => flagWords(model, side, at, macros, depth));
      return yes === undefined || no === undefined ? NOTHING : either(yes, no);
    }
    case 'binary': {
      const left = flagWords(model, e.left, at, macros, depth);
      const right = flagWords(model, e.right, at, macros, depth);
      if (e.op === '|' || e.op === '+' || e.op === '^') return both(left, right);
      // `flags & ~MAP_FIXED` takes it away; any other mask may keep it.
      if (e.op !== '&') return NOTHING;
      const [kept, mask] = e.left.k === 'unary' && e.left.op === '~' ? [right, e.left] : [left, e.right];
      if (mask.k === 'unary' && mask.op === '~') {
        const gone = flagWords(model, mask.of, at, macros, depth);
        return {
          ...kept,
          fixed: gone.fixed === 'never' ? kept.fixed : 'never',
          noReplace: gone.noReplace === 'never' ? kept.noReplace : 'never',
          word: null,
        };
      }
      return either(left, right);
    }
    default:
      return NOTHING;
  }
}

function ofName(model: FuncModel, e: Expr & { k: 'name' }, at: Step, macros: FlagMacros, depth: number): FlagWords {
  const { name } = e;
  if (FIXED.test(name)) return { ...NOTHING, fixed: 'always', word: { start: e.start, end: e.end } };
  if (name === 'MAP_FIXED_NOREPLACE') return { ...NOTHING, noReplace: 'always' };
  const macro = macros.get(name);
  if (macro !== undefined) return ofMacro(macro, macros, depth);
  if (depth > 4) return NOTHING;
  const index = model.func.params.indexOf(name);
  let found: FlagWords | null = index < 0 ? null : { ...NOTHING, params: [index] };
  for (const value of model.setsOf(name)) {
    if (value.k === 'assign' && (value.op === '|=' || value.op === '+=')) {
      const added = flagWords(model, value.value, at, macros, depth + 1);
      const certain = dominates(model, value, at);
      found = both(found ?? NOTHING, certain ? added : either(added, NOTHING));
    } else if (value.k === 'assign' && value.op === '&=') {
      found = found === null ? null : either(found, NOTHING);
    } else if (value.k !== 'assign') {
      const set = flagWords(model, value, at, macros, depth + 1);
      found = found === null ? set : either(found, set);
    }
  }
  if (found === null) return NOTHING;
  return { ...found, through: found.word === null ? null : name };
}

/** A macro's words; one that chooses has them sometimes. */
function ofMacro(body: string, macros: FlagMacros, depth: number): FlagWords {
  const certain: Presence = body.includes('?') ? 'sometimes' : 'always';
  let words = NOTHING;
  for (const [word] of body.matchAll(/[A-Za-z_]\w*/g)) {
    if (FIXED.test(word)) words = { ...words, fixed: certain };
    else if (word === 'MAP_FIXED_NOREPLACE') words = { ...words, noReplace: certain };
    else if (depth < 4 && macros.has(word)) words = both(words, ofMacro(macros.get(word) ?? '', macros, depth + 1));
  }
  return words;
}

const more = (a: Presence, b: Presence): Presence =>
  a === 'always' || b === 'always' ? 'always' : a === 'sometimes' || b === 'sometimes' ? 'sometimes' : 'never';
const less = (a: Presence, b: Presence): Presence => (a === b ? a : 'sometimes');

function both(a: FlagWords, b: FlagWords): FlagWords {
  return {
    fixed: more(a.fixed, b.fixed),
    noReplace: more(a.noReplace, b.noReplace),
    params: [...new Set([...a.params, ...b.params])],
    ...written(a, b),
  };
}

function either(a: FlagWords, b: FlagWords): FlagWords {
  return {
    fixed: less(a.fixed, b.fixed),
    noReplace: less(a.noReplace, b.noReplace),
    params: [...new Set([...a.params, ...b.params])],
    ...written(a, b),
  };
}

/** The one place in which it is written; none where there are two. */
const written = (a: FlagWords, b: FlagWords): Pick<FlagWords, 'word' | 'through'> =>
  a.word !== null && b.word !== null
    ? { word: null, through: null }
    : a.word === null
      ? { word: b.word, through: b.through }
      : { word: a.word, through: a.through };

/** Whether every way to a step leads through the statement that an expression stands in. */
function dominates(model: FuncModel, e: Expr, to: Step): boolean {
  const { steps, entry } = model.graph;
  const through = steps.find(({ expr }) => expr !== null && holds(expr, e));
  if (through === undefined) return false;
  const seen = new Set([entry]);
  const open = entry === through.id ? [] : [entry];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to.id) return false;
    for (const { to: next } of steps[id]?.next ?? []) {
      if (next === through.id || seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return true;
}

function holds(whole: Expr, part: Expr): boolean {
  let found = false;
  visit(whole, (e) => {
    if (e === part) found = true;
  });
  return found;
}

/**
 * The tree's macros that name one of the flags, directly or through another one of them.
 *
 * @param values - all macros that stand for a value
 */
export function flagMacros(values: ReadonlyMap<string, string>): FlagMacros {
  const own = /^(?:MAP_FIXED|MAP_FIXED_NOREPLACE|MREMAP_FIXED|SHM_REMAP)$/;
  const all = [...values].filter(([name]) => !own.test(name));
  const words = new Map(all.map(([name, body]) => [name, body.match(/[A-Za-z_]\w*/g) ?? []]));
  const named = new Map(all.filter(([name]) => words.get(name)?.some((word) => own.test(word)) === true));
  for (let before = -1; before !== named.size; ) {
    before = named.size;
    for (const [name, body] of all)
      if (!named.has(name) && words.get(name)?.some((word) => named.has(word)) === true) named.set(name, body);
  }
  return named;
}
