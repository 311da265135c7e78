import type { Step } from './flow-graph.ts';
import type { FuncModel } from './func-model.ts';
import type { MapCall } from './map-calls.ts';
import { addsTable, clearsByName, FRESH_VSPACE, PRINTS } from './sinks.ts';
import { bare, type Call, callsIn, type Expr, namesIn, rootOf, show } from './tree.ts';

/** The kernel's own invocations that take away one capability's mapping, with the capability's place among the arguments. */
const EXACT: readonly (readonly [name: RegExp, index: number | 'self'])[] = [
  [/^(?:_*)seL4_(?:[A-Za-z\d]+_)?Page_Unmap$/i, 0],
  [/^frame_unmap$/, 'self'],
  [/^seL4_CNode_Delete$/, 1],
];

/**
 * Whether a step may clear the place of a map, or make a new vspace. The unmap of a capability that is plainly another one
 * clears nothing there.
 *
 * @param moved - something that names the frame of the map has changed since
 * @param clearing - whether a function of this name unmaps, deletes or revokes
 */
export function clearsAt(
  step: Step,
  map: MapCall,
  moved: boolean,
  model: FuncModel,
  clearing: (name: string) => boolean,
): boolean {
  if (step.expr === null) return false;
  return callsIn(step.expr).some((call) => {
    const { name } = call;
    if (FRESH_VSPACE.test(name) && !/alloc/i.test(name)) return true;
    return (clearsByName(name) || clearing(name)) && !isElsewhere(call, map, moved, model);
  });
}

/** Whether a call clears the mapping of a capability that cannot be the one that was mapped. */
function isElsewhere(call: Call, map: MapCall, moved: boolean, model: FuncModel): boolean {
  const exact = EXACT.find(([name]) => name.test(call.name));
  const given = exact === undefined ? null : exact[1] === 'self' ? call.on : (call.args[exact[1]] ?? null);
  if (given === null || map.frame === null || moved) return false;
  const [theirs, ours] = [bare(model.replaced(given)), bare(model.replaced(map.frame))];
  if (show(theirs) === show(ours)) return false;
  // `frames[i]` and `frames[i + 1]` while `i` stays what it is.
  if (theirs.k === 'index' && ours.k === 'index' && show(theirs.of) === show(ours.of))
    return plain(theirs.at) && plain(ours.at);
  return own(theirs, ours, map, model) && own(ours, theirs, map, model);
}

/** A variable that nothing in the function gives the other capability. */
function own(e: Expr, other: Expr, map: MapCall, model: FuncModel): boolean {
  if (e.k !== 'name' && !(e.k === 'index' && plain(e.at) && bare(e.of).k === 'name')) return false;
  const root = rootOf(e);
  const theirs = rootOf(other);
  if (root === null || theirs === null || root === theirs) return false;
  const names = new Set([root, theirs]);
  for (const value of model.setsOf(root)) {
    // Set from what is not seen: it may be anything.
    if (value.k === 'other' || value.k === 'call' || value.k === 'field' || value.k === 'index') return false;
    for (const name of namesIn(value)) if (names.has(name)) return false;
  }
  // Nobody keeps the capability, to give it back under another name.
  return model.calls.every(
    ({ call }) =>
      call === map.call ||
      call === null ||
      /^_*seL4_|^frame_/i.test(call.name) ||
      PRINTS.test(call.name) ||
      addsTable(call.name) ||
      !call.args.some((arg) => names.has(rootOf(arg) ?? '')),
  );
}

const plain = (e: Expr): boolean => {
  const at = bare(e);
  if (at.k === 'literal' || at.k === 'name') return true;
  return at.k === 'binary' && /^[-+]$/.test(at.op) && plain(at.left) && plain(at.right);
};
