import { describe, expect, it } from 'vitest';
import { recording } from './recorded.ts';
import { audit, type Line, map, mark, smallWorld, traceFile, unmap } from './small-trace.ts';

const A = '0x400000';
const B = '0x401000';
const base = smallWorld('aarch64').length;
const strict = (lines: readonly Line[]): string =>
  traceFile({ arch: 'aarch64', policy: 'strict' }, [...smallWorld('aarch64'), ...lines]);
const partial = (lines: readonly Line[]): string => traceFile({ arch: 'aarch64', policy: 'strict', config: {} }, lines);
const refused = (cap: number, vaddr = A, more: Line = {}): Line => map(cap, vaddr, { ret: 'DeleteFirst', ...more });
const copy = (src: number, cap: number): Line => ({ op: 'copy', src, cap, rights: 'rw', ret: 'ok' });
const remove = (cap: number): Line => ({ op: 'delete', cap, ret: 'ok' });
const secondSpace: Line[] = [
  { op: 'retype', obj: 'vspace', cap: 3, n: 1, ret: 'ok', paddr: '0x10200000' },
  { op: 'assign', pool: 1, vspace: 3, ret: 'ok' },
  { op: 'retype', obj: 'table', cap: 40, n: 3, ret: 'ok', paddr: '0x10300000' },
  ...[40, 41, 42].map((cap) => ({ op: 'map_table', cap, vspace: 3, vaddr: A, attr: 0, ret: 'ok' })),
];

/** Events of the swallowed refusals, counted from the test's own first record. */
async function swallowed(path: string, before = base, severity = 'warning'): Promise<number[]> {
  const { findings, summary } = await audit(path, { to: 'strict' });
  expect(summary.divergences).toBe(0);
  return findings.filter((f) => f.rule === 'OM009' && f.severity === severity).map((f) => f.event - before);
}

