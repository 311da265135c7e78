import type { FuncModel } from './func-model.ts';
import { LOST } from './judgement.ts';
import { isFreshAddress, type MapCall, movesOn, roleOf } from './map-calls.ts';
import { usesWindow } from './mapping-paths.ts';
import { ONCE } from './prefix-loops.ts';
import { clearsByName, unmapsByName } from './sinks.ts';
import { closes } from './wrappers.ts';

/** A frame that changes from call to call, at an address that does not, and nothing that unmaps it. */
export function usedWindow(map: MapCall, maps: readonly MapCall[], model: FuncModel, written: string): string | null {
  const { use, sink } = map;
  if (
    sink.fresh === true ||
    sink.closes === true ||
    sink.kind === 'remap' ||
    sink.kind === 'library' ||
    model.func.outside
  )
    return null;
  if (sink.answers === false) return null;
  const frame = roleOf(map.frame, model, 'frame');
  const place = map.vaddr === null ? sink.vaddr : roleOf(map.vaddr, model, 'place');
  // Where an error is heeded, only what is copied through a place of its own shows that the place is used again.
  const heeded = !LOST.has(use.use) || use.silent;
  if (
    heeded &&
    (place?.from !== 'fixed' || maps.length > 1 || ONCE.test(model.func.name) || !usesWindow(map, model, maps, true))
  )
    return null;
  const varies = frame?.from === 'arg' || (frame?.from === 'own' && map.frame !== null && isLookup(map, model));
  if (!varies || place === null || place.from === 'own') return null;
  if (model.calls.some(({ call }) => unmapsByName(call.name) || clearsByName(call.name)) || closes(model, map))
    return null;
  if (!usesWindow(map, model, maps)) return null;
  if (place.from === 'fixed' && isFreshAddress(map, model) !== null) return null;
  if (map.vaddr !== null && movesOn(map, model)) return null;
  if (heeded)
    return `Each call maps another frame at ${written}, uses it, and leaves it mapped: a kernel that refuses an occupied entry refuses the second call.`;
  const told = use.use === 'printed' ? 'an error is only printed' : 'its answer is not looked at';
  return `Each call maps another frame at ${written} without an unmap, ${told}, and the address is used all the same.`;
}

/** The frame is looked up by what the function was given, and not newly made. */
function isLookup({ frame }: MapCall, model: FuncModel): boolean {
  if (frame === null) return false;
  const sources = model.sources(frame);
  if (sources.some(({ name }) => /alloc|retype|create|new|leaky/i.test(name))) return false;
  return sources.some(({ args, on }) =>
    [...args, ...(on === null ? [] : [on])].some((arg) => [...model.names(arg)].some((name) => model.isParam(name))),
  );
}
