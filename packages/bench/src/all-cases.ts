import type { PolicyName } from '@overmap/core';
import {
  type BenchCase,
  type Build,
  BUILDS,
  caseName,
  type Pattern,
  PATTERNS,
  sizeName,
  WORKLOADS,
  type WorkloadName,
} from './bench-case.ts';
import { architectureOf, BUILD_HEADERS } from './workloads/builds.ts';
import { mostPages, WORKLOAD_BY_NAME } from './workloads/registry.ts';

/** Which cases there are to be. What is left out has its default. */
export interface CaseOptions {
  /** All builds; quick: aarch64, riscv64 and x86_64. */
  readonly builds?: readonly Build[];
  /** All. */
  readonly workloads?: readonly WorkloadName[];
  /** All, where a workload has them; quick: contiguous and random. */
  readonly patterns?: readonly Pattern[];
  /** Policies of single invocations: legacy and strict. Batches are strict. */
  readonly policies?: readonly PolicyName[];
  /** Operations in an invocation, 1 = single: 1, 4, 16, 64, 256; quick: 1, 16, 256. */
  readonly batches?: readonly number[];
  /** log2 of page sizes: 12. Builds that lack a size have no cases of it. */
  readonly bits?: readonly number[];
  /** 1,024; quick: 256. */
  readonly pages?: number;
  /** 1. */
  readonly seed?: number;
  /** Fewer of everything that is not named. */
  readonly quick?: boolean;
}

/** A case cannot be as it was asked for. The message says what to do. */
export class BenchCaseError extends RangeError {
  constructor(message: string) {
    super(message);
    this.name = 'BenchCaseError';
  }
}

/**
 * All combinations of what was asked.
 *
 * @returns the cases, sorted by name, each once
 * @throws BenchCaseError when no build has one of the sizes, or a build has no room for so many pages
 */
export function allCases(options: CaseOptions = {}): BenchCase[] {
  const quick = options.quick === true;
  const {
    builds = quick ? (['aarch64', 'riscv64', 'x86_64'] as const) : BUILDS,
    workloads = WORKLOADS,
    patterns = quick ? (['contiguous', 'random'] as const) : PATTERNS,
    policies = ['legacy', 'strict'],
    batches = quick ? [1, 16, 256] : [1, 4, 16, 64, 256],
    bits: sizes = [12],
    pages = quick ? 256 : 1024,
    seed = 1,
  } = options;
  const byName = new Map<string, BenchCase>();
  for (const bits of sizes) {
    const having = builds.filter((build) => sizesOf(build).includes(bits));
    if (having.length === 0) throw new BenchCaseError(`${missingSize(builds, bits)}; choose one that they have`);
    for (const build of having)
      for (const workload of workloads)
        for (const pattern of WORKLOAD_BY_NAME[workload].patterns ? patterns : [null]) {
          const most = mostPages(workload, pattern, architectureOf(build), bits);
          if (pages > most)
            throw new BenchCaseError(
              `${build} has no room for ${pages} pages of ${sizeName(bits)} in ${[workload, pattern ?? []].flat().join('/')}; ask for at most ${most}`,
            );
          const { arch } = BUILD_HEADERS[build];
          for (const batch of batches)
            for (const policy of batch === 1 ? policies : (['strict'] as const)) {
              const one = { workload, pattern, build, arch, policy, bits, pages, batch, seed };
              byName.set(caseName(one), one);
            }
        }
  }
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

const sizesOf = (build: Build): number[] => architectureOf(build).sizes.map(({ bits }) => bits);

function missingSize(builds: readonly Build[], bits: number): string {
  const have = builds.map((build) => `${build}: ${sizesOf(build).map(sizeName).join(', ')}`);
  return `there are no pages of ${sizeName(bits)} (${have.join('; ')})`;
}
