import { describe, expect, it } from 'vitest';
import { audit, type Line, map, smallWorld, traceFile, unmap } from './small-trace.ts';

const A = '0x400000';
const base = smallWorld('aarch64').length;
const trace = (lines: readonly Line[], header: Line = {}): string =>
  traceFile({ arch: 'aarch64', ...header }, [...smallWorld('aarch64'), ...lines]);
const driver = { thread: 'driver' };
const server = { thread: 'server' };

/** Rules but for what follows, and the displacements that could not be judged. */
async function judged(lines: readonly Line[]): Promise<[string[], number]> {
  const { findings, summary } = await audit(trace(lines));
  const rules = findings.map((f) => f.rule).filter((rule) => rule !== 'OM003');
  return [rules, summary.sel4?.undecidable.OM011 ?? 0];
}

describe('OM011 foreign mapping displaced', () => {
  it('names both threads and the map that is gone', async () => {
    const { findings } = await audit(trace([map(20, A, driver), map(21, A, server)]));
    const found = findings.find((f) => f.rule === 'OM011');
    expect(found).toMatchObject({
      severity: 'error',
      event: base + 1,
      vaddr: A,
      related: [{ event: base, line: base + 2, role: 'mapped' }],
      fix: { kind: 'one-owner' },
    });
    expect(found?.message).toContain('thread server displaced thread driver');
    expect(found?.message).toContain('strict answers DeleteFirst');
  });

  it.each<[string, Line[], string[], number]>([
    ['two threads', [map(20, A, driver), map(21, A, server)], ['OM001', 'OM011'], 0],
    ['numbers for threads', [map(20, A, { thread: 1 }), map(21, A, { thread: 2 })], ['OM001', 'OM011'], 0],
    [
      'a stale remap',
      [map(20, A, driver), map(21, A, server), map(20, A, driver)],
      ['OM001', 'OM011', 'OM002', 'OM011'],
      0,
    ],
    ['the same thread', [map(20, A, driver), map(21, A, driver)], ['OM001'], 0],
    ['a remap by another thread', [map(20, A, driver), map(20, A, { ...server, rights: 'r' })], [], 0],
    [
      'a place that a remap has made its own',
      [map(20, A, driver), map(20, A, server), map(21, A, server)],
      ['OM001'],
      0,
    ],
    ['an empty place', [map(20, A, driver), unmap(20, server), map(21, A, server)], [], 0],
    [
      'a copy of the same frame',
      [{ op: 'copy', src: 20, cap: 30, rights: 'rw', ret: 'ok' }, map(20, A, driver), map(30, A, server)],
      ['OM014'],
      0,
    ],
    ['no thread', [map(20, A), map(21, A)], ['OM001'], 1],
    ['none at the first map', [map(20, A), map(21, A, server)], ['OM001'], 1],
    ['none at the second map', [map(20, A, driver), map(21, A)], ['OM001'], 1],
    [
      'a map without a thread over one that had one',
      [map(20, A, driver), unmap(20, driver), map(20, A), map(21, A, server)],
      ['OM001'],
      1,
    ],
  ])('%s', async (_, lines, rules, undecidable) => {
    expect(await judged(lines)).toEqual([rules, undecidable]);
  });

  it('knows a CSpace: its slots name no vspace of another one', async () => {
    const one = { cspace: 'one' };
    const path = traceFile({ arch: 'aarch64', config: {} }, [
      map(20, A, one),
      map(21, A, one),
      map(22, A, { cspace: 'two' }),
    ]);
    const { findings, summary } = await audit(path);
    expect(findings.map((f) => f.rule).filter((rule) => rule !== 'OM003')).toEqual(['OM001']);
    expect(summary.sel4?.undecidable.OM011).toBeUndefined();
  });

  it('stands on its own under drift, like the over-map itself', async () => {
    const lines = [map(20, A, driver), map(21, A, server)];
    const { findings } = await audit(trace(lines), { drift: true });
    expect(findings.slice(0, 2).map((f) => [f.rule, f.severity])).toEqual([
      ['OM001', 'error'],
      ['OM011', 'error'],
    ]);
  });
});
