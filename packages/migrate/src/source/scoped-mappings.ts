import type { FuncModel } from './func-model.ts';
import type { MapCall } from './map-calls.ts';
import type { MapPair } from './mapping-paths.ts';
import type { TextRange } from './site.ts';

/** Ends of objects: C++'s destructors, and Rust's `Drop`. */
const ENDS = /~([A-Za-z_]\w*)\s*\([^()]*\)[^;{}]*\{|\bDrop\s+for\s+([A-Za-z_]\w*)[^;{}]*\{/g;
/** What such an end may call to unmap, where the file has an unmap. */
const UNDOES = /unmap|release|reset|clear|destroy|close|drop_?mapping/i;

/** The types of a file whose objects unmap something when they go. */
export function guardTypesIn(text: string): string[] {
  if (!/unmap/i.test(text)) return [];
  return [...text.matchAll(ENDS)].flatMap(({ 0: all, 1: cpp, 2: rust, index }) => {
    const body = text.slice(index + all.length, closing(text, index + all.length));
    const name = cpp ?? rust;
    return name !== undefined && UNDOES.test(body) ? [name] : [];
  });
}

/** The offset behind the brace that closes the one before an offset. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}

/**
 * The type of an object that unmaps, when it goes, what a map has mapped: the map's wrapper gives one, the function around
 * it is one of its methods or gives one, or makes one.
 *
 * @param guards - types whose objects unmap when they go
 */
export function guardOf(map: MapCall, model: FuncModel, guards: ReadonlySet<string>): string | null {
  if (guards.size === 0) return null;
  const { func } = model;
  const own = [map.sink.returns ?? '', func.returns, func.owner ?? '', map.sink.method === true ? '' : map.sink.name];
  return guardIn(own.join(' '), guards) ?? guardIn(textOf(model), guards);
}

const textOf = ({ func, text }: FuncModel): string => (func.outside ? '' : text.slice(func.start, func.end));

const guardIn = (text: string, guards: ReadonlySet<string>): string | null =>
  text.match(/[A-Za-z_]\w*/g)?.find((word) => guards.has(word)) ?? null;

/** Whether an object that unmaps has gone between the two maps of a pair. */
export function endsBetween({ first, second, loops }: MapPair, model: FuncModel, guards: ReadonlySet<string>): boolean {
  if (guards.size === 0) return false;
  const { text, func } = model;
  const given = first.sink.method === true ? '' : `${first.sink.returns ?? ''} ${first.sink.name}`;
  if (guardIn(given, guards) !== null) {
    const before = text.slice(first.step.range.start, first.call.start);
    const held = /\b(?:let\s+(?:mut\s+)?(?!_\s*=)\w+|(?!let\b)\w+\s+\w+)\s*(?::[^=]*)?=|\b[A-Z]\w*\s+\w+\s*[({]?$/.test(
      before,
    );
    return !held || loops || leavesScope(text, first.call.end, second.call.start);
  }
  const inner = first.step.loops.at(-1);
  const body = inner === undefined ? undefined : model.graph.loops[inner]?.body;
  const range: TextRange = loops && body !== undefined ? body : { start: func.start, end: second.call.start };
  for (const { 0: word, index } of text.slice(range.start, range.end).matchAll(/[A-Za-z_]\w*/g)) {
    if (!guards.has(word)) continue;
    if (loops || leavesScope(text, range.start + index, second.call.start)) return true;
  }
  return false;
}

/** Whether the braces around an offset are closed before another one. */
function leavesScope(text: string, from: number, to: number): boolean {
  let depth = 0;
  for (let at = from; at < to; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth < 0) return true;
  }
  return false;
}
