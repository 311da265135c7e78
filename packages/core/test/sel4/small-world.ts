import fc from 'fast-check';
import type { Obj } from '../../src/sel4/operation.ts';
import type { Configuration } from './configurations.ts';
import { address } from './laws/law.ts';
import { type DrivenBy, type Invocation, POOL, World } from './world.ts';

/*
 * A world with few slots and few addresses, so that random invocations meet each other all the time.
 */

/** Which slots hold what when a run begins; later anything may be anywhere. */
export interface Layout {
  readonly vspaces: readonly number[];
  readonly tables: readonly number[];
  readonly frames: readonly number[];
  readonly spare: readonly number[];
  readonly all: readonly number[];
  readonly addresses: readonly bigint[];
}

const FRAMES_OF_A_SIZE = 2;
const SPARE = 6;

/** The objects of the tables that lie in {@link Layout.tables}: twice the path to a small page. */
const tableObjects = (c: Configuration) => [...c.tables, ...c.tables];

export function layoutOf(c: Configuration): Layout {
  let next = POOL + 1;
  const take = (n: number): number[] => Array.from({ length: n }, () => next++);
  const [vspaces, tables, frames, spare] = [
    take(2),
    take(tableObjects(c).length),
    take(c.pages.length * FRAMES_OF_A_SIZE),
    take(SPARE),
  ];
  const base = address(c);
  // One differs from the first in its high half only.
  const above = c.wordBits === 64 ? [base + (1n << 32n)] : [];
  const addresses = [
    ...new Set([base, base + 0x1000n, ...above, ...c.pages.map(({ bits }) => base + (1n << BigInt(bits)))]),
  ];
  return { vspaces, tables, frames, spare, all: Array.from({ length: next - POOL }, (_, i) => POOL + i), addresses };
}

/** The world at the beginning: two vspaces, the first with its tables in place. */
export function smallWorld(c: Configuration, policy: DrivenBy): World {
  const w = new World(c, policy);
  const layout = layoutOf(c);
  for (const v of layout.vspaces) {
    w.retype(c.root, 0, v);
    w.must({ op: 'assign', src: POOL, vspace: v });
  }
  tableObjects(c).forEach((obj, i) => w.retype(obj, 0, layout.tables[i]));
  layout.frames.forEach((f, i) => w.retype('page', c.pages[Math.floor(i / FRAMES_OF_A_SIZE)].bits, f));
  c.tables.forEach((_, i) =>
    w.must({ op: 'map_table', cap: layout.tables[i], vspace: layout.vspaces[0], vaddr: layout.addresses[0] }),
  );
  return w;
}

/** A retype takes its memory from the world: no two objects may share any. */
export function prepared(w: World, invocation: Invocation): Invocation {
  return invocation.op === 'retype'
    ? { ...invocation, paddr: w.memory(Math.max(invocation.bits ?? 0, 14)) }
    : invocation;
}

/** Random invocations on a small world, most of them sensible. */
export function invocations(c: Configuration, maxLength = 60): fc.Arbitrary<Invocation[]> {
  const layout = layoutOf(c);
  const from = <T>(some: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...some);
  const cap = from(layout.all);
  const mostly = (some: readonly number[]): fc.Arbitrary<number> =>
    fc.oneof({ weight: 9, arbitrary: from(some) }, { weight: 1, arbitrary: cap });
  const frame = mostly([...layout.frames, ...layout.spare]);
  const vspace = mostly(layout.vspaces);
  const table = mostly(layout.tables);
  const vaddr = fc.oneof(
    { weight: 20, arbitrary: from(layout.addresses) },
    { weight: 1, arbitrary: from([8n, c.pastTable, c.pages[0].last]) },
  );
  const rights = from(['rw', 'rw', 'r', '', 'w', 'rwgG']);
  const attr = fc.nat(7);
  const objects: [keyof typeof Obj, number][] = [
    [c.root, 0],
    ...c.tables.map((obj): [keyof typeof Obj, number] => [obj, 0]),
    ...c.pages.map(({ bits }): [keyof typeof Obj, number] => ['page', bits]),
  ];
  const weighted: [number, fc.Arbitrary<Invocation>][] = [
    [10, fc.record({ op: fc.constant('map' as const), cap: frame, vspace, vaddr, rights, attr })],
    [3, fc.record({ op: fc.constant('unmap' as const), cap: frame })],
    [4, fc.record({ op: fc.constant('map_table' as const), cap: table, vspace, vaddr, attr })],
    [4, fc.record({ op: fc.constant('unmap_table' as const), cap: table })],
    [3, fc.record({ op: from(['copy', 'mint', 'move'] as const), src: cap, cap: mostly(layout.spare), rights })],
    [1, fc.record({ op: fc.constant('swap' as const), src: cap, cap })],
    [3, fc.record({ op: fc.constant('delete' as const), cap })],
    [1, fc.record({ op: fc.constant('revoke' as const), cap })],
    [2, fc.record({ op: fc.constant('assign' as const), src: mostly([POOL]), vspace })],
    [1, fc.record({ op: fc.constant('make_pool' as const), cap: mostly([POOL, ...layout.spare]) })],
    [
      2,
      fc
        .record({ object: from(objects), cap: fc.oneof(mostly(layout.spare), cap) })
        .map(({ object: [obj, bits], cap: to }): Invocation => ({ op: 'retype', obj, bits, cap: to })),
    ],
    [1, fc.record({ op: fc.constant('address' as const), cap: frame })],
  ];
  return fc.array(fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
    minLength: 10,
    maxLength,
  });
}

/** Every map that a small world's frames could be asked for. */
export function* everyMap(c: Configuration): Generator<Invocation> {
  const { frames, spare, vspaces, addresses } = layoutOf(c);
  for (const cap of [...frames, ...spare])
    for (const vspace of vspaces)
      for (const vaddr of addresses) yield { op: 'map', cap, vspace, vaddr, rights: 'rw', attr: 0 };
}

/** Delete everything that there is. */
export function deleteAll(w: World): void {
  for (const cap of layoutOf(w.configuration).all) w.must({ op: 'delete', cap });
}
