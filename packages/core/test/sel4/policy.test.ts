import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../src/sel4/kernel.ts';
import { Columns } from '../../src/sel4/columns.ts';
import { check } from '../../src/sel4/invoke.ts';
import { describeOutcome } from '../../src/sel4/outcome.ts';
import { Policy, type ResolvedSlot, type SlotRule } from '../../src/sel4/policy.ts';
import { CONFIGURATIONS } from './configurations.ts';
import { eachSize } from './laws/law.ts';
import { invocations, prepared, smallWorld } from './small-world.ts';
import { difference, expectUnchanged } from './state.ts';
import {
  DELETE_FIRST,
  fill,
  ILLEGAL_OPERATION,
  invalidArgument,
  invalidCapability,
  OK,
  type Outcome,
  World,
} from './world.ts';

/** The built-in policies, as a user would write them. */
const RULES = {
  legacy: ({ arch, entry, records }) =>
    arch.startsWith('riscv') && entry !== null && records === null ? 'DeleteFirst' : 'ok',
  strict: ({ entry, records }) => (entry !== null && records === null ? 'DeleteFirst' : 'ok'),
  exact: ({ entry, records }) => (entry === null || (records !== null && entry.holdsThisFrame) ? 'ok' : 'DeleteFirst'),
  permissive: () => 'ok',
} as const satisfies Record<string, SlotRule>;
const names = Object.keys(RULES) as (keyof typeof RULES)[];

