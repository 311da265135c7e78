import { BenchCaseError } from './all-cases.ts';
import { type BenchCase, caseName } from './bench-case.ts';
import { nearestWord } from './costs/nearest-word.ts';

/**
 * Choose cases by parts of their names: a workload, and behind it any of the other parts in their order: "map",
 * "map/random", "map/aarch64", "heap/riscv64/strict", or a whole name.
 *
 * @param names - what to choose; none = everything
 * @param cases - to choose from
 * @returns the cases that any of the names means, in the order in which they are given, each once
 * @throws BenchCaseError when a name means none; with a suggestion, if one is near
 */
export function selectCases(names: readonly string[], cases: readonly BenchCase[]): BenchCase[] {
  if (names.length === 0) return [...cases];
  const chosen = new Set<BenchCase>();
  for (const name of names) {
    const meant = cases.filter((one) => means(name.split('/'), caseName(one).split('/')));
    if (meant.length === 0) throw new BenchCaseError(refusal(name, cases));
    for (const one of meant) chosen.add(one);
  }
  return cases.filter((one) => chosen.has(one));
}

/** Whether the first word is the workload, and the others come behind it in their order. */
function means(words: readonly string[], parts: readonly string[]): boolean {
  if (words[0] !== parts[0]) return false;
  let at = 0;
  return words.every((word) => {
    const found = parts.indexOf(word, at);
    at = found + 1;
    return found >= 0;
  });
}

function refusal(name: string, cases: readonly BenchCase[]): string {
  const words = name.split('/');
  const workloads = [...new Set(cases.map(({ workload }) => workload as string))];
  const parts = new Set(cases.flatMap((one) => caseName(one).split('/')));
  const wrong = words.findIndex((word, i) => !(i === 0 ? workloads.includes(word) : parts.has(word)));
  if (wrong < 0)
    return `there is no case "${name}", though its parts exist: their order is that of "${example(words[0], cases)}"`;
  const near = nearestWord(words[wrong], wrong === 0 ? workloads : [...parts]);
  const meant = near === null ? null : words.with(wrong, near).join('/');
  const hint =
    meant !== null
      ? `did you mean "${meant}"?`
      : wrong === 0
        ? `there are ${workloads.join(', ')}`
        : `a whole name is "${example(words[0], cases)}"`;
  return `there is no case "${name}": ${hint}`;
}

/** A whole name of that workload. */
function example(workload: string, cases: readonly BenchCase[]): string {
  const one = cases.find((other) => other.workload === workload) ?? cases[0];
  return one === undefined ? '' : caseName(one);
}
