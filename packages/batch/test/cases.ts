import fc from 'fast-check';
import { Atomicity, Batched, type SlotRule } from '@overmap/core';
import {
  Batcher,
  type Batch,
  type BatchKind,
  type BatchPolicy,
  type BatchResult,
  listLimit,
  type RunOptions,
} from '@overmap/batch';
import type { Configuration } from '../../core/test/sel4/configurations.ts';
import { invocations, layoutOf, prepared, smallWorld } from '../../core/test/sel4/small-world.ts';
import { type DrivenBy, letters, POOL, World } from '../../core/test/sel4/world.ts';
import type { Gone } from './singles.ts';

/** Refuses what is occupied by another frame, as a user's rule. */
const sameFrame: SlotRule = ({ entry }) => (entry === null || entry.holdsThisFrame ? 'ok' : 'DeleteFirst');

const DRIVERS: readonly DrivenBy[] = ['legacy', 'strict', 'exact', 'permissive', 'permissive-aware', sameFrame];

/** A kernel in some state, a batch, and how it is run. */
export interface Case {
  readonly configuration: Configuration;
  readonly driver: DrivenBy;
  readonly smp: boolean;
  readonly pcid: boolean;
  readonly build: (w: Configuration) => World;
  readonly batch: Batch;
  readonly tables: readonly number[];
  readonly mode: number;
  readonly cutAfter: number;
  readonly batchPolicy: BatchPolicy;
}

/** A fresh world in the case's state. */
export function worldOf(c: Case): World {
  const config = { ...c.configuration.config, ...(c.smp ? { smp: true } : {}), ...(c.pcid ? { pcid: true } : {}) };
  return c.build({ ...c.configuration, config });
}

const low = (v: bigint): number => Number(BigInt.asIntN(32, v));
const high = (v: bigint): number => Number(BigInt.asIntN(32, v >> 32n));

const RIGHTS = ['rw', 'rw', 'r', '', 'w', 'rwgG'].map(letters);
const from = <T>(some: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...some);
const kinds = from<BatchKind>([Batched.map, Batched.map, Batched.unmap, Batched.protect]);

interface Operands {
  readonly slots: fc.Arbitrary<number>;
  readonly firsts: fc.Arbitrary<number>;
  readonly vspaces: fc.Arbitrary<number>;
  readonly addresses: fc.Arbitrary<bigint>;
  readonly longest: number;
}

function lists(o: Operands): fc.Arbitrary<Batch> {
  const operation = fc.record({ slot: o.slots, vaddr: o.addresses, rights: from(RIGHTS), attr: fc.nat(7) });
  return fc
    .record({ kind: kinds, vspace: o.vspaces, operations: fc.array(operation, { minLength: 1, maxLength: 10 }) })
    .map(({ kind, vspace, operations }) => ({
      form: 'list',
      kind,
      count: Math.min(operations.length, listLimit(kind)),
      vspace,
      slots: Int32Array.from(operations, (x) => x.slot),
      vaddrHi: Int32Array.from(operations, (x) => high(x.vaddr)),
      vaddrLo: Int32Array.from(operations, (x) => low(x.vaddr)),
      rights: Int32Array.from(operations, (x) => x.rights),
      attr: Int32Array.from(operations, (x) => x.attr),
    }));
}

function windows(o: Operands): fc.Arbitrary<Batch> {
  return fc
    .record({
      kind: kinds,
      vspace: o.vspaces,
      first: o.firsts,
      count: fc.integer({ min: 1, max: o.longest }),
      vaddr: o.addresses,
      rights: from(RIGHTS),
      attr: fc.nat(7),
    })
    .map(({ vaddr, ...rest }) => ({ form: 'window', ...rest, vaddrHi: high(vaddr), vaddrLo: low(vaddr) }));
}

const how = {
  driver: from(DRIVERS),
  smp: fc.boolean(),
  pcid: fc.boolean(),
  mode: from([Atomicity.prefix, Atomicity.atomic]),
  cutAfter: fc.nat(12),
  batchPolicy: fc.record({ maxPages: from([3, 8, 512]), flushThreshold: from([0, 1, 2, 16]) }),
};

