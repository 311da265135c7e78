import { describe, expect, it } from 'vitest';
import { audit, type Line, map, mark, smallWorld, traceFile, unmap } from './small-trace.ts';

/** The last three pages of a table, and the first behind it, for which there is none. */
const [A, B, C, END] = ['0x5fd000', '0x5fe000', '0x5ff000', '0x600000'];
const base = smallWorld('aarch64', 6).length;
const trace = (lines: readonly Line[], header: Line = {}): string =>
  traceFile({ arch: 'aarch64', ...header }, [...smallWorld('aarch64', 6), ...lines]);
const missing = {
  ret: 'FailedLookup',
  lookup: { failedForSource: false, type: 'missing_capability', bits: 21 },
};
const refused = map(22, END, missing);
const run = [map(20, B), map(21, C), refused];
const table: Line[] = [
  { op: 'retype', obj: 'table', cap: 50, n: 1, ret: 'ok', paddr: '0x10500000' },
  { op: 'map_table', cap: 50, vspace: 2, vaddr: END, attr: 0, ret: 'ok' },
];
const secondSpace: Line[] = [
  { op: 'retype', obj: 'vspace', cap: 3, n: 1, ret: 'ok', paddr: '0x10200000' },
  { op: 'assign', pool: 1, vspace: 3, ret: 'ok' },
  { op: 'retype', obj: 'table', cap: 40, n: 3, ret: 'ok', paddr: '0x10300000' },
  ...[40, 41, 42].map((cap) => ({ op: 'map_table', cap, vspace: 3, vaddr: A, attr: 0, ret: 'ok' })),
];

/** Events of the prefixes that were left, counted from the test's own first record. */
async function left(lines: readonly Line[], header: Line = {}): Promise<number[]> {
  const { findings, summary } = await audit(trace(lines, header));
  expect(summary.divergences).toBe(0);
  return findings.filter((f) => f.rule === 'OM010').map((f) => f.event - base);
}

