import { dirname } from 'node:path';
import type { FuncModel } from './func-model.ts';
import { addressText } from './linear-address.ts';
import { type MapCall, roleOf } from './map-calls.ts';
import { clearsByName } from './sinks.ts';
import { callsIn, show } from './tree.ts';
import { closes } from './wrappers.ts';

/** A place that does not depend on its function's caller, and that the function leaves mapped. */
export interface LeftPlace {
  /** The place, in a spelling that other functions have, too. */
  readonly key: string;
  readonly file: string;
  readonly func: string;
  /** The call. */
  readonly start: number;
  readonly line: number;
  /** The vspace, and the frame, where they do not depend on the caller either. */
  readonly vspace: string | null;
  readonly frame: string | null;
  /** What is called behind it: one of these may clear the place. */
  readonly calls: readonly string[];
}

/** The place of a map where it is a constant, a global, or a field of its object; null where it is none of these. */
function sharedPlace(map: MapCall, model: FuncModel, file: string): string | null {
  const { vaddr, sink } = map;
  const { func } = model;
  if (func.outside || sink.kind === 'library' || sink.kind === 'strict map' || sink.kind === 'remap') return null;
  if (vaddr === null) return sink.vaddr?.from === 'fixed' ? keyOf(sink.vaddr.text, file) : null;
  const role = roleOf(vaddr, model, 'place');
  if (role?.from === 'self') return func.owner === null ? null : `${func.owner}: ${addressText(vaddr, model)}`;
  return role?.from === 'fixed' ? keyOf(addressText(vaddr, model), file) : null;
}

/**
 * A macro that no constant of the file explains comes from a header, and is the same for the files of a folder; numbers
 * and variables of other files belong to other programs more often than not.
 */
const keyOf = (text: string, file: string): string =>
  `${/^[A-Z][A-Z\d_]*$/.test(text) ? dirname(file) : file}: ${text}`;

/** What a function leaves mapped at places that others have, too. */
export function leftPlaces(model: FuncModel, maps: readonly MapCall[], file: string): LeftPlace[] {
  return maps.flatMap((map) => {
    const { call, sink, use } = map;
    if (sink.closes === true || use.use === 'expected to fail' || model.func.macro) return [];
    const key = sharedPlace(map, model, file);
    const then = key === null ? null : callsBehind(map, model);
    if (key === null || then === null || then.some((name) => clearsByName(name)) || closes(model, map)) return [];
    const { start } = call;
    const line = model.text.slice(0, start).split('\n').length;
    return [
      {
        key,
        file,
        func: model.func.name,
        start,
        line,
        vspace: fixed(map.vspace, model),
        frame: fixed(map.frame, model),
        calls: then,
      },
    ];
  });
}

/** The calls that can follow a map. */
function callsBehind({ step, use }: MapCall, model: FuncModel): string[] {
  const names: string[] = [];
  const seen = new Set<number>();
  const queue = step.next.map(({ to }) => to);
  while (queue.length > 0) {
    const id = queue.pop() ?? 0;
    const at = model.graph.steps[id];
    if (at === undefined || seen.has(id) || use.onError.has(id)) continue;
    seen.add(id);
    if (at.expr !== null) names.push(...callsIn(at.expr).map(({ name }) => name));
    for (const { to } of at.next) queue.push(to);
  }
  return names;
}

/** Another function leaves another frame, or one that is not known, where this map is. */
export function leftBy(
  map: MapCall,
  model: FuncModel,
  file: string,
  {
    left,
    clearing,
  }: { readonly left: (key: string) => readonly LeftPlace[]; readonly clearing: (name: string) => boolean },
): LeftPlace | null {
  const key = sharedPlace(map, model, file);
  if (key === null) return null;
  const [vspace, frame] = [fixed(map.vspace, model), fixed(map.frame, model)];
  const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
  return (
    left(key).find(
      (other) =>
        !(other.file === file && other.start === map.call.start) &&
        !map.sink.chain.includes(other.func) &&
        !other.calls.some(clearing) &&
        !differ(other.vspace, vspace) &&
        (frame === null || other.frame !== frame),
    ) ?? null
  );
}

function fixed(e: MapCall['frame'], model: FuncModel): string | null {
  if (e === null) return null;
  const role = roleOf(e, model, 'place');
  return role?.from === 'fixed' ? show(model.origin(e)) : null;
}
