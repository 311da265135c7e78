import { Batcher, type BatchResult, type ListBatch, listLimit, type RunOptions } from '@overmap/batch';
import { ASID, Atomicity, Batched, describeOutcome, type EffectSink, Maintenance, Right } from '@overmap/core';
import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, configuration } from '../../core/test/sel4/configurations.ts';
import { address } from '../../core/test/sel4/laws/law.ts';
import { DELETE_FIRST, type Entry, invalidCapability, OK, World } from '../../core/test/sel4/world.ts';

/*
 * The mistakes of the batched invocations that were drafted for the kernel, one test for each.
 */

const RW = Right.read | Right.write;
const low = (v: bigint): number => Number(BigInt.asIntN(32, v));
const high = (v: bigint): number => Number(BigInt.asIntN(32, v >> 32n));

/** A vspace with tables, and frames in slots that follow one another. */
function setUp(name: string, n: number): { w: World; vspace: number; base: bigint; frames: number[] } {
  const c = configuration(name);
  const w = new World(c, 'strict');
  const vspace = w.vspace();
  const base = address(c);
  w.tablesFor(vspace, base, c.pages[0]);
  const frames = Array.from({ length: n }, () => w.frame(12));
  return { w, vspace, base, frames };
}

const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);
const at = (base: bigint, i: number): bigint => base + BigInt(i) * 0x1000n;

function mapList(frames: readonly number[], vspace: number, addresses: readonly bigint[]): ListBatch {
  return {
    form: 'list',
    kind: Batched.map,
    count: frames.length,
    vspace,
    slots: Int32Array.from(frames),
    vaddrHi: Int32Array.from(addresses, high),
    vaddrLo: Int32Array.from(addresses, low),
    rights: new Int32Array(frames.length).fill(RW),
    attr: new Int32Array(frames.length),
  };
}

const unmapList = (frames: readonly number[]): ListBatch => ({
  form: 'list',
  kind: Batched.unmap,
  count: frames.length,
  slots: Int32Array.from(frames),
});

const run = (w: World, batch: Parameters<Batcher['run']>[0], options?: RunOptions): BatchResult =>
  new Batcher(w.kernel, w.policy).run(batch, options);
const said = (r: BatchResult): unknown => ({ ...describeOutcome(r.outcome), done: r.done, index: r.index });
const places = (entries: readonly Entry[]): bigint[] => entries.map((e) => e.vaddr);

/** Counts maintenance. */
class Counter implements EffectSink {
  readonly counts: Record<number, number> = {};
  entryWritten(): void {}
  tableCleared(): void {}
  walked(): void {}
  maintained(kind: number, count: number): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + count;
  }
}

