import { readsAnswer, setsName } from './answer-readers.ts';
import type { Decision } from './answer-use.ts';
import { answerTest, holds } from './error-tests.ts';
import { changedBy, type Edge, endsRun, type Graph, type Step } from './flow-graph.ts';
import { addsTable, ASSERTS, FATAL, PRINTS, unmapsByName } from './sinks.ts';
import { type Call, callsIn, type Expr, show } from './tree.ts';

/** One side of a test of an answer. */
export interface Region {
  readonly steps: ReadonlySet<number>;
  readonly leaves: boolean;
  readonly tables: boolean;
  readonly maps: boolean;
  readonly repairs: boolean;
  /** It gives something back, or fetches what is there. */
  readonly works: boolean;
  readonly copies: boolean;
  /** It comes to another round of a loop around it. */
  readonly goesOn: boolean;
  /** All of it ends the run. */
  readonly ends: boolean;
  /** It leaves the function, and not with success. */
  readonly fails: boolean;
  /** What it returns, in one spelling; '' = nothing. */
  readonly told: readonly string[];
}

/** Says what happens on the sides of tests. */
export class ErrorRegions {
  private readonly graph: Graph;
  private readonly maps: (call: Call) => boolean;

  /** @param maps - whether a call maps */
  constructor(graph: Graph, maps: (call: Call) => boolean) {
    this.graph = graph;
    this.maps = maps;
  }

