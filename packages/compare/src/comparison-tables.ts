import type { DataTable } from '@overmap/report';
import { answerText, effectText, outcomeText, pagesOf } from './answer-text.ts';
import { CONSEQUENCES } from './answer.ts';
import type { Comparison, Difference } from './compare-scenario.ts';
import { membersText, type SystemGroup, systemGroups } from './system-groups.ts';

const MARKS: Readonly<Record<Difference, string>> = { outcome: '≠', effects: '~', none: '' };

/** Step by system: what a person reads. Systems of one family that answered alike share a column. */
export function comparisonTable(comparison: Comparison): DataTable {
  const { scenario, steps } = comparison;
  const groups = systemGroups(comparison);
  return {
    title: `${scenario.name}: ${scenario.title}`,
    columns: [
      { key: 'differs', title: '' },
      { key: 'step', title: 'step' },
      ...groups.map(({ title }) => ({ key: title, title })),
    ],
    rows: steps.map(({ step, answers, difference }) => [
      MARKS[difference],
      step.text,
      ...groups.map(({ members: [first] }) => answerText(answers[first])),
    ]),
    notes: [scenario.teaches, ...groups.flatMap((group) => columnNote(comparison, group)), ...reasons(comparison)],
  };
}

/** Which systems a column stands for, where that is not all of its family. */
function columnNote(comparison: Comparison, group: SystemGroup): string[] {
  const split = group.title !== group.family;
  return split ? [`${group.title}: ${membersText(comparison, group)}.`] : [];
}

/** Why steps cannot be said in a family: "redox: Redox has no protection keys." */
function reasons({ steps, systems }: Comparison): string[] {
  const found = new Set<string>();
  for (const { answers } of steps)
    answers.forEach(({ outcome }, i) => {
      if (outcome.kind === 'inexpressible') found.add(`· ${systems[i]?.family}: ${outcome.why}.`);
    });
  return [...found].sort();
}

/** Each effect, consequence, reason and note of a comparison, one a row. */
export function detailTable(comparison: Comparison): DataTable {
  const { scenario, steps, placeOf } = comparison;
  const rows = steps.flatMap(({ step, answers }) =>
    systemGroups(comparison).flatMap(({ title, members: [first] }) => {
      const { outcome, effects, consequences, note } = answers[first];
      const said = [
        ...(outcome.kind === 'inexpressible' ? [outcome.why] : []),
        ...effects.map((effect) => effectText(effect, placeOf)),
        ...consequences.map(({ kind, text }) => `${kind}: ${text}`),
        ...(note === null ? [] : [`(${note})`]),
      ];
      return said.length === 0 ? [] : [[step.text, title, said.join('; ')]];
    }),
  );
  return {
    title: `${scenario.name}: what happened`,
    columns: [
      { key: 'step', title: 'step' },
      { key: 'system', title: 'system' },
      { key: 'what', title: 'what happened' },
    ],
    rows,
  };
}

/** A row for each scenario: how many of its steps are answered differently, and by whom. */
export function summaryTable(comparisons: readonly Comparison[]): DataTable {
  return {
    title: 'Scenarios',
    columns: [
      { key: 'scenario', title: 'scenario' },
      { key: 'steps', title: 'steps', digits: 0 },
      { key: 'outcome', title: '≠ told', digits: 0 },
      { key: 'effects', title: '~ done', digits: 0 },
      { key: 'refused_by', title: 'refuse a step' },
      { key: 'title', title: 'about' },
    ],
    rows: comparisons.map((comparison) => {
      const count = (difference: Difference): number =>
        comparison.steps.filter((step) => step.difference === difference).length;
      const refusing = systemGroups(comparison).filter(({ members: [first] }) =>
        comparison.steps.some(
          // A page that is not there is no refusal of a request.
          ({ step, answers }) => step.action.kind !== 'touch' && answers[first].outcome.kind === 'refused',
        ),
      );
      const { name, title } = comparison.scenario;
      const by = [...new Set(refusing.map(({ family }) => family))].map((family) => {
        const all = systemGroups(comparison).filter((group) => group.family === family);
        const some = refusing.filter((group) => group.family === family);
        return all.length === some.length ? family : `${family} (in part)`;
      });
      return [name, comparison.steps.length, count('outcome'), count('effects'), by.join(', ') || null, title];
    }),
    notes: [
      '≠ told: steps that the systems answer differently; ~ done: steps that they answer alike, but do different things. "overmap compare NAME" shows one, --verbose what each system did.',
    ],
  };
}

/** A row for each step and system, for programs. */
export function answersTable(comparisons: readonly Comparison[]): DataTable {
  const numbers = ['appeared', 'vanished', 'replaced', 'changed', ...CONSEQUENCES] as const;
  const keyOf = (name: string): string => name.replace('-', '_');
  return {
    title: 'answers',
    columns: [
      ...['scenario', 'line', 'step', 'differs', 'family', 'system', 'outcome', 'said'].map((key) => ({
        key,
        title: key,
      })),
      ...numbers.map((name) => ({ key: keyOf(name), title: name })),
      { key: 'what', title: 'what' },
    ],
    rows: comparisons.flatMap(({ scenario, systems, steps, placeOf }) =>
      steps.flatMap(({ step, answers, difference }) =>
        answers.map(({ outcome, effects, consequences, note }, i) => {
          const counted = numbers.map(
            (kind) =>
              effects.filter((one) => one.kind === kind).reduce((sum, one) => sum + pagesOf(one), 0) +
              consequences.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.count, 0),
          );
          const said = [
            ...(outcome.kind === 'inexpressible' ? [outcome.why] : []),
            ...effects.map((effect) => effectText(effect, placeOf)),
            ...consequences.map(({ kind, text }) => `${kind}: ${text}`),
            ...(note === null ? [] : [`(${note})`]),
          ].join('; ');
          const named = [systems[i]?.family ?? null, systems[i]?.name ?? null];
          const told = outcome.kind === 'inexpressible' ? null : outcomeText(outcome);
          const head = [scenario.name, step.line, step.text, difference, ...named, outcome.kind, told];
          return [...head, ...counted, said === '' ? null : said];
        }),
      ),
    ),
  };
}
