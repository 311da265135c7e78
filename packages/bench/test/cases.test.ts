import { describe, expect, it } from 'vitest';
import { allCases, BenchCaseError, BUILDS, caseName, runModelled, selectCases } from '../src/index.ts';

const names = (cases: Parameters<typeof selectCases>[1]): string[] => cases.map(caseName);

describe('all cases', () => {
  it('are the product of what there is, by name, each once', () => {
    const all = names(allCases());
    // Four workloads have three patterns each, four have none; legacy, strict and four sizes of batches.
    expect(all).toHaveLength(BUILDS.length * (4 * 3 + 4) * 6);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(all.toSorted());
    expect(all).toContain('map/random/riscv64/4K/1024/strict/256');
    expect(all).toContain('heap/-/ia32/4K/1024/legacy/single');
  });

  it('batches are strict, whatever singles are', () => {
    const cases = allCases({
      builds: ['aarch64'],
      workloads: ['space'],
      policies: ['exact', 'legacy'],
      batches: [8, 1],
    });
    expect(names(cases)).toEqual([
      'space/-/aarch64/4K/1024/exact/single',
      'space/-/aarch64/4K/1024/legacy/single',
      'space/-/aarch64/4K/1024/strict/8',
    ]);
  });

  it('doubles are one', () => {
    expect(allCases({ builds: ['ia32', 'ia32'], workloads: ['heap'], batches: [4, 4] })).toHaveLength(1);
  });

  it('quick ones are fewer, and run', () => {
    const quick = allCases({ quick: true });
    expect(quick.length).toBeLessThan(allCases().length / 4);
    expect(quick.filter((one) => runModelled({ ...one, pages: 8 }).failed !== null)).toEqual([]);
    // What is named is not cut.
    expect(allCases({ quick: true, builds: BUILDS, workloads: ['heap'], batches: [4] })).toHaveLength(BUILDS.length);
  });

  it('leave out builds that lack a page size', () => {
    const large = allCases({ bits: [22], workloads: ['heap'], batches: [4], pages: 16 });
    expect(names(large)).toEqual(['heap/-/ia32/4M/16/strict/4', 'heap/-/riscv32/4M/16/strict/4']);
  });

  it('refuse a size that nobody has, and more pages than there is room for', () => {
    expect(() => allCases({ builds: ['riscv64', 'ia32'], bits: [16] })).toThrow(
      new BenchCaseError('there are no pages of 64K (riscv64: 4K, 2M, 1G; ia32: 4K, 4M); choose one that they have'),
    );
    const asked = { builds: ['ia32'], workloads: ['map'], patterns: ['contiguous'], bits: [22] } as const;
    let message = '';
    try {
      allCases(asked);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^ia32 has no room for 1024 pages of 4M in map\/contiguous; ask for at most \d+$/);
    // As many as it says, there are.
    const pages = Number(message.match(/\d+$/)?.[0]);
    const [most] = allCases({ ...asked, pages });
    expect(most === undefined ? 'none' : runModelled(most).failed).toBeNull();
    expect(() => allCases({ ...asked, pages: pages + 1 })).toThrow(BenchCaseError);
  });

  it.each(BUILDS)('have room for as many pages as they say on %s', (build) => {
    for (const workload of ['map', 'replace', 'heap', 'space', 'window', 'guard'] as const)
      for (const bits of [24, 25, 30]) {
        let most = 0;
        try {
          allCases({
            builds: [build],
            workloads: [workload],
            patterns: ['strided'],
            batches: [1],
            bits: [bits],
            pages: 1e9,
          });
        } catch (error) {
          most = Number((error as Error).message.match(/at most (\d+)$/)?.[1] ?? 0);
        }
        if (most === 0 || most > 5000) continue;
        const options = { builds: [build], workloads: [workload], patterns: ['strided'], bits: [bits] } as const;
        const [one] = allCases({ ...options, batches: [4], pages: most });
        expect(one === undefined ? 'none' : runModelled(one).failed, `${workload} ${bits} ${most}`).toBeNull();
      }
  });
});

describe('cases chosen by name', () => {
  const cases = allCases();
  const chosen = (...asked: string[]): string[] => names(selectCases(asked, cases));

  it('nothing chooses everything', () => {
    expect(selectCases([], cases)).toEqual(cases);
  });

  it.each([
    ['map', 9 * 3 * 6],
    ['map/random', 9 * 6],
    ['heap', 9 * 6],
    ['map/random/aarch64', 6],
    ['map/aarch64', 3 * 6],
    ['heap/aarch64/single', 2],
    ['heap/-/aarch64/4K/1024/strict/256', 1],
  ])('%s', (name, count) => {
    const found = chosen(name);
    expect(found).toHaveLength(count);
    for (const one of found) for (const word of name.split('/')) expect(one.split('/')).toContain(word);
  });

  it('several together, each once, in the order of the cases', () => {
    expect(chosen('map/random', 'map/random/ia32', 'heap')).toHaveLength(2 * 9 * 6);
    expect(chosen('unmap/aarch64', 'map/aarch64')).toEqual(chosen('map/aarch64', 'unmap/aarch64'));
  });

  it.each([
    ['mpa', 'there is no case "mpa": did you mean "map"?'],
    ['map/randm/aarch64', 'there is no case "map/randm/aarch64": did you mean "map/random/aarch64"?'],
    ['frobnicate', 'there is no case "frobnicate": there are guard, heap, map, protect, replace, space, unmap, window'],
    ['random', 'there is no case "random": there are guard, heap, map, protect, replace, space, unmap, window'],
    ['map/zzzzzzzz', 'there is no case "map/zzzzzzzz": a whole name is "map/contiguous/aarch32/4K/1024/legacy/single"'],
    [
      'map/aarch64/random',
      'there is no case "map/aarch64/random", though its parts exist: their order is that of "map/contiguous/aarch32/4K/1024/legacy/single"',
    ],
    [
      'heap/random',
      'there is no case "heap/random", though its parts exist: their order is that of "heap/-/aarch32/4K/1024/legacy/single"',
    ],
  ])('refuses %s', (name, message) => {
    expect(() => chosen('map', name)).toThrow(new BenchCaseError(message));
  });
});
