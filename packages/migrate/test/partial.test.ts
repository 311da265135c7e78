import { createGunzip } from 'node:zlib';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { replayTrace } from '../src/index.ts';
import { recording } from './recorded.ts';
import { audit, type Line, map, smallWorld, textFile, traceFile, unmap } from './small-trace.ts';

const SECRET = ['paddr', 'entry', 'was', 'replaced', 'remap', 'cleared', 'why', 'found', 'wasValid'];

/** A client's own view of a recording: no boot, nothing that makes objects, no physical addresses, no ground truth. */
async function clientLog(path: string, dropped: readonly string[]): Promise<string> {
  const out: string[] = [];
  for await (const text of createInterface({
    input: createReadStream(path).pipe(createGunzip()),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const record = JSON.parse(text) as Record<string, unknown> & { config?: Record<string, unknown> };
    if (record.config !== undefined) delete record.config.asidPool;
    else if (dropped.includes(String(record.op)) || record.boot === true || record.synth === true) continue;
    for (const key of SECRET) delete record[key];
    out.push(JSON.stringify(record));
  }
  return textFile(`${out.join('\n')}\n`);
}

describe('a log in which every capability comes from a loader', () => {
  const made = ['retype', 'assign', 'make_pool', 'state'];
  it.each([
    ['slice-aarch32-PT0002', 4],
    ['slice-aarch32-PT0001', 0],
    ['slice-pr148-aarch64-legacy-PT0012', 1],
    ['slice-pr148-x86_64-legacy-PT0011', 1],
    ['slice-pr148-x86_64-legacy-PT0012', 1],
    ['slice-x86_64-FRAMEEXPORTS0001', 0],
  ])(
    'has the same over-maps as the complete trace: %s',
    async (name, overmaps) => {
      const path = recording(`sel4test/slices/${name}.jsonl.gz`);
      const complete = (await audit(path)).findings.filter((f) => f.rule === 'OM001');
      expect(complete).toHaveLength(overmaps);
      for (const dropped of [
        made,
        [...made, 'map_table', 'unmap_table'],
        [...made, 'map_table', 'unmap_table', 'copy'],
      ]) {
        const { findings, summary } = await audit(await clientLog(path, dropped));
        const partial = findings.filter((f) => f.rule === 'OM001' || f.rule === 'OM002');
        expect(partial.map((f) => [f.rule, f.test, f.vaddr])).toEqual(complete.map((f) => [f.rule, f.test, f.vaddr]));
        expect(summary.assumed).toBeGreaterThan(0);
        expect(findings.filter((f) => f.severity === 'error')).toHaveLength(overmaps);
      }
    },
    30_000,
  );
});

const partial = (lines: readonly Line[], header: Line = {}): string =>
  traceFile({ arch: 'aarch64', config: {}, ...header }, lines);

describe('a partial trace', () => {
  it('assumes what it needs and says that it cannot tell what was there', async () => {
    const { fired, summary } = await audit(partial([map(20, '0x400000'), map(21, '0x401000')]));
    expect(fired).toEqual([]);
    expect(summary.assumed).toBe(3);
    expect(summary.sel4?.undecidable).toEqual({ OM001: 2 });
  });
  const C = '0x401000';
  const sourceless = { ret: 'FailedLookup', lookup: { failedForSource: true, type: 'missing_capability', bits: 0 } };
  it.each<[string, Line]>([
    ['its address is asked for in vain', { op: 'address', cap: 20, ret: 'InvalidCapability', arg: 0 }],
    ['it cannot be unmapped', unmap(20, { ret: 'InvalidCapability', arg: 0 })],
    ['it is no frame any more', unmap(20, { ret: 'IllegalOperation' })],
    ['it is mapped elsewhere', map(20, C)],
    ['it is found missing by a map', map(20, C, { ret: 'InvalidCapability', arg: 0 })],
    ['another is copied into its slot', { op: 'copy', src: 44, cap: 20, rights: 'rw', ret: 'ok' }],
    ['another is moved into its slot', { op: 'move', src: 44, cap: 20, ret: 'ok' }],
    ['another is minted into its slot', { op: 'mint', src: 44, cap: 20, rights: 'rw', badge: 0, ret: 'ok' }],
    ['its slot is found empty by a copy', { op: 'copy', src: 20, cap: 44, rights: 'rw', ...sourceless }],
  ])('does not call it an over-map when the page before may be gone: %s', async (_, between) => {
    const A = '0x400000';
    const { fired, summary } = await audit(partial([map(20, A), between, map(21, A)]));
    expect(fired.filter((rule) => !rule.startsWith('OM901'))).toEqual([]);
    expect(summary.sel4?.undecidable['OM001']).toBeGreaterThan(1);
    // The same page is an over-map where nothing is between.
    expect((await audit(partial([map(20, A), map(21, A)]))).fired).toContain('OM001@1');
  });
  it('marks a finding that rests on an assumed capability', async () => {
    const { findings } = await audit(partial([map(20, '0x400000'), map(21, '0x400000')]));
    expect(findings[0]).toMatchObject({ rule: 'OM001', confidence: 'assumed' });
  });
  it('takes copies for the same frame', async () => {
    const { fired } = await audit(
      partial([{ op: 'copy', src: 20, cap: 30, rights: 'rw', ret: 'ok' }, map(20, '0x400000'), map(30, '0x400000')]),
    );
    expect(fired.map((f) => f.slice(0, 5))).toEqual(['OM014']);
  });
  it('takes capabilities with one physical address for the same frame', async () => {
    const address = (cap: number, paddr: string): Line => ({ op: 'address', cap, ret: 'ok', paddr });
    const same = await audit(
      partial([map(20, '0x400000'), address(20, '0x5000'), address(30, '0x5000'), map(30, '0x400000')]),
    );
    expect(same.fired.map((f) => f.slice(0, 5))).toEqual(['OM014']);
    const other = await audit(
      partial([map(20, '0x400000'), address(20, '0x5000'), address(30, '0x6000'), map(30, '0x400000')]),
    );
    expect(other.fired.map((f) => f.slice(0, 5))).toEqual(['OM001', 'OM003']);
  });
  it('counts an answer that cannot follow from what is known, and judges nothing by it', async () => {
    const { findings, summary } = await audit(
      partial([map(20, '0x400000'), map(21, '0x401000', { ret: 'DeleteFirst' })]),
    );
    expect(findings.map((f) => f.rule)).toEqual(['OM901']);
    expect(summary.sel4?.undecidable).toMatchObject({ OM013: 1 });
  });
  it('lets a capability go when its slot is filled by something else unseen', async () => {
    const { summary } = await audit(
      partial([map(20, '0x400000'), { op: 'copy', src: 21, cap: 20, rights: 'rw', ret: 'ok' }, map(20, '0x401000')]),
    );
    expect(summary.sel4).toMatchObject({ overmaps: 0, mapsOk: 2 });
  });
  it('takes the pages of slots that were emptied unseen for gone', async () => {
    const [v, w, x] = ['0x400000', '0x401000', '0x402000'];
    const retype: Line = { op: 'retype', obj: 'page', bits: 12, cap: 20, n: 3, ret: 'ok' };
    const revoke: Line = { op: 'revoke', cap: 5, ret: 'ok' };
    const before = [retype, map(20, v), map(21, w), map(22, x), map(30, x)];
    const { findings, summary } = await audit(
      partial([...before, revoke, retype, map(20, v), map(21, w), map(31, v), map(22, x)]),
    );
    const overmaps = findings.filter((f) => f.rule === 'OM001');
    // The page at x is that of 30, which nobody has deleted; the one at v is new.
    expect(overmaps.map((f) => [f.event, f.vaddr])).toEqual([
      [4, x],
      [9, v],
      [10, x],
    ]);
    expect(findings.filter((f) => f.rule === 'OM901').map((f) => f.event)).toEqual([6]);
    // Whether something else is there cannot be told.
    const { summary: first } = await audit(partial(before));
    expect((summary.sel4?.undecidable['OM001'] ?? 0) - (first.sel4?.undecidable['OM001'] ?? 0)).toBe(2);
  });
  it('learns the address of a frame that was made without one, and of its copies', async () => {
    const path = partial([
      { op: 'retype', obj: 'page', bits: 12, cap: 20, n: 2, ret: 'ok' },
      { op: 'copy', src: 20, cap: 30, rights: 'rw', ret: 'ok' },
      { op: 'address', cap: 20, ret: 'ok', paddr: '0x5000' },
      { op: 'address', cap: 30, ret: 'ok', paddr: '0x5000' },
      { op: 'address', cap: 21, ret: 'ok', paddr: '0x9000' },
    ]);
    expect((await replayTrace(path, { check: true })).divergenceCount).toBe(0);
    // Once it is known, another answer is a divergence.
    const twice = partial([
      { op: 'retype', obj: 'page', bits: 12, cap: 20, n: 1, ret: 'ok' },
      { op: 'address', cap: 20, ret: 'ok', paddr: '0x5000' },
      { op: 'address', cap: 20, ret: 'ok', paddr: '0x6000' },
    ]);
    expect((await replayTrace(twice, { check: true })).divergenceCount).toBe(1);
  });
  it('is refused by a check unless it is asked for', async () => {
    const { assumed, divergenceCount } = await replayTrace(partial([map(20, '0x400000'), unmap(20)]), { check: true });
    expect(assumed).toBeGreaterThan(0);
    expect(divergenceCount).toBe(0);
  });
  it('keeps the slots of several CSpaces and the call sites apart', async () => {
    const site = { file: 'a.c', line: 12, function: 'f' };
    const lines = [
      map(20, '0x400000', { cspace: 'one', thread: 1 }),
      map(20, '0x401000', { cspace: 'two', thread: 2, site }),
    ];
    const { fired } = await audit(partial(lines));
    expect(fired).toEqual([]);
    const over = await audit(partial([...lines, map(21, '0x401000', { cspace: 'two', site })]));
    expect(over.findings[0]).toMatchObject({ rule: 'OM001', site });
    expect(over.findings[0]?.message).toContain('21 of two');
  });
});

describe('an error that was recorded without its details', () => {
  it('agrees with the same error', async () => {
    const path = partial([...smallWorld('aarch64'), map(20, '0x40000000', { ret: 'FailedLookup' })], {
      config: { asidPool: 1 },
    });
    const { report, divergenceCount } = await replayTrace(path, { check: true });
    expect(report.divergences).toEqual([]);
    expect(divergenceCount).toBe(0);
    expect((await audit(path)).summary.divergences).toBe(0);
    const other = partial([...smallWorld('aarch64'), map(20, '0x40000000', { ret: 'InvalidArgument' })], {
      config: { asidPool: 1 },
    });
    expect((await replayTrace(other, { check: true })).divergenceCount).toBe(1);
  });
});
