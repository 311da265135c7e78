import { describe, expect, it } from 'vitest';
import { audit, type Line, map, mark, smallWorld, traceFile, unmap } from './small-trace.ts';

const A = '0x400000';
/** An over-map: its finding tells the test that it belongs to, and it leaves one capability stale. */
const OVER = [map(20, A), map(21, A), unmap(21), unmap(20)];

/** Test and phase of the over-map at each `over` among some marks ("+A" starts A, "-A" ends it). */
async function tests(steps: string): Promise<string[]> {
  const lines = steps
    .split(' ')
    .flatMap((step): Line[] => (step === 'over' ? OVER : [mark(step.slice(1), step[0] === '+' ? 'start' : 'end')]));
  const { findings } = await audit(traceFile({ arch: 'aarch64' }, [...smallWorld('aarch64'), ...lines]));
  return findings
    .filter((f) => f.rule === 'OM001')
    .map((f) => `${f.test}${f.phase === undefined ? '' : ` ${f.phase}`}`);
}

describe('the test of an event', () => {
  it.each([
    ['over +A over -A over +B over -B over', ['null', 'A', 'A cleanup', 'B', 'B cleanup']],
    // Start marks without end, as recordings of sel4test have for tests that touch no capability.
    ['+A +B over -B over +C over', ['B', 'B cleanup', 'C']],
    // Nested.
    ['+A over +B over -B over -A over', ['A', 'B', 'B cleanup', 'A cleanup']],
    ['+A +B over -B over +C over -C over -A over', ['B', 'B cleanup', 'C', 'C cleanup', 'A cleanup']],
    ['+A +A over -A over -A over', ['A', 'A cleanup', 'A cleanup']],
    // An end mark closes only its own name.
    ['+A +B over -A over -B over', ['B', 'B', 'B cleanup']],
    ['+A over -B over -A over', ['A', 'A', 'A cleanup']],
    // An end mark without a start, as in a log that begins in the middle of a test.
    ['over -A over +B over', ['null', 'A cleanup', 'B']],
    ['+A -A over -B over', ['A cleanup', 'B cleanup']],
    // No test.
    ['+A over -suite over -A over +suite over', ['A', 'A', 'A cleanup', 'A cleanup']],
  ])('%s', async (steps, expected) => {
    expect(await tests(steps)).toEqual(expected);
  });

  it('gets what is stale at its end mark, even when another runs or its start was not seen', async () => {
    const lines = [mark('A', 'start'), mark('B', 'start'), map(20, A), map(21, A), mark('A', 'end'), mark('C', 'end')];
    const { summary } = await audit(traceFile({ arch: 'aarch64' }, [...smallWorld('aarch64'), ...lines]));
    expect(summary.sel4).toMatchObject({ staleAtTestEnd: 2 });
    expect(summary.sel4?.byTest['A']).toMatchObject({ staleAtTestEnd: 1, maps: 0 });
    expect(summary.sel4?.byTest['B']).toMatchObject({ staleAtTestEnd: 0, maps: 2, staleAtEnd: 1 });
    expect(summary.sel4?.byTest['C']).toMatchObject({ staleAtTestEnd: 1, maps: 0 });
  });
});
