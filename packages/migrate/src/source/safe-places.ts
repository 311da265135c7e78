import { edgeOf } from './answer-use.ts';
import { advances, staysNew } from './fresh-places.ts';
import type { FuncModel } from './func-model.ts';
import type { MapCall } from './map-calls.ts';
import { clearsByName, FRESH_VSPACE } from './sinks.ts';
import { bare, callsIn, type Expr, rootOf, show, visit } from './tree.ts';

/** What speaks of pages of another size. */
const LARGE = /large|huge|mega|giga|section/i;
/** Calls that are given a vspace and put no page into it. */
const PUTS_NO_PAGE = /^seL4_|assign|asid|page_?table/i;
/** A macro by its spelling; what it expands to need not be in the tree. */
const MACRO = /^[A-Z][A-Z\d_]{2,}$/;
/** Macros that compute or print, by the names that all code-bases give them, and do not leave a function. */
const PLAIN_MACRO = /BIT|ROUND|ALIGN|MASK|SIZE|MIN|MAX|LOG|PRINT|TRACE|DEBUG|UNUSED|OFFSET|ARRAY|WORD|PAGE/;

/**
 * Whether nothing else can be at the place of a map in a vspace that its function made: the other maps into that vspace
 * are at other addresses, as plain numbers, no other function is given it, and in a loop the address only counts.
 */
export function aloneInVspace(map: MapCall, maps: readonly MapCall[], model: FuncModel): boolean {
  const { vspace, vaddr, step } = map;
  if (vspace === null || vaddr === null) return false;
  const [loop, ...more] = step.loops;
  if (more.length > 0 || (loop !== undefined && !advances(vaddr, loop, step.id, model))) return false;
  // A large page takes the places of small ones.
  if (
    maps.some(({ frame }) => frame !== null && LARGE.test(model.norm(frame))) ||
    model.calls.some(({ call }) => LARGE.test(call.name))
  )
    return false;
  if (!staysNew(map, model)) return false;
  const space = model.norm(vspace);
  const own = literal(vaddr, model);
  const apart = maps.every((other) => {
    if (other === map || other.vspace === null || model.norm(other.vspace) !== space) return true;
    const theirs = other.vaddr === null ? null : literal(other.vaddr, model);
    return own !== null && theirs !== null && own !== theirs;
  });
  if (!apart) return false;
  const root = rootOf(model.origin(vspace));
  return model.calls.every(({ call }) => {
    if (maps.some((other) => other.call === call)) return true;
    if (PUTS_NO_PAGE.test(call.name) || FRESH_VSPACE.test(call.name) || clearsByName(call.name)) return true;
    return !call.args.some((arg) => rootOf(arg) === root || model.norm(arg) === space);
  });
}

/** The number that an address is, null where it is none. */
function literal(e: Expr, model: FuncModel): number | null {
  const at = bare(model.origin(e));
  if (at.k !== 'literal') return null;
  const value = Number(show(at).replace(/[uUlL_]+$/, ''));
  return Number.isFinite(value) ? value : null;
}

/**
 * Whether a function may be left, between a map and what undoes it, by a way that is no statement: Rust's `?`, or a macro
 * that may return.
 *
 * @param clearing - a function of this name unmaps, deletes or revokes
 */
export function leavesUnseen(map: MapCall, model: FuncModel, clearing: (name: string) => boolean): boolean {
  const { failing, onError } = map.use;
  const { func, text } = model;
  // What is caught is thrown by some call before.
  if (func.language === 'cpp' && /\btry\b/.test(text.slice(func.start, func.end))) return true;
  const seen = new Set<number>();
  const queue = map.step.next.filter(({ to }) => !failing.has(edgeOf(map.step.id, to))).map(({ to }) => to);
  while (queue.length > 0) {
    const id = queue.pop() ?? 0;
    const step = model.graph.steps[id];
    if (step === undefined || seen.has(id) || onError.has(id)) continue;
    seen.add(id);
    if (step.expr !== null) {
      const calls = callsIn(step.expr);
      if (calls.some(({ name }) => clearsByName(name) || clearing(name))) continue;
      if (calls.some(({ name }) => MACRO.test(name) && !PLAIN_MACRO.test(name))) return true;
      let leaves = false;
      visit(step.expr, (part) => {
        if (part.k === 'try') leaves = true;
      });
      if (leaves) return true;
    }
    for (const { to } of step.next) queue.push(to);
  }
  return false;
}
