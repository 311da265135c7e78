import {
  CAP_WORDS,
  Columns,
  invoke,
  type Kernel,
  OBJECT,
  Obj,
  OK,
  Op,
  Policy,
  RIGHTS_MASK,
  RIGHTS_SHIFT,
  VmRights,
} from '@overmap/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Runs from '../../../batch/src/runs.ts';
import type * as Page from '../../../core/src/sel4/page.ts';
import type * as Table from '../../../core/src/sel4/table.ts';
import { type BenchCase, type WorkloadError } from '../../src/index.ts';
import { prepareCase, type PreparedCase, runPrepared } from '../../src/run-modelled.ts';
import { timedTaskOf } from '../../src/workload-task.ts';

/** What is answered, and told of, as ever, and not done; of a silent one nothing is told either. */
type Lie = 'silent remap' | 'remap' | 'window remap' | 'unmap' | 'window unmap' | 'unmap table';

const lies = vi.hoisted(() => new Set<Lie>());

vi.mock(import('../../../core/src/sel4/page.ts'), async (importOriginal): Promise<typeof Page> => {
  const real = await importOriginal();
  return {
    ...real,
    performMap: (k, ...rest) => {
      const remap = k.links[k.at] < 0;
      if (remap && lies.has('silent remap')) return;
      const putBack = remap && lies.has('remap') ? keep(k) : null;
      real.performMap(k, ...rest);
      putBack?.();
    },
    performUnmap: (k, c) => {
      const putBack = lies.has('unmap') ? keep(k) : null;
      real.performUnmap(k, c);
      putBack?.();
    },
    clearPage: (k, c) => {
      const putBack = lies.has('unmap') ? keep(k) : null;
      real.clearPage(k, c);
      putBack?.();
    },
  };
});

vi.mock(import('../../../core/src/sel4/table.ts'), async (importOriginal): Promise<typeof Table> => {
  const real = await importOriginal();
  return {
    ...real,
    performUnmapTable: (k, c) => {
      if (lies.has('unmap table')) k.cleared = 1;
      else real.performUnmapTable(k, c);
    },
  };
});

vi.mock(import('../../../batch/src/runs.ts'), async (importOriginal): Promise<typeof Runs> => {
  const real = await importOriginal();
  return {
    ...real,
    mapHeld: (k, run, c) => {
      const putBack = lies.has('window remap') ? keep(k) : null;
      const pages = real.mapHeld(k, run, c);
      putBack?.();
      return pages;
    },
    clearHeld: (k, run, c) => {
      const putBack = lies.has('window unmap') ? keep(k) : null;
      const pages = real.clearHeld(k, run, c);
      putBack?.();
      return pages;
    },
  };
});

/** All entries, to be put back. */
function keep(k: Kernel): () => void {
  const before = [k.entryLo, k.entryHi, k.links].map((array) => ({ array, kept: array.slice() }));
  return () => {
    for (const { array, kept } of before) array.set(kept);
  };
}

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

function message(what: () => void): string {
  try {
    what();
  } catch (error) {
    return (error as Error).message;
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
    prepared.bed.kernel.caps[slotOf(prepared, 3) * CAP_WORDS + OBJECT] ^= 0x1000;
    expect(failure(prepared)).toMatchObject({
      operation: 'Page_Map of frame 3 at 0x10003000, read-write',
      expected: expect.stringMatching(/^frame 3, read-write /),
      got: expect.stringMatching(/^another entry /),
    });
  });

  it('its rights are others in the end', () => {
    const prepared = prepareCase(benchCase({ batch }));
    // Its capability is good for reading alone.
    const c = slotOf(prepared, 3) * CAP_WORDS;
    const { caps } = prepared.bed.kernel;
    caps[c] = (caps[c] & ~(RIGHTS_MASK << RIGHTS_SHIFT)) | (VmRights.readOnly << RIGHTS_SHIFT);
    expect(failure(prepared)).toMatchObject({
      operation: 'Page_Map of frame 3 at 0x10003000, read-write',
      expected: expect.stringMatching(/^frame 3, read-write \([0-9a-f]{16}\)$/),
      got: expect.stringMatching(/^frame 3, read-only \([0-9a-f]{16}\)$/),
    });
  });

  it('a task of it is prepared', () => {
    const prepared = prepareCase(benchCase({ batch }));
    stranger(prepared, BASE + 5 * 4096);
    const task = timedTaskOf(prepared);
    expect(() => task.prepare()).toThrow(`Page_Map of frame 5 at 0x10005000${within}: expected ok, got DeleteFirst`);
  });

  it('a task of it is timed', () => {
    const prepared = prepareCase(benchCase({ batch }));
    const task = timedTaskOf(prepared);
    task.prepare();
    task.run();
    stranger(prepared, BASE + 5 * 4096);
    expect(message(() => task.run())).toBe(`Page_Map of frame 5 at 0x10005000${within}: expected ok, got DeleteFirst`);
  });

  it('a task of it is timed whose unmap has nothing to clear', () => {
    const prepared = prepareCase(benchCase({ workload: 'unmap', batch }));
    const task = timedTaskOf(prepared);
    task.prepare();
    meddle(prepared, 'unmap', { cap: slotOf(prepared, 5) });
    expect(message(() => task.run())).toBe(
      batch === 1
        ? 'Page_Unmap of frame 5 at 0x10005000: expected the entry cleared, got nothing recorded'
        : 'the batch of 8 from Page_Unmap of frame 0 at 0x10000000 on: expected 8 entries written, got 7 entries written',
    );
  });
});

