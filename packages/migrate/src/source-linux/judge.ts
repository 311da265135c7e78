import type { FuncModel } from '../source/func-model.ts';
import type { Step } from '../source/flow-graph.ts';
import { rootOf, show } from '../source/tree.ts';
import type { AddressOrigin } from './address-origin.ts';
import { isNull, type MapCall } from './fixed-calls.ts';
import type { FlagWords } from './flag-words.ts';
import type { FixedPlace, FixedResult, FixedVerdict } from './fixed-site.ts';
import { nothingAllowed, type PlacedModel } from './regions.ts';

/** A judgement of one call. */
export interface FixedJudgement {
  readonly verdict: FixedVerdict;
  readonly why: string;
  /** Places besides the call itself that it rests on. */
  readonly before: readonly FixedPlace[];
  readonly confidence: 'high' | 'medium' | 'low';
}

/** What a call is judged by. */
export interface FixedFacts {
  readonly placed: PlacedModel;
  readonly call: MapCall;
  readonly words: FlagWords;
  readonly use: FixedResult;
  /** Where the address comes from; of a parameter: where those come from that the tree's callers pass. */
  readonly origin: AddressOrigin;
  /** How many callers of the function were looked at; -1 = the address is no parameter. */
  readonly callers: number;
  /** All calls of the function that map, with their flags. */
  readonly others: readonly { readonly call: MapCall; readonly words: FlagWords }[];
}

/** Judges a call with MAP_FIXED or one of the flags like it. */
export function judgeFixed(facts: FixedFacts): FixedJudgement {
  const { call, words, use } = facts;
  if (call.kind === 'mremap' || call.kind === 'shmat') {
    const flag = call.kind === 'mremap' ? 'MREMAP_FIXED' : 'SHM_REMAP';
    return statement(
      'no NOREPLACE exists',
      `${flag} takes the place of whatever is at the new address, and there is no flag that would refuse: make sure that the range is a reservation of your own.`,
    );
  }
  if (words.noReplace !== 'never') return judgeNoReplace(use, words);
  return judgeReplacing(facts);
}

function judgeNoReplace(use: FixedResult, { noReplace }: FlagWords): FixedJudgement {
  if (use === 'compared')
    return statement(
      'NOREPLACE, compared',
      'MAP_FIXED_NOREPLACE, and the result is compared with the address: right on every kernel.',
    );
  if (use === 'returned' || use === 'unclear')
    return {
      verdict: 'cannot tell',
      why: 'MAP_FIXED_NOREPLACE, and the answer goes elsewhere: whether it is compared with the address there cannot be seen. Kernels before 4.17 take the flag for a hint, and may map somewhere else.',
      before: [],
      confidence: 'medium',
    };
  return {
    verdict: 'NOREPLACE, not compared',
    why: 'MAP_FIXED_NOREPLACE, and the result is not compared with the address: kernels before 4.17 do not know the flag, take the address for a hint, and may map somewhere else without an error.',
    before: [],
    confidence: noReplace === 'always' ? 'high' : 'medium',
  };
}

