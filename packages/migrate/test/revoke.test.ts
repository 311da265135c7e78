import { describe, expect, it } from 'vitest';
import { audit, type Audited, type Line, map, smallWorld, traceFile } from './small-trace.ts';

const A = '0x400000';
const B = '0x401000';
const copy = (cap: number, src = 20): Line => ({ op: 'copy', src, cap, rights: 'rw', ret: 'ok' });
const del = (cap: number): Line => ({ op: 'delete', cap, ret: 'ok' });
const revoke: Line = { op: 'revoke', cap: 20, ret: 'ok' };
const vspace: Line[] = [
  del(2),
  { op: 'retype', obj: 'vspace', cap: 3, n: 1, ret: 'ok', paddr: '0x10200000' },
  { op: 'assign', pool: 1, vspace: 3, ret: 'ok' },
  { op: 'retype', obj: 'table', cap: 40, n: 3, ret: 'ok', paddr: '0x10300000' },
  ...[40, 41, 42].map((cap) => ({ op: 'map_table', cap, vspace: 3, vaddr: A, attr: 0, ret: 'ok' })),
];

const run = (lines: readonly Line[]): Promise<Audited> =>
  audit(traceFile({ arch: 'aarch64' }, [...smallWorld('aarch64'), ...lines]));
/** What is left of an audit when it is forgotten where in the trace the findings were. */
const said = ({ findings, summary }: Audited): unknown => [
  findings.map((finding) => ({ ...finding, event: 0, line: 0 })),
  { ...summary, events: 0 },
];

describe('a revoke', () => {
  it.each([
    [
      'a copy that mapped over its own frame',
      [map(20, A), copy(30), map(30, A)],
      [30],
      { aliasUnmaps: 0, deadDeletes: 0 },
    ],
    [
      'a copy whose page the original made again',
      [copy(30), map(30, A), map(20, A)],
      [30],
      { aliasUnmaps: 1, deadDeletes: 0 },
    ],
    [
      'two copies of one page',
      [copy(30), map(30, A), copy(31), map(31, A)],
      [31, 30],
      { aliasUnmaps: 0, deadDeletes: 1 },
    ],
    [
      'copies in another order',
      [copy(31), copy(30), map(30, A), map(31, A)],
      [30, 31],
      { aliasUnmaps: 1, deadDeletes: 1 },
    ],
    [
      'a copy without its table',
      [copy(30), map(30, B), { op: 'unmap_table', cap: 12, ret: 'ok' }],
      [30],
      { aliasUnmaps: 0, deadDeletes: 1 },
    ],
    [
      'a copy whose ASID changed hands',
      [copy(30), map(30, A), ...vspace, map(20, A, { vspace: 3 })],
      [30],
      { aliasUnmaps: 1, reusedAsid: 1 },
    ],
    ['a copy that is not mapped', [copy(30)], [30], { aliasUnmaps: 0, deadDeletes: 0 }],
    [
      'copies at two places',
      [copy(30), map(30, A), copy(31, 30), map(31, B)],
      [30, 31],
      { aliasUnmaps: 0, deadDeletes: 0 },
    ],
  ] as const)('counts as its single deletions do: %s', async (_, lines, slots, counts) => {
    const one = await run([...lines, revoke]);
    const each = await run([...lines, ...slots.map(del)]);
    expect(one.summary.sel4).toMatchObject(counts);
    expect(said(one)).toEqual(said(each));
  });

  it('names the capability that it deletes, and where it was invoked', async () => {
    const { findings } = await run([copy(30), map(30, A), map(20, A), revoke]);
    const alias = findings.find((f) => f.rule === 'OM005');
    expect(alias).toMatchObject({ vaddr: A, bits: 12, event: smallWorld('aarch64').length + 3 });
    expect(alias?.message).toContain('Deleting capability 30');
  });

  it('deletes nothing through a copy, and nothing of other objects', async () => {
    const { summary } = await run([copy(30), map(20, A), map(21, B), { op: 'revoke', cap: 30, ret: 'ok' }, del(20)]);
    expect(summary.sel4).toMatchObject({ deadDeletes: 0, aliasUnmaps: 0, staleAtEnd: 0 });
  });
});
