import type { FuncModel } from '../source/func-model.ts';
import type { Step } from '../source/flow-graph.ts';
import { bare, type Call, type Expr, namesIn, partsOf, show, visit } from '../source/tree.ts';
import type { FixedResult } from './fixed-site.ts';

/** What becomes of the answer of a call, and what takes it. */
export interface ResultUse {
  readonly use: FixedResult;
  /** The variable, field or element; null where nothing does. */
  readonly to: Expr | null;
  /** On every way the first thing that is done with it is a test for an error, or it goes to the caller. */
  readonly heeded: boolean;
  /** It is compared with the address, and not only in an assertion. */
  readonly firm: boolean;
}

/** A value in one spelling; what it points to, and where it is kept, are others. */
function spelled(e: Expr): string {
  let at = e;
  while (at.k === 'cast') at = at.of;
  return at.k === 'unary' && (at.op === '*' || at.op === '&') ? at.op + spelled(at.of) : show(at);
}

/** What a build without assertions leaves out. */
const ASSERTION = /assert/i;

const EQUALS = /^(?:[=!]=|[<>]=?)$/;

/** What becomes of the answer of a call that maps at an address. */
export function resultUse(model: FuncModel, step: Step, call: Call, address: Expr): ResultUse {
  if (step.expr === null) return { use: 'unclear', to: null, heeded: false, firm: false };
  const around = pathTo(step.expr, call);
  const to = keptIn(around);
  const wanted = new Set([spelled(address), model.norm(address)]);
  const isAddress = (e: Expr): boolean => wanted.has(spelled(e)) || (!pointsTo(e) && wanted.has(model.norm(e)));
  const isTold = (e: Expr): boolean => isFailure(e) || isAddress(e);
  const here = (told: (e: Expr) => boolean): boolean =>
    around.some((e) => e.k === 'binary' && EQUALS.test(e.op) && sidesOf(e).some(told));
  const used = ((): Pick<ResultUse, 'use' | 'heeded'> => {
    if (here(isTold)) return { use: 'tested', heeded: true };
    const plain = around.every((e) => e.k === 'cast' || (to !== null && e.k === 'assign'));
    if (step.kind === 'return' && plain) return { use: 'returned', heeded: true };
    if (to === null) return { use: plain ? 'ignored' : 'unclear', heeded: false };
    const use = afterwards(model, step, to, isTold);
    return { use, heeded: use === 'tested' || use === 'returned' };
  })();
  const firm = here(isAddress) || (to !== null && comparesWith(model, to, isAddress, false));
  const compared = firm || (to !== null && comparesWith(model, to, isAddress, true));
  return { use: compared ? 'compared' : used.use, to, heeded: used.heeded, firm };
}

/** The expressions around a call, the outermost first. */
function pathTo(e: Expr, call: Call): Expr[] {
  if (e === call) return [];
  for (const part of partsOf(e)) {
    if (part === call) return [e];
    const below = pathTo(part, call);
    if (below.length > 0) return [e, ...below];
  }
  return [];
}

/** What an assignment puts the answer into. */
function keptIn(around: readonly Expr[]): Expr | null {
  for (const e of around.toReversed()) {
    if (e.k === 'assign') return e.op === '=' ? e.to : null;
    if (e.k !== 'cast') return null;
  }
  return null;
}

/**
 * Whether the function compares the answer with the address anywhere, or hands both to one call.
 *
 * @param asserted - an assertion counts, too
 */
function comparesWith(model: FuncModel, to: Expr, isAddress: (e: Expr) => boolean, asserted: boolean): boolean {
  const name = spelled(to);
  if (isAddress(to)) return false;
  const isAnswer = (e: Expr): boolean => spelled(e) === name;
  return model.graph.steps.some(({ expr }) => {
    if (expr === null) return false;
    const found = (e: Expr): boolean => {
      if (e.k === 'call' && !asserted && ASSERTION.test(e.name)) return false;
      const sides =
        e.k === 'binary' && (EQUALS.test(e.op) || e.op === '-')
          ? sidesOf(e)
          : e.k === 'call' && !/^(?:__)?(?:mmap|munmap|mremap|f?printf|mprotect)/.test(e.name)
            ? e.args
            : [];
      return (sides.some(isAnswer) && sides.some(isAddress)) || partsOf(e).some(found);
    };
    return found(expr);
  });
}

/** It reads what the address points to. */
const pointsTo = (e: Expr): boolean => spelled(e).startsWith('*');

const sidesOf = (e: Expr): readonly Expr[] => (e.k === 'binary' ? [e.left, e.right] : []);

/** MAP_FAILED, -1 and names like them. */
function isFailure(e: Expr): boolean {
  const at = bare(e);
  if (at.k === 'name') return /FAIL|INVALID|ERR/i.test(at.name);
  if (at.k === 'unary' && at.op === '-') return show(at.of) === '1';
  return at.k === 'literal' && at.text === '-1';
}

/** What the first thing is that is done with a variable, on every way. */
function afterwards(model: FuncModel, from: Step, to: Expr, told: (e: Expr) => boolean): FixedResult {
  const { steps, exit } = model.graph;
  const root = [...namesIn(to)][0] ?? '';
  const name = spelled(to);
  const uses = (e: Expr): boolean => spelled(e) === name || partsOf(e).some(uses);
  const seen = new Set<number>();
  const open = from.next.map((edge) => edge.to);
  let tested = 0;
  let returned = 0;
  let lost = 0;
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const step = steps[id];
    if (step === undefined) continue;
    if (id === exit) {
      lost++;
      continue;
    }
    if (step.expr !== null && uses(step.expr)) {
      if (tests(step.expr, name, told)) tested++;
      else if (step.kind === 'return' && spelled(step.expr) === name) returned++;
      else return 'not tested';
      continue;
    }
    // Overwritten before anybody looks.
    if (model.changesAt(step).has(root) && model.isLocal(root)) {
      lost++;
      continue;
    }
    for (const edge of step.next) open.push(edge.to);
  }
  if (tested + returned === 0) return 'ignored';
  if (lost > 0) return 'not tested';
  return tested > 0 ? 'tested' : 'returned';
}

function tests(expr: Expr, name: string, told: (e: Expr) => boolean): boolean {
  let found = false;
  visit(expr, (e) => {
    if (e.k !== 'binary' || !EQUALS.test(e.op)) return;
    const sides = sidesOf(e);
    found ||= sides.some((side) => spelled(side) === name) && sides.some(told);
  });
  return found;
}