describe.each(CONFIGURATIONS)("a user's rule on $name", (configuration) => {
  it.each(names)('that says the same as %s gives the same outcomes and the same state', (name) => {
    fc.assert(
      fc.property(invocations(configuration), (sequence) => {
        const custom = smallWorld(configuration, RULES[name]);
        const builtIn = smallWorld(configuration, name);
        for (const drawn of sequence)
          expect(custom.invoke(prepared(custom, drawn)), JSON.stringify({ ...drawn, vaddr: `${drawn.vaddr}` })).toEqual(
            builtIn.invoke(prepared(builtIn, drawn)),
          );
        expect(difference(custom.kernel.snapshot(), builtIn.kernel.snapshot())).toBeNull();
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  it('sees what the capability records, what the entry holds, and the frame', () => {
    const seen: ResolvedSlot[] = [];
    const w = new World(configuration, (slot) => {
      seen.push(slot);
      return 'ok';
    });
    const last = (): ResolvedSlot | undefined => seen[seen.length - 1];
    eachSize(w, ({ kind: { bits }, vspace, vaddr }) => {
      const [a, b] = [w.frame(bits), w.frame(bits)];
      const asked = { arch: configuration.arch, frameBits: bits, vaddr };
      const records = { asid: w.asid(vspace), vaddr };
      const [frameA, frameB] = [w.paddr(a), w.paddr(b)];
      expect(w.map(a, vspace, vaddr)).toEqual(OK);
      expect(last()).toEqual({ ...asked, frame: frameA, records: null, entry: null });
      expect(w.map(a, vspace, vaddr, 'r')).toEqual(OK);
      expect(last()).toEqual({
        ...asked,
        frame: frameA,
        records,
        entry: { bits, frame: frameA, holdsThisFrame: true },
      });
      expect(w.map(b, vspace, vaddr, 'r')).toEqual(OK);
      expect(last()).toEqual({
        ...asked,
        frame: frameB,
        records: null,
        entry: { bits, frame: frameA, holdsThisFrame: false },
      });
      expect(w.map(a, vspace, vaddr)).toEqual(OK);
      expect(last()).toEqual({
        ...asked,
        frame: frameA,
        records,
        entry: { bits, frame: frameB, holdsThisFrame: false },
      });
      const copy = w.copy(a);
      expect(w.map(copy, vspace, vaddr)).toEqual(OK);
      expect(last()).toEqual({
        ...asked,
        frame: frameA,
        records: null,
        entry: { bits, frame: frameA, holdsThisFrame: true },
      });
      const asked2 = seen.length;
      expect(w.map(a, vspace, vaddr + 1n)).not.toEqual(OK);
      expect(seen).toHaveLength(asked2);
    });
  });

  it.each<[ReturnType<SlotRule>, Outcome]>([
    ['DeleteFirst', DELETE_FIRST],
    ['InvalidArgument', invalidArgument(0)],
    ['InvalidCapability', invalidCapability(0)],
    ['IllegalOperation', ILLEGAL_OPERATION],
  ])('may answer %s, which changes nothing', (answer, outcome) => {
    const w = new World(configuration, () => answer);
    eachSize(w, ({ kind, vspace, vaddr }) => {
      const frame = w.frame(kind.bits);
      expect(expectUnchanged(w.kernel, () => w.map(frame, vspace, vaddr))).toEqual(outcome);
    });
  });
});

describe("a user's rule", () => {
  const [configuration] = CONFIGURATIONS;
  const mapUnder = (rule: SlotRule): (() => Outcome) => {
    const w = new World(configuration, rule);
    const v = w.vspace();
    w.tablesFor(v, 0x40000000n, configuration.pages[0]);
    const frame = w.frame();
    return () => w.map(frame, v, 0x40000000n);
  };

  it.each([undefined, true, 'Ok', 8, null])('that answers %j is told what it may answer', (answer) => {
    const map = mapUnder((() => answer) as unknown as SlotRule);
    expect(map).toThrow(TypeError);
    expect(map).toThrow(
      `the rule answered ${JSON.stringify(answer)} for slot 4; it must return "ok", "DeleteFirst", "InvalidArgument", "InvalidCapability" or "IllegalOperation"`,
    );
  });

  it('that throws is heard', () => {
    expect(
      mapUnder(() => {
        throw new RangeError('mine');
      }),
    ).toThrow('mine');
  });

  it('is needed by the policy custom', () => {
    const w = new World(configuration, 'legacy');
    const v = w.vspace();
    w.tablesFor(v, 0n, configuration.pages[0]);
    const map = { op: 'map', cap: w.frame(), vspace: v, vaddr: 0n } as const;
    expect(() => w.check(map, Policy.custom)).toThrow(
      'the policy "custom" needs a rule: pass `rule` when the kernel is made',
    );
  });
});

describe('exact on aarch64', () => {
  it('refuses a capability that remembers a place where a page of another size is, where strict finds no table', () => {
    for (const configuration of CONFIGURATIONS.filter(({ family }) => family === 'aarch64')) {
      const w = new World(configuration, 'strict');
      const vspace = w.vspace();
      const [small, large] = configuration.pages;
      const tables = w.tablesFor(vspace, 0x40000000n, small);
      const frame = w.frame();
      w.must({ op: 'map', cap: frame, vspace, vaddr: 0x40000000n, rights: 'rw' });
      w.must({ op: 'unmap_table', cap: tables[tables.length - 1] });
      w.must({ op: 'map', cap: w.frame(large.bits), vspace, vaddr: 0x40000000n, rights: 'rw' });
      const remap = { op: 'map', cap: frame, vspace, vaddr: 0x40000000n } as const;
      expect(w.check(remap, Policy.strict).ret).toBe('FailedLookup');
      expect(w.check(remap, Policy.exact)).toEqual(DELETE_FIRST);
    }
  });
});

describe('a policy', () => {
  it('is asked only by Page_Map', () => {
    const rule: SlotRule = () => {
      throw new Error('asked');
    };
    const kernel = new Kernel({ arch: 'riscv64', asidPoolSlot: 1, rule });
    const columns = new Columns(1);
    for (const op of [
      'retype',
      'assign',
      'unmap',
      'delete',
      'revoke',
      'make_pool',
      'state',
      'mark',
      'other',
    ] as const) {
      fill(columns, 0, { op, obj: 'page', bits: 12, cap: 5 });
      expect(describeOutcome(check(kernel, columns, 0, Policy.custom)).ret).not.toBe('');
    }
  });
});
