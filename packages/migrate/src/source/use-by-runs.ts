import { meaningOf, runsOf } from './answer-runs.ts';
import type { AnswerMeaning, Meanings } from './answer-value.ts';
import type { AnswerUse } from './answer-use.ts';
import { FuncModel } from './func-model.ts';
import type { FileKind } from './languages.ts';
import type { MapCall } from './map-calls.ts';
import type { TextRange } from './site.ts';
import { parseFile } from './source-file.ts';
import type { Call } from './tree.ts';

/** Names of errors that code tells apart. */
const TELLS_ERRORS = /delete_?first|failed_?lookup/i;
/** Functions that are longer make more of an answer than can be told in a word. */
const LONGEST = 3000;

/**
 * What each answer does to the rest of a function says more of its use than the form of one test: helper functions,
 * values that are set for one error, arms with guards.
 *
 * @param maps - whether a call maps, too
 * @param clearing - whether a function of this name unmaps, deletes or revokes
 */
export function useByRuns(
  map: MapCall,
  model: FuncModel,
  maps: (call: Call) => boolean,
  around: { readonly clearing: (name: string) => boolean; readonly meanings: Meanings },
): AnswerUse {
  const { step, call, sink } = map;
  const { graph, func } = model;
  if (map.use.use === 'ignored' || sink.kind === 'strict map' || func.outside) return map.use;
  const kind = sink.answer ?? (func.language === 'rust' ? 'result' : 'error');
  const runs = runsOf({ graph, language: func.language, unit: givesNothing(func), maps, ...around }, step, call, kind);
  if (runs === null) return map.use;
  const use = map.use.onError.size > 0 ? map.use : { ...map.use, onError: new Set(runs.onError) };
  const test = (): TextRange | null => {
    const at = [...runs.of.DeleteFirst.steps, step.id]
      .map((id) => graph.steps[id])
      .filter(
        (each) => each !== undefined && (each.kind === 'test' || each.kind === 'switch' || each.kind === 'return'),
      )
      .toSorted((a, b) => (a?.id ?? 0) - (b?.id ?? 0))[0];
    const end = at?.expr?.end ?? at?.range.end;
    return at === undefined || end === undefined ? null : { start: at.range.start, end };
  };
  if (runs.accepts && !use.accepts.includes('DeleteFirst')) {
    return {
      ...use,
      use: 'compared with DeleteFirst',
      accepts: [...use.accepts, 'DeleteFirst'],
      revives: runs.revives,
      test: use.test ?? test(),
    };
  }
  if (use.use === 'expected to fail' && !runs.expects && !runs.fails) return { ...use, use: 'asserted', leaves: true };
  if (runs.retries && !use.accepts.includes('DeleteFirst'))
    return { ...use, use: 'any error retried', retries: true, test: use.test ?? test() };
  if (runs.tells && TELLABLE.has(use.use))
    return { ...use, use: 'failed lookup retried', leaves: use.leaves || use.use === 'any error retried' };
  return use;
}

/** Uses that say less than that a missing table is told from other errors. */
const TELLABLE: ReadonlySet<string> = new Set(['any error retried', 'checked', 'printed', 'stored and not read']);

const givesNothing = ({ returns, language, macro }: FuncModel['func']): boolean =>
  !macro && (language === 'rust' ? returns === '' : /\bvoid\s*$/.test(returns));

/** What functions and macros of a file make of an error that they are given. */
export function meaningsIn(path: string, kind: FileKind, text: string): AnswerMeaning[] {
  if (kind === 'markdown' || !TELLS_ERRORS.test(text)) return [];
  const { funcs } = parseFile(path, kind, text, (name) => TELLS_ERRORS.test(name));
  return funcs.flatMap((func) => {
    const { name, params, outside, language, start, end } = func;
    if (outside || name === '' || params.length === 0 || params.length > 3 || end - start > LONGEST) return [];
    const { graph } = new FuncModel(func, text);
    const around = { graph, language, unit: false, meanings: () => null, maps: () => false, clearing: () => false };
    return params.flatMap((param, index) => meaningOf(around, name, param, index) ?? []).slice(0, 1);
  });
}