describe('a kernel that answers well and does nothing', () => {
  beforeEach(() => {
    lies.clear();
  });
  afterEach(() => {
    lies.clear();
  });

  const guard = { workload: 'guard', pattern: null } as const;
  const readOnly = { expected: /^frame \d+, read-only \(/, got: /^frame \d+, read-write \(/ };
  const noRights = { expected: /^frame \d+, no rights \(/, got: /^frame \d+, read-write \(/ };
  const mapped = { expected: /^nothing$/, got: /^frame \d+, read-write \(/ };
  const fewer = { expected: /^8 entries written$/, got: /^\d entries written$/ };
  const table = { expected: /^nothing$/, got: /^a table$/ };

  const liars: [lie: Lie, over: Partial<BenchCase>, operation: RegExp, entry: typeof mapped][] = [
    ['silent remap', { workload: 'protect' }, /^Page_Map of frame 0 at 0x10000000, read-only$/, readOnly],
    ['silent remap', guard, /^Page_Map of frame 0 at 0x[0-9a-f]+, no rights$/, noRights],
    [
      'silent remap',
      { workload: 'protect', batch: 8 },
      /^the batch of 8 from Page_Map of frame 0 at 0x10000000 /,
      fewer,
    ],
    ['silent remap', { ...guard, batch: 8 }, /^the batch of 8 from Page_Map of frame 0 at /, fewer],
    ['remap', { workload: 'protect' }, /^Page_Map of frame 0 at 0x10000000, read-only$/, readOnly],
    ['remap', { workload: 'protect', batch: 8 }, /^Page_Map of frame 0 at 0x10000000, read-only$/, readOnly],
    ['remap', { workload: 'protect', pattern: 'random' }, /^Page_Map of frame 0 at 0x[0-9a-f]+, read-only$/, readOnly],
    ['remap', { workload: 'protect', bits: 16, build: 'aarch32' }, /^Page_Map .* \(entry 1 of 16\)$/, readOnly],
    ['remap', guard, /^Page_Map of frame 0 at 0x[0-9a-f]+, no rights$/, noRights],
    ['remap', { ...guard, batch: 8 }, /^Page_Map of frame 0 at 0x[0-9a-f]+, no rights$/, noRights],
    ['remap', { ...guard, build: 'riscv64' }, /^Page_Map of frame 0 at 0x[0-9a-f]+, read-only$/, readOnly],
    ['window remap', { workload: 'protect', batch: 8 }, /^Page_Map of frame 1 at 0x10001000, read-only$/, readOnly],
    ['window remap', { workload: 'protect', batch: 8, pages: 9 }, /^Page_Map of frame 1 at /, readOnly],
    ['unmap', { workload: 'unmap', policy: 'legacy' }, /^Page_Unmap of frame 0 at 0x10000000$/, mapped],
    [
      'unmap',
      { workload: 'replace', policy: 'legacy', batch: 8, pattern: 'random' },
      /^Page_Unmap of frame 0 /,
      mapped,
    ],
    [
      'window unmap',
      { workload: 'unmap', policy: 'legacy', batch: 8 },
      /^Page_Unmap of frame 1 at 0x10001000$/,
      mapped,
    ],
    [
      'window unmap',
      { workload: 'replace', policy: 'legacy', batch: 8 },
      /^Page_Unmap of frame 1 at 0x10001000$/,
      mapped,
    ],
    [
      'window unmap',
      { workload: 'window', pattern: null, policy: 'legacy', batch: 4 },
      /^Page_Unmap of frame 1 /,
      mapped,
    ],
    ['unmap table', { workload: 'space', pattern: null }, /^the page tables afterwards, the table for 2\^\d+ /, table],
    ['unmap table', { workload: 'space', pattern: null, batch: 8 }, /^the page tables afterwards, the table /, table],
  ];

  it.each(liars)('fails the case and names the first page: %s, %j', (lie, over, operation, { expected, got }) => {
    const prepared = prepareCase(benchCase(over));
    lies.add(lie);
    const failed = failure(prepared);
    expect(failed.operation).toMatch(operation);
    expect(failed.expected).toMatch(expected);
    expect(failed.got).toMatch(got);
    lies.clear();
    expect(runPrepared(prepareCase(benchCase(over))).failed).toBeNull();
  });

  it.each(liars)('fails the task before it is timed: %s, %j', (lie, over, operation, { expected, got }) => {
    const task = timedTaskOf(prepareCase(benchCase(over)));
    lies.add(lie);
    const text = message(() => task.prepare());
    const [named, rest] = text.split(': expected ');
    const [wanted, found] = rest.split(', got ');
    expect(named).toMatch(operation);
    expect(wanted).toMatch(expected);
    expect(found).toMatch(got);
    expect(text).not.toContain(task.name);
  });

  it('fails the task when it is made out of a case whose way back lies', () => {
    const task = timedTaskOf(prepareCase(benchCase({ policy: 'legacy' })));
    lies.add('unmap');
    expect(() => task.prepare()).toThrow(/^Page_Unmap of frame 0 at 0x10000000: expected nothing, got frame 0, /);
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
