import { type Columns, describeOutcome } from '@overmap/core';
import type { Diverged } from './replay.ts';

/** Say in which key a recorded outcome differs from the model's. */
export function compareOutcome(columns: Columns, i: number, outcome: number, diverged: Diverged): void {
  const recorded = describeOutcome(columns.outcome[i]);
  const model = describeOutcome(outcome);
  if (recorded.ret !== model.ret) {
    diverged(columns, i, 'ret', recorded.ret, model.ret);
    return;
  }
  const expected: Record<string, unknown> = { ...recorded };
  const actual: Record<string, unknown> = { ...model };
  for (const key of Object.keys(expected))
    if (JSON.stringify(expected[key]) !== JSON.stringify(actual[key]))
      diverged(columns, i, key, expected[key], actual[key]);
}
