import { Batcher, type EffectCounts, listLimit, MESSAGE_WORDS, protect } from '@overmap/batch';
import { Atomicity, Batched, DELETE_FIRST, describeOutcome, MAINTENANCE_NAMES, Policy, Right } from '@overmap/core';
import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, type Configuration, configuration } from '../../core/test/sel4/configurations.ts';
import { address } from '../../core/test/sel4/laws/law.ts';
import { World } from '../../core/test/sel4/world.ts';

const RW = Right.read | Right.write;
const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);
const low = (v: bigint): number => Number(BigInt.asIntN(32, v));
const high = (v: bigint): number => Number(BigInt.asIntN(32, v >> 32n));

function range(c: Configuration, n: number, policy: 'strict' | 'legacy' = 'strict') {
  const w = new World(c, policy);
  const vspace = w.vspace();
  const base = address(c);
  w.tablesFor(vspace, base, c.pages[0]);
  const frames = Array.from({ length: n }, () => w.frame(12));
  const window = {
    form: 'window',
    first: frames[0] ?? 0,
    count: n,
    vspace,
    vaddrHi: high(base),
    vaddrLo: low(base),
    rights: RW,
    attr: 0,
  } as const;
  return { w, vspace, base, frames, window };
}

/** "kind count" of what there is. */
const told = (counts: EffectCounts): string =>
  MAINTENANCE_NAMES.map((name, kind) => `${name} ${counts.maintenance[kind]}`)
    .filter((text) => !text.endsWith(' 0'))
    .join(', ');

describe('a policy of batches', () => {
  it.each([0, -1, 1.5, 2048, Number.NaN])('cannot allow %d pages', (maxPages) => {
    expect(() => new Batcher(range(configuration('ia32'), 1).w.kernel, Policy.strict, { maxPages })).toThrow(
      `maxPages is ${maxPages}`,
    );
  });

  it.each([-1, 0.5])('cannot have a threshold of %d', (flushThreshold) => {
    expect(() => new Batcher(range(configuration('ia32'), 1).w.kernel, Policy.strict, { flushThreshold })).toThrow(
      'flushThreshold',
    );
  });

  it('is strict, 512 pages and 16 invalidations unless told', () => {
    const { policy, maxPages, flushThreshold } = new Batcher(range(configuration('ia32'), 1).w.kernel);
    expect({ policy, maxPages, flushThreshold }).toEqual({ policy: Policy.strict, maxPages: 512, flushThreshold: 16 });
  });

  it('cuts a longer window and resumes it, an invocation each; an atomic one is a RangeError', () => {
    const { w, window } = range(configuration('aarch64'), 20);
    const batcher = new Batcher(w.kernel, w.policy, { maxPages: 8 });
    const atomic = batcher.run({ ...window, kind: Batched.map }, { mode: Atomicity.atomic });
    expect(describeOutcome(atomic.outcome)).toEqual({ ret: 'RangeError', min: 1, max: 8 });
    expect(batcher.effects.kernelEntries).toBe(1);
    expect(batcher.run({ ...window, kind: Batched.map })).toMatchObject({ done: 20, outcome: 0, invocations: 3 });
    expect(batcher.effects.kernelEntries).toBe(4);
    // A window's CNode and the vspace, for each invocation.
    expect(batcher.effects.lookups).toBe(6);
  });
});

it('a list fills the message that it has', () => {
  expect([Batched.map, Batched.unmap, Batched.protect].map((kind) => listLimit(kind))).toEqual([39, 119, 59]);
  expect(MESSAGE_WORDS).toBe(120);
});

