import { CAP_WORDS, type Columns, OK, Op, sayOutcome, SIZE_FIELD } from '@overmap/core';
import type { BuildName } from '../builds.ts';
import type { EngineRule } from '../rule.ts';
import { checkMutants } from './check-mutants.ts';
import type { Rule } from './mutant.ts';
import { performMutants } from './perform-mutants.ts';
import { mapSituation, otherSituation, sayMapSituation } from './situation.ts';
import { type Ended, Script, Subject } from './subject.ts';
import type { Candidate } from './vector.ts';

/** A mutant as it is told: what it gets wrong. */
export interface Known {
  readonly id: string;
  readonly rule: Rule;
  readonly what: string;
}

/** A candidate that was run, and the mutants that it refutes. */
export interface Tried {
  readonly candidate: Candidate;
  readonly ended: Ended;
  /** Indices in {@link Trial.mutants}. */
  readonly kills: readonly number[];
}

/** All candidates and mutants against each other. */
export interface Trial {
  readonly mutants: readonly Known[];
  readonly tried: readonly Tried[];
}

/** Run every candidate on the kernel as it should be, and on every one that is wrong. */
export function tryAll(build: BuildName, rule: EngineRule, candidates: Iterable<Candidate>): Trial {
  const right = new Subject(build, rule);
  const { kernel, policy } = right;
  const checks = checkMutants(kernel);
  const performs = performMutants(kernel).map((mutant) => ({ mutant, subject: new Subject(build, rule) }));
  const mutants: Known[] = [...checks, ...performs.map(({ mutant }) => mutant)].map(({ id, rule: of, what }) => ({
    id,
    rule: of,
    what,
  }));
  const situations = new Map<string, number>();
  /** A kernel that errs in one situation alone. */
  const situation = (text: string): number => {
    const known = situations.get(text);
    if (known !== undefined) return known;
    const n = mutants.push({ id: `situation-${situations.size + 1}`, rule: 'situation', what: text }) - 1;
    situations.set(text, n);
    return n;
  };
  const tried: Tried[] = [];
  for (const candidate of candidates) {
    const script = new Script(candidate);
    const { columns } = script;
    const kills = new Set<number>();
    const ended = right.run(script, undefined, (row, answer) => {
      const text = situationOf(right, script, row, answer);
      if (text !== null) kills.add(situation(text));
      checks.forEach((mutant, i) => {
        if (!kills.has(i) && mutant.answer(kernel, columns, row, policy, answer) !== answer) kills.add(i);
      });
    });
    if (ended === null) continue;
    if (ended.outcomes.some((outcome, row) => row >= candidate.tests && outcome === OK))
      performs.forEach(({ mutant, subject }, i) => {
        if (!same(ended, subject.run(script, mutant.perform))) kills.add(checks.length + i);
      });
    tried.push({ candidate, ended, kills: [...kills] });
  }
  return { mutants, tried };
}

/** The situation of an operation with nothing wrong but the place, or the record; null for others. */
function situationOf({ kernel }: Subject, { columns }: Script, row: number, answer: number): string | null {
  const op = columns.op[row];
  // Tables are not what a rule is about: one vector for each answer at each level will do.
  if (op === Op.map_table) return `map_table ${otherSituation(kernel, columns, row)}, answered ${sayOutcome(answer)}`;
  if (op === Op.unmap || op === Op.unmap_table)
    return `${op === Op.unmap ? 'unmap' : 'unmap_table'} ${otherSituation(kernel, columns, row)}`;
  if (op !== Op.map) return null;
  const map = mapSituation(kernel, columns, row);
  if (map.vspace !== 'ok') return null;
  // Every address at the limit or beyond it is a situation of its own: sums carry, wrap and compare by halves.
  if (
    map.record === 'nothing' &&
    (map.limit !== '- - -' ||
      crosses(columns, row, kernel.sizes[kernel.caps[columns.cap[row] * CAP_WORDS] & SIZE_FIELD]))
  )
    return `map ${map.cap} at ${(columns.vaddrHi[row] >>> 0).toString(16)}:${(columns.vaddrLo[row] >>> 0).toString(16)}`;
  if (map.misaligned || map.limit !== '- - -') return null;
  return `map ${sayMapSituation({ ...map, place: map.place.replace(/, at \d+$/, '') })}`;
}

/** Whether a page that begins there would reach over a multiple of 4 GiB. */
const crosses = (columns: Columns, row: number, align: number): boolean =>
  (columns.vaddrLo[row] >>> 0) + align > 0xffff_ffff;

function same(a: Ended, b: Ended | null): boolean {
  return b !== null && a.outcomes.join() === b.outcomes.join() && JSON.stringify(a.states) === JSON.stringify(b.states);
}
