import type { CallerFile } from './caller-file.ts';
import type { FuncModel } from './func-model.ts';
import type { AnswerUse } from './answer-use.ts';
import { AnswerUses } from './result-use.ts';
import { argumentOf, type SinkTable } from './sink-table.ts';
import { FRESH_ADDRESS, FRESH_VSPACE, makesFrame, type Role, type Sink } from './sinks.ts';
import type { Step } from './flow-graph.ts';
import { bare, type Call, type Expr, namesIn, rootOf, show } from './tree.ts';

/** A call that maps, in its function. */
export interface MapCall {
  readonly step: Step;
  readonly call: Call;
  readonly sink: Sink;
  readonly frame: Expr | null;
  readonly vspace: Expr | null;
  readonly vaddr: Expr | null;
  readonly use: AnswerUse;
}

/** All calls of a function that map, with what becomes of their answers. */
export function mapCallsOf(model: FuncModel, table: SinkTable, caller: CallerFile): MapCall[] {
  const sinks = new Map<Call, Sink>();
  for (const { call } of model.calls) {
    const sink = table.of(call, model, caller);
    if (sink !== null && !isItself(sink, model)) sinks.set(call, sink);
  }
  if (sinks.size === 0) return [];
  const uses = new AnswerUses(
    model.graph,
    (call) => sinks.has(call),
    model.func.outside,
    (name) => model.isLocal(name),
  );
  const maps: MapCall[] = [];
  for (const { step, call } of model.calls) {
    const sink = sinks.get(call);
    if (sink === undefined) continue;
    const kind = sink.answer ?? (model.func.language === 'rust' ? 'result' : 'error');
    maps.push({
      step,
      call,
      sink,
      frame: argumentOf(sink.frame, call),
      vspace: argumentOf(sink.vspace, call),
      vaddr: argumentOf(sink.vaddr, call),
      use: uses.of(step, call, kind),
    });
  }
  return maps;
}

/** A wrapper that calls itself is no new sink. */
const isItself = (sink: Sink, { func }: FuncModel): boolean =>
  sink.kind === 'wrapper' &&
  sink.name === func.name &&
  sink.separators === func.separators &&
  (sink.owner ?? null) === func.owner &&
  sink.file !== undefined;

/** What the frame, vspace or address of a map is to the function around it. */
export function roleOf(e: Expr | null, model: FuncModel, what: 'frame' | 'place'): Role | null {
  if (e === null) return null;
  const { func } = model;
  const at = bare(model.origin(e));
  const root = rootOf(at);
  if (root !== null) {
    const index = func.params.indexOf(root);
    if (index >= 0)
      return at.k === 'call' && what === 'frame' && isLookup(at) ? { from: 'own' } : { from: 'arg', index };
    if (func.method && (root === 'self' || root === 'this')) return { from: 'self' };
    if (func.method && func.language === 'cpp' && !model.isLocal(root) && !isConstant(root)) return { from: 'self' };
  }
  // One of several that the function was given.
  const over = what === 'frame' && root !== null ? model.graph.rounds.get(root) : undefined;
  const of = over === undefined ? -1 : [...namesIn(over)].map((name) => func.params.indexOf(name)).find((i) => i >= 0);
  if (of !== undefined && of >= 0) return { from: 'arg', index: of };
  // What is looked up by something that the caller says, in a function that maps by its name.
  if (what === 'frame' && at.k === 'call' && at.on === null && /map/i.test(func.name) && !makesFrame(at.name)) {
    const index = at.args.map((arg) => func.params.indexOf(rootOf(arg) ?? '')).find((i) => i >= 0);
    if (index !== undefined) return { from: 'arg', index };
  }
  // An entry that the caller chooses.
  const chosen =
    at.k === 'index' ? [...namesIn(at.at)].map((name) => func.params.indexOf(name)).find((i) => i >= 0) : -1;
  if (what === 'frame' && chosen !== undefined && chosen >= 0) return { from: 'arg', index: chosen };
  if (at.k === 'literal' || (root !== null && !model.isLocal(root) && !func.outside))
    return { from: 'fixed', text: show(at) };
  // A variable that begins with a parameter and moves on, or arithmetic with one.
  const names = [...new Set([...model.names(e), ...(root === null ? [] : startsOf(root, model))])];
  const given = names.map((name) => func.params.indexOf(name)).filter((index) => index >= 0);
  if (given.length > 0 && (what === 'place' || !isFetched(at, model))) {
    const likely = given.find((index) =>
      /addr|vaddr|virt|dest|dst|base|start|page|where|to\b/i.test(func.params[index] ?? ''),
    );
    const index = (what === 'place' ? likely : undefined) ?? given[0];
    if (index !== undefined) return { from: 'arg', index };
  }
  if (func.method && names.some((name) => name === 'self' || name === 'this')) return { from: 'self' };
  if (names.length > 0 && names.every((name) => !model.isLocal(name))) return { from: 'fixed', text: show(at) };
  return { from: 'own' };
}

