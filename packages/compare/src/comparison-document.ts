import type { Answer } from './answer.ts';
import type { Comparison } from './compare-scenario.ts';

/** What `--format json` writes: all that is known of each step, addresses in hexadecimal and by area. */
export function comparisonDocument(comparisons: readonly Comparison[], version: string): object {
  return {
    kind: 'compare',
    tool: { name: 'overmap', version },
    scenarios: comparisons.map(({ scenario, systems, steps, placeOf }) => ({
      name: scenario.name,
      title: scenario.title,
      teaches: scenario.teaches,
      steps: steps.map(({ step, answers, difference }) => ({
        line: step.line,
        text: step.text,
        differs: difference,
        answers: answers.map((answer, i) => ({
          family: systems[i]?.family,
          system: systems[i]?.name,
          ...answerObject(answer, placeOf),
        })),
      })),
    })),
  };
}

function answerObject({ outcome, effects, consequences, note }: Answer, placeOf: (address: number) => string): object {
  return {
    outcome,
    effects: effects.map(({ start, end, ...effect }) => ({
      ...effect,
      start: `0x${start.toString(16)}`,
      end: `0x${end.toString(16)}`,
      place: placeOf(start),
    })),
    consequences,
    note,
  };
}
