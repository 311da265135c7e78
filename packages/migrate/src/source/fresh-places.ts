import type { FuncModel } from './func-model.ts';
import { isCursor, type MapCall } from './map-calls.ts';
import { ONCE } from './prefix-loops.ts';
import { FRESH_ADDRESS, PRINTS } from './sinks.ts';
import { bare, type Call, callsIn, type Expr, namesIn, rootOf, show, visit } from './tree.ts';

/** What gives an address back to whoever hands them out. */
const GIVES_BACK = /free|release|dealloc|unreserve|(?:^|_)put(?:_|$)/i;
/** What sets a cursor back, by its name. */
const SETS_BACK = /reset|rewind|restart|wrap|(?:^|_)init|clear/i;

/**
 * Whether an address that an allocator, a reservation or a cursor has given is new each time the map runs: nothing folds
 * it, no loop comes back to it, and a cursor moves on wherever the map has worked.
 *
 * @param funcAt - the function that has an offset of the file
 */
export function staysFresh(map: MapCall, model: FuncModel, funcAt: (offset: number) => string | null): boolean {
  const { vaddr, sink, step } = map;
  if (sink.fresh === true) return true;
  if (vaddr === null) return false;
  const names = model.names(vaddr);
  for (const e of [model.replaced(vaddr), ...[...names].flatMap((name) => model.setsOf(name))])
    if (folds(e)) return false;
  const sources = sourceSteps(vaddr, model);
  if (sources.length === 0) {
    return !isCursor(map, model) || movesOnAlways(map, model, funcAt);
  }
  const around = step.loops.filter((loop) => !sources.every((source) => source.includes(loop)));
  if (around.length > 1) return false;
  const [only] = around;
  return only === undefined || !comesBack(only, names, model);
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

/** The loops around each call that gives the address. */
function sourceSteps(vaddr: Expr, model: FuncModel): (readonly number[])[] {
  const calls = new Set(model.sources(vaddr).filter(({ name }) => FRESH_ADDRESS.test(name)));
  return model.calls.filter(({ call }) => calls.has(call)).map(({ step }) => step.loops);
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

/** A round of a loop sets a part of the address to what it was in the round before. */
function comesBack(loop: number, names: ReadonlySet<string>, model: FuncModel): boolean {
  const changes = model.graph.loops[loop]?.changes;
  return model.graph.steps.some(({ expr, loops }) => {
    if (expr === null || !loops.includes(loop)) return false;
    let back = false;
    visit(expr, (e) => {
      if (e.k !== 'assign' || e.op !== '=' || !names.has(rootOf(e.to) ?? '') || callsIn(e.value).length > 0) return;
      if (e.value.k === 'other') return;
      if (![...namesIn(e.value)].some((name) => changes?.has(name) === true)) back = true;
    });
    return back;
  });
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
