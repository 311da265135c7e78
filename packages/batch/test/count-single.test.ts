import { countSingle, EffectCounts, Single, SINGLE_NAMES } from '@overmap/batch';
import { CAP_WORDS, CapType, check, Columns, OK, perform, TYPE_MASK } from '@overmap/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, configuration } from '../../core/test/sel4/configurations.ts';
import { address } from '../../core/test/sel4/laws/law.ts';
import { invocations, prepared, smallWorld } from '../../core/test/sel4/small-world.ts';
import { type DrivenBy, fill, type Invocation, World } from '../../core/test/sel4/world.ts';

/** Count one invocation: its kind, whether it asked if the place is free, and whether it answered FailedLookup. */
function counted(w: World, invocation: Invocation): { kind: string; asked: number; failed: number; lookups: number } {
  const counts = new EffectCounts();
  const row = new Columns(1);
  fill(row, 0, invocation);
  const outcome = check(w.kernel, row, 0, w.policy);
  countSingle(w.kernel, row, 0, w.policy, outcome, counts);
  if (outcome === OK) perform(w.kernel, row, 0);
  expect(counts.kernelEntries).toBe(1);
  const kind = SINGLE_NAMES[counts.singles.indexOf(1)] ?? 'none';
  return { kind, asked: counts.occupiedTests, failed: counts.failedLookups, lookups: counts.lookups };
}

function setting(name: string, policy: DrivenBy, bits = 12) {
  const c = configuration(name);
  const w = new World(c, policy);
  const vspace = w.vspace();
  const vaddr = address(c);
  const kind = c.pages.find((page) => page.bits === bits) ?? c.pages[0];
  const tables = w.tablesFor(vspace, vaddr, kind);
  const map = (cap: number): Invocation => ({ op: 'map', cap, vspace, vaddr, rights: 'rw', attr: 0 });
  const mapped = (size = bits): number => {
    const cap = w.frame(size);
    w.must(map(cap));
    return cap;
  };
  return { w, vspace, vaddr, tables, map, mapped };
}

describe('the question whether a place is free', () => {
  it.each<[arch: string, policy: DrivenBy, fresh: number, remap: number, over: number]>([
    ['aarch64', 'legacy', 0, 0, 0],
    ['aarch64', 'strict', 1, 0, 1],
    ['aarch64', 'exact', 1, 1, 1],
    ['aarch64', 'permissive', 0, 0, 0],
    ['aarch64', () => 'ok', 1, 1, 1],
    ['aarch32', 'strict', 1, 1, 1],
    ['x86_64', 'legacy', 0, 0, 0],
    ['x86_64', 'strict', 1, 1, 1],
    ['ia32', 'exact', 1, 1, 1],
    ['riscv64', 'strict', 0, 0, 0],
    ['riscv64', 'exact', 0, 0, 0],
  ])('on %s under %s', (arch, policy, fresh, remap, over) => {
    const { w, map } = setting(arch, policy);
    const cap = w.frame();
    const asked = [map(cap), map(cap), map(w.frame())].map((one) => counted(w, one));
    expect(asked).toEqual([fresh, remap, over].map((times) => ({ kind: 'map', asked: times, failed: 0, lookups: 2 })));
  });

  it('comes before the level on aarch64 and behind the lookup elsewhere', () => {
    for (const [arch, asked] of [
      ['aarch64', 1],
      ['aarch32', 0],
      ['x86_64', 0],
    ] as const) {
      const { w, map, tables } = setting(arch, 'strict');
      w.must({ op: 'unmap_table', cap: tables.at(-1) ?? 0 });
      expect(counted(w, map(w.frame()))).toMatchObject({ kind: 'map', asked, failed: 1 });
    }
  });

  it('is not reached where a table or a page of another size is in the way, or an ASID is dead', () => {
    const x86 = setting('x86_64', 'strict');
    expect(counted(x86.w, x86.map(x86.w.frame(21)))).toMatchObject({ asked: 0, failed: 0 });
    const arm = setting('aarch32', 'strict');
    arm.mapped(16);
    expect(counted(arm.w, arm.map(arm.w.frame(12)))).toMatchObject({ asked: 0, failed: 0 });
    const dead = setting('aarch64', 'strict');
    dead.w.must({ op: 'delete', cap: 1 });
    expect(counted(dead.w, dead.map(dead.w.frame()))).toMatchObject({ kind: 'refusedMap', asked: 0, failed: 1 });
  });
});

