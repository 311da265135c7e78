import type { Baseline } from './baseline.ts';
import { compare, type Comparison, type Verdict, verdictOf } from './compare.ts';
import { machineDifferences } from './machine.ts';

/** What is compared with a baseline: the same but for the file's marks. */
export type BenchRun = Pick<Baseline, 'machine' | 'timed' | 'modelled'>;

/** One case against the baseline. A timed and a modelled case of one name are two. */
export type CaseComparison =
  | ({ readonly measure: 'timed'; readonly name: string; readonly unit: 'ns' } & Comparison)
  | {
      readonly measure: 'modelled';
      readonly name: string;
      readonly unit: string;
      /** Prices of a page, in the unit. */
      readonly baseline: number;
      readonly current: number;
      /** Current / baseline; 1 where both are 0. */
      readonly ratio: number;
      readonly verdict: Verdict;
    };

/** A case that has nothing to be compared with. */
export interface NotCompared {
  readonly measure: 'timed' | 'modelled';
  readonly name: string;
  readonly reason: 'only in the baseline' | 'only in this run' | 'in another unit than in the baseline';
}

/** A run against a baseline. */
export interface BaselineComparison {
  readonly comparisons: readonly CaseComparison[];
  readonly notCompared: readonly NotCompared[];
  /** For people: another machine. */
  readonly warnings: readonly string[];
}

/**
 * Compare a run with a baseline, case by case by their names.
 *
 * Timed cases: see {@link compare}; the number of them sets the level. Modelled cases are exact, as nothing in them is
 * chance: what is more than the threshold is a verdict, without statistics.
 *
 * @param options.threshold - 0.05 for 5 %
 * @param options.seed - of the resampling; the baseline's unless told
 */
export function compareWithBaseline(
  baseline: Baseline,
  run: BenchRun,
  { threshold, seed = baseline.seed }: { readonly threshold: number; readonly seed?: number },
): BaselineComparison {
  const timed = pair('timed', baseline.timed, run.timed);
  const modelled = pair('modelled', baseline.modelled, run.modelled);
  const comparisons: CaseComparison[] = timed.pairs.map(([before, after]) => ({
    measure: 'timed',
    name: after.name,
    unit: 'ns',
    ...compare(before, after, { threshold, seed, cases: timed.pairs.length }),
  }));
  const notCompared = [...timed.alone, ...modelled.alone];
  for (const [before, after] of modelled.pairs) {
    const { name, unit } = after;
    if (unit !== before.unit) {
      notCompared.push({ measure: 'modelled', name, reason: 'in another unit than in the baseline' });
      continue;
    }
    const ratio = after.perPage === before.perPage ? 1 : after.perPage / before.perPage;
    comparisons.push({
      measure: 'modelled',
      name,
      unit,
      baseline: before.perPage,
      current: after.perPage,
      ratio,
      verdict: verdictOf(ratio, ratio, threshold),
    });
  }
  const differences = machineDifferences(baseline.machine, run.machine);
  return {
    comparisons,
    notCompared,
    warnings:
      differences.length === 0
        ? []
        : [`the baseline is of another machine (${differences.join('; ')}): times say little`],
  };
}

/** Cases of both sides by name, and those of one side alone. */
function pair<Case extends { readonly name: string }>(
  measure: NotCompared['measure'],
  baseline: readonly Case[],
  run: readonly Case[],
): { pairs: (readonly [Case, Case])[]; alone: NotCompared[] } {
  const before = new Map(baseline.map((one) => [one.name, one]));
  const pairs: (readonly [Case, Case])[] = [];
  const alone: NotCompared[] = [];
  for (const one of run) {
    const other = before.get(one.name);
    if (other === undefined) alone.push({ measure, name: one.name, reason: 'only in this run' });
    else pairs.push([other, one]);
    before.delete(one.name);
  }
  for (const name of before.keys()) alone.push({ measure, name, reason: 'only in the baseline' });
  return { pairs, alone };
}

/** When a run fails. */
export interface FailIf {
  /** 0.05 for 5 %. */
  readonly threshold: number;
}

/**
 * Read "slower:5%".
 *
 * @throws RangeError when it is anything else
 */
export function parseFailIf(text: string): FailIf {
  const found = /^slower:(\d+(?:\.\d+)?)%$/.exec(text);
  if (found === null)
    throw new RangeError(`"${text}" is no condition: say slower:5% to fail when a case is slower by more than 5 %`);
  return { threshold: Number(found[1]) / 100 };
}
