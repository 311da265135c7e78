import { Op, perform, type SlotRule } from '@overmap/core';
import { describe, expect, it, vi } from 'vitest';
import { architectureOf, type BuildName } from '../../src/builds.ts';
import { Beliefs } from '../../src/holes/beliefs.ts';
import { amongCopies, findHoles } from '../../src/holes/find-holes.ts';
import { doStep, ENGINE, type Engine } from '../../src/holes/judge-step.ts';
import { searchWorld } from '../../src/holes/search.ts';
import { SmallWorld } from '../../src/holes/small-world.ts';
import { WorldState } from '../../src/holes/world-state.ts';
import { engineRule, type Judged } from '../../src/rule.ts';

/** What was found on one build: kinds and steps. */
async function kindsOf(
  judged: Judged,
  build: BuildName,
  depth = 5,
  engine: Engine = ENGINE,
): Promise<Record<string, number>> {
  const { holes } = await findHoles(judged, { builds: [build], depth, engine });
  return Object.fromEntries(
    holes.filter((hole) => !amongCopies(hole)).map(({ cause, breach }) => [cause, breach.path.length]),
  );
}

const BUILDS_WITH_PATCH = ['ia32', 'x86_64', 'aarch32', 'aarch64'] as const;

// Searches and suites take seconds each; a busy machine needs its time.
vi.setConfig({ testTimeout: 180_000 });

describe('the shortest ways around a rule', () => {
  it.each(BUILDS_WITH_PATCH)('strict, %s: the stale remap, in five steps', async (build) => {
    expect(await kindsOf('strict', build)).toMatchObject({ 'stale-table-unmapped': 5, 'stale-table-deleted': 5 });
  });

  it.each([
    ['ia32', 5],
    ['aarch32', 5],
    ['riscv32', 5],
    ['riscv64', 5],
    // Their largest pages do not lie in the root, so that a table has to be mapped, too.
    ['x86_64', 6],
    ['aarch64', 6],
  ] as const)('strict, %s: the reused ASID, in %i steps', async (build, steps) => {
    const found = new Map<string, number>();
    const size = architectureOf(build).sizes.at(-1);
    if (size === undefined) throw new Error('no size');
    await searchWorld(new SmallWorld(build, size, engineRule('strict')), { depth: steps }, ({ path, violations }) => {
      for (const { cause } of violations) if (!found.has(cause)) found.set(cause, path.length);
    });
    expect(found.get('asid-reuse')).toBe(steps);
  });

  it.each(['riscv32', 'riscv64'] as const)('strict, %s: the entry without rights, in three', async (build) => {
    expect(await kindsOf('strict', build, 3)).toEqual({ 'no-rights': 3 });
  });

  it.each(BUILDS_WITH_PATCH)('legacy, %s: the over-map first', async (build) => {
    const found = Object.entries(await kindsOf('legacy', build, 3));
    expect(found[0]).toEqual(['over-map', 2]);
  });

  it.each([...BUILDS_WITH_PATCH, 'riscv32', 'riscv64'] as const)('exact, %s: none', async (build) => {
    const { holes, worlds } = await findHoles('exact', { builds: [build], depth: 5 });
    expect(holes.filter((hole) => !amongCopies(hole))).toEqual([]);
    expect(worlds).toHaveLength(architectureOf(build).sizes.length);
    for (const world of worlds) expect(world.expanded).toBeGreaterThan(700);
  });

  it('takes a rule of the user', async () => {
    const sameFrame: SlotRule = ({ entry }) => (entry === null || entry.holdsThisFrame ? 'ok' : 'DeleteFirst');
    expect(await kindsOf({ name: 'same frame', rule: sameFrame }, 'riscv32', 5)).toEqual({});
    const unlessMapped: SlotRule = ({ entry, records }) => (entry === null || records !== null ? 'ok' : 'DeleteFirst');
    expect(await kindsOf({ name: 'unless mapped', rule: unlessMapped }, 'riscv32', 5)).toMatchObject({
      'no-rights': 3,
    });
  });

  it('is the same every time', async () => {
    const run = async () => {
      const { holes, worlds } = await findHoles('strict', { builds: ['riscv32'], depth: 5 });
      return { worlds, holes: holes.map(({ cause, properties, breach }) => [cause, properties, breach.path]) };
    };
    expect(await run()).toEqual(await run());
  });

  it('names the properties that are broken', async () => {
    const { holes } = await findHoles('strict', { builds: ['riscv32'], depth: 3 });
    expect(holes.map(({ cause, properties }) => [cause, [...properties].sort()])).toEqual([
      ['no-rights', ['displacement', 'layout', 'loss']],
    ]);
  });

  it('ends where it is asked to', async () => {
    const { interrupted, worlds } = await findHoles('exact', { builds: ['aarch64'], depth: 9, stop: () => true });
    expect(interrupted).toBe(true);
    expect(worlds).toEqual([]);
  });
});

