import type { Trial, Tried } from './kills.ts';

/** A chosen candidate. */
export interface Chosen {
  readonly tried: Tried;
  /** Indices of the mutants that only this one of the chosen refutes: at least one. */
  readonly alone: readonly number[];
}

/**
 * Choose candidates that refute together what all of them refute, none of which could be left out: greedily, the one
 * that refutes the most that is left and the shortest among those; then those that later ones made superfluous go.
 */
export function choose({ tried, mutants }: Trial): Chosen[] {
  const left = new Set(tried.flatMap(({ kills }) => kills));
  const chosen: Tried[] = [];
  const gains = tried.map(({ kills }) => kills.length);
  while (left.size > 0) {
    let best = -1;
    for (let i = 0; i < tried.length; i++) {
      if (best >= 0 && gains[i] < gains[best]) continue;
      // What is left only shrinks, so an old count is a bound.
      gains[i] = tried[i].kills.reduce((n, mutant) => n + (left.has(mutant) ? 1 : 0), 0);
      if (best < 0 || gains[i] > gains[best] || (gains[i] === gains[best] && length(tried[i]) < length(tried[best])))
        best = i;
    }
    chosen.push(tried[best]);
    for (const mutant of tried[best].kills) left.delete(mutant);
  }
  const times = new Uint32Array(mutants.length);
  for (const { kills } of chosen) for (const mutant of kills) times[mutant]++;
  const needed = chosen.reverse().filter(({ kills }) => {
    if (kills.some((mutant) => times[mutant] === 1)) return true;
    for (const mutant of kills) times[mutant]--;
    return false;
  });
  const order = new Map(tried.map((one, i) => [one, i]));
  return needed
    .sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    .map((one) => ({ tried: one, alone: one.kills.filter((mutant) => times[mutant] === 1) }));
}

const length = ({ candidate }: Tried): number => candidate.operations.length;