describe('what 4 and 24 pages cost', () => {
  // Map, protect and unmap of a window, in this order.
  const costs: Record<string, (n: number, smp: boolean, pcid: boolean) => string[]> = {
    riscv: (_, smp) => times(3, smp ? 'sfence 1, remoteFence 1' : 'sfence 1'),
    aarch64: (n, smp) => {
      const gone = `cleanEntry ${n}, ${n > 16 ? 'tlbiAsid 1' : `tlbiPage ${n}`}${smp ? ', shootdown 1' : ''}`;
      return [`cleanEntry ${n}`, gone, gone];
    },
    aarch32: (n, smp) => {
      const all = `cleanEntry ${n}, tlbiAsid 1${smp ? ', shootdown 1' : ''}`;
      const pages = `cleanEntry ${n}, tlbiPage ${n}, vspaceSwitch 1${smp ? ', shootdown 1' : ''}`;
      return [`cleanEntry ${n}`, all, n > 16 ? all : pages];
    },
    x86: (n, smp, pcid) => {
      const others = smp ? ', shootdown 1' : '';
      const structure = (pcid ? 'cr3Write 2' : 'structureCacheFlush 1') + others;
      return [structure, structure, (n > 16 ? 'flushAsid 1' : `invlpg ${n}`) + others];
    },
  };

  it.each(CONFIGURATIONS)('on $name', (c) => {
    for (const n of [4, 24])
      for (const smp of [false, true])
        for (const pcid of [false, true]) {
          const { w, window } = range({ ...c, config: { ...c.config, smp, pcid } }, n);
          const seen = [Batched.map, Batched.protect, Batched.unmap].map((kind) => {
            const batcher = new Batcher(w.kernel, w.policy);
            batcher.run({ ...window, kind });
            const { kernelEntries, lookups, walks, entryWrites } = batcher.effects;
            expect({ kernelEntries, lookups, walks, entryWrites }).toEqual({
              kernelEntries: 1,
              lookups: kind === Batched.unmap ? 1 : 2,
              walks: 1,
              entryWrites: n,
            });
            return told(batcher.effects);
          });
          expect(seen).toEqual(costs[c.family]?.(n, smp, pcid));
        }
  });

  it('a roll-back invalidates what was there for a moment', () => {
    const { w, window, frames, base, vspace } = range(configuration('aarch64'), 4);
    w.must({ op: 'map', cap: frames[3] ?? 0, vspace, vaddr: base + 0x9000n, rights: 'rw', attr: 0 });
    const batcher = new Batcher(w.kernel, w.policy);
    expect(batcher.run({ ...window, kind: Batched.map }, { mode: Atomicity.atomic })).toMatchObject({
      done: 0,
      index: 3,
    });
    expect(told(batcher.effects)).toBe('cleanEntry 6, tlbiPage 3');
    expect(batcher.effects).toMatchObject({ entryWrites: 3, undoWrites: 3 });
  });
});

it.each(CONFIGURATIONS)('a window ends where the user range does on $name', (c) => {
  const w = new World(c, 'strict');
  const vspace = w.vspace();
  const [page] = c.pages;
  const base = page.last - 2n * 0x1000n;
  w.tablesFor(vspace, base, page);
  const frames = Array.from({ length: 5 }, () => w.frame(12));
  const window = {
    form: 'window',
    kind: Batched.map,
    first: frames[0] ?? 0,
    count: 5,
    vspace,
    vaddrHi: high(base),
    vaddrLo: low(base),
    rights: RW,
  } as const;
  const { outcome, ...result } = new Batcher(w.kernel, w.policy).run(window);
  expect({ ...describeOutcome(outcome), done: result.done, index: result.index }).toEqual({
    ret: 'InvalidArgument',
    arg: 0,
    done: 3,
    index: 3,
  });
  expect(w.pages(vspace).map((e) => e.vaddr)).toEqual([0n, 1n, 2n].map((i) => base + i * 0x1000n));
});

