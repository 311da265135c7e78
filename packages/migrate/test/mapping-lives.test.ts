import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Columns, invoke, type Kernel, OP_STATE, Op, POLICIES, visitEntries } from '@overmap/core';
import type { Mapping, MappingEnd } from '@overmap/report';
import { readTrace } from '@overmap/trace';
import { describe, expect, it } from 'vitest';
import { auditTrace } from '../src/index.ts';
import { traceKernel } from '../src/trace-kernel.ts';
import { type Line, map, smallWorld, traceFile, unmap } from './small-trace.ts';

const A = '0x400000';
const B = '0x401000';
const first = smallWorld('aarch64').length;

type Life = Mapping & { readonly ended: number; readonly how: MappingEnd | null };

async function lives(path: string): Promise<Life[]> {
  const all: Life[] = [];
  await auditTrace(
    path,
    { version: 'test' },
    {
      mappings: { mapping: (mapping, ended, _line, how) => all.push({ ...mapping, ended, how }) },
      begin() {},
      finding() {},
      end() {},
    },
  );
  return all;
}
const of = async (lines: readonly Line[], header: Line = {}): Promise<(string | number | null)[][]> =>
  (await lives(traceFile({ arch: 'aarch64', ...header }, [...smallWorld('aarch64'), ...lines]))).map((life) => [
    life.vaddr,
    life.event - first,
    life.ended - first,
    life.how,
  ]);

describe('the life of a mapping', () => {
  it('ends when its entry is cleared, or with the trace', async () => {
    expect(await of([map(20, A), map(21, B), unmap(20)])).toEqual([
      [A, 0, 2, 'cleared'],
      [B, 1, 2, null],
    ]);
  });
  it('goes on through a remap', async () => {
    expect(await of([map(20, A), map(20, A, { rights: 'r' }), unmap(20)])).toEqual([[A, 0, 2, 'cleared']]);
  });
  it('ends when another frame takes its place', async () => {
    expect(await of([map(20, A), map(21, A), unmap(20)])).toEqual([
      [A, 0, 1, 'replaced'],
      [A, 1, 2, null],
    ]);
  });
  it('ends with its page table, with one further up, and with its vspace', async () => {
    const table = { op: 'unmap_table', ret: 'ok' };
    expect(await of([map(20, A), { ...table, cap: 12 }])).toEqual([[A, 0, 1, 'table']]);
    expect(await of([map(20, A), { ...table, cap: 11 }])).toEqual([[A, 0, 1, 'table']]);
    expect(await of([map(20, A), { op: 'delete', cap: 2, ret: 'ok' }])).toEqual([[A, 0, 1, 'table']]);
  });
  it('ends with a table further up also where there are many', async () => {
    const frames = 600; // more than a table has entries, so in two tables
    const lines: Line[] = [
      ...smallWorld('aarch64', frames),
      { op: 'retype', obj: 'table', cap: 900, n: 1, ret: 'ok', paddr: '0x30000000' },
      { op: 'map_table', cap: 900, vspace: 2, vaddr: '0x600000', attr: 0, ret: 'ok' },
      ...Array.from({ length: frames }, (_, n) => map(20 + n, `0x${(0x400000 + n * 0x1000).toString(16)}`)),
      { op: 'unmap_table', cap: 11, ret: 'ok' },
    ];
    const all = await lives(traceFile({ arch: 'aarch64' }, lines));
    expect(all.filter(({ how, ended }) => how === 'table' && ended === lines.length - 1)).toHaveLength(frames);
    expect(all).toHaveLength(frames);
  });
  it('ends when its table goes, although the dead tree of another vspace keeps that table', async () => {
    const into = (cap: number): Line => ({ op: 'map_table', cap, vspace: 3, vaddr: A, attr: 0, ret: 'ok' });
    const lines: Line[] = [
      { op: 'delete', cap: 2, ret: 'ok' },
      { op: 'retype', obj: 'vspace', cap: 3, n: 1, ret: 'ok', paddr: '0x30001000' },
      { op: 'assign', pool: 1, vspace: 3, ret: 'ok' },
      { op: 'retype', obj: 'table', cap: 40, n: 2, ret: 'ok', paddr: '0x30002000' },
      into(40),
      into(41),
      { op: 'unmap_table', cap: 12, ret: 'ok' },
      into(12),
      map(20, A, { vspace: 3 }),
      { op: 'delete', cap: 12, ret: 'ok' },
      map(22, B, { vspace: 3, ret: 'FailedLookup' }),
    ];
    expect(await of(lines)).toEqual([[A, 8, 9, 'table']]);
  });
  it('belongs to its vspace, also where the ASID is given out again', async () => {
    const again: Line[] = [
      map(20, A),
      { op: 'unmap_table', cap: 10, ret: 'ok' },
      { op: 'delete', cap: 2, ret: 'ok' },
      { op: 'retype', obj: 'vspace', cap: 3, n: 1, ret: 'ok', paddr: '0x20001000' },
      { op: 'assign', pool: 1, vspace: 3, ret: 'ok' },
      { op: 'unmap_table', cap: 11, ret: 'ok' },
      { op: 'unmap_table', cap: 12, ret: 'ok' },
      ...[10, 11, 12].map((cap) => ({ op: 'map_table', cap, vspace: 3, vaddr: A, attr: 0, ret: 'ok' })),
      map(21, A, { vspace: 3 }),
    ];
    const found = await lives(traceFile({ arch: 'aarch64' }, [...smallWorld('aarch64'), ...again]));
    expect(found.map(({ vspace, vspaceName }) => [vspace, vspaceName])).toEqual([
      [1, 'vspace 2 (ASID 2)'],
      [2, 'vspace 3 (ASID 2)'],
    ]);
  });
  it('says who made it, of what', async () => {
    const site = { file: 'a.c', line: 3, function: 'f' };
    const [life] = await lives(traceFile({ arch: 'aarch64' }, [...smallWorld('aarch64'), map(21, A, { site })]));
    expect(life).toMatchObject({ cap: '21', frame: '0x10101000', bits: 12, line: first + 2, site });
  });
});

/** The pages that a kernel holds at the end of a trace, run without an audit; below the roots of assigned ASIDs. */
async function pagesAtEnd(path: string): Promise<number> {
  let kernel: Kernel | undefined;
  await readTrace(path, {
    onHeader: (header) => {
      kernel = traceKernel(header, undefined);
    },
    onBatch: (columns: Columns) => {
      for (let i = 0; i < columns.count && kernel !== undefined; i++)
        if (columns.op[i] !== OP_STATE && columns.op[i] !== Op.mark && columns.op[i] !== Op.other)
          invoke(kernel, columns, i, POLICIES.legacy);
    },
  });
  if (kernel === undefined) throw new Error(`${path} has no header`);
  const k = kernel;
  let pages = 0;
  for (const root of new Set(k.asidRoots))
    if (root > 0)
      visitEntries(k, root, (_hi, _lo, _bits, _entryHi, _entryLo, link) => {
        // A large page counts once, not by its entries.
        if (link < 0) pages += 1 / k.sizeEntries[-link - 1];
      });
  return pages;
}

const slices = fileURLToPath(new URL('../../../recordings/sel4test/slices/', import.meta.url));
describe('what is alive at the end of a recording', () => {
  it.each(readdirSync(slices).filter((name) => name.endsWith('.gz')))('is what the tables hold: %s', async (name) => {
    const path = join(slices, name);
    const alive = (await lives(path)).filter(({ how }) => how === null);
    expect(alive.length).toBe(await pagesAtEnd(path));
  });
});
