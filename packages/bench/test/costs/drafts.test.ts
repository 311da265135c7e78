import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BATCH_ASSUMPTIONS } from '../../src/costs/assumptions.ts';
import { DRAFT_OPERATIONS, DRAFTS } from '../../src/costs/draft-operations.ts';
import { DRAFT_TOLERANCE, draftPredictions } from '../../src/costs/drafts.ts';
import { RECORDED_ROWS, type RecordedArch } from '../../src/costs/recorded-costs.ts';

interface RecordedCall {
  readonly kernel: string;
  readonly arch: string;
  readonly op: string;
  readonly n: number;
  readonly instructions: number;
  readonly tlbi?: number;
}

const calls = JSON.parse(
  readFileSync(new URL('../../../../recordings/batch-drafts.json', import.meta.url), 'utf8'),
) as RecordedCall[];

describe('DRAFT_OPERATIONS', () => {
  it.each(DRAFT_OPERATIONS)(
    '$kernel $arch $operation is what was recorded',
    ({ kernel, arch, operation, recorded }) => {
      const rows = calls.filter(
        (call) => call.kernel === DRAFTS[kernel] && call.arch === arch && call.op === operation,
      );
      expect(recorded).toEqual(rows.filter(({ n }) => n > 0).map(({ n, instructions }) => [n, instructions]));
    },
  );

  it('leave out only what their comment says', () => {
    const used = new Set(
      DRAFT_OPERATIONS.map(({ kernel, arch, operation }) => `${DRAFTS[kernel]} ${arch} ${operation}`),
    );
    const left = calls
      .filter(({ op }) => op.startsWith('batch'))
      .map(({ kernel, arch, op }) => ({ key: `${kernel} ${arch} ${op}`, op }))
      .filter(({ key }) => !used.has(key))
      .map(({ op }) => op);
    // Protecting to read-write is the same to an instruction as to read-only.
    const said = /two leaf tables|nothing mapped|refused|to RW/;
    expect([...new Set(left)].filter((op) => !said.test(op))).toEqual([]);
  });

  it('invalidate each element where the structure says so, once or never where not', () => {
    const said = DRAFT_OPERATIONS.filter(({ arch }) => arch === 'aarch64');
    const each = said.map(({ kernel, arch, operation }) => {
      const call = calls.find(
        (c) => c.kernel === DRAFTS[kernel] && c.arch === arch && c.op === operation && c.n === 32,
      );
      expect([0, 1, 32], operation).toContain(call?.tlbi);
      return call?.tlbi === 32;
    });
    expect(said.map(({ structure }) => structure.write === 'high')).toEqual(each);
  });
});

describe('the assumptions that were read off drafts', () => {
  /** Fixed part and price of a page: a line through the first and last size, as calls are linear. */
  function line(kernel: keyof typeof DRAFTS, arch: RecordedArch, operation: string): { fixed: number; page: number } {
    const draft = DRAFT_OPERATIONS.find((d) => d.kernel === kernel && d.arch === arch && d.operation === operation);
    if (draft === undefined) throw new Error(operation);
    const [[n1, y1]] = draft.recorded;
    const [n2, y2] = draft.recorded.at(-1) ?? [0, 0];
    const page = (y2 - y1) / (n2 - n1);
    return { fixed: y1 - n1 * page - draft.structure.extra, page };
  }
  const nullCall = (arch: RecordedArch): number =>
    RECORDED_ROWS.find((row) => row.arch === arch && row.operation === 'Page_GetAddress')?.instructions ?? 0;
  const { batch, element, elementLookup, elementWrite } = BATCH_ASSUMPTIONS;

  it('batch: what a call costs apart from elements', () => {
    const fixed = [
      line('rm24', 'aarch64', 'batch map fresh').fixed - nullCall('aarch64'),
      line('nmp', 'aarch64', 'batch unmap').fixed - nullCall('aarch64'),
      line('nmp', 'riscv64', 'batch unmap').fixed - nullCall('riscv64'),
      line('nmp', 'x86_64', 'batch unmap').fixed - nullCall('x86_64'),
    ];
    for (const value of fixed) expect(Math.abs(value - batch.middle)).toBeLessThan(6);
    expect(Math.round(Math.min(...fixed))).toBe(batch.low);
    expect(
      Math.abs(line('bv', 'aarch64', 'batch remap/protect to RO').fixed - nullCall('aarch64') - batch.high),
    ).toBeLessThan(1);
  });

  it('element: what is left of a page', () => {
    // Four levels in the profiles of the drafts' own kernels: rm24, and the others.
    const newer = 63;
    const older = 37;
    const { page: map } = line('rm24', 'aarch64', 'batch map fresh');
    expect(Math.round(map - elementLookup.middle - newer - elementWrite.middle)).toBe(element.high);
    const records = (['bv', 'bvs'] as const).flatMap((kernel) => [
      line(kernel, 'aarch64', 'batch remap/protect to RO').page - elementLookup.middle - older - elementWrite.middle,
      line(kernel, 'aarch64', 'batch unmap').page - elementLookup.middle - older - elementWrite.low,
    ]);
    expect(Math.round(records.reduce((sum, x) => sum + x, 0) / records.length)).toBe(element.middle);
    const range = [
      line('nmp', 'aarch64', 'batch remap/protect to RO').page - older - elementWrite.middle,
      line('nmp', 'aarch64', 'batch unmap').page - older - elementWrite.low,
    ];
    expect(Math.round(range[0] + range[1]) / 2).toBe(element.low);
  });
});

describe('draftPredictions', () => {
  const rows = draftPredictions();

  it('are of every recorded size', () => {
    expect(rows).toHaveLength(DRAFT_OPERATIONS.reduce((sum, { recorded }) => sum + recorded.length, 0));
  });

  it.each(rows)('$kernel $arch $operation, $n pages: within 15 %, or explained', ({ error, explanation }) => {
    // An explanation is a price; with it, the prediction holds. It is given only where one is needed.
    expect(Math.abs(explanation?.error ?? error)).toBeLessThanOrEqual(DRAFT_TOLERANCE);
    expect(explanation !== null).toBe(Math.abs(error) > DRAFT_TOLERANCE);
  });

  it('have an explanation only where one is needed by some size', () => {
    const needing = new Set(
      rows.filter(({ explanation }) => explanation !== null).map((row) => `${row.kernel} ${row.arch} ${row.operation}`),
    );
    const having = DRAFT_OPERATIONS.filter(({ explanation }) => explanation !== null);
    expect(having.map(({ kernel, arch, operation }) => `${kernel} ${arch} ${operation}`)).toEqual([...needing]);
  });

  it('lie in their ranges', () => {
    for (const { predicted } of rows) {
      expect(predicted.low).toBeLessThanOrEqual(predicted.middle);
      expect(predicted.middle).toBeLessThanOrEqual(predicted.high);
    }
  });

  it('need no explanation for most rows', () => {
    const unexplained = rows.filter(({ error }) => Math.abs(error) <= DRAFT_TOLERANCE);
    expect(unexplained.length).toBeGreaterThan(rows.length / 2);
  });
});