describe('OM010 prefix left', () => {
  it('names the map that was refused, and the first of those that stay', async () => {
    const site = { file: 'a.c', line: 12, function: 'map_range' };
    const { findings } = await audit(
      trace([
        map(23, A),
        map(20, B),
        map(21, C),
        { ...refused, site },
        map(24, A, { vspace: 2, ret: 'ok', vaddr: '0x400000' }),
      ]),
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: 'OM010',
      severity: 'warning',
      event: base + 4,
      site,
      vaddr: END,
      bits: 12,
      related: [
        { event: base, line: base + 2, role: 'mapped' },
        { event: base + 3, line: base + 5, role: 'refused' },
      ],
      fix: { kind: 'roll-back' },
    });
    expect(findings[0]?.message).toContain('3 pages of 4 KiB in front of 0x600000');
    expect(findings[0]?.message).toContain(`answered FailedLookup`);
  });

  const again = { ...missing };
  it.each<[string, Line[], number[]]>([
    ['they stay until the end', run, [2]],
    ['they stay until a test begins, and go then', [...run, mark('U', 'start'), unmap(21), unmap(20)], [3]],
    [
      'they stay until a test ends, and go then',
      [mark('T', 'start'), ...run, mark('T', 'end'), unmap(21), unmap(20)],
      [4],
    ],
    ['refused twice is one', [...run, map(23, END, again)], [3]],
    [
      'a map in another vspace lies in between',
      [...secondSpace, map(20, B), map(23, A, { vspace: 3 }), map(21, C), refused],
      [9],
    ],
    [
      'two vspaces',
      [
        ...secondSpace,
        ...run,
        map(23, B, { vspace: 3 }),
        map(24, C, { vspace: 3 }),
        map(25, END, { vspace: 3, ...missing }),
      ],
      [11, 11],
    ],
    ['a page behind a gap is mapped instead', [...run, ...table, map(22, '0x601000')], [5]],
  ])('%s', async (_, lines, events) => {
    expect(await left(lines)).toEqual(events);
  });

  it.each<[string, Line[]]>([
    ['one map is no run', [map(21, C), refused]],
    ['another address is refused', [map(20, A), map(21, B), refused]],
    ['the addresses are not consecutive', [map(20, A), map(21, C), refused]],
    ['the addresses fall', [map(20, C), map(21, B), refused]],
    ['a map elsewhere lies in between', [map(20, B), map(23, '0x400000'), map(21, C), refused]],
    ['it is repeated once the table is there', [...run, ...table, map(22, END)]],
    ['it is repeated behind a mark', [map(20, B), map(21, C), mark('T', 'start'), refused, ...table, map(22, END)]],
    ['they are unmapped, the last one first', [...run, unmap(21), unmap(20)]],
    ['they are unmapped, the first one first', [...run, unmap(20), unmap(21)]],
    ['the client has begun to take them back', [...run, unmap(21)]],
    ['they were unmapped before', [map(20, B), map(21, C), unmap(20), unmap(21), refused]],
    ['they are deleted', [...run, ...[20, 21].map((cap) => ({ op: 'delete', cap, ret: 'ok' }))]],
    ['their table goes', [...run, { op: 'unmap_table', cap: 12, ret: 'ok' }]],
    ['their vspace goes', [...run, { op: 'delete', cap: 2, ret: 'ok' }]],
    ['their vspace goes, and its ASID is used anew', [...run, { op: 'delete', cap: 2, ret: 'ok' }, ...secondSpace]],
    [
      'a run of an ASID is none of the next',
      [
        map(20, B),
        map(21, C),
        { op: 'delete', cap: 2, ret: 'ok' },
        ...secondSpace,
        map(22, END, { vspace: 3, ...missing }),
      ],
    ],
    [
      'a revoke takes them',
      [
        ...[30, 31].map((cap) => ({ op: 'copy', src: cap - 10, cap, rights: 'rw', ret: 'ok' })),
        map(30, B),
        map(31, C),
        refused,
        { op: 'revoke', cap: 20, ret: 'ok' },
        { op: 'revoke', cap: 21, ret: 'ok' },
      ],
    ],
    ['they were mapped anew', [...run, map(20, B, { rights: 'r' })]],
    [
      'the refusal is in another vspace',
      [...secondSpace, map(20, B), map(21, C), map(22, END, { vspace: 3, ...missing })],
    ],
  ])('does not fire: %s', async (_, lines) => {
    expect(await left(lines)).toEqual([]);
  });

  it('begins a row anew with another size, and with another vspace of the ASID', async () => {
    const large: Line = { op: 'retype', obj: 'page', bits: 21, cap: 60, n: 1, ret: 'ok', paddr: '0x20000000' };
    const taken = map(25, '0x402000');
    const middle = map(22, '0x402000', { ret: 'DeleteFirst' });
    const sizes = [large, taken, map(60, '0x200000'), map(20, '0x400000'), map(21, '0x401000'), middle];
    expect(await left(sizes, { policy: 'strict' })).toEqual([5]);
    const behind = [22, 23].map((cap, n) => map(cap, n === 0 ? B : C, { vspace: 3 }));
    const reused = [map(20, '0x5fc000'), map(21, A), { op: 'delete', cap: 2, ret: 'ok' }, ...secondSpace, ...behind];
    expect(await left([...reused, map(24, END, { vspace: 3, ...missing })])).toEqual([11]);
  });

  it('fires for DeleteFirst in the middle, under drift as well', async () => {
    const lines = [map(22, C), map(20, A), map(21, B), map(23, C, { ret: 'DeleteFirst' })];
    expect(await left(lines, { policy: 'strict' })).toEqual([3]);
    const { findings } = await audit(trace(lines, { policy: 'strict' }), { to: 'legacy', drift: true });
    expect(findings.filter((f) => f.rule === 'OM010').map((f) => [f.severity, f.cause])).toEqual([
      ['warning', undefined],
    ]);
  });

  it('judges what a partial trace shows', async () => {
    const lines = [map(20, A), map(21, B), map(23, C, { ret: 'DeleteFirst' })];
    const path = traceFile({ arch: 'aarch64', policy: 'strict', config: {} }, lines);
    expect((await audit(path)).fired).toEqual(['OM901@2', 'OM010@2']);
  });

  it('counts pages of their own size, across 4 GiB', async () => {
    const large: Line[] = [
      { op: 'retype', obj: 'vspace', cap: 2, n: 1, ret: 'ok', paddr: '0x10001000' },
      { op: 'assign', pool: 1, vspace: 2, ret: 'ok' },
      { op: 'retype', obj: 'table', cap: 10, n: 2, ret: 'ok', paddr: '0x10002000' },
      { op: 'map_table', cap: 10, vspace: 2, vaddr: '0xc0000000', attr: 0, ret: 'ok' },
      { op: 'map_table', cap: 11, vspace: 2, vaddr: '0xc0000000', attr: 0, ret: 'ok' },
      { op: 'retype', obj: 'page', bits: 21, cap: 20, n: 3, ret: 'ok', paddr: '0x20000000' },
      map(20, '0xffc00000'),
      map(21, '0xffe00000'),
      map(22, '0x100000000', {
        ret: 'FailedLookup',
        lookup: { failedForSource: false, type: 'missing_capability', bits: 30 },
      }),
    ];
    const { findings, summary } = await audit(traceFile({ arch: 'aarch64' }, large));
    expect(summary.divergences).toBe(0);
    expect(findings.map((f) => [f.rule, f.vaddr, f.bits])).toEqual([['OM010', '0x100000000', 21]]);
  });

  it('keeps following while other runs come and go', async () => {
    const hex = (page: number): string => `0x${(0x800000 + page * 0x1000).toString(16)}`;
    const lines: Line[] = [
      ...run,
      { op: 'retype', obj: 'table', cap: 60, n: 3, ret: 'ok', paddr: '0x10600000' },
      ...[0, 1, 2].map((n) => ({ op: 'map_table', cap: 60 + n, vspace: 2, vaddr: hex(512 * n), attr: 0, ret: 'ok' })),
      map(25, '0x400000'),
    ];
    // Runs that are taken back: more than are kept without looking at them. Frame 25 is mapped elsewhere.
    for (let n = 1100; n > 0; n--) {
      const elsewhere = map(25, hex(n + 2), { ret: 'InvalidArgument', arg: 0 });
      lines.push(map(23, hex(n)), map(24, hex(n + 1)), elsewhere, unmap(23), unmap(24));
    }
    expect(await left(lines)).toEqual([lines.length - 1]);
  });
});
