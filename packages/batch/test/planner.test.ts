import fc from 'fast-check';
import { Batcher, batchOfRows, type Cut, Planner, type PlannerOptions, stateDifference } from '@overmap/batch';
import { CAP_WORDS, Columns, Flag, invoke, OK, Op, SIZE_MASK, SIZE_SHIFT } from '@overmap/core';
import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, type Configuration, configuration } from '../../core/test/sel4/configurations.ts';
import { address } from '../../core/test/sel4/laws/law.ts';
import { fill, type Invocation, POOL, World } from '../../core/test/sel4/world.ts';

/*
 * The planner: its output does what its input did.
 */

const FRAMES = 12;
const FIRST = 20;
const VSPACES = [POOL + 1, POOL + 2];

function world(c: Configuration, policy: 'legacy' | 'strict'): World {
  const w = new World(c, policy);
  let table = POOL + 3;
  for (const v of VSPACES) {
    w.retype(c.root, 0, v);
    w.must({ op: 'assign', src: POOL, vspace: v });
    for (const obj of c.tables) {
      w.retype(obj, 0, table);
      w.must({ op: 'map_table', cap: table++, vspace: v, vaddr: address(c) });
    }
  }
  for (let i = 0; i < FRAMES; i++) w.retype('page', 12, FIRST + i);
  return w;
}

/** Runs of maps and unmaps, with all kinds of things in between. */
function traces(c: Configuration): fc.Arbitrary<Invocation[]> {
  const range = fc.record({
    from: fc.nat(FRAMES - 1),
    n: fc.integer({ min: 1, max: FRAMES }),
    shift: fc.integer({ min: -1, max: 1 }),
  });
  const cap = fc.integer({ min: FIRST, max: FIRST + FRAMES + 3 });
  const runs = (build: (i: number, shift: number, v: number) => Invocation): fc.Arbitrary<Invocation[]> =>
    fc
      .tuple(range, fc.nat(9))
      .map(([{ from, n, shift }, v]) =>
        Array.from({ length: Math.min(n, FRAMES - from) }, (_, i) => build(from + i, shift, v === 0 ? 1 : 0)),
      );
  const one = (a: fc.Arbitrary<Invocation>): fc.Arbitrary<Invocation[]> => a.map((v) => [v]);
  return fc
    .array(
      fc.oneof(
        {
          weight: 5,
          arbitrary: runs((i, shift, v) => ({
            op: 'map',
            cap: FIRST + i,
            vspace: VSPACES[v] ?? 0,
            vaddr: address(c) + BigInt(i + shift + 1) * 0x1000n,
            rights: 'rw',
          })),
        },
        { weight: 4, arbitrary: runs((i) => ({ op: 'unmap', cap: FIRST + i })) },
        {
          weight: 3,
          arbitrary: one(
            fc.record({
              op: fc.constant('retype' as const),
              obj: fc.constant('page' as const),
              bits: fc.constant(12),
              cap,
            }),
          ),
        },
        {
          weight: 3,
          arbitrary: runs((i) => ({ op: 'unmap', cap: FIRST + i })).map((all) =>
            all.flatMap((v): Invocation[] => [v, { op: 'delete', cap: v.cap ?? 0 }]),
          ),
        },
        {
          weight: 2,
          arbitrary: one(
            fc.record({
              op: fc.constantFrom('copy' as const, 'move' as const),
              src: cap,
              cap,
              rights: fc.constant('rw'),
            }),
          ),
        },
        {
          weight: 2,
          arbitrary: one(
            fc.record({ op: fc.constantFrom('delete' as const, 'address' as const, 'revoke' as const), cap }),
          ),
        },
        { weight: 1, arbitrary: one(fc.constant<Invocation>({ op: 'unmap_table', cap: POOL + 2 + c.tables.length })) },
        {
          weight: 1,
          arbitrary: one(
            fc.constantFrom<Invocation>({ op: 'delete', cap: VSPACES[1] ?? 0 }, { op: 'mark' }, { op: 'mark' }),
          ),
        },
      ),
      { maxLength: 14 },
    )
    .map((all) => all.flat());
}

interface Planned {
  readonly order: readonly number[];
  readonly batches: readonly number[];
  readonly outcomes: ReadonlyMap<number, number>;
  readonly w: World;
  readonly cuts: Readonly<Record<Cut, number>>;
}

