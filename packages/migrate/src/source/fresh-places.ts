import type { FuncModel, PlacedCall } from './func-model.ts';
import { termsOf } from './linear-address.ts';
import { isCursor, type MapCall } from './map-calls.ts';
import { ONCE } from './prefix-loops.ts';
import { FRESH_ADDRESS, FRESH_VSPACE, PRINTS } from './sinks.ts';
import { bare, type Call, callsIn, type Expr, namesIn, rootOf, show, visit } from './tree.ts';

/** What gives an address back to whoever hands them out. */
const GIVES_BACK = /free|release|dealloc|unreserve|(?:^|_)put(?:_|$)/i;
/** What sets a cursor back, by its name. */
const SETS_BACK = /reset|rewind|restart|wrap|(?:^|_)init|clear/i;

/**
 * Whether an address that an allocator, a reservation or a cursor has given is new each time the map runs: nothing folds
 * it, no loop comes back to it, and a cursor moves on wherever the map has worked.
 *
 * @param maps - all of the function
 * @param funcAt - the function that has an offset of the file
 */
export function staysFresh(
  map: MapCall,
  maps: readonly MapCall[],
  model: FuncModel,
  funcAt: (offset: number) => string | null,
): boolean {
  const { vaddr, sink, step } = map;
  if (sink.fresh === true) return true;
  if (vaddr === null) return false;
  if (folds(model.replaced(vaddr))) return false;
  const sources = sourceCalls(vaddr, model);
  if (sources.length === 0) return !isCursor(map, model) || movesOnAlways(map, model, funcAt);
  if (!alwaysFresh(map, sources, model) || mapsElsewhere(map, maps, model)) return false;
  const around = step.loops.filter((loop) => !sources.every((source) => source.step.loops.includes(loop)));
  const [only, ...more] = around;
  return more.length === 0 && (only === undefined || advances(vaddr, only, step.id, model));
}

/** The calls that give the address. */
function sourceCalls(vaddr: Expr, model: FuncModel): PlacedCall[] {
  const calls = new Set(model.sources(vaddr).filter(({ name }) => FRESH_ADDRESS.test(name)));
  return model.calls.filter(({ call }) => calls.has(call));
}

/** No way comes to the map but through a call that gives a new address, and nothing else sets what names it. */
function alwaysFresh({ vaddr, step }: MapCall, sources: readonly PlacedCall[], model: FuncModel): boolean {
  if (vaddr === null) return false;
  const given = new Set(sources.map(({ step: at }) => at.id));
  return given.has(step.id) || !reachesPast(model.graph.entry, step.id, given, model);
}

/** Whether one step can be reached from another one without some steps. */
function reachesPast(from: number, to: number, without: ReadonlySet<number>, { graph }: FuncModel): boolean {
  const seen = new Set<number>();
  const queue = [from];
  while (queue.length > 0) {
    const id = queue.pop() ?? 0;
    if (id === to && seen.size > 0) return true;
    if (seen.has(id) || without.has(id)) continue;
    seen.add(id);
    for (const edge of graph.steps[id]?.next ?? []) queue.push(edge.to);
  }
  return false;
}

/** A function that maps by its name, and is not followed, is given the address, too. */
function mapsElsewhere({ vaddr }: MapCall, maps: readonly MapCall[], model: FuncModel): boolean {
  if (vaddr === null) return false;
  const names = new Set([show(vaddr), show(model.origin(vaddr))]);
  return model.calls.some(
    (other) =>
      !maps.some(({ call }) => call === other.call) &&
      /map/i.test(other.call.name) &&
      !/unmap|bitmap|table|^seL4_|^vspace_|^sel4utils_|frame_map/i.test(other.call.name) &&
      other.call.args.some((arg) => names.has(show(arg))),
  );
}

/**
 * Whether an address is another one in each round of a loop: it has one part that each round counts on by a page or more,
 * or a part of the loop's own counting, and no other part that changes.
 *
 * @param at - the step of the map
 */