describe('the kind of', () => {
  it.each<[kind: (typeof SINGLE_NAMES)[number], of: (s: ReturnType<typeof setting>) => Invocation]>([
    ['map', ({ w, map }) => map(w.frame())],
    ['other', ({ w, map }) => map(w.slot())],
    ['other', ({ vspace, map }) => map(vspace)],
    ['refusedMap', ({ w, map, vaddr }) => ({ ...map(w.frame()), vaddr: vaddr + 8n })],
    ['refusedMap', ({ w, map }) => ({ ...map(w.frame()), vspace: w.frame() })],
    ['unmap', ({ mapped }) => ({ op: 'unmap', cap: mapped() })],
    ['unmapNothing', ({ w }) => ({ op: 'unmap', cap: w.frame() })],
    ['other', ({ w }) => ({ op: 'unmap', cap: w.slot() })],
    ['mapTable', ({ w, vspace, vaddr }) => ({ op: 'map_table', cap: w.retype('table'), vspace, vaddr })],
    ['unmapTable', ({ tables }) => ({ op: 'unmap_table', cap: tables[0] ?? 0 })],
    ['unmapTable', ({ w }) => ({ op: 'unmap_table', cap: w.retype('table') })],
    ['copy', ({ w }) => ({ op: 'copy', src: w.frame(), cap: w.slot(), rights: 'r' })],
    ['move', ({ w }) => ({ op: 'move', src: w.frame(), cap: w.slot() })],
    ['delete', ({ w }) => ({ op: 'delete', cap: w.frame() })],
    ['delete', ({ w }) => ({ op: 'delete', cap: w.slot() })],
    ['deleteMapped', ({ mapped }) => ({ op: 'delete', cap: mapped() })],
    ['deleteTable', ({ tables }) => ({ op: 'delete', cap: tables.at(-1) ?? 0 })],
    ['other', ({ w }) => ({ op: 'address', cap: w.frame() })],
  ])('%s', (kind, of) => {
    const s = setting('aarch64', 'strict');
    expect(counted(s.w, of(s)).kind).toBe(kind);
  });
});

describe.each(CONFIGURATIONS)('on $name', (c) => {
  it('a map of a frame is a refused one exactly if it has not walked', () => {
    const seen = { walked: 0, refused: 0 };
    const wrong: Invocation[] = [];
    const property = fc.property(
      invocations(c),
      fc.constantFrom('legacy', 'strict', 'permissive-aware'),
      (list, policy) => {
        const w = smallWorld(c, policy as DrivenBy);
        const k = w.kernel;
        const row = new Columns(1);
        for (const invocation of list) {
          fill(row, 0, prepared(w, invocation));
          const counts = new EffectCounts();
          k.sink = counts;
          const outcome = check(k, row, 0, w.policy);
          k.sink = null;
          const isFrame = (k.caps[row.cap[0] * CAP_WORDS] & TYPE_MASK) === CapType.frame;
          if (invocation.op === 'map' && isFrame) {
            const walked = counts.walks > 0;
            seen[walked ? 'walked' : 'refused']++;
            countSingle(k, row, 0, w.policy, outcome, counts);
            if (counts.singles[walked ? Single.map : Single.refusedMap] !== 1) wrong.push(invocation);
          }
          if (outcome === OK) perform(k, row, 0);
        }
      },
    );
    fc.assert(property, { numRuns: 100, seed: 7 });
    expect(wrong).toEqual([]);
    expect(Math.min(seen.walked, seen.refused)).toBeGreaterThan(20);
  });
});

it('counts add up', () => {
  const counts = new EffectCounts();
  const scalars = Object.entries(counts).filter(([, value]) => typeof value === 'number');
  scalars.forEach(([name], i) => Object.assign(counts, { [name]: i + 1 }));
  counts.maintenance.forEach((_, kind) => counts.maintained(kind, kind + 1));
  counts.singles.forEach((_, kind) => {
    counts.singles[kind] = kind + 3;
  });
  const twice = counts.plus(counts);
  expect(scalars.map(([name]) => Reflect.get(twice, name))).toEqual(scalars.map((_, i) => 2 * (i + 1)));
  expect([...twice.maintenance]).toEqual([...counts.maintenance].map((n) => 2 * n));
  expect([...twice.singles]).toEqual([...counts.singles].map((n) => 2 * n));
});
