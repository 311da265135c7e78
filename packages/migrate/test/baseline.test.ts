import { Baseline } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { type Audited, audit, type Line, map, mark, smallWorld, traceFile, unmap } from './small-trace.ts';

const A = '0x400000';
const B = '0x401000';
const trace = (...lines: Line[]): string => traceFile({ arch: 'aarch64' }, [...smallWorld('aarch64'), ...lines]);
/** An over-map at an address, and all cleaned up. */
const over = (at: string): Line[] => [map(20, at), map(21, at), unmap(20), unmap(21)];
const test = (name: string, ...lines: Line[]): Line[] => [mark(name, 'start'), ...lines, mark(name, 'end')];

/** The audit of a trace with another one's findings as the baseline. */
async function against(before: string, now: string, inputs = 'any'): Promise<Audited> {
  const { findings, summary } = await audit(before);
  const text = JSON.stringify({ kind: 'audit', input: inputs, findings, summary });
  return audit(now, { baseline: { name: 'before.json', findings: new Baseline(text) } });
}

describe('with a baseline', () => {
  it('what was there is counted and not told, also where the trace has changed around it', async () => {
    const before = trace(...test('T1', ...over(A)));
    const now = trace(...test('T0', map(22, B), unmap(22)), ...test('T1', map(22, B), unmap(22), ...over(A)));
    const { findings, summary } = await against(before, now);
    expect(findings).toEqual([]);
    expect(summary.known).toEqual({ OM001: 1, OM004: 1 });
    expect(summary.severities).toEqual({ note: 0, warning: 0, error: 0 });
    // What happened in the trace is counted as ever.
    expect(summary.sel4?.overmaps).toBe(1);
  });

  it('what is new is told: another address, another test, once more', async () => {
    const before = trace(...test('T1', ...over(A)));
    const now = trace(...test('T1', ...over(A), ...over(A), ...over(B)), ...test('T2', ...over(A)));
    const { findings, summary } = await against(before, now);
    const overMaps = findings.filter(({ rule }) => rule === 'OM001');
    expect(overMaps.map(({ test, vaddr }) => [test, vaddr])).toEqual([
      ['T1', A],
      ['T1', B],
      ['T2', A],
    ]);
    expect(summary.known).toEqual({ OM001: 1, OM004: 1 });
    expect(summary.severities.error).toBe(3);
  });

  it('of findings that were not listed it knows how many there were', async () => {
    const many = (n: number): Line[] => [
      map(20, A),
      ...Array.from({ length: n }, (_, i) => map(i % 2 === 0 ? 21 : 20, A)),
    ];
    const same = await against(trace(...many(1100)), trace(...many(1100)));
    expect(same.findings).toEqual([]);
    expect(same.summary.truncated).toEqual({});
    const more = await against(trace(...many(1100)), trace(...many(1103)));
    expect(more.summary.findings).toEqual({ OM002: 3 });
    expect(more.summary.truncated).toEqual({ OM002: 3 });
  });

  it('without one, nothing is known', async () => {
    const { summary } = await audit(trace(...over(A)));
    expect(summary).not.toHaveProperty('known');
  });
});