/** Few slots and few addresses, where everything meets everything, after random invocations. */
function tangled(c: Configuration): fc.Arbitrary<Case> {
  const layout = layoutOf(c);
  const operands: Operands = {
    slots: fc.oneof(
      { weight: 6, arbitrary: from(layout.frames) },
      { weight: 1, arbitrary: from([...layout.all, 0, 5000]) },
    ),
    firsts: from([...layout.frames, ...layout.spare]),
    vspaces: fc.oneof({ weight: 8, arbitrary: from(layout.vspaces) }, { weight: 1, arbitrary: from(layout.all) }),
    addresses: fc.oneof(
      { weight: 9, arbitrary: from(layout.addresses) },
      { weight: 1, arbitrary: from([8n, c.pastTable]) },
    ),
    longest: 10,
  };
  const mapped = from(layout.tables);
  return fc
    .record({
      ...how,
      prior: invocations(c, 25),
      batch: fc.oneof(lists(operands), windows(operands)),
      tables: fc.oneof(fc.constant([]), fc.array(mapped, { maxLength: 4 })),
    })
    .map(({ prior, ...rest }) => ({
      ...rest,
      configuration: c,
      build: (configured) => {
        const w = smallWorld(configured, rest.driver);
        for (const drawn of prior) w.invokePacked(prepared(w, drawn));
        return w;
      },
    }));
}

const PAGES = 24;

/**
 * A row of frames in a row of slots, and a range of addresses over the edge of two leaf tables, with what earlier
 * ranges of maps and unmaps left there: what the loops without calls are made for.
 */
function ranges(c: Configuration): fc.Arbitrary<Case> {
  const kinds_ = c.pages.map((_, i) => i);
  // Slots: the pool, two vspaces, spare tables, frames.
  const vspaces = [POOL + 1, POOL + 2];
  const vspace = POOL + 1;
  const tables = Array.from({ length: 2 * c.tables.length + 2 }, (_, i) => POOL + 3 + i);
  const first = POOL + 3 + tables.length;
  const earlier = fc.record({
    kind: kinds,
    from: fc.nat(PAGES - 1),
    n: fc.integer({ min: 1, max: PAGES }),
    shift: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) },
    ),
    rights: from(RIGHTS),
    attr: fc.nat(7),
    copies: fc.nat(9),
  });
  return fc
    .record({
      ...how,
      size: from([0, 0, 0, ...kinds_]),
      odd: fc.option(fc.record({ at: fc.nat(PAGES - 1), size: from(kinds_) }), { freq: 3 }),
      atTop: fc.nat(9),
      full: fc.boolean(),
      weak: fc.option(fc.record({ at: fc.nat(PAGES - 1), rights: from(['r', '']) }), { freq: 3 }),
      foreign: fc.option(fc.nat(PAGES - 1), { freq: 3 }),
      picked: fc.option(
        fc.array(
          fc.tuple(
            fc.nat(PAGES - 1),
            fc.oneof(
              { weight: 9, arbitrary: fc.constant(0) },
              { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) },
            ),
          ),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        { freq: 3 },
      ),
      before: fc.array(earlier, { maxLength: 3 }),
      bare: fc.nat(4).map((n) => n === 0),
      kind: kinds,
      start: fc.nat(4),
      count: fc.integer({ min: 1, max: PAGES }),
      rights: from(RIGHTS),
      attr: fc.nat(7),
    })
    .map(
      ({
        size,
        odd,
        atTop,
        full,
        weak,
        foreign,
        picked,
        before,
        bare,
        kind,
        start,
        count,
        rights,
        attr,
        ...rest
      }): Case => {
        const page = c.pages[size];
        const bytes = 1n << BigInt(page.bits);
        const level = c.shifts.indexOf(page.shift);
        const span = level > 0 ? 1n << BigInt(c.shifts[level - 1]) : bytes * 64n;
        // Over the edge of two tables, or up to the end of the user's range.
        const edge = ((c.wordBits === 64 ? 0x2c0000000n : 0x40000000n) / span + 1n) * span;
        const base = atTop === 0 ? page.last - 10n * bytes : edge - 8n * bytes;
        const vaddr = base + BigInt(start) * bytes;
        const window: Batch = {
          form: 'window',
          kind,
          first: first + start,
          count,
          vspace,
          vaddrHi: high(vaddr),
          vaddrLo: low(vaddr),
          rights,
          attr,
        };
        const list = (all: readonly (readonly [number, number])[]): Batch => {
          const where = all.map(([i, off]) => base + BigInt(i + off) * bytes);
          return {
            form: 'list',
            kind,
            count: all.length,
            vspace,
            slots: Int32Array.from(all, ([i]) => first + i),
            vaddrHi: Int32Array.from(where, high),
            vaddrLo: Int32Array.from(where, low),
            rights: Int32Array.from(all, () => rights),
            attr: Int32Array.from(all, () => attr),
          };
        };
        return {
          ...rest,
          configuration: c,
          batch: picked === null ? window : list(picked),
          tables: bare ? tables : [],
          build: (configured) => {
            const w = new World(configured, rest.driver);
            for (const v of vspaces) {
              w.retype(c.root, 0, v);
              w.must({ op: 'assign', src: POOL, vspace: v });
            }
            tables.forEach((cap, i) => w.retype(c.tables[i % Math.max(1, c.tables.length)] ?? 'table', 0, cap));
            for (let i = 0; i < PAGES; i++) {
              const s = odd !== null && odd.at === i ? odd.size : size;
              w.retype('page', c.pages[s].bits, first + i);
            }
            if (weak !== null) {
              // A capability with fewer rights among the others.
              const whole = first + PAGES + 1;
              w.must({ op: 'move', src: first + weak.at, cap: whole });
              w.must({ op: 'copy', src: whole, cap: first + weak.at, rights: weak.rights });
            }
            if (!bare) {
              let next = 0;
              for (const at of [base, edge])
                for (let l = 0; l < Math.max(level, 0); l++) {
                  // x86 asks for the right kind of table at each level; too many are refused, which does no harm.
                  for (let t = next; t < tables.length; t++) {
                    if (
                      w.invokePacked({ op: 'map_table', cap: tables[t], vspace: vspaces[0], vaddr: at, attr: 0 }) === 0
                    ) {
                      if (t === next) next++;
                      break;
                    }
                  }
                }
            }
            const text = (bits: number): string => ['', 'r', 'w', 'rw'][bits & 3] ?? '';
            const map = (cap: number, i: number, n: number, as: number): number =>
              w.invokePacked({
                op: 'map',
                cap,
                vspace: vspaces[n],
                vaddr: base + BigInt(i) * bytes,
                rights: text(as),
                attr,
              });
            if (full && !bare) for (let i = 0; i < PAGES; i++) map(first + i, i, 0, 3);
            for (const e of before)
              for (let i = e.from; i < Math.min(PAGES, e.from + e.n); i++) {
                if (e.kind === Batched.unmap) w.invokePacked({ op: 'unmap', cap: first + i });
                else map(first + i, i + e.shift, e.copies === 0 ? 1 : 0, e.rights);
              }
            if (foreign !== null) {
              w.retype('page', page.bits, first + PAGES);
              map(first + PAGES, foreign, 0, 3);
            }
            return w;
          },
        };
      },
    );
}