/** Plan a recorded trace, and do what the plan says on a fresh world. */
function follow(c: Configuration, columns: Columns, options: PlannerOptions): Planned {
  const w = world(c, 'strict');
  const k = w.kernel;
  const batcher = new Batcher(k, w.policy);
  const order: number[] = [];
  const batches: number[] = [];
  const outcomes = new Map<number, number>();
  const receiver = {
    single(rows: Columns, i: number): void {
      order.push(rows.event[i]);
      if (rows.op[i] !== Op.mark) outcomes.set(rows.event[i], invoke(k, rows, i, w.policy));
    },
    batch({ kind, rows, count, window }: Parameters<ConstructorParameters<typeof Planner>[0]['batch']>[0]): void {
      batches.push(count);
      const { done } = batcher.run(batchOfRows(rows, 0, count, kind, window));
      for (let i = 0; i < count; i++) {
        order.push(rows.event[i]);
        outcomes.set(rows.event[i], i < done ? OK : -1);
      }
    },
  };
  const planner = new Planner(receiver, options);
  for (let i = 0; i < columns.count; i++) {
    const slot = columns.cap[i];
    planner.offer(columns, i, {
      known: true,
      bytes: 1 << k.sizeBits[(k.caps[slot * CAP_WORDS] >> SIZE_SHIFT) & SIZE_MASK],
    });
  }
  planner.end();
  return { order, batches, outcomes, w, cuts: planner.cuts };
}

/** Record a trace: every row with its outcome. */
function record(c: Configuration, trace: readonly Invocation[]): { columns: Columns; w: World } {
  const w = world(c, 'strict');
  const columns = new Columns(Math.max(1, trace.length));
  trace.forEach((v, i) => {
    fill(columns, i, v.op === 'retype' ? { ...v, paddr: w.memory(12) } : v);
    columns.event[i] = i;
    columns.outcome[i] = v.op === 'mark' ? -1 : invoke(w.kernel, columns, i, w.policy);
  });
  columns.count = trace.length;
  return { columns, w };
}

