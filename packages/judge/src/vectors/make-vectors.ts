import { architectureOf, type BuildName } from '../builds.ts';
import { engineRule, type Judged } from '../rule.ts';
import { choose, type Chosen } from './choose.ts';
import { effectCandidates } from './effect-candidates.ts';
import { faultCandidates } from './fault-candidates.ts';
import { type Known, tryAll } from './kills.ts';
import { addressCandidates, mapCandidates, neighbourCandidates } from './map-candidates.ts';
import { tableCandidates } from './table-candidates.ts';

/** A suite of vectors for one build under one rule. */
export interface Suite {
  readonly build: BuildName;
  readonly judged: Judged;
  readonly vectors: readonly Chosen[];
  readonly mutants: readonly Known[];
  /** Indices of mutants that no candidate refutes: on this build they answer as they should. */
  readonly equal: readonly number[];
  /** Situations that were tried. */
  readonly candidates: number;
}

/** Make the vectors of a build under a rule. Deterministic. */
export function makeVectors(build: BuildName, judged: Judged): Suite {
  const arch = architectureOf(build);
  const trial = tryAll(build, engineRule(judged), [
    ...mapCandidates(arch),
    ...neighbourCandidates(arch),
    ...addressCandidates(arch),
    ...faultCandidates(arch),
    ...effectCandidates(arch),
    ...tableCandidates(arch),
  ]);
  const refuted = new Set(trial.tried.flatMap(({ kills }) => kills));
  return {
    build,
    judged,
    vectors: choose(trial),
    mutants: trial.mutants,
    equal: trial.mutants.flatMap((_, i) => (refuted.has(i) ? [] : [i])),
    candidates: trial.tried.length,
  };
}
