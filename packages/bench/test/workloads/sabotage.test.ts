import { Columns, invoke, Obj, OK, Op, Policy } from '@overmap/core';
import { describe, expect, it } from 'vitest';
import { type BenchCase, type WorkloadError } from '../../src/index.ts';
import { prepareCase, type PreparedCase, runPrepared } from '../../src/run-modelled.ts';
import { timedTaskOf } from '../../src/workload-task.ts';

const VSPACE = 2;
const FREE = 900;
/** Where contiguous pages begin. */
const BASE = 0x1000_0000;

const benchCase = (over: Partial<BenchCase>): BenchCase => ({
  workload: 'map',
  pattern: 'contiguous',
  build: 'aarch64',
  arch: 'aarch64',
  policy: 'strict',
  bits: 12,
  pages: 24,
  batch: 1,
  seed: 1,
  ...over,
});

/** Do something behind the workload's back. */
function meddle(
  { bed }: PreparedCase,
  op: keyof typeof Op,
  fields: Partial<Record<'cap' | 'vaddr' | 'obj' | 'n', number>>,
): void {
  const row = new Columns(1);
  row.op[0] = Op[op];
  row.cap[0] = fields.cap ?? 0;
  row.vspace[0] = VSPACE;
  row.vaddrLo[0] = fields.vaddr ?? 0;
  row.rights[0] = 3;
  row.obj[0] = fields.obj ?? 0;
  row.bits[0] = 12;
  row.n[0] = fields.n ?? 0;
  row.paddrLo[0] = 0x7000_0000;
  expect(invoke(bed.kernel, row, 0, Policy.legacy)).toBe(OK);
}

function stranger(prepared: PreparedCase, vaddr: number): void {
  meddle(prepared, 'retype', { obj: Obj.page, cap: FREE, n: 1 });
  meddle(prepared, 'map', { cap: FREE, vaddr });
}

/** The first slot that a script names. */
const slotOf = ({ script }: PreparedCase, i: number): number => script.rows.cap[i];

function failure(prepared: PreparedCase): Pick<WorkloadError, 'caseName' | 'operation' | 'expected' | 'got'> {
  try {
    runPrepared(prepared);
  } catch (error) {
    const { caseName, operation, expected, got } = error as WorkloadError;
    return { caseName, operation, expected, got };
  }
  throw new Error('nobody noticed');
}

describe.each([1, 8])('with %d operations in an invocation, a case fails and names the operation when', (batch) => {
  const within = batch === 1 ? '' : ' (operation 6 of a batch of 8)';

  it('a place is taken', () => {
    const prepared = prepareCase(benchCase({ batch }));
    stranger(prepared, BASE + 5 * 4096);
    expect(failure(prepared)).toMatchObject({
      operation: `Page_Map of frame 5 at 0x10005000${within}`,
      expected: 'ok',
      got: 'DeleteFirst',
    });
  });

  it('a table is missing', () => {
    const prepared = prepareCase(benchCase({ batch }));
    // The last one that the preparation made.
    let table = slotOf(prepared, 0) + 24;
    while (prepared.bed.say(table + 1).startsWith('table')) table++;
    meddle(prepared, 'unmap_table', { cap: table });
    expect(failure(prepared)).toMatchObject({
      operation: expect.stringContaining('Page_Map of frame 0 at 0x10000000'),
      got: 'FailedLookup (missing capability, 21 bits left)',
    });
  });

  it('a page is not mapped any more that is to be unmapped', () => {
    const prepared = prepareCase(benchCase({ workload: 'unmap', batch }));
    meddle(prepared, 'unmap', { cap: slotOf(prepared, 5) });
    expect(failure(prepared)).toMatchObject(
      batch === 1
        ? { operation: 'Page_Unmap of frame 5 at 0x10005000', expected: 'the entry cleared', got: 'nothing recorded' }
        : {
            operation: 'the batch of 8 from Page_Unmap of frame 0 at 0x10000000 on',
            expected: '8 entries written',
            got: '7 entries written',
          },
    );
  });

  it('a page that is to be protected was replaced', () => {
    const prepared = prepareCase(benchCase({ workload: 'protect', policy: 'exact', batch }));
    stranger(prepared, BASE + 5 * 4096);
    expect(failure(prepared)).toMatchObject({
      operation: `Page_Map of frame 5 at 0x10005000${within}`,
      got: 'DeleteFirst',
    });
  });

  it('a fault does not come', () => {
    const prepared = prepareCase(benchCase({ workload: 'heap', pattern: null, batch }));
    meddle(prepared, 'retype', { obj: Obj.table, cap: FREE, n: 1 });
    meddle(prepared, 'map_table', { cap: FREE, vaddr: BASE });
    expect(failure(prepared)).toMatchObject(
      batch === 1
        ? {
            expected: 'FailedLookup (missing capability, 39 bits left)',
            got: 'FailedLookup (missing capability, 30 bits left)',
          }
        : { expected: '3 tables mapped', got: '2 tables mapped' },
    );
  });

  it('something else is mapped in the end', () => {
    const prepared = prepareCase(benchCase({ batch }));
    stranger(prepared, BASE + 100 * 4096);
    expect(failure(prepared)).toMatchObject({
      caseName: `map/contiguous/aarch64/4K/24/strict/${batch === 1 ? 'single' : batch}`,
      operation: 'the page tables afterwards, at 0x10064000',
      expected: 'nothing',
    });
  });

  it('a page holds another frame in the end', () => {
    const prepared = prepareCase(benchCase({ batch }));
    // Its capability names another physical address than the one that was retyped.
    prepared.bed.kernel.caps[slotOf(prepared, 3) * 8 + 4] ^= 0x1000;
    expect(failure(prepared)).toMatchObject({
      operation: 'the page tables afterwards, at 0x10003000',
      expected: expect.stringContaining('(frame 3)'),
    });
  });

  it('its rights are others in the end', () => {
    const prepared = prepareCase(benchCase({ batch }));
    prepared.script.held.set(BASE, { slot: slotOf(prepared, 0), rights: 1 });
    expect(failure(prepared)).toMatchObject({ operation: 'the page tables afterwards, at 0x10000000' });
  });

  it('a task of it is timed', () => {
    const prepared = prepareCase(benchCase({ batch }));
    stranger(prepared, BASE + 5 * 4096);
    const task = timedTaskOf(prepared);
    task.prepare();
    expect(() => task.run()).toThrow(/of 24 operations did what they should/);
  });

  it('a task of it is timed whose unmap has nothing to clear', () => {
    const prepared = prepareCase(benchCase({ workload: 'unmap', batch }));
    meddle(prepared, 'unmap', { cap: slotOf(prepared, 5) });
    const task = timedTaskOf(prepared);
    task.prepare();
    expect(() => task.run()).toThrow(/: (23|16) of 24 operations did what they should/);
  });
});

it('a case without room is refused with what there is room for', () => {
  expect(() => prepareCase(benchCase({ build: 'ia32', arch: 'ia32', bits: 22, pages: 1024 }))).toThrow(
    'ia32 has room for at most',
  );
  expect(() => prepareCase(benchCase({ bits: 13 }))).toThrow('aarch64 has no pages of 2^13 bytes');
  expect(() => prepareCase(benchCase({ pages: 0 }))).toThrow('0 is no number of pages');
  expect(() => prepareCase(benchCase({ batch: 1.5 }))).toThrow('1.5 is no size of a batch');
});
