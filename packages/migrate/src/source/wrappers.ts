import type { FuncModel } from './func-model.ts';
import { type MapCall, roleOf } from './map-calls.ts';
import { clearsByName, makesFrame, PRINTS, type Role, type Sink, unmapsByName, namesGuard } from './sinks.ts';
import { bare, type Call, callsIn, type Expr, partsOf, rootOf, show } from './tree.ts';

/** Longer chains are not followed. */
const LONGEST = 6;
/** Functions that nothing calls with a frame. */
const NEVER = /^(?:main|_start|__sel4_start_main|run|test_\w+|root_main|rust_main|kernel_main|setup|teardown)$/;

/** The sink that a function is itself, because it passes a parameter on to one; null = it is none. */
export function wrapperOf(model: FuncModel, maps: readonly MapCall[], file: string): Sink | null {
  const { func } = model;
  if (func.outside || func.name === '' || NEVER.test(func.name)) return null;
  let best: {
    readonly map: MapCall;
    readonly frame: Role | null;
    readonly vaddr: Role | null;
    readonly vspace: Role | null;
    readonly score: number;
  } | null = null;
  for (const map of maps) {
    if (map.sink.kind === 'strict map' || map.sink.chain.length >= LONGEST) continue;
    // What the library picks itself is no address of the caller's.
    const frame = fromSink(map.sink.frame, roleOf(map.frame, model, 'frame'));
    const vaddr = fromSink(map.sink.vaddr, roleOf(map.vaddr, model, 'place'));
    const vspace = fromSink(map.sink.vspace, roleOf(map.vspace, model, 'place'));
    const passes = frame?.from === 'arg' || vaddr?.from === 'arg';
    const object = func.method && /map/i.test(func.name) && (frame?.from === 'self' || vaddr?.from === 'self');
    if (!passes && !object) continue;
    if (!passes && map.sink.fresh === true) continue;
    // What maps by what it is given is a wrapper by the way, if it is one otherwise.
    const given = map.sink.through === undefined && map.sink.via === undefined ? 0.5 : 0;
    const score =
      given + (frame?.from === 'arg' ? 2 : 0) + (vaddr?.from === 'arg' ? 2 : 0) + (vspace?.from === 'arg' ? 1 : 0);
    if (best === null || score > best.score) best = { map, frame, vaddr, vspace, score };
  }
  if (best === null) return null;
  const { map, frame, vaddr, vspace } = best;
  const nothing =
    /^(?:(?:static|inline|extern|constexpr|virtual|__attribute__\S*)\s+)*void\s*$/.test(func.returns) ||
    (func.language === 'rust' && func.returns === '');
  const answers =
    !nothing &&
    [
      'returned',
      'checked',
      'failed lookup retried',
      'any error retried',
      'compared with DeleteFirst',
      'passed on',
    ].includes(map.use.use);
  const answer =
    /\bbool\b|\*|Option</.test(func.returns) || failsWithNothing(map, model)
      ? 'success'
      : func.language === 'rust' && /Result/.test(func.returns)
        ? 'result'
        : 'error';
  return {
    name: func.name,
    kind: 'wrapper',
    frame,
    vspace,
    vaddr,
    chain: [func.name, ...map.sink.chain],
    answers: func.macro ? map.use.use === 'ignored' || map.use.use === 'returned' : answers,
    answer,
    makes:
      frame?.from === 'own' &&
      (map.sink.makes === true ||
        (map.frame !== null && model.sources(map.frame).some(({ name }) => makesFrame(name)))),
    closes: map.sink.closes === true || closes(model, map),
    clears: map.sink.clears === true || clearsBefore(model, map),
    method: func.method,
    fresh: map.sink.fresh === true && vaddr?.from !== 'arg',
    file,
    owner: func.owner,
    returns: func.returns,
    ...(func.separators === undefined ? {} : { separators: func.separators }),
    ...(map.sink.through === undefined ? {} : { via: map.sink.through }),
  };
}

/** Whether a function gives a capability, or an address, and none where the map has failed. */
function failsWithNothing({ use }: MapCall, model: FuncModel): boolean {
  return [...use.onError].some((id) => {
    const step = model.graph.steps[id];
    return (
      step?.kind === 'return' &&
      step.expr !== null &&
      /^(?:NULL|nullptr|(?:seL4_)?CapNull|[A-Z_\d]*CAP_NULL|CSPACE_NULL)$/.test(show(bare(step.expr)))
    );
  });
}