describe('the properties can be broken', () => {
  it('by an unmap that leaves the page', async () => {
    const forgets: Engine = {
      check: ENGINE.check,
      perform(k, columns, row) {
        if (columns.op[row] !== Op.unmap) perform(k, columns, row);
        else k.caps.fill(0, columns.cap[row] * 8 + 1, columns.cap[row] * 8 + 4);
      },
    };
    expect(await kindsOf('exact', 'ia32', 3, forgets)).toEqual({ 'still-there': 2 });
  });

  it('by an unmap that clears whatever is there', async () => {
    const clears: Engine = {
      check: ENGINE.check,
      perform(k, columns, row) {
        const before = k.caps[columns.cap[row] * 8 + 1];
        perform(k, columns, row);
        // Every page of the small table: also another frame's.
        if (columns.op[row] !== Op.unmap || before === 0) return;
        for (let at = k.zeros; at < k.arenaEnd; at++) if (k.links[at] < 0) k.links[at] = 0;
      },
    };
    expect(await kindsOf('exact', 'ia32', 3, clears)).toEqual({ 'copy-alias': 3 });
  });
});

describe('the reductions', () => {
  /** Kinds and steps by trying every sequence, without looking at states at all. */
  function naive(world: SmallWorld, depth: number): Map<string, number> {
    const beliefs = new Beliefs(world);
    const state = new WorldState(world, beliefs);
    const found = new Map<string, number>();
    const go = (steps: number): void => {
      const here = state.save();
      for (let move = 0; move < world.moves.length; move++) {
        const { outcome, violations } = doStep(world, beliefs, move);
        if (outcome !== 0) continue;
        for (const { property, cause } of violations) {
          const key = `${property} ${cause}`;
          found.set(key, Math.min(found.get(key) ?? depth, steps));
        }
        if (steps < depth && violations.every(({ property }) => property === 'copies')) go(steps + 1);
        state.restore(here);
      }
    };
    go(1);
    return found;
  }

  it.each([
    ['riscv32', 22, 4, 'strict'],
    ['riscv32', 12, 3, 'strict'],
    ['aarch32', 24, 4, 'legacy'],
    ['ia32', 12, 4, 'permissive-aware'],
  ] as const)('%s, 2^%i, %i steps, %s: nothing is lost', async (build, bits, depth, policy) => {
    const size = architectureOf(build).sizes.find((one) => one.bits === bits);
    if (size === undefined) throw new Error('no such size');
    const reduced = new Map<string, number>();
    await searchWorld(new SmallWorld(build, size, engineRule(policy)), { depth }, ({ path, violations }) => {
      for (const { property, cause } of violations) {
        const key = `${property} ${cause}`;
        reduced.set(key, Math.min(reduced.get(key) ?? depth, path.length));
      }
    });
    const all = naive(new SmallWorld(build, size, engineRule(policy)), depth);
    expect(all.size).toBeGreaterThan(0);
    expect([...reduced].sort()).toEqual([...all].sort());
  });

  it('count fewer states than there are sequences, and all there are within them', async () => {
    const [size] = architectureOf('ia32').sizes.slice(-1);
    if (size === undefined) throw new Error('no size');
    const covered = await searchWorld(new SmallWorld('ia32', size, engineRule('exact')), { depth: 40 }, () => {});
    expect(covered.complete).toBe(true);
    expect(covered.expanded).toBe(covered.states);
    expect(covered.tried).toBe(covered.states * 28);
    expect(covered.depth).toBeLessThan(40);
  });
});