describe('OM009 swallowed refusal', () => {
  it('names the map that was refused, and stands where it is clear', async () => {
    const site = { file: 'a.c', line: 12, function: 'swap' };
    const { findings } = await audit(strict([map(20, A), refused(21, A, { site }), unmap(21), remove(21)]));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: 'OM009',
      severity: 'warning',
      event: base + 3,
      site,
      vaddr: A,
      bits: 12,
      related: [{ event: base + 1, line: base + 3, role: 'refused' }],
      fix: { kind: 'check-answer' },
    });
    expect(findings[0]?.message).toContain(`was answered DeleteFirst at line ${base + 3}`);
    expect(findings[0]?.message).toContain(`unmapped the capability at line ${base + 4}`);
  });

  it.each<[string, Line[], number[]]>([
    ['it is unmapped, and the trace ends', [map(20, A), refused(21), unmap(21)], [2]],
    ['it is unmapped twice', [map(20, A), refused(21), unmap(21), unmap(21), unmap(20)], [3]],
    ['it is unmapped and mapped elsewhere', [map(20, A), refused(21), unmap(21), map(21, B)], [3]],
    ['it is unmapped and copied', [map(20, A), refused(21), unmap(21), copy(21, 30), unmap(20)], [3]],
    [
      'it is unmapped, and a test begins',
      [mark('T', 'start'), map(20, A), refused(21), unmap(21), mark('T', 'end'), mark('U', 'start')],
      [5],
    ],
    ['the next map there is of a third frame', [map(20, A), refused(21), refused(22)], [2]],
    ['each next one is of another frame', [map(20, A), refused(21), refused(22), refused(23)], [2, 3]],
    ['the third one gets the place', [map(20, A), refused(21), unmap(20), map(22, A)], [3]],
    ['another error', [map(20, '0x400001', { ret: 'AlignmentError' }), unmap(20)], [1]],
    [
      'a revoke takes it after the unmap',
      [map(20, A), copy(21, 30), refused(30), unmap(30), { op: 'revoke', cap: 21, ret: 'ok' }, unmap(20)],
      [5],
    ],
  ])('fires: %s', async (_, lines, events) => {
    expect(await swallowed(strict(lines))).toEqual(events);
  });

  const missing = { ret: 'FailedLookup', lookup: { failedForSource: false, type: 'missing_capability', bits: 21 } };
  it.each<[string, Line[]]>([
    ['nothing more happens', [map(20, A), refused(21)]],
    ['it is tried again', [map(20, A), refused(21), refused(21), unmap(20), map(21, A), unmap(21)]],
    ['it is tried again behind an unmap of its own', [map(20, A), refused(21), unmap(21), unmap(20), map(21, A)]],
    ['it is mapped elsewhere', [map(20, A), refused(21), map(21, B), unmap(21)]],
    ['it is deleted, and another is mapped later', [map(20, A), refused(21), remove(21), unmap(20), map(22, A)]],
    ['the frame in the way is mapped anew', [map(20, A), refused(21), map(20, A, { rights: 'r' }), refused(22)]],
    ['it is copied, and unmapped later', [map(20, A), refused(21), copy(21, 30), unmap(21)]],
    ['a third frame at another address', [map(20, A), refused(21), map(22, B)]],
    ['a third frame in another vspace', [...secondSpace, map(20, A), refused(21), map(22, A, { vspace: 3 })]],
    [
      'a table was missing',
      [map(20, '0x600000', missing), unmap(20), map(21, '0x600000', missing), map(22, '0x600000', missing)],
    ],
    [
      'it is mapped elsewhere already, and unmapped for it',
      [map(20, A), map(20, B, { ret: 'InvalidArgument', arg: 0 }), unmap(20), map(20, B)],
    ],
    [
      'another test uses the address',
      [
        mark('T', 'start'),
        map(20, A),
        refused(21),
        mark('T', 'end'),
        mark('U', 'start'),
        unmap(20),
        map(22, A),
        unmap(21),
      ],
    ],
    [
      'a revoke takes the capability, and its slot is used anew',
      [
        map(20, A),
        copy(21, 30),
        refused(30),
        { op: 'revoke', cap: 21, ret: 'ok' },
        { op: 'retype', obj: 'page', bits: 12, cap: 29, n: 2, ret: 'ok', paddr: '0x10400000' },
        unmap(30),
      ],
    ],
    [
      'the vspace goes, and its ASID is used anew',
      [map(20, A), refused(21), remove(2), ...secondSpace, map(22, A, { vspace: 3 })],
    ],
  ])('does not fire: %s', async (_, lines) => {
    expect(await swallowed(strict(lines))).toEqual([]);
  });

  it.each<[string, Line[], number[]]>([
    [
      'it recorded another mapping, and is unmapped',
      [map(20, A), map(20, B, { ret: 'InvalidArgument', arg: 0 }), unmap(20), map(20, B)],
      [2],
    ],
    ['it is unmapped, and mapped there again', [map(20, A), refused(21), unmap(21), unmap(20), map(21, A)], [4]],
    ['a copy of it is mapped there', [copy(21, 30), map(20, A), refused(21), unmap(20), map(30, A), unmap(21)], [4]],
    [
      'nothing was in the way, and another one is mapped there',
      [map(20, A), map(20, B, { ret: 'InvalidArgument', arg: 0 }), map(21, B)],
      [2],
    ],
  ])('is a note where the client may have mended it: %s', async (_, lines, events) => {
    expect(await swallowed(strict(lines), base, 'note')).toEqual(events);
    expect(await swallowed(strict(lines))).toEqual([]);
  });

  it('is not even that where the frame in the way is mapped anew, or the capability is tried again', async () => {
    for (const lines of [
      [map(20, A), refused(21), map(20, A, { rights: 'r' }), refused(22)],
      [map(20, A), refused(21), refused(21), unmap(20), map(21, A), unmap(21)],
    ])
      expect(await swallowed(strict(lines), base, 'note')).toEqual([]);
  });

  it('counts a retry through a copy of the refused capability', async () => {
    expect(await swallowed(strict([copy(21, 30), map(20, A), refused(21), unmap(20), map(30, A), unmap(21)]))).toEqual(
      [],
    );
  });

  it('belongs to the test that it happened in', async () => {
    const lines = [mark('T', 'start'), map(20, A), refused(21), unmap(21), mark('T', 'end'), mark('U', 'start')];
    const { findings } = await audit(strict(lines));
    expect(findings.map((f) => [f.rule, f.test, f.phase])).toEqual([['OM009', 'T', 'cleanup']]);
  });

  it('is what was recorded, whatever the target answers, under drift as well', async () => {
    const path = strict([map(20, A), refused(21), unmap(21)]);
    for (const to of ['legacy', 'permissive', 'strict'] as const)
      for (const drift of [false, true]) {
        const { findings } = await audit(path, { to, drift });
        const found = findings.filter((f) => f.rule === 'OM009');
        expect(found.map((f) => [f.event - base, f.severity, f.cause])).toEqual([[2, 'warning', undefined]]);
      }
    // Over-mapped in the recording, refused by the target only.
    const legacy = traceFile({ arch: 'aarch64' }, [...smallWorld('aarch64'), map(20, A), map(21, A), unmap(21)]);
    expect((await audit(legacy)).summary.findings.OM009).toBeUndefined();
  });

  describe('in a partial trace', () => {
    it('fires after DeleteFirst, which no mapped capability is answered', async () => {
      const { findings } = await audit(partial([map(20, A), refused(21), unmap(21)]));
      expect(findings.map((f) => f.rule)).toContain('OM009');
    });
    it('counts what it cannot tell: whether the capability was mapped', async () => {
      const lines = [map(20, A), map(21, B, { ret: 'InvalidArgument', arg: 0 }), unmap(21)];
      const { summary } = await audit(partial(lines));
      expect(summary.findings.OM009).toBeUndefined();
      expect(summary.sel4?.undecidable).toMatchObject({ OM009: 1 });
    });
    it('counts what it cannot tell: what was in the way', async () => {
      const { summary } = await audit(partial([map(20, B), refused(21), map(22, A)]));
      expect(summary.findings.OM009).toBeUndefined();
      expect(summary.sel4?.undecidable).toMatchObject({ OM009: 1 });
    });
  });

  it('is one in PT0002 under strict, whose window is not emptied, and at most notes in the other recordings of refusals', async () => {
    const { findings } = await audit(recording('sel4test/slices/slice-aarch32-strict-PT0002.jsonl.gz'));
    const found = findings.filter((f) => f.rule === 'OM009');
    expect(found.map((f) => [f.line, f.test, f.vaddr, f.bits, f.related[0]?.line])).toEqual([
      [5724, 'PT0002', '0x13000000', 24, 5717],
    ]);
    // PT0001 provokes refusals, and tries again, maps elsewhere, or unmaps what was mapped already.
    for (const name of [
      'aarch32-PT0001',
      'aarch64-PT0001',
      'pr148-aarch32-strict-PT0011',
      'pr148-x86_64-strict-PT0012',
    ]) {
      const mended = await audit(recording(`sel4test/slices/slice-${name}.jsonl.gz`), { only: new Set(['OM009']) });
      expect(mended.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    }
  });
});
