import type { FuncModel } from './func-model.ts';
import type { MapCall } from './map-calls.ts';
import { clearsByName } from './sinks.ts';
import { bare, callsIn, type Expr, namesIn, partsOf } from './tree.ts';

/** Below this a mask picks one of a few pages; above it rounds an address. */
const FEW = 4096;

/**
 * Whether the address of a map in a loop comes round again, `base + (i % 4) * PAGE_SIZE`, with another frame, and nothing
 * in the loop unmaps.
 *
 * @param clearing - whether a function of this name unmaps, deletes or revokes
 */
export function comesRound(map: MapCall, model: FuncModel, clearing: (name: string) => boolean): boolean {
  const { vaddr, frame, step, sink } = map;
  const inner = step.loops.at(-1);
  const loop = inner === undefined ? undefined : model.graph.loops[inner];
  if (
    vaddr === null ||
    loop === undefined ||
    inner === undefined ||
    sink.fresh === true ||
    sink.closes === true ||
    sink.clears === true
  )
    return false;
  const turns = (names: Iterable<string>): boolean => [...names].some((name) => loop.changes.has(name));
  const address = model.replaced(vaddr);
  let wraps = false;
  // Names outside of any wrap-around make a new address of each round.
  const free = (e: Expr): boolean => {
    const at = bare(e);
    if (at.k === 'binary' && isWrap(at) && turns(namesIn(at.left))) {
      wraps = true;
      return false;
    }
    if (at.k === 'name') return loop.changes.has(at.name);
    return partsOf(at).some(free);
  };
  if (free(address) || !wraps) return false;
  if (frame !== null && !turns(model.names(frame)) && model.sources(frame).length === 0) return false;
  return model.graph.steps.every(
    ({ expr, loops }) =>
      expr === null ||
      !loops.includes(inner) ||
      !callsIn(expr).some(({ name }) => clearsByName(name) || clearing(name)),
  );
}

function isWrap({ op, right }: Expr & { k: 'binary' }): boolean {
  if (op === '%') return true;
  const at = bare(right);
  if (op !== '&') return false;
  if (at.k === 'literal') return Number(at.text.replace(/[uUlL]+$/, '')) < FEW;
  // `i & (N - 1)`
  return at.k === 'binary' && at.op === '-' && bare(at.right).k === 'literal';
}