  /**
   * Whether an error that one test lets pass is returned, asserted or tested once more on all ways behind it:
   * `if (e) log(); return e;`.
   */
  heededLater(test: Step, error: number, name: string): boolean {
    const { steps, exit } = this.graph;
    const isAnswer = (e: Expr): boolean => show(e) === name;
    const seen = new Set<number>([test.id]);
    const queue = [error];
    let heeded = false;
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (id === exit) return false;
      if (seen.has(id)) continue;
      seen.add(id);
      const step = steps[id];
      if (step === undefined) continue;
      const { expr } = step;
      if (expr !== null && readsAnswer(expr, name, isAnswer)) {
        if (
          step.kind === 'return' ||
          (step.tail && step.kind === 'do') ||
          callsIn(expr).some((call) => ASSERTS.test(call.name) || FATAL.test(call.name))
        ) {
          heeded = true;
          continue;
        }
        const told = step.kind === 'test' ? answerTest(expr, isAnswer, 'error') : null;
        if (told !== null && told.about === 'any error' && told.side !== null && told.except.length === 0) {
          const to = step.next.find(({ when }) => when === told.side)?.to;
          const good = step.next.find(({ when }) => when === !told.side)?.to ?? null;
          const side = to === undefined ? null : this.region(step, to, good);
          if (side !== null && (side.fails || side.ends)) heeded = true;
          else if (to !== undefined) queue.push(to);
          continue;
        }
      }
      if (expr !== null && setsName(expr, name)) return false;
      for (const { to } of step.next) queue.push(to);
    }
    return heeded;
  }

  /** Whether the answer is told apart further inside of a region. */
  innerTests(steps: ReadonlySet<number>, name: string | null): boolean {
    if (name === null) return false;
    for (const id of steps) {
      const step = this.graph.steps[id];
      if (step === undefined || step.expr === null || (step.kind !== 'test' && step.kind !== 'switch')) continue;
      if (!holds(step.expr, (e) => show(e) === name)) continue;
      const found =
        step.kind === 'switch' || answerTest(step.expr, (e) => show(e) === name, 'error').about !== 'any error';
      // A table that was added before is what the inner test is about, not the map.
      if (found) return true;
    }
    return false;
  }

  /** The first thing that a side does is an unmap. */
  undoes(test: Step, good: number): boolean {
    let at: Step | undefined = this.graph.steps[good];
    for (let n = 0; n < 3 && at !== undefined && at.id !== test.after; n++) {
      if (at.expr !== null) return callsIn(at.expr).some(({ name }) => unmapsByName(name));
      at = this.graph.steps[at.next[0]?.to ?? -1];
    }
    return false;
  }

  /** Of all errors a region heeds `FailedLookup` alone. */
  tellsLookup(steps: ReadonlySet<number>, name: string): boolean {
    const texts = [...steps]
      .map((id) => this.graph.steps[id])
      .flatMap((step) =>
        step?.kind === 'test' && step.expr !== null && holds(step.expr, (e) => show(e) === name)
          ? [show(step.expr)]
          : [],
      );
    return texts.some((text) => /failed_?lookup/i.test(text)) && !texts.some((text) => /delete_?first/i.test(text));
  }

  /** Whether the map is repeated right after a region. */
  mapsSoon(test: Step, region: Region): boolean {
    if (region.leaves || test.after < 0) return false;
    let at: Step | undefined = this.graph.steps[test.after];
    for (let n = 0; n < 4 && at !== undefined; n++) {
      if (at.expr !== null && callsIn(at.expr).some(this.maps)) return true;
      const only: Edge | undefined = at.next[0];
      if (at.next.length !== 1 || only === undefined) return false;
      at = this.graph.steps[only.to];
    }
    return false;
  }

  /** The steps of a region that nothing but its side of the test leads to, before the map is made again. */
  onlyHere(from: Step, { step, error }: Decision, steps: ReadonlySet<number>): number[] {
    const seen = new Set<number>([from.id, step.id]);
    const queue = step.next.map(({ to }) => to).filter((to) => to !== error);
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (seen.has(id)) continue;
      seen.add(id);
      for (const { to } of this.graph.steps[id]?.next ?? []) queue.push(to);
    }
    return [...steps].filter((id) => !seen.has(id));
  }

  /** Whether one side of a test comes to the place where both meet. */
  private meets(test: Step, start: number): boolean {
    const { graph } = this;
    const seen = new Set<number>(test.loops.map((id) => graph.loops[id]?.head ?? -1));
    const queue = [start];
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (id === test.after) return true;
      if (seen.has(id)) continue;
      seen.add(id);
      for (const { to } of graph.steps[id]?.next ?? []) queue.push(to);
    }
    return false;
  }

  /** What happens on one side of a test, until both sides meet again. */
  region(test: Step, start: number, good: number | null): Region {
    const { graph } = this;
    const steps = new Set<number>();
    // Where the good side leaves, all that follows is for the other one.
    const after = good === null || this.meets(test, good) ? test.after : -1;
    const stop = new Set<number>([after, graph.exit, ...test.loops.map((id) => graph.loops[id]?.head ?? -1)]);
    const queue = [start];
    let leaves = true;
    let tables = false;
    let maps = false;
    let repairs = false;
    let works = false;
    let copies = false;
    let ends = false;
    let goesOn = false;
    let success = false;
    const told: string[] = [];
    while (queue.length > 0) {
      const id = queue.pop() ?? 0;
      if (id === after) leaves = false;
      if (steps.has(id) || stop.has(id) || id === test.id) {
        if (id === test.id && test.loops.length > 0) goesOn = true;
        if (test.loops.some((loop) => graph.loops[loop]?.head === id)) goesOn = true;
        continue;
      }
      const step = graph.steps[id];
      if (step === undefined) continue;
      steps.add(id);
      const { expr } = step;
      if (expr !== null) {
        for (const call of callsIn(expr)) {
          if (this.maps(call)) maps = true;
          else if (addsTable(call.name)) tables = true;
          else if (/copy|mint|dup/i.test(call.name)) copies = true;
          else if (
            !PRINTS.test(call.name) &&
            !ASSERTS.test(call.name) &&
            !FATAL.test(call.name) &&
            step.kind === 'do' &&
            !/^(?:Ok|Err|Some|None)$/.test(call.name)
          ) {
            repairs = true;
            if (/delete|free|release|copy|lookup|get_|find|share/i.test(call.name)) works = true;
          }
        }
        if (step.kind === 'do' && changedBy(expr).size > 0 && callsIn(expr).length === 0) repairs = true;
        if (step.kind === 'return') told.push(show(expr));
        if (step.tail && step.kind === 'do') {
          told.push(show(expr));
          continue;
        }
      } else if (step.kind === 'return') told.push('');
      if (endsRun(expr)) ends = true;
      for (const { to } of step.next) queue.push(to);
    }
    success =
      told.length > 0 &&
      told.every(
        (text) =>
          /^(?:0|seL4_NoError|true|Ok\(.*\)|STATUS_SUCCESS|)$|success|_OK$/i.test(text) || /^<@\d*>$/.test(text),
      );
    const only = leaves && ends && told.length === 0 && !goesOn;
    return {
      steps,
      leaves,
      tables,
      maps,
      repairs,
      works,
      copies,
      goesOn,
      ends: only,
      fails: leaves && !goesOn && !success,
      told,
    };
  }
}
