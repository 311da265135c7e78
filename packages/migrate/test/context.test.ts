import { describe, expect, it } from 'vitest';
import { audit, type Line, map, smallWorld, traceFile, unmap } from './small-trace.ts';

const A = '0x400000';
const world = smallWorld('aarch64');
/** Remaps, which nobody complains of. */
const quiet = (n: number): Line[] => Array.from({ length: n }, () => map(22, '0x401000'));
const trace = (...lines: Line[]): string => traceFile({ arch: 'aarch64' }, [...world, ...lines]);

describe('--context', () => {
  it('gives a finding 64 records: 32 before it, its own, 31 behind it', async () => {
    const { findings } = await audit(trace(...quiet(100), map(20, A), map(21, A), ...quiet(100)), {
      context: true,
      only: new Set(['OM001']),
    });
    const [finding] = findings;
    expect(findings).toHaveLength(1);
    expect(finding?.context).toHaveLength(64);
    const at = finding?.event ?? 0;
    expect(finding?.context?.map(({ event }) => event)).toEqual(Array.from({ length: 64 }, (_, n) => at - 32 + n));
    expect(finding?.context?.[32]).toEqual({ event: at, line: at + 2, ...map(21, A) });
    expect(finding?.context?.[31]).toMatchObject({ op: 'map', cap: 20 });
  });

  it('has what there is at the beginning and at the end, and across batches', async () => {
    const early = trace(map(20, A), map(21, A), ...quiet(5000));
    const late = trace(...quiet(5000), map(20, A), map(21, A));
    const only = new Set(['OM001']);
    const [first] = (await audit(early, { context: true, only })).findings;
    const [last] = (await audit(late, { context: true, only })).findings;
    expect(first?.context).toHaveLength(world.length + 2 + 31);
    expect(last?.context).toHaveLength(33);
    expect(last?.context?.at(-1)).toMatchObject({ event: last?.event, cap: 21 });
  });

  it('changes neither findings nor their order', async () => {
    const path = trace(map(20, A), map(21, A), map(20, A), ...quiet(10), map(21, A), ...quiet(50), map(20, A));
    const plain = await audit(path);
    const { findings, summary } = await audit(path, { context: true });
    const without = findings.map((finding) => {
      const { context, neighbourhood, ...rest } = finding;
      expect(neighbourhood === undefined || neighbourhood.before.length > 0).toBe(true);
      expect(context?.length).toBeGreaterThan(0);
      return rest;
    });
    expect(without).toEqual(plain.findings);
    expect(summary).toEqual(plain.summary);
    expect(findings.length).toBeGreaterThan(3);
    expect(plain.findings[0]).not.toHaveProperty('context');
  });

  it('tells what was mapped near the address before the event and after it', async () => {
    const path = trace(map(20, A), map(22, '0x402000'), map(21, A));
    const { findings } = await audit(path, { context: true });
    const overMap = findings.find(({ rule }) => rule === 'OM001');
    const first = (overMap?.event ?? 0) - 2;
    const { before = [], after = [] } = overMap?.neighbourhood ?? {};
    expect(before.map(({ vaddr, bits, event }) => [vaddr, bits, event])).toEqual([
      [A, 12, first],
      ['0x402000', 12, first + 1],
    ]);
    expect(after.map(({ vaddr, event }) => [vaddr, event])).toEqual([
      [A, first + 2],
      ['0x402000', first + 1],
    ]);
    expect(after[1]).toEqual(before[1]);
    expect(after[0]?.frame).toMatch(/^0x[0-9a-f]+$/);
    expect(after[0]?.frame).not.toBe(before[0]?.frame);
  });

  it('tells it of an unmap too, and of nothing where the finding is about an earlier event', async () => {
    const path = trace(map(20, A), map(21, A), unmap(20), map(22, '0x402000'));
    const { findings } = await audit(path, { context: true });
    const dead = findings.find(({ rule }) => rule === 'OM004');
    expect(dead?.neighbourhood?.before).toHaveLength(1);
    expect(dead?.neighbourhood?.after).toEqual(dead?.neighbourhood?.before);
    for (const finding of findings)
      if (finding.vaddr === undefined) expect(finding).not.toHaveProperty('neighbourhood');
  });
});
