import type { Decision } from './answer-use.ts';
import type { Region } from './error-region.ts';
import { changedBy, type Graph, type Step } from './flow-graph.ts';
import { PRINTS } from './sinks.ts';
import { callsIn, type Expr, namesIn, show } from './tree.ts';

/** The function around a test of an answer. */
export interface Around {
  readonly graph: Graph;
  /** Whether a variable ends with the function. */
  readonly isLocal: (name: string) => boolean;
  /** The name of the variable that has the answer; null = none has it. */
  readonly name: string | null;
}

/** The side of a test on which the map has failed, and the other one. */
export interface Sides {
  readonly failed: Region;
  readonly good: Region | null;
}

/**
 * Whether an error only makes a loop go on with the next page: at most it is printed, and counted in a variable that
 * nothing but a message reads. A loop that a success leaves looks for something, and is none of these.
 */
export function skipsPage({ failed, good }: Sides, around: Around): boolean {
  if (good === null || !failed.goesOn || !failed.leaves || failed.ends || failed.told.length > 0) return false;
  if (failed.tables || failed.maps || failed.copies) return false;
  if (!good.goesOn || good.told.length > 0 || good.ends) return false;
  // Both sides come to the step of the loop.
  const own = (these: Region, others: Region): Step[] =>
    [...these.steps].filter((id) => !others.steps.has(id)).flatMap((id) => around.graph.steps[id] ?? []);
  if (!own(failed, good).every((step) => isQuiet(step, around))) return false;
  // What the pages that are mapped are counted by says as much as what the others are.
  const counts = own(good, failed).flatMap((step) => counterIn(step) ?? []);
  return counts.every((count) => !isRead(count, around));
}

/** Whether a function gives the same when the map has failed and when it has not. */
export function givesTheSame(step: Step, decision: Decision, { failed }: Sides, around: Around): boolean {
  const { graph, name } = around;
  const [one, ...more] = failed.told;
  if (one === undefined || one === '' || more.some((text) => text !== one)) return false;
  if (decision.good === null || failed.goesOn || failed.ends || failed.tables || failed.maps || failed.copies)
    return false;
  const kept = [...failed.steps].flatMap((id) => graph.steps[id] ?? []);
  if (!kept.every((each) => each.kind === 'return' || each.tail || isQuiet(each, around))) return false;
  const given = kept.flatMap(({ expr, kind, tail }) => (expr !== null && (kind === 'return' || tail) ? [expr] : []));
  const names = new Set(given.flatMap((expr) => [...namesIn(expr)]));
  if (name !== null && given.some((expr) => [...namesIn(expr)].includes(name))) return false;
  const own = new Set(kept.flatMap(({ expr }) => (expr === null ? [] : [...changedBy(expr)])));
  const seen = new Set<number>([step.id]);
  const queue = [decision.good];
  let leaves = false;
  while (queue.length > 0) {
    const id = queue.pop() ?? graph.exit;
    if (seen.has(id)) continue;
    seen.add(id);
    const at = graph.steps[id];
    if (at === undefined || at.kind === 'exit') return false;
    const { expr } = at;
    if (at.kind === 'return' || (at.tail && at.kind === 'do')) {
      if (expr === null || show(expr) !== one) return false;
      leaves = true;
      continue;
    }
    // The result is set where all has gone well.
    if (expr !== null && [...changedBy(expr)].some((set) => names.has(set) && !own.has(set))) return false;
    for (const { to } of at.next) queue.push(to);
  }
  return leaves;
}

/** A step that prints, counts, or declares a variable: nobody else learns of it. */
function isQuiet(step: Step, around: Around): boolean {
  const { expr } = step;
  if (expr === null) return true;
  const count = counterIn(step);
  if (count !== null) return around.isLocal(count) && !isRead(count, around);
  const calls = callsIn(expr);
  if (calls.length > 0 && calls.every((call) => PRINTS.test(call.name))) return true;
  if (expr.k === 'assign' && expr.declares) return true;
  return calls.length === 0 && changedBy(expr).size === 0;
}

/** `failed++`; null = the step counts nothing. */
function counterIn(step: Step | undefined): string | null {
  const expr = step?.expr ?? null;
  if (expr === null || expr.k !== 'assign' || expr.op !== '+=' || expr.to.k !== 'name') return null;
  return expr.value.k === 'literal' ? expr.to.name : null;
}

/** Whether more than messages reads a variable. */
function isRead(name: string, { graph }: Around): boolean {
  return graph.steps.some((step) => {
    const { expr } = step;
    if (expr === null || counterIn(step) === name || !namesIn(expr).has(name)) return false;
    if (expr.k === 'assign' && show(expr.to) === name) return namesIn(expr.value).has(name);
    return !(step.kind === 'do' && prints(expr));
  });
}

const prints = (expr: Expr): boolean => {
  const calls = callsIn(expr);
  return calls.length > 0 && calls.every((call) => PRINTS.test(call.name));
};
