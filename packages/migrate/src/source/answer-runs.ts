import { type AnswerEvaluationOptions, AnswerEvaluation, type Assertion } from './answer-evaluation.ts';
import { matches } from './answer-patterns.ts';
import {
  type Answer,
  answer,
  truth,
  type AnswerMeaning,
  ANSWERS,
  isTrue,
  type Meanings,
  type Value,
  type Values,
} from './answer-value.ts';
import { changedBy, endsRun, type Graph, type Step } from './flow-graph.ts';
import { addsTable, ASSERTS, FATAL, unmapsByName, clearsByName } from './sinks.ts';
import { type Call, callsIn, type Expr, show, visit } from './tree.ts';

/** How a run through a function ends: with what it returns, by an end of the run, at the next map, … */
type Outcome = 'good' | 'bad' | 'some value' | 'end' | 'stop' | 'map' | 'map behind a table';

/** What a function does when a map of it answers one thing. */
interface AnswerRun {
  readonly steps: ReadonlySet<number>;
  readonly outcomes: ReadonlySet<Outcome>;
  /** What it gives, where that is one value on all ways. */
  readonly gives: Value;
  /** It adds a table, and maps again, inside of one expression. */
  readonly retries: boolean;
}

/** Ways through a function that are followed for one answer. */
const MOST_STATES = 4000;

/** What is known around a run. */
export interface RunSurroundings {
  readonly graph: Graph;
  readonly language: string;
  readonly meanings: Meanings;
  /** Whether a call maps, too. */
  readonly maps: (call: Call) => boolean;
  /** Whether a function of this name unmaps, deletes or revokes. */
  readonly clearing: (name: string) => boolean;
  /** It returns nothing. */
  readonly unit: boolean;
  /** Maps on the way are gone through; null values follow from them. */
  readonly through?: true;
}

interface State {
  readonly id: number;
  readonly values: Values;
  readonly tabled: boolean;
  /** What the test before has found: `while let Err(e) = …` gives it a name. */
  readonly tested: Value;
}

/**
 * Follows a function from one of its steps for one answer. Tests that the answer decides are taken one way; all others
 * both ways.
 *
 * @param call - the map in the first step; null = the function is followed from its entry, with `values`
 * @returns null where there are too many ways
 */
