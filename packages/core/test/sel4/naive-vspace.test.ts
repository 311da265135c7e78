import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POLICIES, type PolicyName } from '../../src/sel4/policy.ts';
import { CONFIGURATIONS, type Configuration, type PageKind } from './configurations.ts';
import { checkInvariants, ensure } from './invariants.ts';
import { address } from './laws/law.ts';
import { NaiveVspaces } from './naive-vspace.ts';
import { OK, type Outcome, World } from './world.ts';

type Step =
  | {
      readonly do: 'map';
      readonly cap: number;
      readonly space: number;
      readonly at: number;
      readonly rights: string;
      readonly attr: number;
    }
  | { readonly do: 'unmap' | 'delete'; readonly cap: number }
  | { readonly do: 'copy'; readonly from: number; readonly to: number; readonly rights: string }
  | { readonly do: 'table'; readonly space: number; readonly at: number }
  | { readonly do: 'renew'; readonly space: number };

const SPACES = 2;
const CAPS = 5;
const ADDRESSES = 4;

const cap = fc.nat(CAPS - 1);
const space = fc.nat(SPACES - 1);
const at = fc.nat(ADDRESSES - 1);
const rights = fc.constantFrom('rw', 'rw', 'r', '', 'w');
const one = <T extends string>(name: T) => fc.constant(name);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.record({ do: one('map'), cap, space, at, rights, attr: fc.nat(7) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('unmap' as const, 'delete' as const), cap }) },
    { weight: 3, arbitrary: fc.record({ do: one('copy'), from: cap, to: cap, rights }) },
    { weight: 3, arbitrary: fc.record({ do: one('table'), space, at }) },
    { weight: 1, arbitrary: fc.record({ do: one('renew'), space }) },
  ),
  { minLength: 8, maxLength: 50 },
);

/** The engine and the naive model side by side, with the tables' slots, which only the engine has. */
class Pair {
  readonly world: World;
  readonly naive: NaiveVspaces;
  private readonly addresses: bigint[];
  private readonly caps: number[];
  private readonly vspaces: number[] = [];
  private readonly tables: Map<bigint, number>[] = [];
  private readonly all: number[][] = [];
  private readonly kind: PageKind;

  constructor(configuration: Configuration, kind: PageKind, policy: PolicyName) {
    this.kind = kind;
    this.world = new World(configuration, policy);
    this.naive = new NaiveVspaces(configuration, kind, policy, SPACES);
    const base = address(configuration);
    const size = 1n << BigInt(kind.bits);
    const level = configuration.shifts.indexOf(kind.shift);
    // Two pages under one table, and two under another (where there are tables).
    const apart = level === 0 ? 2n * size : 1n << BigInt(configuration.shifts[level - 1]);
    this.addresses = [base, base + size, base + apart, base + apart + size];
    this.caps = Array.from({ length: CAPS }, () => this.world.slot());
    this.caps.slice(0, 3).forEach((slot) => {
      this.world.retype('page', kind.bits, slot);
      this.naive.make(slot, this.world.paddr(slot));
    });
    for (let i = 0; i < SPACES; i++) this.furnish(i);
  }

  private furnish(i: number): void {
    const vspace = this.world.vspace();
    const leaves = new Map<bigint, number>();
    const all: number[] = [];
    for (const vaddr of this.addresses) {
      const made = this.world.tablesFor(vspace, vaddr, this.kind);
      all.push(...made);
      const leaf = made[made.length - 1];
      if (leaf !== undefined) leaves.set(this.naive.region(vaddr), leaf);
    }
    this.vspaces[i] = vspace;
    this.tables[i] = leaves;
    this.all[i] = all;
  }

  /** Both answers of a step. */
  step(s: Step): [Outcome, Outcome] {
    const { world: w, naive, caps, vspaces } = this;
    switch (s.do) {
      case 'map': {
        const vaddr = this.addresses[s.at];
        return [
          w.map(caps[s.cap], vspaces[s.space], vaddr, s.rights, s.attr),
          naive.map(caps[s.cap], s.space, vaddr, s.rights, s.attr),
        ];
      }
      case 'unmap':
        return [w.unmap(caps[s.cap]), naive.unmap(caps[s.cap])];
      case 'delete':
        return [w.delete(caps[s.cap]), naive.delete(caps[s.cap])];
      case 'copy': {
        const copied = w.invoke({ op: 'copy', src: caps[s.from], cap: caps[s.to], rights: s.rights });
        return [copied, naive.copy(caps[s.from], caps[s.to], s.rights)];
      }
      case 'table':
        return [this.toggleTable(s.space, this.addresses[s.at]), OK];
      case 'renew': {
        const asid = w.asid(vspaces[s.space]);
        for (const slot of [vspaces[s.space], ...this.all[s.space]]) w.must({ op: 'delete', cap: slot });
        this.furnish(s.space);
        ensure(w.asid(vspaces[s.space]) === asid, 'the lowest ASID is given out again');
        naive.renew(s.space);
        return [OK, OK];
      }
    }
  }

  private toggleTable(i: number, vaddr: bigint): Outcome {
    const table = this.tables[i].get(this.naive.region(vaddr));
    if (table === undefined) return OK;
    if (this.naive.hasTable(i, vaddr)) {
      this.naive.takeTable(i, vaddr);
      return this.world.unmapTable(table);
    }
    this.naive.putTable(i, vaddr);
    return this.world.mapTable(table, this.vspaces[i], vaddr);
  }

  /** The pages of both, in each vspace. */
  pages(): [unknown, unknown] {
    const engine = this.vspaces.map((v) => this.world.pages(v).map(({ vaddr, word }) => ({ vaddr, word })));
    return [engine, this.vspaces.map((_, i) => this.naive.entries(i))];
  }
}

const named = Object.keys(POLICIES) as PolicyName[];

describe.each(CONFIGURATIONS)('a naive model agrees with $name', (configuration) => {
  describe.each(configuration.pages)('for pages of 2^$bits bytes', (kind) => {
    it.each(named)('under %s', (policy) => {
      fc.assert(
        fc.property(steps, (sequence) => {
          const pair = new Pair(configuration, kind, policy);
          for (const s of sequence) {
            const [engine, naive] = pair.step(s);
            expect(engine).toEqual(naive);
          }
          const [engine, naive] = pair.pages();
          expect(engine).toEqual(naive);
          checkInvariants(pair.world.kernel);
        }),
        { numRuns: 20, seed: 7 },
      );
    });
  });
});