describe.each(CONFIGURATIONS.map(({ name }) => name))('no draft bug on %s:', (name) => {
  it('no length check: a message shorter than its count is TruncatedMessage, and nothing is done', () => {
    const { w, vspace, base, frames } = setUp(name, 4);
    const full = mapList(
      frames,
      vspace,
      frames.map((_, i) => at(base, i)),
    );
    for (const column of ['slots', 'vaddrHi', 'vaddrLo', 'rights', 'attr'] as const) {
      const short = { ...full, [column]: full[column]?.slice(0, 3) };
      expect(said(run(w, short))).toEqual({ ret: 'TruncatedMessage', done: 0, index: -1 });
    }
    expect(said(run(w, { ...unmapList(frames), slots: new Int32Array(3) }))).toMatchObject({ ret: 'TruncatedMessage' });
    expect(w.pages(vspace)).toEqual([]);
  });

  it('no length check: a count of 0, or above what a message holds, is RangeError with the bounds', () => {
    const { w, vspace, base, frames } = setUp(name, 1);
    const one = mapList(frames, vspace, [base]);
    const many = mapList(times(40, frames[0] ?? 0), vspace, times(40, base));
    for (const batch of [{ ...one, count: 0 }, { ...one, count: -1 }, { ...one, count: 1.5 }, many])
      expect(said(run(w, batch))).toEqual({ ret: 'RangeError', min: 1, max: 39, done: 0, index: -1 });
    expect(said(run(w, unmapList(times(120, frames[0] ?? 0))))).toMatchObject({ min: 1, max: 119 });
    expect(listLimit(Batched.protect)).toBe(59);
    expect(w.pages(vspace)).toEqual([]);
  });

  it('`>` for `!=` on the level: a large page does not go into the slot of a small one', () => {
    const { w, vspace, base } = setUp(name, 0);
    // 64 KiB pages of aarch32 live where small pages do: no others.
    for (const { bits } of w.configuration.pages.filter(({ shift }) => shift > 12)) {
      const large = w.frame(bits);
      const single = w.check({ op: 'map', cap: large, vspace, vaddr: base, rights: 'rw', attr: 0 });
      expect(single).not.toEqual(OK);
      expect(said(run(w, mapList([large], vspace, [base])))).toMatchObject({ ...single, done: 0, index: 0 });
      expect(w.pages(vspace)).toEqual([]);
    }
  });

  it('the same capability twice: the second is refused as the second single is', () => {
    const { w, vspace, base, frames } = setUp(name, 2);
    const [a = 0, b = 0] = frames;
    const twice = mapList(
      [a, a, b, b],
      vspace,
      [0, 1, 2, 3].map((i) => at(base, i)),
    );
    expect(said(run(w, twice, { mode: Atomicity.atomic }))).toEqual({
      ret: 'InvalidArgument',
      arg: 0,
      done: 0,
      index: 1,
    });
    expect(w.pages(vspace)).toEqual([]);
    expect(said(run(w, twice))).toEqual({ ret: 'InvalidArgument', arg: 0, done: 1, index: 1 });
    expect(places(w.pages(vspace))).toEqual([base]);
    w.must({ op: 'unmap', cap: a });
    expect(w.pages(vspace)).toEqual([]);
  });

  it('TLB work per page: 24 unmaps and 24 remaps need no more than one of each kind but cleans', () => {
    const { w, vspace, base, frames } = setUp(name, 24);
    const kinds = (): Record<number, number> => {
      const sink = new Counter();
      w.kernel.sink = sink;
      return sink.counts;
    };
    const window = {
      form: 'window',
      first: frames[0] ?? 0,
      count: 24,
      vspace,
      vaddrHi: high(base),
      vaddrLo: low(base),
      rights: RW,
    } as const;
    run(w, { ...window, kind: Batched.map });
    for (const kind of [Batched.protect, Batched.unmap]) {
      const counts = kinds();
      expect(said(run(w, { ...window, kind }))).toEqual({ ret: 'ok', done: 24, index: -1 });
      const { [Maintenance.cleanEntry]: _, ...rest } = counts;
      expect(Object.values(rest).every((n) => n === 1)).toBe(true);
      expect(Object.keys(rest)).toHaveLength(1);
      w.kernel.sink = null;
    }
  });

  it('an error without an index: the answer names the operation, and its own error', () => {
    const { w, vspace, base, frames } = setUp(name, 8);
    const foreign = w.frame(12);
    w.must({ op: 'map', cap: foreign, vspace, vaddr: at(base, 5), rights: 'r', attr: 0 });
    // On every architecture strict refuses an occupied place.
    const window = {
      form: 'window',
      kind: Batched.map,
      first: frames[0] ?? 0,
      count: 8,
      vspace,
      vaddrHi: high(base),
      vaddrLo: low(base),
      rights: RW,
    } as const;
    expect(said(run(w, window, { mode: Atomicity.atomic }))).toEqual({ ...DELETE_FIRST, done: 0, index: 5 });
    expect(places(w.pages(vspace))).toEqual([at(base, 5)]);
    expect(said(run(w, window))).toEqual({ ...DELETE_FIRST, done: 5, index: 5 });
    expect(places(w.pages(vspace))).toEqual([0, 1, 2, 3, 4, 5].map((i) => at(base, i)));
  });

  it('a stale error detail: the detail is that of the refused operation, not of an earlier one', () => {
    const { w, vspace, base, frames } = setUp(name, 2);
    const missing = w.check({
      op: 'map',
      cap: frames[1] ?? 0,
      vspace,
      vaddr: base + (1n << 28n),
      rights: 'rw',
      attr: 0,
    });
    expect(missing.ret).toBe('FailedLookup');
    const batch = mapList(frames, vspace, [base, base + (1n << 28n)]);
    expect(said(run(w, batch))).toEqual({ ...missing, done: 1, index: 1 });
  });

  it('capabilities left uncleared: an unmap whose table is gone still clears the capability', () => {
    const { w, vspace, base, frames } = setUp(name, 0);
    const tables = w.configuration.tables.length;
    expect(tables).toBeGreaterThan(0);
    const far = base + (1n << 28n);
    const made = w.tablesFor(vspace, far, w.configuration.pages[0]);
    for (let i = 0; i < 4; i++) frames.push(w.frame(12));
    frames.forEach((cap, i) =>
      w.must({ op: 'map', cap, vspace, vaddr: i < 3 ? at(far, i) : base, rights: 'rw', attr: 0 }),
    );
    w.must({ op: 'unmap_table', cap: made.at(-1) ?? 0 });
    expect(said(run(w, unmapList(frames)))).toEqual({ ret: 'ok', done: 4, index: -1 });
    for (const cap of frames) expect(w.records(cap)).toBeNull();
    expect(w.pages(vspace)).toEqual([]);
  });

  it.each(['window', 'list'])('every capability recorded at the first address: each records its own (%s)', (form) => {
    const { w, vspace, base, frames } = setUp(name, 6);
    const window = {
      form: 'window',
      kind: Batched.map,
      first: frames[0] ?? 0,
      count: 6,
      vspace,
      vaddrHi: high(base),
      vaddrLo: low(base),
      rights: RW,
    } as const;
    const list = mapList(
      frames,
      vspace,
      frames.map((_, i) => at(base, i)),
    );
    expect(said(run(w, form === 'window' ? window : list))).toMatchObject({ ret: 'ok', done: 6 });
    frames.forEach((cap, i) => expect(w.records(cap)).toEqual({ asid: w.asid(vspace), vaddr: at(base, i) }));
    for (const cap of frames) w.must({ op: 'unmap', cap });
    expect(w.pages(vspace)).toEqual([]);
  });

  it('a stale capability that overwrites another frame: protect answers DeleteFirst under every policy', () => {
    for (const policy of ['legacy', 'strict', 'exact', 'permissive', 'permissive-aware'] as const) {
      const w = new World(configuration(name), policy);
      const vspace = w.vspace();
      const base = address(w.configuration);
      const tables = w.tablesFor(vspace, base, w.configuration.pages[0]);
      const [stale, other] = [w.frame(12), w.frame(12)];
      w.must({ op: 'map', cap: stale, vspace, vaddr: base, rights: 'rw', attr: 0 });
      w.must({ op: 'unmap_table', cap: tables.at(-1) ?? 0 });
      w.must({ op: 'map_table', cap: tables.at(-1) ?? 0, vspace, vaddr: base, attr: 0 });
      const protectList = { ...mapList([stale], vspace, [base]), kind: Batched.protect };
      // Nothing is there: protect does not create.
      expect(said(run(w, protectList))).toEqual({ ...DELETE_FIRST, done: 0, index: 0 });
      w.must({ op: 'map', cap: other, vspace, vaddr: base, rights: 'rw', attr: 0 });
      const before = w.pages(vspace);
      // Another frame is there: protect does not replace.
      expect(said(run(w, protectList))).toEqual({ ...DELETE_FIRST, done: 0, index: 0 });
      expect(w.pages(vspace)).toEqual(before);
    }
  });

  it('a protect of what records nothing is InvalidCapability 0', () => {
    const { w, vspace, base, frames } = setUp(name, 1);
    expect(said(run(w, { ...mapList(frames, vspace, [base]), kind: Batched.protect }))).toEqual({
      ...invalidCapability(0),
      done: 0,
      index: 0,
    });
  });

  it('a range of slots that wraps, or leaves the capability space: its slots are empty', () => {
    const { w, vspace, base } = setUp(name, 2);
    for (const first of [0xffffffff, 2 ** 40, -1, 0]) {
      const window = {
        form: 'window',
        kind: Batched.map,
        first,
        count: 4,
        vspace,
        vaddrHi: high(base),
        vaddrLo: low(base),
        rights: RW,
      } as const;
      expect(said(run(w, window))).toEqual({ ...invalidCapability(0), done: 0, index: 0 });
    }
    expect(w.kernel.slotLimit).toBe(1024);
  });

  it('attributes lost: a remap gives the entry the attributes of the call', () => {
    const { w, vspace, base, frames } = setUp(name, 2);
    const twin = setUp(name, 2);
    const both = { attr: Int32Array.of(4, 1) };
    const addresses = [base, at(base, 1)];
    run(w, mapList(frames, vspace, addresses));
    run(w, { ...mapList(frames, vspace, addresses), kind: Batched.protect, rights: Int32Array.of(1, 3), ...both });
    twin.frames.forEach((cap, i) =>
      twin.w.must({
        op: 'map',
        cap,
        vspace: twin.vspace,
        vaddr: at(twin.base, i),
        rights: i === 0 ? 'r' : 'rw',
        attr: both.attr[i],
      }),
    );
    expect(w.pages(vspace)).toEqual(twin.w.pages(twin.vspace));
  });

  it('no alignment check: a window that begins between two pages is refused', () => {
    const { w, vspace, base, frames } = setUp(name, 4);
    const where = base + 0x10n;
    const window = {
      form: 'window',
      kind: Batched.map,
      first: frames[0] ?? 0,
      count: 4,
      vspace,
      vaddrHi: high(where),
      vaddrLo: low(where),
      rights: RW,
    } as const;
    expect(said(run(w, window))).toEqual({ ret: 'AlignmentError', done: 0, index: 0 });
    expect(w.word(frames[0] ?? 0, ASID)).toBe(0);
  });
});
