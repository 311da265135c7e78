import type { FuncModel } from './func-model.ts';
import { addressText } from './linear-address.ts';
import { type MapCall, roleOf } from './map-calls.ts';
import { show } from './tree.ts';
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
}

/** The place of a map where it is a constant, a global, or a field of its object; null where it is none of these. */
export function sharedPlace(map: MapCall, model: FuncModel, file: string): string | null {
  const { vaddr, sink, call } = map;
  const { func } = model;
  if (func.outside || sink.kind === 'library' || sink.kind === 'strict map' || sink.kind === 'remap') return null;
  if (vaddr === null) return sink.vaddr?.from === 'fixed' ? keyOf(sink.vaddr.text, file) : null;
  const role = roleOf(vaddr, model, 'place');
  if (role?.from === 'self')
    return func.owner === null || call.on !== null ? null : `${func.owner}: ${addressText(vaddr, model)}`;
  return role?.from === 'fixed' ? keyOf(addressText(vaddr, model), file) : null;
}

/** A number, or a macro, is the same everywhere; a variable may be one of its file. */
const keyOf = (text: string, file: string): string =>
  /^(?:0x)?[\dA-F][\dA-Fa-fx]*$|^[A-Z][A-Z\d_]*$/.test(text) ? text : `${file}: ${text}`;

/** What a function leaves mapped at places that others have, too. */
export function leftPlaces(model: FuncModel, maps: readonly MapCall[], file: string): LeftPlace[] {
  return maps.flatMap((map) => {
    const { call, sink, use } = map;
    if (sink.closes === true || use.use === 'expected to fail' || model.func.macro) return [];
    const key = sharedPlace(map, model, file);
    if (key === null || closes(model, map)) return [];
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
      },
    ];
  });
}

/** Another function leaves another frame, or one that is not known, where this map is. */
export function leftBy(
  map: MapCall,
  model: FuncModel,
  file: string,
  left: (key: string) => readonly LeftPlace[],
): LeftPlace | null {
  const key = sharedPlace(map, model, file);
  if (key === null) return null;
  const [vspace, frame] = [fixed(map.vspace, model), fixed(map.frame, model)];
  const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
  return (
    left(key).find(
      (other) =>
        !(other.file === file && other.start === map.call.start) &&
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