describe.each(CONFIGURATIONS)('plans on $name', (c) => {
  it.each([
    ['in order', {}],
    ['in order, without windows', { windows: false }],
    ['with small windows', { maxPages: 3 }],
    ['reordered', { reorder: true }],
  ])('%s reach the same state with the same outcomes', (_, options: PlannerOptions) => {
    let folded = 0;
    fc.assert(
      fc.property(traces(c), (trace) => {
        const { columns, w } = record(c, trace);
        const planned = follow(c, columns, options);
        const recorded = new Map([...planned.outcomes.keys()].map((event) => [event, columns.outcome[event]]));
        expect(planned.outcomes).toEqual(recorded);
        expect(stateDifference(w.kernel, planned.w.kernel)).toBeNull();
        const inOrder = trace.map((__, i) => i);
        expect(options.reorder === true ? planned.order.toSorted((a, b) => a - b) : planned.order).toEqual(inOrder);
        folded += planned.batches.length;
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(folded).toBeGreaterThan(20);
  });
});

describe('a plan', () => {
  const c = configuration('aarch64');
  const base = address(c);
  const map = (i: number, more: Partial<Invocation> = {}): Invocation => ({
    op: 'map',
    cap: FIRST + i,
    vspace: VSPACES[0] ?? 0,
    vaddr: base + BigInt(i) * 0x1000n,
    rights: 'rw',
    ...more,
  });
  const plan = (
    trace: readonly Invocation[],
    options: PlannerOptions = {},
    mark?: (columns: Columns) => void,
  ): Planned => {
    const { columns } = record(c, trace);
    mark?.(columns);
    return follow(c, columns, options);
  };
  const told = ({ cuts }: Planned): unknown => Object.fromEntries(Object.entries(cuts).filter(([, n]) => n > 0));
  const three = [map(0), map(1), map(2)];

  it('folds consecutive maps', () => {
    const planned = plan(three);
    expect(planned.batches).toEqual([3]);
    expect(told(planned)).toEqual({ end: 1 });
  });

  it.each<[Cut, Invocation[], number[]]>([
    ['different kind', [...three, { op: 'unmap', cap: FIRST + 5 }, { op: 'unmap', cap: FIRST + 6 }], [3, 2]],
    ['other operation', [...three, { op: 'delete', cap: FIRST + 7 }], [3]],
    ['same capability', [...three, { op: 'address', cap: FIRST + 1 }], [3]],
    ['same capability', [map(0), map(1), map(1), map(2)], [2, 3]],
    ['refused', [...three, map(3, { vaddr: base + 8n })], [3]],
    ['vspace changed', [...three, map(3, { vspace: VSPACES[1] ?? 0 }), map(4, { vspace: VSPACES[1] ?? 0 })], [3, 2]],
    ['mark', [...three, { op: 'mark' }], [3]],
    ['state', [...three, { op: 'state', vspace: VSPACES[0] ?? 0 }], [3]],
  ])('ends a run at a %s', (cut, trace, batches) => {
    const planned = plan([...trace, map(10)]);
    expect(planned.batches).toEqual(batches);
    expect(planned.cuts[cut]).toBeGreaterThan(0);
  });

  it('ends a run at its size limit, which is higher for a window', () => {
    expect(plan(three, { maxPages: 2 }).batches).toEqual([3]);
    const scattered = Array.from({ length: 12 }, (_, i) => map(11 - i));
    expect(plan(scattered, { maxPages: 2 }).batches).toEqual([12]);
    const many = Array.from({ length: 130 }, (): Invocation => ({ op: 'unmap', cap: FIRST }));
    const separate = plan(many);
    expect(separate.batches).toEqual([]);
    expect(told(separate)).toEqual({ 'same capability': 129, end: 1 });
  });

  it.each<[string, Invocation[]]>([
    ['a gap between addresses', [map(0), map(1, { vaddr: base + 0x5000n }), map(2)]],
    ['other rights', [map(0), map(1, { rights: 'r' }), map(2)]],
    ['other attributes', [map(0), map(1, { attr: 4 }), map(2)]],
    ['a gap between slots', [map(0), map(2), map(3)]],
  ])('makes no window of %s', (_, trace) => {
    const { w } = record(c, trace);
    const planned = plan(trace);
    expect(planned.batches).toEqual([3]);
    expect(stateDifference(w.kernel, planned.w.kernel)).toBeNull();
  });

  it('ends a run at another thread, and folds no events that rebuild a state', () => {
    const other = plan(three, {}, (columns) => {
      columns.thread[2] = 5;
    });
    expect(other.batches).toEqual([2]);
    expect(told(other)).toEqual({ 'other thread': 1, end: 1 });
    const rebuilt = plan(three, {}, (columns) => {
      columns.flags[0] = Flag.boot;
      columns.flags[2] = Flag.synth;
    });
    expect(rebuilt.batches).toEqual([]);
  });

  it('lets what does not depend on a run pass in front of it, only when it may', () => {
    const trace: Invocation[] = [map(0), { op: 'copy', src: FIRST + 8, cap: FIRST + 14, rights: 'r' }, map(1)];
    expect(plan(trace).batches).toEqual([]);
    const planned = plan(trace, { reorder: true });
    expect(planned.batches).toEqual([2]);
    expect(planned.order).toEqual([1, 0, 2]);
    const freed: Invocation[] = [0, 1, 2].flatMap((i): Invocation[] => [
      { op: 'unmap', cap: FIRST + i },
      { op: 'delete', cap: FIRST + i },
    ]);
    expect(plan([...three, ...freed]).batches).toEqual([3]);
    const emptied = plan([...three, ...freed], { reorder: true });
    expect(emptied.batches).toEqual([3, 3]);
    expect(emptied.order).toEqual([0, 1, 2, 3, 5, 7, 4, 6, 8]);
    // The untyped gives memory out again only when what was in it is deleted.
    const again: Invocation[] = [
      ...freed.slice(0, 2),
      { op: 'retype', obj: 'page', bits: 12, cap: FIRST + 13 },
      ...freed.slice(2),
    ];
    expect(plan([...three, ...again], { reorder: true }).order).toEqual([0, 1, 2, 3, 4, 5, 6, 8, 7, 9]);
    // A deletion of what is not unmapped by the run may take mappings away.
    const other: Invocation[] = [freed[0] ?? map(0), { op: 'delete', cap: FIRST + 9 }, freed[2] ?? map(0)];
    expect(plan([...three, ...other], { reorder: true }).batches).toEqual([3]);
    const depends: Invocation[] = [map(0), { op: 'copy', src: FIRST, cap: FIRST + 14, rights: 'r' }, map(1)];
    expect(plan(depends, { reorder: true }).batches).toEqual([]);
  });
});
