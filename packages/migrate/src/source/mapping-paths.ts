import { clearsAt } from './clearing-calls.ts';
import type { Step } from './flow-graph.ts';
import type { FuncModel } from './func-model.ts';
import { addressText } from './linear-address.ts';
import type { MapCall } from './map-calls.ts';
import { edgeOf } from './answer-use.ts';
import { clearsByName } from './sinks.ts';
import { bare, callsIn, type Expr, rootOf, show } from './tree.ts';

/** A map that reaches another one (or itself, in a loop) at the same place, and nothing clears the place between them. */
export interface MapPair {
  readonly first: MapCall;
  readonly second: MapCall;
  /** The frames differ; false = it is the same capability again. */
  readonly differs: boolean;
  /** It is one call in a loop. */
  readonly loops: boolean;
}

/** Finds the pairs of a function. */
export function mapPairs(model: FuncModel, maps: readonly MapCall[], clearing: (name: string) => boolean): MapPair[] {
  const pairs: MapPair[] = [];
  const byStep = new Map<number, Placed[]>();
  const placed = maps.map((map): Placed => ({ map, place: placeOf(map, model), frame: frameOf(map, model) }));
  for (const each of placed) {
    const list = byStep.get(each.map.step.id);
    if (list === undefined) byStep.set(each.map.step.id, [each]);
    else list.push(each);
  }
  for (const first of placed) if (lasts(first.map)) pairs.push(...reached(first, model, byStep, clearing));
  return pairs;
}

/** Its mapping is there when it returns, at an address that can be told. */
const lasts = ({ sink, use }: MapCall): boolean =>
  sink.kind !== 'strict map' &&
  sink.kind !== 'remap' &&
  sink.closes !== true &&
  sink.clears !== true &&
  sink.fresh !== true &&
  use.use !== 'expected to fail';

/** The place of a map in one spelling; null where it cannot be told. */
export function placeOf(map: MapCall, model: FuncModel): string | null {
  const { sink, vaddr, vspace, call } = map;
  let place: string;
  if (vaddr !== null) {
    const at = bare(model.origin(vaddr));
    if (at.k === 'call' || callsIn(at).some(({ name }) => !/align|round|mask|BIT$/i.test(name))) return null;
    if (at.k === 'literal' && /^(?:0|NULL)$/.test(show(at)) && sink.kind === 'library') return null;
    place = addressText(vaddr, model);
  } else if (sink.vaddr?.from === 'fixed') place = sink.vaddr.text;
  else if (sink.vaddr?.from === 'self' && call.on !== null) place = `the place of ${model.norm(call.on)}`;
  else return null;
  const space = vspace === null ? (sink.vspace?.from === 'fixed' ? sink.vspace.text : '') : model.norm(vspace);
  return `${place} in ${space}`;
}

/** The frame of a map in one spelling, and the names that decide about it; null = a new one at each call. */
function frameOf(
  map: MapCall,
  model: FuncModel,
): { readonly text: string; readonly names: ReadonlySet<string> } | null {
  const { frame, sink, call } = map;
  if (frame === null) {
    if (sink.frame?.from === 'fixed') return { text: sink.frame.text, names: new Set() };
    if (sink.frame?.from === 'own' && sink.makes !== true) {
      // What it looks up depends on what it is given.
      const names = new Set(call.args.flatMap((arg) => [...model.names(arg)]));
      return { text: `${call.name}(${call.args.map(show).join(',')})`, names };
    }
    return null;
  }
  const at = bare(model.origin(frame));
  if (callsIn(at).some(({ name }) => /alloc|new|next|pop|create|retype/i.test(name))) return null;
  return { text: model.norm(frame), names: model.names(frame) };
}

/** A map with what is compared of it. */
interface Placed {
  readonly map: MapCall;
  readonly place: string | null;
  readonly frame: ReturnType<typeof frameOf>;
}

function reached(
  { map: first, place, frame }: Placed,
  model: FuncModel,
  byStep: ReadonlyMap<number, readonly Placed[]>,
  clearing: (name: string) => boolean,
): MapPair[] {
  if (place === null) return [];
  const fixed = placeNames(first, model);
  const pairs: MapPair[] = [];
  const seen = new Set<string>();
  const { failing } = first.use;
  const onward = (step: Step): number[] =>
    step.next.map(({ to }) => to).filter((to) => !failing.has(edgeOf(step.id, to)));
  const queue: { readonly id: number; readonly other: boolean }[] = onward(first.step).map((id) => ({
    id,
    other: false,
  }));
  while (queue.length > 0) {
    const at = queue.pop();
    if (at === undefined) break;
    const key = `${at.id} ${at.other}`;
    if (seen.has(key) || first.use.onError.has(at.id)) continue;
    seen.add(key);
    const step = model.graph.steps[at.id];
    if (step === undefined) continue;
    let { other } = at;
    const changes = model.changesAt(step);
    // Calls of the step run before what it changes.
    for (const { map, place: there, frame: next } of byStep.get(step.id) ?? []) {
      if (map.sink.kind === 'strict map' || map.sink.clears === true || there !== place) continue;
      const differs = frame === null || next === null || next.text !== frame.text || other;
      if (pairs.some(({ second, differs: known }) => second === map && known === differs)) continue;
      pairs.push({ first, second: map, differs, loops: map === first });
    }
    if (clearsAt(step, first, other, model, clearing) || guards(step, model, clearing)) continue;
    if ((byStep.get(step.id) ?? []).some((each) => each.place === place)) continue;
    if ([...fixed].some((name) => changes.has(name))) continue;
    if (frame !== null && [...frame.names].some((name) => changes.has(name))) other = true;
    for (const to of onward(step)) queue.push({ id: to, other });
  }
  return pairs;
}