function judgeReplacing({ placed, call, words, origin, callers, others }: FixedFacts): FixedJudgement {
  const { model } = placed;
  const gap = unmappedBefore(placed, call);
  if (gap !== null)
    return {
      verdict: 'fixed address',
      why: 'The range is unmapped, and mapped again with MAP_FIXED. In between it belongs to nobody: what another thread has mapped there meanwhile is replaced without a word.',
      before: [gap],
      confidence: words.fixed === 'always' ? 'high' : 'medium',
    };
  const through = callers > 0 ? ', as all callers in this tree pass it,' : '';
  if (origin.kind === 'region') {
    const { region } = origin;
    return {
      verdict: region.none ? 'reserve, then commit' : 'replaces on purpose',
      why: region.none
        ? `The address lies${through} in a range that this code reserved with PROT_NONE: replacing that is what MAP_FIXED is for, and it is left alone.`
        : `The address lies${through} in a range that this code has mapped itself: it replaces its own memory, and is left alone.`,
      before: [region.place],
      confidence: callers > 0 ? 'medium' : 'high',
    };
  }
  if (origin.kind === 'own')
    return {
      verdict: 'replaces on purpose',
      why: `The address is that of an object of the program (${origin.what}): something is mapped there for certain, and replacing it is meant. It is left alone.`,
      before: [],
      confidence: 'high',
    };
  const forced = refusedBefore(placed, call, words, others);
  if (forced !== null)
    return {
      verdict: 'refused, then forced',
      why: 'The same address was asked for without MAP_FIXED before. If the kernel did not give it, something is there, and this call takes its place.',
      before: [forced],
      confidence: 'medium',
    };
  if (origin.kind === 'constant')
    return {
      verdict: 'fixed address',
      why: `The address is${through} a number in the code, and nothing shows that the range is free: whatever is there, a library, a stack, the heap, is replaced without a word.`,
      before: [],
      confidence: words.fixed === 'always' && callers <= 0 ? 'high' : 'medium',
    };
  if (call.prot !== null && nothingAllowed(model, call.prot))
    return statement(
      'replaces on purpose',
      'Memory is taken away by PROT_NONE over it, which gives it back or makes a guard: that something is there is meant. It is left alone.',
      'medium',
    );
  return {
    verdict: 'cannot tell',
    why: `Where ${show(call.address).slice(0, 60)} comes from is not seen here: whether it lies in memory of the program's own, or wherever something else may be, cannot be told.`,
    before: [],
    confidence: 'medium',
  };
}

const statement = (
  verdict: FixedVerdict,
  why: string,
  confidence: FixedJudgement['confidence'] = 'high',
): FixedJudgement => ({ verdict, why, before: [], confidence });

/** A munmap of the same address that the call is reached from, with nothing in between that gives the address anew. */
function unmappedBefore({ model, file, lineOf }: PlacedModel, { placed, address }: MapCall): FixedPlace | null {
  if (isNull(address)) return null;
  const wanted = new Set([show(address), model.norm(address)]);
  const root = rootOf(address);
  for (const { step, call } of model.calls) {
    const [at] = call.args;
    if (call.name !== 'munmap' || at === undefined || !(wanted.has(show(at)) || wanted.has(model.norm(at)))) continue;
    const stops = (each: Step): boolean => root !== null && model.changesAt(each).has(root);
    if (reaches(model, step, placed.step, stops))
      return { file, line: lineOf(call.start), what: 'the range is unmapped' };
  }
  return null;
}

/** A call for the same address that may refuse, from which this one is reached. */
function refusedBefore(
  { model, file, lineOf }: PlacedModel,
  { placed, address }: MapCall,
  words: FlagWords,
  others: FixedFacts['others'],
): FixedPlace | null {
  if (words.fixed === 'never' || isNull(address)) return null;
  const wanted = model.norm(address);
  for (const { call, words: first } of others) {
    if (call.placed === placed || call.kind === 'mremap' || call.kind === 'shmat') continue;
    if (first.fixed !== 'never' || isNull(call.address) || model.norm(call.address) !== wanted) continue;
    const root = rootOf(address);
    const stops = (each: Step): boolean => root !== null && model.changesAt(each).has(root);
    if (!reaches(model, call.placed.step, placed.step, stops)) continue;
    const what = first.noReplace === 'never' ? 'the address is asked for as a hint' : 'it is asked for with NOREPLACE';
    return { file, line: lineOf(call.placed.call.start), what };
  }
  return null;
}

/** Whether a way leads from one step to another, not through steps that stop it. */
function reaches(model: FuncModel, from: Step, to: Step, stops: (step: Step) => boolean): boolean {
  if (from.id === to.id) return false;
  const { steps } = model.graph;
  const seen = new Set<number>();
  const open = from.next.map((edge) => edge.to);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to.id) return true;
    const step = steps[id];
    if (seen.has(id) || step === undefined) continue;
    seen.add(id);
    if (stops(step)) continue;
    for (const edge of step.next) open.push(edge.to);
  }
  return false;
}