/** Every kind of case on a configuration. */
export const cases = (c: Configuration): fc.Arbitrary<Case> =>
  fc.oneof({ weight: 2, arbitrary: tangled(c) }, { weight: 3, arbitrary: ranges(c) });

/** How a batch ended, and what it invalidated. */
export interface Ran {
  readonly result: BatchResult;
  readonly batcher: Batcher;
  readonly gone: ReadonlySet<Gone>;
}

/** Run a case's batch on a world. */
export function runBatch(w: World, c: Case, options: RunOptions = {}, again?: Batcher): Ran {
  const gone = new Set<Gone>();
  const listener = {
    page: (asid: number, hi: number, lo: number): void => {
      gone.add(`${asid}:${((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString(16)}`);
    },
    space: (asid: number): void => {
      gone.add(asid < 0 ? '*' : `${asid}:*`);
    },
  };
  const batcher = again ?? new Batcher(w.kernel, w.policy, { ...c.batchPolicy, listener });
  const result = batcher.run(c.batch, { mode: c.mode, tables: Int32Array.from(c.tables), ...options });
  return { result, batcher, gone };
}

/** What a person sees of a case. */
export const sayCase = (c: Case): string => {
  const plain = (v: unknown): unknown => (ArrayBuffer.isView(v) ? [...(v as Int32Array)] : v);
  const batch = Object.fromEntries(Object.entries(c.batch).map(([key, value]) => [key, plain(value)]));
  return JSON.stringify({
    arch: c.configuration.name,
    driver: String(c.driver),
    mode: c.mode,
    tables: c.tables,
    batch,
  });
};