/** The names that decide about the place. */
function placeNames({ vaddr, vspace, sink, call }: MapCall, model: FuncModel): Set<string> {
  const names = new Set<string>();
  for (const e of [vaddr, vspace, sink.vaddr?.from === 'self' ? call.on : null]) {
    if (e === null) continue;
    for (const name of model.names(e)) names.add(name);
  }
  return names;
}

/** `if (old != 0) unmap(old)`: nothing to clear is as good as cleared. */
function guards(step: Step, model: FuncModel, clearing: (name: string) => boolean): boolean {
  if (step.kind !== 'test' && step.kind !== 'switch') return false;
  if (step.expr === null) return false;
  const asked = new Set(model.names(step.expr));
  return step.next.some(({ to, when }) => {
    const names = typeof when === 'object' && when !== null ? new Set([...asked, ...when.names]) : asked;
    let at: Step | undefined = model.graph.steps[to];
    for (let n = 0; n < 4 && at !== undefined && at.id !== step.after; n++) {
      if (at.expr !== null) {
        const clears = callsIn(at.expr).filter(({ name }) => clearsByName(name) || clearing(name));
        if (
          clears.some(({ args, on }) =>
            [...args, ...(on === null ? [] : [on])].some((arg) =>
              [...model.names(arg)].some((name) => names.has(name)),
            ),
          )
        )
          return true;
      }
      at = model.graph.steps[at.next[0]?.to ?? -1];
    }
    return false;
  });
}

/**
 * Whether steps after a map use its address for something else than mapping: memory that is read or written.
 *
 * @param copies - only what moves a whole piece of memory counts
 */
export function usesWindow(map: MapCall, model: FuncModel, maps: readonly MapCall[], copies = false): boolean {
  const names = map.vaddr === null ? new Set<string>() : new Set([show(map.vaddr), rootOf(map.vaddr) ?? '']);
  names.delete('');
  if (names.size === 0) return false;
  const aliases = new Set(names);
  const seen = new Set<number>();
  const queue = map.step.next.map(({ to }) => to);
  while (queue.length > 0) {
    const id = queue.pop() ?? 0;
    if (seen.has(id)) continue;
    seen.add(id);
    const step = model.graph.steps[id];
    if (step === undefined) continue;
    if (step.expr !== null && !maps.some((other) => other.step === step)) {
      const { expr } = step;
      if (expr.k === 'assign' && [...model.names(expr.value)].some((name) => aliases.has(name))) {
        const to = rootOf(expr.to);
        if (expr.value.k !== 'call' && to !== null && expr.declares) aliases.add(to);
      }
      if (touches(expr, aliases, copies)) return true;
    }
    for (const { to } of step.next) queue.push(to);
  }
  return false;
}

/** What reads or writes memory. */
const TOUCHES =
  /mem(?:cpy|set|move|cmp)|copy|read|write|zero|clear|fill|load|strn?cpy|from_raw_parts|slice|hexdump|dump/i;
/** What moves a whole piece of memory. */
const COPIES = /mem(?:cpy|move|set)|copy|bzero|zero_?(?:page|frame|mem)|clear_?page/i;

/** Memory behind one of the names is read or written. */
function touches(e: Expr, names: ReadonlySet<string>, copies: boolean): boolean {
  const about = (part: Expr): boolean =>
    names.has(show(part)) ||
    names.has(rootOf(part) ?? ' ') ||
    (bare(part).k === 'binary' && [...namesOf(part)].some((name) => names.has(name)));
  let found = false;
  const look = (part: Expr): void => {
    if (!copies && part.k === 'unary' && part.op === '*' && about(part.of)) found = true;
    if (!copies && part.k === 'index' && about(part.of)) found = true;
    if (part.k === 'call' && (copies ? COPIES : TOUCHES).test(part.name) && part.args.some(about)) found = true;
    for (const inner of kids(part)) look(inner);
  };
  look(e);
  return found;
}

function namesOf(e: Expr): Set<string> {
  const out = new Set<string>();
  const look = (part: Expr): void => {
    if (part.k === 'name') out.add(part.name);
    for (const inner of kids(part)) look(inner);
  };
  look(e);
  return out;
}

function kids(e: Expr): readonly Expr[] {
  switch (e.k) {
    case 'call':
      return [...(e.on === null ? [] : [e.on]), ...e.args];
    case 'field':
    case 'unary':
    case 'cast':
    case 'try':
      return [e.of];
    case 'index':
      return [e.of, e.at];
    case 'binary':
      return [e.left, e.right];
    case 'assign':
      return [e.to, e.value];
    case 'choice':
      return [e.test, e.yes, e.no];
    case 'other':
      return e.kids;
    default:
      return [];
  }
}
