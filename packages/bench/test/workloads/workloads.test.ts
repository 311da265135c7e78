import { stateDifference } from '@overmap/batch';
import {
  CAP_WORDS,
  CapType,
  type Kernel,
  MAPPED,
  OBJECT,
  POLICIES,
  type PolicyName,
  TYPE_MASK,
  visitEntries,
} from '@overmap/core';
import { describe, expect, it } from 'vitest';
import {
  allCases,
  type BenchCase,
  type Build,
  BUILDS,
  caseName,
  runModelled,
  type WorkCounts,
} from '../../src/index.ts';
import { prepareCase, type PreparedCase, runPrepared } from '../../src/run-modelled.ts';
import { architectureOf } from '../../src/workloads/builds.ts';
import { timedTaskOf } from '../../src/workload-task.ts';

const ALL_POLICIES = Object.keys(POLICIES) as PolicyName[];
/** Around what a list of maps holds, and more than there is. */
const BATCHES = [4, 39, 40, 256];
const PAGES = 41;

const workloadsOf = (build: Build, bits = 12): BenchCase[] =>
  allCases({ builds: [build], policies: ['strict'], batches: [1], pages: bits > 12 ? 5 : PAGES, bits: [bits] });

/** All pages of the vspace, as text. */
function pagesOf({ bed: { kernel } }: PreparedCase): string {
  const seen: number[][] = [];
  visitEntries(kernel, kernel.caps[2 * CAP_WORDS + OBJECT], (...entry) => {
    if (entry[5] < 0) seen.push(entry);
  });
  return seen.join('\n');
}

const maintenance = (work: WorkCounts): number =>
  (
    [
      'sfence',
      'cleanEntry',
      'tlbiPage',
      'tlbiAsid',
      'vspaceSwitch',
      'invlpg',
      'structureCacheFlush',
      'cr3Write',
    ] as const
  )
    .map((name) => work[name] ?? 0)
    .concat(work.flushAsid ?? 0)
    .reduce((sum, n) => sum + n, 0);

/** What a batched run must have in common with the single one, and where it may not be dearer; none = all is well. */
function complaints(single: PreparedCase, work: WorkCounts, batched: PreparedCase, batchedWork: WorkCounts): string[] {
  const of = (one: WorkCounts, name: keyof WorkCounts): number => one[name] ?? 0;
  const strict = batched.bed.benchCase.policy === 'strict';
  const found: [what: string, holds: boolean][] = [['the same pages', pagesOf(batched) === pagesOf(single)]];
  // Where over-mapping is allowed, singles of `replace` do something else, and leave stale capabilities behind.
  if (strict)
    found.push(
      ['the same state', stateDifference(batched.bed.kernel, single.bed.kernel) === null],
      ['fewer entries', of(batchedWork, 'entry') < of(work, 'entry')],
      ['no more levels', of(batchedWork, 'walkLevel') <= of(work, 'walkLevel')],
      ['no more maintenance', maintenance(batchedWork) <= maintenance(work)],
      ['the same tables', of(batchedWork, 'tableMap') === of(work, 'tableMap')],
      ['the same zeroes', of(batchedWork, 'zeroedByte') === of(work, 'zeroedByte')],
      ['the same changes', of(batchedWork, 'element') === changesOf(work)],
    );
  return found.filter(([, holds]) => !holds).map(([what]) => `${caseName(batched.bed.benchCase)}: not ${what}`);
}

describe.each(BUILDS)('on %s', (build) => {
  it('every workload does what it should under every policy, and batches end where singles end', {
    timeout: 120_000,
  }, () => {
    const cases = workloadsOf(build).flatMap((base) => ALL_POLICIES.map((policy) => ({ ...base, policy })));
    // Four workloads have three patterns each, four have none.
    expect(cases).toHaveLength(16 * ALL_POLICIES.length);
    for (const one of cases) {
      const single = prepareCase(one);
      const { work, invocations, operations } = runPrepared(single);
      expect(invocations).toBe(operations);
      for (const batch of BATCHES) {
        const batched = prepareCase({ ...one, batch });
        const result = runPrepared(batched);
        expect(result.failed).toBeNull();
        expect(complaints(single, work, batched, result.work)).toEqual([]);
      }
    }
  });

  it.each(architectureOf(build).sizes.map(({ bits }) => bits))('every workload with pages of 2^%d bytes', (bits) => {
    for (const base of workloadsOf(build, bits))
      for (const policy of ['legacy', 'strict', 'exact'] as const)
        for (const batch of [1, 3]) {
          const { failed, name } = runModelled({ ...base, policy, batch });
          expect(failed, name).toBeNull();
        }
  });

  it('an iteration that is timed leaves everything as it was', { timeout: 60_000 }, () => {
    for (const base of workloadsOf(build))
      for (const [policy, batch] of [
        ['legacy', 1],
        ['strict', 1],
        ['permissive-aware', 1],
        ['strict', 16],
      ] as const) {
        const prepared = prepareCase({ ...base, policy, batch });
        const { bed } = prepareCase({ ...base, policy, batch });
        const task = timedTaskOf(prepared);
        task.prepare();
        task.run();
        forgetUnmapped(prepared.bed.kernel);
        expect(stateDifference(prepared.bed.kernel, bed.kernel), task.name).toBeNull();
        expect(prepared.bed.kernel.sink).toBeNull();
        expect(task.pages % prepared.pages).toBe(0);
      }
  });
});