function runOf(
  around: RunSurroundings,
  from: number,
  call: Call | null,
  given: Value,
  values: Values = new Map(),
): AnswerRun | null {
  const { graph, language, meanings, maps } = around;
  const steps = new Set<number>();
  const outcomes = new Set<Outcome>();
  const given_: Value[] = [];
  const seen = new Set<string>();
  let retries = false;
  const queue: State[] = [{ id: from, values, tabled: false, tested: null }];
  const leave = (value: Value, explicit: boolean): void => {
    given_.push(value);
    outcomes.add(around.unit ? 'end' : outcomeOf(value, explicit));
  };
  for (let first = true; queue.length > 0; first = false) {
    const state = queue.pop();
    if (state === undefined) break;
    const step = graph.steps[state.id];
    if (step === undefined) continue;
    const key = `${state.id} ${state.tabled} ${JSON.stringify([...state.values].toSorted())} ${JSON.stringify(state.tested)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > MOST_STATES) return null;
    if (step.kind === 'exit') {
      outcomes.add('end');
      continue;
    }
    const { expr } = step;
    const calls = expr === null ? [] : callsIn(expr);
    const mapped = first && call !== null && calls.includes(call) ? false : calls.some(maps);
    if (mapped && around.through === undefined) {
      outcomes.add(state.tabled ? 'map behind a table' : 'map');
      continue;
    }
    if (!first || call === null) steps.add(step.id);
    const tabled = state.tabled || calls.some(({ name }) => addsTable(name));
    const own: Values = new Map(state.values);
    const options: AnswerEvaluationOptions = {
      call: first ? call : null,
      given,
      meanings,
      language,
      asserts: assertionOf,
    };
    const at = new AnswerEvaluation(own, options);
    const value = expr === null ? null : at.of(expr);
    if (at.unclear.some((closure) => addsAndMaps(closure, maps))) retries = true;
    if (expr !== null) forget(expr, own, state.tested);
    if (at.ended === 'run' || (step.kind !== 'switch' && endsRun(expr))) {
      outcomes.add('stop');
      continue;
    }
    if (at.ended === 'error') {
      outcomes.add('bad');
      continue;
    }
    if (step.kind === 'return' || (step.tail && step.kind === 'do')) {
      leave(value, expr !== null);
      continue;
    }
    for (const to of nextOf(step, value, own)) queue.push({ id: to.id, values: to.values, tabled, tested: value });
  }
  const [one = null, ...rest] = given_;
  const gives = rest.every((each) => JSON.stringify(each) === JSON.stringify(one)) ? one : null;
  return { steps, outcomes, gives, retries };
}

function nextOf(step: Step, value: Value, values: Values): { readonly id: number; readonly values: Values }[] {
  if (step.kind === 'test') {
    const side = isTrue(value);
    return step.next
      .filter(({ when }) => side === null || when === null || when === side)
      .map(({ to }) => ({ id: to, values }));
  }
  if (step.kind !== 'switch') return step.next.map(({ to }) => ({ id: to, values }));
  const found: { readonly id: number; readonly values: Values }[] = [];
  // The default stands for what no other arm fits, wherever it is written.
  const arms = step.next.toSorted((a, b) => Number(isDefault(a.when)) - Number(isDefault(b.when)));
  for (const { to, when } of arms) {
    const label = when !== null && typeof when === 'object' ? when.label : '';
    const { does, binds } = matches(label, value, values);
    if (does === false) continue;
    const own: Values = new Map(values);
    for (const [name, bound] of binds) {
      if (bound === null) own.delete(name);
      else own.set(name, bound);
    }
    found.push({ id: to, values: own });
    if (does === true) break;
  }
  return found;
}

const isDefault = (when: Step['next'][number]['when']): boolean =>
  when !== null && typeof when === 'object' && (when.label === '' || when.label === '_');

/** What a step may have changed otherwise than by plain assignment is not known any more. */
function forget(expr: Expr, values: Values, tested: Value): void {
  const plain = new Set<string>();
  visit(expr, (e) => {
    if (e.k !== 'assign') return;
    plain.add(show(e.to));
    if (e.to.k !== 'other') return;
    const [only, ...more] = e.to.kids;
    for (const kid of e.to.kids) values.delete(show(kid));
    const empty = e.value.k === 'other' && e.value.kids.length === 0 && e.value.start === e.value.end;
    if (empty && more.length === 0 && only !== undefined && tested !== null) {
      values.set(show(only), tested);
      plain.add(show(only));
    }
  });
  for (const name of changedBy(expr)) if (!plain.has(name)) values.delete(name);
}

function outcomeOf(value: Value, explicit: boolean): Outcome {
  if (value === null) return explicit ? 'some value' : 'end';
  if (value.k === 'truth') return value.is ? 'good' : 'bad';
  const zero = value.k === 'number' ? value.n === 0 : value.is === 'none';
  return zero ? 'good' : 'bad';
}

/** A closure that adds a table and maps again. */
function addsAndMaps(closure: Expr, maps: (call: Call) => boolean): boolean {
  const calls: Call[] = [];
  const look = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if ('k' in part && part.k === 'call') calls.push(part as Call);
    for (const inner of Object.values(part)) look(inner);
  };
  look(closure);
  return calls.some(({ name }) => addsTable(name)) && calls.some(maps);
}

/** When a macro or function of this name ends the run. */
function assertionOf(name: string): Assertion | null {
  if (FATAL.test(name)) return 'always';
  if (!ASSERTS.test(name)) return null;
  if (/_eq$|_equal$|eq!?$/i.test(name)) return 'equal';
  if (/_neq?$/i.test(name)) return 'different';
  if (/panic|_if|if_?err|bug_on|die|fatal|halt|abort|crash|bail|iferr|^RET|^TRY|GOTO/i.test(name)) return 'true';
  if (/success|check$|sel4utils_check/i.test(name) && !/test_check/i.test(name)) return 'success';
  return 'false';
}

/** What becomes of a map, by its answer. */
export interface RunsByAnswer {
  readonly of: Readonly<Record<Answer, AnswerRun>>;
  /** `DeleteFirst` is taken for success: what follows is what follows a success, and not what follows other errors. */
  readonly accepts: boolean;
  /** `DeleteFirst` has work of its own before it passes for success. */
  readonly revives: boolean;
  /** With `DeleteFirst`, too, a table is added and the map repeated, and it is not for every answer. */
  readonly retries: boolean;
  /** `FailedLookup` is so answered, and `DeleteFirst` is not. */
  readonly tells: boolean;
  /** Success ends the run (or the test): the code expects an error. */
  readonly expects: boolean;
  /** The steps that run only when the map has failed. */
  readonly onError: readonly number[];
  /** Success is a failure to the caller, and an error is none. */
  readonly fails: boolean;
}

/**
 * What a function does for each answer of one of its maps.
 *
 * @param kind - 'success' = the answer is only true or false
 * @returns null where there are too many ways
 */
export function runsOf(
  around: RunSurroundings,
  step: Step,
  call: Call,
  kind: 'error' | 'success' | 'result',
): RunsByAnswer | null {
  const runs: Partial<Record<Answer, AnswerRun>> = {};
  for (const is of ANSWERS) {
    const given: Value = kind === 'success' ? { k: 'truth', is: is === 'none' } : { k: 'answer', is };
    const run = runOf(around, step.id, call, given);
    if (run === null) return null;
    runs[is] = run;
  }
  const of = runs as Record<Answer, AnswerRun>;
  const well = runOf({ ...around, through: true }, step.id, call, kind === 'success' ? truth(true) : answer('none'));
  if (well === null) return null;
  const { none, DeleteFirst: there, FailedLookup: missing, other } = of;
  const again = ({ outcomes, retries }: AnswerRun): boolean => retries || outcomes.has('map behind a table');
  const own = [...there.steps].filter((id) => !none.steps.has(id));
  const names = own.flatMap((id) => {
    const expr = around.graph.steps[id]?.expr;
    return expr == null ? [] : callsIn(expr).map(({ name }) => name);
  });
  // Only `DeleteFirst` comes here: to clear the place is what it asks for.
  const clears = names.some((name) => unmapsByName(name) || clearsByName(name) || around.clearing(name));
  const alone = own.filter((id) => !other.steps.has(id));
  const accepted = (run: AnswerRun): boolean => isAsGood(run, none, other, around.graph);
  return {
    of,
    // A test that is about one error only lets all others pass, too: that is no word about this one.
    accepts: !clears && accepted(there) && !(accepted(missing) && accepted(of.InvalidCapability)),
    onError: ANSWERS.flatMap((is) => [...of[is].steps].filter((id) => !well.steps.has(id) && id !== step.id)),
    revives: alone.length > 0 && names.some((name) => /delete|free|release|copy|lookup|get_|find|share/i.test(name)),
    retries: again(there) && again(missing) && !again(none),
    tells: again(missing) && !again(there) && !again(other) && !again(none),
    expects: only(none, 'stop') && [there, missing, other].some((run) => !only(run, 'stop')),
    fails: only(none, 'bad', 'stop') && [there, missing, other].some((run) => !run.outcomes.has('bad')),
  };
}

const within = (a: ReadonlySet<Outcome>, b: ReadonlySet<Outcome>): boolean => [...a].every((each) => b.has(each));

/** Whether what follows an error is what follows a success, and not what follows other errors. */
function isAsGood(run: AnswerRun, none: AnswerRun, other: AnswerRun, { steps }: Graph): boolean {
  if (run.outcomes.size === 0 || !within(run.outcomes, none.outcomes) || only(none, 'stop', 'bad')) return false;
  if (!within(other.outcomes, none.outcomes)) return true;
  const good = [...none.steps].filter((id) => !other.steps.has(id) && steps[id]?.expr != null);
  return good.length > 0 && good.every((id) => run.steps.has(id));
}

/** It ends in one of these ways, whatever else is decided. */
const only = ({ outcomes }: AnswerRun, ...these: readonly Outcome[]): boolean =>
  outcomes.size > 0 && [...outcomes].every((each) => these.includes(each));

/**
 * What a function makes of an answer that it is given: `is_mapped(error)`.
 *
 * @param param - the name of the parameter
 * @returns null where it makes nothing of it that can be told
 */
export function meaningOf(around: RunSurroundings, name: string, param: string, index: number): AnswerMeaning | null {
  const gives: Partial<Record<Answer, Value>> = {};
  for (const is of ANSWERS) {
    const run = runOf(around, around.graph.entry, null, null, new Map([[param, { k: 'answer', is }]]));
    if (run === null) return null;
    gives[is] = run.gives;
  }
  const known = gives as Record<Answer, Value>;
  return new Set(ANSWERS.map((is) => JSON.stringify(known[is]))).size > 1 ? { name, index, gives: known } : null;
}