const isConstant = (name: string): boolean => /^[A-Z][A-Z0-9_]*$|^k[A-Z]\w+$|^seL4_/.test(name);
const isLookup = (e: Expr): boolean => e.k === 'call';

/** Whether a frame comes from a call, and is not one that the function was given. */
const isFetched = (e: Expr, model: FuncModel): boolean => model.sources(e).length > 0;

/** The names in everything that a variable is set to. */
function startsOf(name: string, model: FuncModel): string[] {
  const out: string[] = [];
  for (const value of model.setsOf(name)) if (value.k !== 'call') out.push(...namesIn(value));
  return out;
}

/** The address is one that nothing else has: from a reservation, an allocator, or a cursor that only moves on. */
export function isFreshAddress(map: MapCall, model: FuncModel): string | null {
  if (map.sink.fresh === true) return `${map.sink.name} picks a free address`;
  const { vaddr } = map;
  if (vaddr === null) return null;
  for (const call of model.sources(vaddr)) {
    if (
      FRESH_ADDRESS.test(call.name) &&
      !/frame|slot|cap|object|page_table|retype|copy|malloc|calloc|memalign|valloc|untyped/i.test(call.name)
    ) {
      return `the address comes from ${call.name}`;
    }
  }
  const reservation = map.call.args.find((arg) => {
    const root = rootOf(arg);
    return root !== null && /res/i.test(root) && model.sources(arg).some(({ name }) => /reserve/i.test(name));
  });
  if (reservation !== undefined && map.sink.kind === 'library') return 'the range was reserved in this function';
  return cursor(map, model);
}

/** Whether the address is a cursor that outlives the call, and only moves on. */
export const isCursor = (map: MapCall, model: FuncModel): boolean => cursor(map, model) !== null;

/** A cursor that the function moves on behind each map: `next += PAGE_SIZE`. */
function cursor({ vaddr, step }: MapCall, model: FuncModel): string | null {
  const root = vaddr === null ? null : bare(model.origin(vaddr));
  if (root === null || vaddr === null) return null;
  const name = show(root);
  const base = rootOf(root);
  if (base === null || (root.k !== 'name' && root.k !== 'field')) return null;
  // A cursor of the function itself begins again with each call.
  const keeps = root.k === 'field' || !model.isLocal(base) || isStatic(base, model);
  if (!keeps || model.graph.steps.some(({ expr }) => expr !== null && setsBack(expr, name, base))) return null;
  const seen = new Set<number>();
  const queue = step.next.map(({ to }) => to);
  while (queue.length > 0) {
    const id = queue.pop() ?? 0;
    if (seen.has(id)) continue;
    seen.add(id);
    const at = model.graph.steps[id];
    if (at === undefined) continue;
    if (at.expr !== null && at.expr.k === 'assign' && at.expr.op === '+=' && show(at.expr.to) === name)
      return `the cursor ${name} moves on behind it`;
    for (const { to } of at.next) queue.push(to);
  }
  return null;
}

/** A cursor is set to something that it was not before: it begins again. */
const setsBack = (e: Expr, name: string, base: string): boolean =>
  e.k === 'assign' && e.op === '=' && !e.declares && show(e.to) === name && !namesIn(e.value).has(base);

const isStatic = (name: string, model: FuncModel): boolean => model.statics.has(name);

/** The vspace was made in this function. */
export function isFreshVspace({ vspace }: MapCall, model: FuncModel): string | null {
  if (vspace === null) return null;
  const at = model.origin(vspace);
  const root = rootOf(at);
  if (root === null || model.isParam(root)) return null;
  const texts = new Set([show(vspace), show(at)]);
  for (const { call } of model.calls) {
    if (!FRESH_VSPACE.test(call.name)) continue;
    if (call.args.some((arg) => texts.has(show(arg)) || rootOf(arg) === root)) return call.name;
  }
  for (const call of model.sources(vspace)) if (FRESH_VSPACE.test(call.name)) return call.name;
  return null;
}

/** The address is one step of a loop over many. */
export function movesOn(map: MapCall, model: FuncModel): boolean {
  const inner = map.step.loops.at(-1);
  if (inner === undefined || map.vaddr === null) return false;
  const changes = model.graph.loops[inner]?.changes;
  return changes !== undefined && [...model.names(map.vaddr)].some((name) => changes.has(name));
}
