import type { BenchCase, WorkloadName } from './bench-case.ts';

/** Cases beyond which only some are timed: one takes about two seconds. */
const ALL_UP_TO = 24;
const QUICK: readonly WorkloadName[] = ['map', 'protect', 'replace'];

/**
 * The cases that are worth timing: a few are all timed; of many, the strict ones with one pattern, single and with the
 * largest batch.
 *
 * @param cases - that were chosen
 * @param quick - of some workloads only
 */
export function timedCases(cases: readonly BenchCase[], quick: boolean): BenchCase[] {
  if (cases.length <= ALL_UP_TO) return [...cases];
  const largest = Math.max(...cases.map(({ batch }) => batch));
  const contiguous = cases.some(({ pattern }) => pattern === 'contiguous');
  const pattern = contiguous ? 'contiguous' : cases.find((one) => one.pattern !== null)?.pattern;
  return cases.filter(
    (one) =>
      one.policy === 'strict' &&
      (one.pattern === null || one.pattern === pattern) &&
      (one.batch === 1 || one.batch === largest) &&
      (!quick || QUICK.includes(one.workload)),
  );
}
