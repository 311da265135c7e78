import type { Answer } from './answer.ts';
import { Plan } from './plan.ts';
import type { Scenario, Step } from './scenario.ts';
import type { SystemUnderPolicy } from './system.ts';

/** How the answers to a step differ: in what the program is told, only in what really happened, or not at all. */
export type Difference = 'outcome' | 'effects' | 'none';

/** A step, and how each system answered it. */
export interface ComparedStep {
  readonly step: Step;
  /** In the order of the systems. */
  readonly answers: readonly Answer[];
  readonly difference: Difference;
}

/** A scenario, run on several systems. */
export interface Comparison {
  readonly scenario: Scenario;
  readonly systems: readonly SystemUnderPolicy[];
  readonly steps: readonly ComparedStep[];
  /** Names an address by its area: `A+3`. */
  readonly placeOf: (address: number) => string;
}

/** Run a scenario on each system, from the beginning. What only declares something is no step, unless it fails. */
export function compareScenario(scenario: Scenario, systems: readonly SystemUnderPolicy[]): Comparison {
  const plan = new Plan();
  const running = systems.map((system) => system.start());
  const steps = scenario.steps.flatMap((step): ComparedStep[] => {
    const { action } = step;
    if (action.kind === 'area' || action.kind === 'reserve') plan.declare(action);
    const answers = running.map((system) => system.run(step));
    const declares = action.kind === 'area' || action.kind === 'memory';
    if (declares && answers.every(({ outcome }) => outcome.kind === 'ok')) return [];
    return [{ step, answers, difference: differenceOf(answers) }];
  });
  return { scenario, systems, steps, placeOf: (address) => plan.placeOf(address) };
}

/** Systems that cannot say a step take no part. Two errors are the same outcome: each system has names of its own. */
function differenceOf(answers: readonly Answer[]): Difference {
  const asked = answers.filter(({ outcome }) => outcome.kind !== 'inexpressible');
  const outcomes = new Set(
    asked.map(({ outcome }) => (outcome.kind === 'ok' ? `ok ${outcome.shows ?? ''}` : outcome.kind)),
  );
  if (outcomes.size > 1) return 'outcome';
  const effects = new Set(asked.map(effectsKey));
  return effects.size > 1 ? 'effects' : 'none';
}

const effectsKey = ({ effects, consequences }: Answer): string =>
  JSON.stringify([
    effects.map(({ kind, process, start, end }) => [kind, process, start, end]),
    consequences.map(({ kind, count }) => [kind, count]),
  ]);

/** Whether two systems answered all steps alike, word for word; how the steps were said does not matter. */
export function answeredAlike({ steps }: Comparison, a: number, b: number): boolean {
  const text = (answer: Answer): string => JSON.stringify({ ...answer, note: null });
  return steps.every(({ answers }) => text(answers[a]) === text(answers[b]));
}
