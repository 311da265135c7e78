import type { Step } from './flow-graph.ts';
import type { FuncModel } from './func-model.ts';
import { isCursor, type MapCall } from './map-calls.ts';
import { clearsByName, unmapsByName } from './sinks.ts';
import { bare, callsIn, type Expr, rootOf } from './tree.ts';

/** A loop over many pages that a failure leaves in the middle. */
export interface Prefix {
  /** Something keeps books that say otherwise. */
  readonly sure: boolean;
  readonly why: string;
}

/** What keeps books of what is mapped. */
const BOOKS = /reserve|record|register|insert|track|book|append|push|add_|^add|list_|mark|commit|account/i;
const RELEASES = /free|release|dealloc|remove|cancel|unreserve/i;
/** Code that runs once: what it leaves behind nobody meets again. */
export const ONCE =
  /^(?:main|_?start\w*|init\w*|\w*_init(?:ialise|ialize)?|setup\w*|\w*_setup|boot\w*|bootstrap\w*|test\w*|\w*_test)$/i;

/**
 * Whether a map is one of many in a loop which leaves at the first error with the earlier pages mapped.
 *
 * @returns null where it is not, or where the earlier ones are undone
 */
export function prefixOf(map: MapCall, model: FuncModel): Prefix | null {
  const { step, vaddr, use, sink } = map;
  const inner = step.loops.at(-1);
  if (inner === undefined || vaddr === null || sink.fresh === true) return null;
  const loop = model.graph.loops[inner];
  if (loop === undefined) return null;
  if (![...model.names(vaddr)].some((name) => loop.changes.has(name))) return null;
  // A loop that only repeats one map adds tables; its address stays.
  if (use.use === 'asserted' || use.use === 'expected to fail') return null;
  if (!(use.leaves || use.use === 'checked' || use.use === 'returned')) return null;
  const failing = failed(map, model);
  // The refused page is left out, and the others are mapped all the same.
  if (use.onError.size > 0 && ![...failing].some((id) => isOutside(id, inner, model))) return null;
  let undone = false;
  let frees = false;
  for (const id of failing) {
    const at = model.graph.steps[id];
    if (at?.expr == null) continue;
    for (const call of callsIn(at.expr)) {
      if (unmapsByName(call.name) || /revoke|destroy|tear_?down|clean_?up|rollback|undo/i.test(call.name))
        undone = true;
      else if (clearsByName(call.name) && at.loops.length > 0 && at.loops.at(-1) !== inner) undone = true;
      // What belongs to the refused page alone says nothing of those before it.
      else if (RELEASES.test(call.name) && !call.args.some((arg) => ofTheRound(arg, loop.changes, model))) frees = true;
    }
  }
  if (undone) return null;
  const why = 'When a page in the middle fails, the loop leaves, and the pages before it stay mapped';
  if (ONCE.test(model.func.name) || model.func.outside) return { sure: false, why: `${why}.` };
  // The next use of a cursor begins behind what was mapped.
  if (isCursor(map, model)) return { sure: false, why: `${why}; the cursor has moved on behind them.` };
  if (frees) return { sure: true, why: `${why}, although what stood for them is released.` };
  if (keepsBooks(map, model, inner)) return { sure: true, why: `${why}, while the books of the range say otherwise.` };
  return { sure: false, why: `${why}; a later use of the range meets them.` };
}

/** Whether a step lies behind a loop, or ends the function. */
const isOutside = (id: number, loop: number, model: FuncModel): boolean => {
  const step = model.graph.steps[id];
  return step !== undefined && (step.kind === 'return' || !step.loops.includes(loop));
};

/** Whether something is made, or chosen, anew in each round. */
function ofTheRound(arg: Expr, changes: ReadonlySet<string>, model: FuncModel): boolean {
  const root = rootOf(bare(arg));
  return (root !== null && changes.has(root)) || [...model.names(arg)].some((name) => changes.has(name));
}

/** The steps that run when the map has failed and that are not part of another round. */
function failed({ use, step }: MapCall, model: FuncModel): Set<number> {
  const seen = new Set<number>();
  const head = model.graph.loops[step.loops.at(-1) ?? -1]?.head;
  const queue = [...use.onError];
  while (queue.length > 0) {
    const id = queue.pop() ?? 0;
    if (seen.has(id) || id === head) continue;
    seen.add(id);
    for (const { to } of model.graph.steps[id]?.next ?? []) queue.push(to);
  }
  return seen;
}

/** Books that are written before the loop, or only after it. */
function keepsBooks({ step }: MapCall, model: FuncModel, inner: number): boolean {
  return model.graph.steps.some((at) => {
    if (at.expr === null || at.loops.includes(inner) || at.id === step.id) return false;
    if (callsIn(at.expr).some(({ name }) => BOOKS.test(name))) return true;
    return setsField(at, model);
  });
}

function setsField({ expr, kind }: Step, model: FuncModel): boolean {
  if (expr === null || expr.k !== 'assign' || kind !== 'do') return false;
  const { to } = expr;
  if (to.k !== 'field' && to.k !== 'index') return false;
  const root = rootOf(to);
  return root !== null && (model.isParam(root) || !model.isLocal(root) || root === 'self');
}
