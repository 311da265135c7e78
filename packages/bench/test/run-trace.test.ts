import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addWork, buildOf, runTrace, type TraceResult } from '../src/index.ts';

const slices = fileURLToPath(new URL('../../../recordings/sel4test/slices/', import.meta.url));

describe('a slice of a recording with over-maps', () => {
  let result: TraceResult;
  beforeAll(async () => {
    result = await runTrace(`${slices}slice-aarch32-PT0002.jsonl.gz`);
  });

  it('ends in the same state, single and in batches', () => {
    expect(result.plans.map(({ reorder, difference }) => ({ reorder, difference }))).toEqual([
      { reorder: false, difference: null },
      { reorder: true, difference: null },
    ]);
  });

  it('counts its maps and unmaps on both sides', () => {
    const { single, operations, plans, build, policy } = result;
    expect({ build, policy }).toEqual({ build: 'aarch32', policy: 'legacy' });
    expect(single.invocations).toBeGreaterThan(0);
    expect(single.invocations).toBeLessThanOrEqual(operations);
    expect(single.work.entry).toBe(single.invocations);
    expect(single.work.batch).toBeUndefined();
    const changes = (single.work.map ?? 0) + (single.work.unmap ?? 0);
    for (const { work, invocations, batched, batches } of plans) {
      expect(work.entry).toBe(invocations);
      expect(work.batch ?? 0).toBe(batches);
      expect(work.element ?? 0).toBe(batched);
      expect((work.map ?? 0) + (work.unmap ?? 0) + batched).toBe(changes);
      expect(invocations).toBe(single.invocations - batched + batches);
    }
  });

  it('tells what strictness would cost: the four over-maps that the recorder saw', () => {
    expect(result.strictness).toMatchObject({
      overMaps: 4,
      aliases: 0,
      extraUnmaps: 4,
      sizes: [
        [12, 1],
        [16, 1],
        [20, 1],
        [24, 1],
      ],
      // Large pages and supersections have 16 entries.
      legacy: { entry: 4, map: 4, cleanEntry: 34, tlbiAsid: 4 },
      strict: { entry: 8, map: 4, unmap: 4, occupied: 4, cleanEntry: 68, tlbiPage: 4 },
    });
  });
});

describe('a trace by hand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overmap-bench-trace-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, policy: string, over: 'ok' | 'DeleteFirst'): string => {
    const path = join(folder, name);
    const hex = (n: number): string => `0x${n.toString(16)}`;
    const map = (cap: number, vaddr: number, ret: string): object => ({
      op: 'map',
      cap,
      vspace: 2,
      vaddr: hex(vaddr),
      rights: 'rw',
      attr: 0,
      ret,
    });
    const lines: object[] = [
      {
        trace: 'overmap',
        version: 1,
        system: 'sel4',
        arch: 'ia32',
        policy,
        source: 'by hand',
        config: { asidPool: 1 },
      },
      { op: 'retype', obj: 'pd', cap: 2, n: 1, paddr: '0x100000', ret: 'ok' },
      { op: 'assign', pool: 1, vspace: 2, ret: 'ok' },
      { op: 'retype', obj: 'table', cap: 3, n: 1, paddr: '0x200000', ret: 'ok' },
      { op: 'map_table', cap: 3, vspace: 2, vaddr: '0x400000', attr: 0, ret: 'ok' },
      { op: 'retype', obj: 'page', bits: 12, cap: 10, n: 4, paddr: '0x300000', ret: 'ok' },
      map(10, 0x400000, 'ok'),
      map(11, 0x401000, 'ok'),
      map(12, 0x402000, 'ok'),
      map(13, 0x400000, over),
      map(12, 0x402000, 'ok'),
    ];
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return path;
  };

  it('over-maps once under legacy; a remap is none', async () => {
    const { strictness, single, plans } = await runTrace(write('legacy.jsonl', 'legacy', 'ok'));
    expect(strictness).toMatchObject({ overMaps: 1, extraUnmaps: 1, sizes: [[12, 1]] });
    const extra = addWork({}, strictness?.strict ?? {});
    expect(extra).toEqual({
      entry: 2,
      call: 2,
      map: 1,
      occupied: 1,
      unmap: 1,
      walkLevel: 4,
      invlpg: 1,
      structureCacheFlush: 1,
    });
    expect(single.work).toEqual({ entry: 5, call: 5, map: 5, walkLevel: 10, structureCacheFlush: 5 });
    // Four maps in one window, and one more of a capability that the batch has already.
    expect(plans[0]).toMatchObject({ batched: 4, batches: 1, invocations: 2, difference: null });
  });

  it('has no cost of strictness that was recorded under strict', async () => {
    const { strictness, single } = await runTrace(write('strict.jsonl', 'strict', 'DeleteFirst'));
    expect(strictness).toBeNull();
    expect(single.work).toMatchObject({ map: 5, occupied: 5, structureCacheFlush: 4 });
  });

  it('cannot be standard input', async () => {
    await expect(runTrace('-')).rejects.toThrow('give a file, not standard input');
  });
});

it('knows the build of a trace', () => {
  expect(buildOf({ arch: 'aarch64', config: {} })).toBe('aarch64');
  expect(buildOf({ arch: 'aarch64', config: { hyp: true, paBits: 44 } })).toBe('aarch64hyp');
  expect(buildOf({ arch: 'aarch64', config: { hyp: true } })).toBeNull();
  expect(buildOf({ arch: 'aarch32', config: { hyp: true } })).toBe('aarch32hyp');
  expect(buildOf({ arch: 'x86_64', config: { pcid: true } })).toBe('x86_64pcid');
  expect(buildOf({ arch: 'x86_64', config: { hugePage: false } })).toBe('x86_64');
  expect(buildOf({ arch: 'riscv64', config: { smp: true } })).toBeNull();
});
