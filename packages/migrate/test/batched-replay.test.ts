import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchTrace } from '@overmap/batch';
import { afterAll, describe, expect, it } from 'vitest';
import { replayTrace } from '../src/index.ts';
import { audit, type Line, smallWorld, traceFile } from './small-trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-batched-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const recordings = fileURLToPath(new URL('../../../recordings/', import.meta.url));
let files = 0;
const out = (): string => join(folder, `${files++}.jsonl`);

const first = (path: string): { version: number } =>
  JSON.parse(readFileSync(path, 'utf8').split('\n', 1)[0] ?? '') as { version: number };
const diverged = async (path: string): Promise<unknown> => {
  const { report } = await replayTrace(path, { check: true });
  return report.divergences.map(({ field, event, expected, actual }) => ({ field, event, expected, actual }));
};

describe('recordings that were batched', () => {
  const slices = join(recordings, 'sel4test/slices');
  const some = [
    ...readdirSync(slices)
      .filter((name) => /PT0001|PT0002|PT0011|FRAMEEXPORTS|SERSERV/.test(name))
      .map((name) => join(slices, name)),
    ...['aarch32', 'aarch32hyp', 'aarch64', 'aarch64hyp', 'ia32', 'riscv32', 'riscv64', 'x86_64'].flatMap((arch) => {
      const recorded = join(recordings, 'sel4', arch, arch.startsWith('riscv') ? 'strict' : 'legacy');
      return readdirSync(recorded)
        .slice(0, 2)
        .map((name) => join(recorded, name));
    }),
  ];

  it.each(some.map((path) => path.slice(recordings.length)))('%s replays as it was recorded', async (name) => {
    const path = join(recordings, name);
    for (const reorder of [false, true]) {
      const batched = out();
      const summary = await batchTrace(path, batched, { reorder });
      expect(summary.difference).toBeNull();
      expect(first(batched).version).toBe(summary.batches > 0 ? 2 : 1);
      const before = await replayTrace(path, { check: true });
      const after = await replayTrace(batched, { check: true });
      expect(after.divergenceCount).toBe(0);
      expect(after.report.events).toBe(before.report.events);
      expect(after.report.states).toBe(before.report.states);
      for (const cost of ['kernelEntries', 'lookups', 'walks', 'entryWrites', 'maintenanceOperations'] as const)
        expect(summary.together[cost]).toBeLessThanOrEqual(summary.single[cost]);
    }
  });

  it('say the same to an audit', async () => {
    const path = join(slices, 'slice-aarch32-PT0002.jsonl.gz');
    const batched = out();
    const { batches } = await batchTrace(path, batched, { reorder: false });
    expect(batches).toBeGreaterThan(0);
    const [a, b] = [await audit(path), await audit(batched)];
    expect(b.findings.map((f) => f.rule)).toEqual(a.findings.map((f) => f.rule));
    expect(b.summary.sel4).toEqual(a.summary.sel4);
    expect(b.summary.events).toBe(a.summary.events);
  });

  it('come apart again: batching twice is batching once', async () => {
    const path = join(slices, 'slice-aarch64-PT0001.jsonl.gz');
    const [once, twice] = [out(), out()];
    await batchTrace(path, once, {});
    await batchTrace(once, twice, {});
    expect(readFileSync(twice, 'utf8')).toBe(readFileSync(once, 'utf8'));
  });
});

const map = (cap: number, page: number, more: Line = {}): Line => ({
  op: 'map',
  cap,
  vspace: 2,
  vaddr: `0x${(0x400 + page).toString(16)}000`,
  rights: 'rw',
  attr: 0,
  ret: 'ok',
  part: true,
  ...more,
});
const batch = (kind: string, n: number, more: Line = {}): Line => ({
  op: 'batch',
  kind,
  mode: 'prefix',
  n,
  ret: 'ok',
  ...more,
});
const unmap = (cap: number, more: Line = {}): Line => ({ op: 'unmap', cap, ret: 'ok', part: true, ...more });

/** A small world, and then these. */
const trace = (...lines: Line[]): string =>
  traceFile({ arch: 'aarch64', version: 2 }, [...smallWorld('aarch64', 6), ...lines]);
const FIRST = smallWorld('aarch64', 6).length;

describe('a replayed batch', () => {
  it('agrees where all of it does', async () => {
    const path = trace(
      batch('map', 3),
      map(20, 0),
      map(21, 1),
      map(22, 2),
      batch('protect', 2),
      map(20, 0, { rights: 'r' }),
      map(22, 2, { rights: '' }),
      batch('unmap', 3, { mode: 'atomic' }),
      unmap(22),
      unmap(20),
      unmap(21),
      { op: 'state', vspace: 2, entries: [], tables: [] },
    );
    // The tables are there, which the state leaves out on purpose.
    expect(await diverged(path)).toMatchObject([{ field: 'tables' }]);
  });

  it('may end with the operation that was refused', async () => {
    const path = trace(
      batch('map', 3, { ret: 'InvalidArgument', arg: 0 }),
      map(20, 0),
      map(21, 1),
      map(20, 2, { ret: 'InvalidArgument', arg: 0 }),
    );
    expect(await diverged(path)).toEqual([]);
  });

  it('says which part differs, and goes on behind it', async () => {
    const path = trace(batch('map', 3), map(20, 0), map(20, 1), map(22, 2), unmap(22, { part: undefined }));
    expect(await diverged(path)).toEqual([
      { field: 'ret', event: FIRST + 2, expected: 'ok', actual: 'InvalidArgument' },
    ]);
  });

  it('says that its own answer differs from its parts', async () => {
    const path = trace(batch('map', 1, { ret: 'DeleteFirst' }), map(20, 0));
    expect(await diverged(path)).toEqual([{ field: 'ret', event: FIRST, expected: 'DeleteFirst', actual: 'ok' }]);
  });

  it('says that parts are missing', async () => {
    for (const after of [[], [unmap(20, { part: undefined })], [batch('unmap', 1), unmap(20)]])
      expect(await diverged(trace(batch('map', 3), map(20, 0), ...after))).toEqual([
        { field: 'n', event: FIRST, expected: 3, actual: 1 },
      ]);
  });

  it('says that a list is longer than a message, and a protect elsewhere than recorded', async () => {
    const scattered = Array.from({ length: 40 }, (_, i) => map(20, i % 2 === 0 ? 0 : 0));
    expect(await diverged(trace(batch('map', 40), ...scattered))).toMatchObject([
      { field: 'n', expected: 40, actual: 39 },
    ]);
    const moved = trace(batch('map', 1), map(20, 0), batch('protect', 1), map(20, 1));
    expect(await diverged(moved)).toMatchObject([{ field: 'vaddr', event: FIRST + 3 }]);
  });

  it('assumes what a partial trace never created', async () => {
    const path = traceFile({ arch: 'aarch64', version: 2 }, [
      batch('map', 2),
      map(20, 0),
      map(21, 1),
      batch('unmap', 2),
      unmap(20),
      unmap(21),
    ]);
    const { divergenceCount, assumed } = await replayTrace(path, { check: true });
    expect(divergenceCount).toBe(0);
    expect(assumed).toBeGreaterThan(0);
  });
});