/** An unmapped table's capability keeps the words of its last mapping, which nothing looks at. */
function forgetUnmapped({ caps }: Kernel): void {
  for (let c = 0; c < caps.length; c += CAP_WORDS)
    if ((caps[c] & TYPE_MASK) === CapType.table && (caps[c] & MAPPED) === 0) caps.fill(0, c + 1, c + 4);
}

/** Maps and unmaps that did something: what batches have as elements. */
const changesOf = (single: WorkCounts): number => (single.map ?? 0) - (single.lookupFault ?? 0) + (single.unmap ?? 0);

describe('what a workload counts', () => {
  const of = (over: Partial<BenchCase>): ReturnType<typeof runModelled> =>
    runModelled({
      workload: 'map',
      pattern: 'contiguous',
      build: 'aarch64',
      arch: 'aarch64',
      policy: 'strict',
      bits: 12,
      pages: 64,
      batch: 1,
      seed: 1,
      ...over,
    });

  it('map, one by one', () => {
    expect(of({})).toMatchObject({
      name: 'map/contiguous/aarch64/4K/64/strict/single',
      pages: 64,
      operations: 64,
      invocations: 64,
      work: { entry: 64, call: 64, map: 64, occupied: 64, walkLevel: 256, cleanEntry: 64 },
      failed: null,
    });
  });

  it('map, contiguous: a window looks up no element, and walks once for each leaf table', () => {
    const { work, invocations } = of({ batch: 16 });
    expect(invocations).toBe(4);
    expect(work).toEqual({ entry: 4, call: 4, batch: 4, element: 64, elementWrite: 64, walkLevel: 16, cleanEntry: 64 });
  });

  it('map, random: a batch of 64 is two lists', () => {
    const { work, invocations } = of({ batch: 64, pattern: 'random' });
    expect(invocations).toBe(2);
    expect(work).toMatchObject({ element: 64, elementLookup: 64 });
  });

  it.each([
    ['map', 256, 7],
    ['protect', 256, 10],
    ['unmap', 256, 3],
  ] as const)('%s, random: a batch of %d is as many lists as it takes', (workload, pages, lists) => {
    const rounds = workload === 'protect' ? 2 : 1;
    expect(of({ workload, pages, batch: 256, pattern: 'random' }).invocations).toBe(lists);
    expect(of({ workload, pages, batch: 256, pattern: 'contiguous' }).invocations).toBe(rounds);
  });

  it('protect: two changes of each page, for less and for more', () => {
    expect(of({ workload: 'protect' })).toMatchObject({
      pages: 128,
      operations: 128,
      work: { map: 128, tlbiPage: 128 },
    });
  });

  it('replace: one map where that is allowed, unmap and map elsewhere', () => {
    const legacy = of({ workload: 'replace', policy: 'legacy' });
    expect(legacy).toMatchObject({ pages: 64, operations: 64, work: { map: 64, tlbiPage: 64 } });
    expect(legacy.work.unmap).toBeUndefined();
    expect(of({ workload: 'replace' })).toMatchObject({ pages: 64, operations: 128, work: { map: 64, unmap: 64 } });
    const riscv = of({ workload: 'replace', policy: 'legacy', build: 'riscv64', arch: 'riscv64' });
    expect(riscv.work).toMatchObject({ map: 64, unmap: 64, sfence: 128 });
  });

  it('heap: a refused map for each missing table', () => {
    const { work, operations } = of({ workload: 'heap', pattern: null });
    const tables = work.tableMap ?? 0;
    expect(tables).toBeGreaterThan(2);
    expect(work).toMatchObject({ map: 64 + tables, lookupFault: tables });
    expect(operations).toBe(64 + 2 * tables);
    const batched = of({ workload: 'heap', pattern: null, batch: 16 }).work;
    expect(batched).toMatchObject({ tableMap: tables, element: 64, elementLookup: 64 + tables, elementWrite: 64 });
    expect(batched.lookupFault).toBeUndefined();
  });

  it('space: every table is mapped, unmapped and zeroed', () => {
    const { work } = of({ workload: 'space', pattern: null });
    const tables = work.tableMap ?? 0;
    expect(work).toMatchObject({ map: 64, unmap: 64, tableUnmap: tables, zeroedByte: tables * 4096 });
  });

  it('window: a batch is not larger than the window', () => {
    expect(of({ workload: 'window', pattern: null, batch: 256 }).invocations).toBe(8);
  });
});

describe('the seed', () => {
  const scattered = allCases({ builds: ['aarch64', 'ia32'], patterns: ['random'], batches: [16], pages: 50 });

  it('determines everything', () => {
    for (const one of scattered) expect(runModelled(one)).toEqual(runModelled(one));
  });

  it('chooses addresses', () => {
    for (const one of scattered) {
      if (one.workload === 'space' || one.workload === 'window') continue;
      const addresses = [1, 2].map((seed) => {
        const { script } = prepareCase({ ...one, seed });
        return Array.from(script.rows.vaddrLo.subarray(0, script.count));
      });
      expect(addresses[0], caseName(one)).not.toEqual(addresses[1]);
    }
  });

  it('chooses each address once', () => {
    for (const pages of [3, 1000]) {
      const one = { ...scattered[0], workload: 'map', pattern: 'random', build: 'ia32', arch: 'ia32', pages } as const;
      const { script } = prepareCase(one);
      expect(new Set(script.rows.vaddrLo).size).toBe(pages);
    }
  });
});