export function advances(vaddr: Expr, loop: number, at: number, model: FuncModel): boolean {
  const { graph, text } = model;
  const around = graph.loops[loop];
  if (around === undefined) return false;
  const turning = termsOf(vaddr, model).filter(({ of }) => [...namesIn(of)].some((name) => around.changes.has(name)));
  const [only, ...more] = turning;
  if (only === undefined || more.length > 0) return false;
  let { of, factor } = only;
  if (of.k === 'binary' && (of.op === '*' || of.op === '<<')) {
    // `i * size`: how large that is the code says elsewhere.
    const [left, right] = [bare(of.left), bare(of.right)];
    const fixed = (e: Expr): boolean =>
      ![...namesIn(e)].some((name) => around.changes.has(name)) && callsIn(e).length === 0;
    const counter = fixed(right) ? left : of.op === '*' && fixed(left) ? right : null;
    if (counter === null) return false;
    of = counter;
    factor = 0;
  }
  if (of.k !== 'name') return false;
  const { name } = of;
  if (factor !== 0 && factor !== 1 && factor % 4096 !== 0) return false;
  const changes = graph.steps.filter((step) => step.loops.includes(loop) && model.changesAt(step).has(name));
  const [change, ...others] = changes;
  if (change === undefined || others.length > 0 || change.expr === null) return false;
  const e = change.expr;
  if (e.k === 'assign' && e.to.k === 'other') {
    // `for i in 0..n`, `for (i, frame) in frames.iter().enumerate()`: numbers that only grow.
    const head = text.slice(change.range.start, around.body.start);
    const [first] = e.to.kids;
    return first?.k === 'name' && first.name === name && /\.\.|\.enumerate\(\)/.test(head) && !/\bcycle\b|%/.test(head);
  }
  if (e.k !== 'assign' || !/^[-+]=$/.test(e.op) || show(e.to) !== name || show(e.value) === '0') return false;
  if ([...namesIn(e.value)].some((part) => around.changes.has(part))) return false;
  return !reachesPast(at, at, new Set([change.id]), model);
}

/** The address is given back to its allocator, and nothing has unmapped the frame before. */
export function givenBack({ vaddr, step }: MapCall, model: FuncModel): Call | null {
  if (vaddr === null) return null;
  const texts = new Set([show(vaddr), show(model.origin(vaddr))]);
  const found = model.calls.find(
    ({ step: at, call }) =>
      at.id > step.id &&
      GIVES_BACK.test(call.name) &&
      /addr|range|region|vm|virt|reserv|window|va(?:_|$)/i.test(call.name) &&
      call.args.some((arg) => texts.has(show(arg))),
  );
  return found?.call ?? null;
}

/** Several values of a variable come to one address. */
function folds(e: Expr): boolean {
  let found = false;
  visit(e, (part) => {
    if (part.k === 'choice') found = true;
    if (part.k !== 'binary') return;
    if (/^(?:%|\/|>>|\^|\||&&|\|\|)$/.test(part.op)) found = true;
    if (part.op === '&' && bare(part.right).k !== 'unary') found = true;
  });
  return found;
}

/** Every way on from a map that has worked moves its cursor on before it ends, or comes to the map again. */
function movesOnAlways(map: MapCall, model: FuncModel, funcAt: (offset: number) => string | null): boolean {
  const { vaddr, step, use } = map;
  if (vaddr === null) return false;
  const cursor = bare(model.origin(vaddr));
  const name = show(cursor);
  const base = rootOf(cursor) ?? name;
  const { graph, calls, func, text } = model;
  const seen = new Set<number>();
  const queue = step.next.map(({ to }) => to);
  while (queue.length > 0) {
    const id = queue.pop() ?? 0;
    if (id === graph.exit || id === step.id) return false;
    const at = graph.steps[id];
    if (at === undefined || seen.has(id) || use.onError.has(id)) continue;
    seen.add(id);
    let moves = false;
    if (at.expr !== null)
      visit(at.expr, (e) => {
        if (e.k === 'assign' && e.op === '+=' && show(e.to) === name && show(e.value) !== '0') moves = true;
      });
    if (!moves) for (const { to } of at.next) queue.push(to);
  }
  // Somebody else has the object in hand, and may set it back.
  const handed = calls.some(
    ({ call }) =>
      call !== map.call &&
      !PRINTS.test(call.name) &&
      (call.args.some((arg) => cursor.k === 'field' && show(arg) === base) ||
        (SETS_BACK.test(call.name) && (base === 'self' || base === 'this' || rootOf(call.on ?? call.callee) === base))),
  );
  if (handed) return false;
  const last = /\w+$/.exec(name)?.[0] ?? name;
  for (const { index } of text.matchAll(new RegExp(`(?<![\\w])${last}\\s*=(?!=)`, 'g'))) {
    if (func.start <= index && index < func.end) continue;
    const other = funcAt(index);
    if (other !== null && !ONCE.test(other) && !/init|new|create|^[A-Z]/.test(other)) return false;
  }
  return true;
}

/** The vspace of a map is made on every way to it, and not kept from an earlier call. */
export function staysNew({ vspace, step }: MapCall, model: FuncModel): boolean {
  if (vspace === null) return false;
  const root = rootOf(model.origin(vspace));
  if (root === null || !model.isLocal(root)) return false;
  const made = new Set(model.calls.filter(({ call }) => FRESH_VSPACE.test(call.name)).map(({ step: at }) => at.id));
  return (
    !reachesPast(model.graph.entry, step.id, made, model) && model.setsOf(root).every((value) => value.k !== 'name')
  );
}