describe('in the middle of a window, a capability', () => {
  /**
   * Four pages; the third place is held by a copy, while the capability in the window maps the same frame at
   * `where` (of that vspace, or of another one).
   */
  function withAlias(elsewhere: boolean) {
    const { w, vspace, base, frames, window } = range(configuration('aarch64'), 4);
    const second = w.vspace();
    w.tablesFor(second, base, w.configuration.pages[0]);
    const there = frames[2] ?? 0;
    const copy = w.copy(there);
    frames.forEach((cap, i) =>
      w.must({
        op: 'map',
        cap: i === 2 ? copy : cap,
        vspace,
        vaddr: base + BigInt(i) * 0x1000n,
        rights: 'rw',
        attr: 0,
      }),
    );
    const where = elsewhere ? { vspace: second, vaddr: base + 0x2000n } : { vspace, vaddr: base + 0x9000n };
    w.must({ op: 'map', cap: there, ...where, rights: 'rw', attr: 0 });
    const run = (kind: 2 | 3) => new Batcher(w.kernel, w.policy).run({ ...window, kind, rights: Right.read });
    const pages = (v: number) => w.pages(v).map((e) => e.vaddr);
    return { run, there: () => pages(where.vspace), here: () => pages(vspace), base };
  }

  /** Four pages, of which a stranger has taken the third. */
  function withStranger() {
    const { w, vspace, base, frames, window } = range(configuration('aarch64'), 4, 'legacy');
    frames.forEach((cap, i) =>
      w.must({ op: 'map', cap, vspace, vaddr: base + BigInt(i) * 0x1000n, rights: 'rw', attr: 0 }),
    );
    const stranger = w.frame(12);
    w.must({ op: 'map', cap: stranger, vspace, vaddr: base + 0x2000n, rights: 'rw', attr: 0 });
    return {
      w,
      vspace,
      base,
      frames,
      run: (kind: 2 | 3) => new Batcher(w.kernel, w.policy).run({ ...window, kind, rights: Right.read }),
    };
  }

  it('whose place a stranger has is refused by protect', () => {
    const { run, w, vspace } = withStranger();
    const before = w.pages(vspace).slice(2);
    expect(run(Batched.protect)).toMatchObject({ done: 2, index: 2, outcome: DELETE_FIRST });
    expect(w.pages(vspace).slice(2)).toEqual(before);
  });

  it('whose place a stranger has is cleared by an unmap, and the stranger stays', () => {
    const { run, w, vspace, base, frames } = withStranger();
    expect(run(Batched.unmap)).toMatchObject({ done: 4, outcome: 0 });
    expect(w.pages(vspace).map((e) => e.vaddr)).toEqual([base + 0x2000n]);
    expect(frames.map((cap) => w.records(cap))).toEqual([null, null, null, null]);
  });

  it('of the frame at address 0 whose place is empty is refused by protect', () => {
    const { w, vspace, base, frames, window } = range(configuration('aarch64'), 4, 'legacy');
    const there = frames[2] ?? 0;
    w.must({ op: 'delete', cap: there });
    w.must({ op: 'retype', obj: 'page', bits: 12, cap: there, paddr: 0n });
    frames.forEach((cap, i) =>
      w.must({ op: 'map', cap, vspace, vaddr: base + BigInt(i) * 0x1000n, rights: 'rw', attr: 0 }),
    );
    // A copy at the same place takes it away: an empty entry has address 0, too.
    const copy = w.copy(there);
    w.must({ op: 'map', cap: copy, vspace, vaddr: base + 0x2000n, rights: 'rw', attr: 0 });
    w.must({ op: 'unmap', cap: copy });
    const result = new Batcher(w.kernel, w.policy).run({ ...window, kind: Batched.protect });
    expect(result).toMatchObject({ done: 2, index: 2, outcome: DELETE_FIRST });
  });

  it('of another vspace is refused by protect', () => {
    const { outcome, done } = withAlias(true).run(Batched.protect);
    expect({ ...describeOutcome(outcome), done }).toEqual({ ret: 'InvalidCapability', arg: 1, done: 2 });
  });

  it('of another vspace is unmapped there', () => {
    const { run, here, there, base } = withAlias(true);
    expect(run(Batched.unmap)).toMatchObject({ done: 4, outcome: 0 });
    expect([here(), there()]).toEqual([[base + 0x2000n], []]);
  });

  it('of another address is protected there', () => {
    const { run, there, base } = withAlias(false);
    expect(run(Batched.protect)).toMatchObject({ done: 4, outcome: 0 });
    expect(there()).toContain(base + 0x9000n);
  });

  it('of another address is unmapped there', () => {
    const { run, here, base } = withAlias(false);
    expect(run(Batched.unmap)).toMatchObject({ done: 4, outcome: 0 });
    expect(here()).toEqual([base + 0x2000n]);
  });
});

it('a single protect changes rights, and nothing else', () => {
  for (const c of CONFIGURATIONS) {
    const { w, frames, vspace, base } = range(c, 1);
    const [cap = 0] = frames;
    expect(describeOutcome(protect(w.kernel, cap, vspace, RW, 0, w.policy))).toEqual({
      ret: 'InvalidCapability',
      arg: 0,
    });
    w.must({ op: 'map', cap, vspace, vaddr: base, rights: 'rw', attr: 4 });
    const twin = range(c, 1);
    twin.w.must({ op: 'map', cap: twin.frames[0] ?? 0, vspace: twin.vspace, vaddr: base, rights: 'r', attr: 2 });
    expect(describeOutcome(protect(w.kernel, cap, vspace, Right.read, 2, w.policy))).toEqual({ ret: 'ok' });
    expect(w.pages(vspace)).toEqual(twin.w.pages(twin.vspace));
    expect(describeOutcome(protect(w.kernel, vspace, vspace, RW, 0, w.policy))).toEqual({ ret: 'IllegalOperation' });
  }
});

it("a rule's own exception ends a batch there: done so far, or rolled back", () => {
  for (const mode of [Atomicity.prefix, Atomicity.atomic]) {
    let asked = 0;
    const c = configuration('aarch64');
    const w = new World(c, () => {
      if (++asked > 2) throw new Error('my rule is broken');
      return 'ok';
    });
    const vspace = w.vspace();
    w.tablesFor(vspace, address(c), c.pages[0]);
    const frames = Array.from({ length: 4 }, () => w.frame(12));
    const batcher = new Batcher(w.kernel, w.policy);
    const window = {
      form: 'window',
      kind: Batched.map,
      first: frames[0] ?? 0,
      count: 4,
      vspace,
      vaddrHi: high(address(c)),
      vaddrLo: low(address(c)),
      rights: RW,
    } as const;
    expect(() => batcher.run(window, { mode })).toThrow('my rule is broken');
    expect(w.pages(vspace)).toHaveLength(mode === Atomicity.atomic ? 0 : 2);
    expect(w.kernel.sink).toBeNull();
  }
});