/** What the inner sink has of its own stays its own. */
const fromSink = (inner: Role | null, outer: Role | null): Role | null =>
  inner === null ? null : inner.from === 'own' || inner.from === 'fixed' ? inner : outer;

/** Whether something is unmapped before a map, on some way. */
function clearsBefore(model: FuncModel, map: MapCall): boolean {
  return model.calls.some(({ step, call }) => {
    if (!unmapsByName(call.name) && !clearsByName(call.name)) return false;
    const seen = new Set<number>();
    const queue = [step.id];
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (id === map.step.id) return true;
      if (seen.has(id)) continue;
      seen.add(id);
      for (const { to } of model.graph.steps[id]?.next ?? []) queue.push(to);
    }
    return false;
  });
}

/** Whether every way from a map to the end of the function unmaps. */
export function closes(model: FuncModel, map: MapCall): boolean {
  const frame = map.frame === null ? null : show(map.frame);
  const object = map.frame !== null && bare(map.frame).k === 'field' ? rootOf(map.frame) : null;
  const { graph } = model;
  const seen = new Set<number>();
  const queue = map.step.next.map(({ to }) => to);
  const names = new Set([
    ...(map.frame === null ? [] : model.names(map.frame)),
    ...(map.vaddr === null ? [] : model.names(map.vaddr)),
  ]);
  let cleared = false;
  while (queue.length > 0) {
    const id = queue.pop() ?? 0;
    if (seen.has(id) || map.use.onError.has(id)) continue;
    seen.add(id);
    if (id === graph.exit) return false;
    const step = graph.steps[id];
    if (step === undefined) continue;
    if (
      step.expr !== null &&
      alwaysCalled(step.expr).some(({ name, args, on }) =>
        clears(
          name,
          [...args, ...(on === null ? [] : [on])].map(show),
          frame,
          map.vaddr === null ? null : show(map.vaddr),
        ),
      )
    ) {
      cleared = true;
      continue;
    }
    // Another frame has taken the name: what is unmapped then is not known.
    if ([...model.changesAt(step)].some((name) => names.has(name))) return false;
    // So it may have where the object that names it is handed to somebody else.
    if (step.expr !== null && object !== null && callsIn(step.expr).some((call) => handsOn(call, object))) return false;
    if (step.next.length === 0 && step.kind !== 'return') continue;
    for (const { to } of step.next) queue.push(to);
  }
  return cleared;
}

/** Whether a call clears exactly this frame or address. */
const clears = (name: string, args: readonly string[], frame: string | null, vaddr: string | null): boolean =>
  UNDOES.test(name) &&
  !ABOUT.test(name) &&
  !namesGuard(name) &&
  args.some(
    (arg) =>
      (frame !== null && (arg === frame || arg.startsWith(`${frame}.`) || frame.startsWith(`${arg}.`))) ||
      (vaddr !== null && arg === vaddr),
  );

/** What takes a mapping away by its name. A revoke takes away copies, and not the capability itself. */
const UNDOES =
  /unmap|^seL4_CNode_Delete$|(?:delete|destroy|free)_?\w*(?:frame|page|mapping|object|cap|slot|window|region)|vka_free|vka_cnode_delete/i;
/** What speaks of an unmap, or of that of a table, and does not do it now. */
const ABOUT =
  /(?:^|_)(?:can|needs?|try|is|should|has|may|print|log|dump|register|schedule|queue|defer|later|pending|count|on|handler|info|test|check)(?:_|$)|table|director|later$|handler$|callback/i;

/** The calls that an expression makes whatever its parts come to. */
function alwaysCalled(e: Expr): Call[] {
  if (e.k === 'choice') return alwaysCalled(e.test);
  if (e.k === 'binary' && (e.op === '&&' || e.op === '||')) return alwaysCalled(e.left);
  return [...(e.k === 'call' ? [e] : []), ...partsOf(e).flatMap(alwaysCalled)];
}

/** Whether somebody is given an object whole, and may change what is in it. */
const handsOn = ({ name, args }: Call, object: string): boolean =>
  !/^_*seL4_/i.test(name) &&
  !PRINTS.test(name) &&
  args.some((arg) => show(arg) === object || show(arg) === `&${object}`);
