import { describe, expect, it, vi } from 'vitest';
import { RULES } from '../src/index.ts';
import { audit, type Line, map, mark, smallWorld, traceFile, unmap } from './small-trace.ts';

const A = '0x400000';
const B = '0x401000';
/** Records before the first of a test's own. */
const base = (arch: 'aarch64' | 'riscv64' = 'aarch64'): number => smallWorld(arch).length;
const trace = (lines: readonly Line[], header: Line = {}, arch: 'aarch64' | 'riscv64' = 'aarch64'): string =>
  traceFile({ arch, ...header }, [...smallWorld(arch), ...lines]);

describe('OM001 over-map', () => {
  it('names the map that was replaced and what the target answers', async () => {
    const { findings, fired } = await audit(trace([map(20, A), map(21, A)]));
    expect(fired).toEqual([`OM001@${base() + 1}`, `OM003@${base() + 1}`]);
    expect(findings[0]).toMatchObject({
      severity: 'error',
      vaddr: A,
      bits: 12,
      related: [{ event: base(), line: base() + 2, role: 'mapped' }],
      fix: { kind: 'unmap-first' },
    });
    expect(findings[0]?.message).toContain('frame 0x10100000');
    expect(findings[0]?.message).toContain('strict answers DeleteFirst');
  });
  it('stays silent when the place was unmapped first, and at another address', async () => {
    expect((await audit(trace([map(20, A), unmap(20), map(21, A), map(22, B)]))).fired).toEqual([]);
  });
  it('is still told when the target lets it through', async () => {
    const { findings, summary } = await audit(trace([map(20, A), map(21, A)]), { to: 'permissive' });
    expect(findings[0]?.message).toContain('permissive answers ok as well');
    expect(summary.sel4).toMatchObject({ overmaps: 1, outcomeChanges: 0 });
  });
});

describe('OM002 stale remap', () => {
  // A is over-mapped by B, then takes its place back.
  const back = [map(20, A), map(21, A), map(20, A)];
  it('fires when a capability takes back a place that another frame holds', async () => {
    const { fired, summary } = await audit(trace(back));
    expect(fired).toContain(`OM002@${base() + 2}`);
    expect(summary.sel4).toMatchObject({ overmaps: 1, staleRemaps: 1, remaps: 0, outcomeChanges: 1 });
  });
  it('is refused by exact and let through by strict', async () => {
    const strict = (await audit(trace(back))).findings.find((f) => f.rule === 'OM002');
    const exact = (await audit(trace(back), { to: 'exact' })).findings.find((f) => f.rule === 'OM002');
    expect(strict?.message).toContain('strict answers ok as well');
    expect(exact?.message).toContain('exact answers DeleteFirst');
  });
  it('does not fire for a remap', async () => {
    const { fired, summary } = await audit(trace([map(20, A), map(20, A, { rights: 'r' })]), { to: 'exact' });
    expect(fired).toEqual([]);
    expect(summary.sel4).toMatchObject({ remaps: 1, staleRemaps: 0 });
  });
});

describe('OM003 stale capability left behind', () => {
  it('is one grouped note at the next start mark, and counted three times', async () => {
    const { findings, summary } = await audit(
      trace([
        mark('T1', 'start'),
        map(20, A),
        map(21, B),
        { op: 'unmap_table', cap: 12, ret: 'ok' },
        mark('T1', 'end'),
        mark('T2', 'start'),
        mark('T2', 'end'),
      ]),
    );
    expect(findings.map((f) => [f.rule, f.severity, f.test, f.phase, f.count])).toEqual([
      ['OM003', 'note', 'T1', 'cleanup', 2],
    ]);
    expect(findings[0]?.related).toHaveLength(2);
    expect(summary.sel4?.byTest.T1).toMatchObject({ staleAtTestEnd: 2, staleAtNextStart: 2 });
    expect(summary.sel4?.byTest.T2).toMatchObject({ staleAtTestEnd: 2, staleAtEnd: 2 });
  });
  it('does not fire when the capabilities were unmapped during clean-up', async () => {
    const { fired, summary } = await audit(
      trace([
        mark('T1', 'start'),
        map(20, A),
        { op: 'unmap_table', cap: 12, ret: 'ok' },
        mark('T1', 'end'),
        unmap(20),
        mark('T2', 'start'),
      ]),
    );
    expect(fired).toEqual([`OM004@${base() + 4}`]);
    expect(summary.sel4).toMatchObject({ staleAtTestEnd: 1, staleAtNextStart: 0, staleAtEnd: 0 });
  });
  it('follows a stale capability that is moved', async () => {
    const { findings } = await audit(trace([map(20, A), map(21, A), { op: 'move', src: 20, cap: 30, ret: 'ok' }]));
    expect(findings.at(-1)).toMatchObject({ rule: 'OM003', count: 1 });
    expect(findings.at(-1)?.message).toContain('capability 30');
  });
});

describe('OM004 dead unmap', () => {
  it.each([
    ['another frame', [map(20, A), map(21, A), unmap(20)], 'frame 0x10101000 is mapped there now'],
    ['nothing', [map(20, A), { op: 'unmap_table', cap: 12, ret: 'ok' }, unmap(20)], 'nothing is mapped there any more'],
    [
      'no vspace',
      [map(20, A), { op: 'delete', cap: 2, ret: 'ok' }, unmap(20)],
      'the vspace in which it was mapped is gone',
    ],
  ] as [string, Line[], string][])('says what it met: %s', async (_, lines, words) => {
    const { findings } = await audit(trace(lines));
    const dead = findings.filter((f) => f.rule === 'OM004');
    expect(dead).toHaveLength(1);
    expect(dead[0]).toMatchObject({ severity: 'note', vaddr: A });
    expect(dead[0]?.message).toContain(words);
  });
  it('does not fire for a live unmap, an unmapped capability, or a deletion', async () => {
    const { fired, summary } = await audit(
      trace([
        map(20, A),
        unmap(20),
        unmap(20),
        map(21, B),
        { op: 'unmap_table', cap: 12, ret: 'ok' },
        { op: 'delete', cap: 21, ret: 'ok' },
      ]),
    );
    expect(fired).toEqual([]);
    expect(summary.sel4).toMatchObject({ deadUnmaps: 0, deadDeletes: 1 });
  });
});

describe('OM005 alias unmap, OM014 alias map', () => {
  const copy = { op: 'copy', src: 20, cap: 30, rights: 'rw', ret: 'ok' };
  it('fires when a copy clears the page that the other capability had mapped', async () => {
    const { fired, summary } = await audit(trace([map(20, A), copy, map(30, A), unmap(20)]));
    expect(fired).toEqual([`OM014@${base() + 2}`, `OM005@${base() + 3}`, `OM003@${base() + 3}`]);
    expect(summary.sel4).toMatchObject({ aliasMaps: 1, aliasUnmaps: 1, overmaps: 0 });
  });
  it('does not fire for two copies at two addresses', async () => {
    expect((await audit(trace([map(20, A), copy, map(30, B), unmap(20), unmap(30)]))).fired).toEqual([]);
  });
  it('counts the capability that loses its page when the copy unmaps', async () => {
    const { summary } = await audit(trace([map(20, A), copy, map(30, A), unmap(30)]));
    expect(summary.sel4).toMatchObject({ aliasUnmaps: 0, staleAtEnd: 1 });
  });
});

describe('OM006 reused ASID', () => {
  const reuse = (last: Line[]): Line[] => [
    map(20, A),
    { op: 'delete', cap: 2, ret: 'ok' },
    { op: 'retype', obj: 'vspace', cap: 3, n: 1, ret: 'ok', paddr: '0x10200000' },
    { op: 'assign', pool: 1, vspace: 3, ret: 'ok' },
    { op: 'retype', obj: 'table', cap: 40, n: 3, ret: 'ok', paddr: '0x10300000' },
    ...[40, 41, 42].map((cap) => ({ op: 'map_table', cap, vspace: 3, vaddr: A, attr: 0, ret: 'ok' })),
    ...last,
  ];
  it('fires for a map that counts as a remap in the new vspace', async () => {
    const { fired, summary } = await audit(trace(reuse([map(20, A, { vspace: 3 })])));
    expect(fired).toEqual([`OM006@${base() + 8}`]);
    expect(summary.sel4).toMatchObject({ reusedAsid: 1 });
  });
  it('fires for an unmap that clears the same frame in the new vspace', async () => {
    const { fired } = await audit(
      trace(reuse([{ op: 'copy', src: 20, cap: 30, rights: 'rw', ret: 'ok' }, map(30, A, { vspace: 3 }), unmap(20)])),
    );
    expect(fired.filter((f) => f.startsWith('OM006'))).toEqual([`OM006@${base() + 10}`]);
  });
  it('does not fire for a deletion that clears nothing there', async () => {
    expect((await audit(trace(reuse([{ op: 'delete', cap: 20, ret: 'ok' }])))).fired).toEqual([]);
  });
});

describe('OM007 cross-size collision', () => {
  const large: Line = { op: 'retype', obj: 'page', bits: 21, cap: 50, n: 1, ret: 'ok', paddr: '0x20000000' };
  const refused = (bits: number): Line => ({
    ret: 'FailedLookup',
    lookup: { failedForSource: false, type: 'missing_capability', bits },
  });
  it('fires when a page table holds the place of a large page', async () => {
    const { findings } = await audit(trace([large, map(50, A, refused(12))]));
    expect(findings.map((f) => [f.rule, f.severity])).toEqual([['OM007', 'warning']]);
    expect(findings[0]?.message).toContain('met a page table');
  });
  it("fires with the target's answer when that depends on the first entry of the table", async () => {
    const { findings, summary } = await audit(trace([large, map(20, A), map(50, A, refused(12))]));
    expect(findings.at(0)?.message).toContain('strict answers DeleteFirst');
    expect(summary.sel4?.outcomeChanges).toBe(1);
  });
  it('does not fire for a missing table', async () => {
    expect((await audit(trace([map(20, '0x40000000', refused(30))]))).fired).toEqual([]);
  });
});

describe('OM008 no-rights entry', () => {
  const none = { rights: '', attr: 1 };
  it('fires on RISC-V, and names what the next map displaces', async () => {
    const { fired } = await audit(trace([map(20, A, none), map(21, A), map(20, A)], {}, 'riscv64'));
    expect(fired).toEqual([`OM008@${base('riscv64')}`, `OM002@${base('riscv64') + 2}`, `OM003@${base('riscv64') + 2}`]);
  });
  it('does not fire for an executable page, nor elsewhere', async () => {
    expect((await audit(trace([map(20, A, { rights: '' })], {}, 'riscv64'))).fired).toEqual([]);
    expect((await audit(trace([map(20, A, none)]))).fired).toEqual([]);
  });
});

describe('OM013 outcome changes', () => {
  it('fires when the target accepts what the recorded kernel refused', async () => {
    const { findings } = await audit(trace([map(20, A), map(21, A, { ret: 'DeleteFirst' })], { policy: 'strict' }), {
      to: 'legacy',
    });
    expect(findings.map((f) => f.rule)).toEqual(['OM013']);
    expect(findings[0]?.message).toContain('answers DeleteFirst under strict and ok under legacy');
  });
  it("fires for a user's own rule, which sees the slot", async () => {
    const rule = (slot: { vaddr: bigint }): 'ok' | 'IllegalOperation' =>
      slot.vaddr === 0x400000n ? 'IllegalOperation' : 'ok';
    const { findings } = await audit(trace([map(20, A), map(21, B)]), { to: { name: 'mine', rule } });
    expect(findings.map((f) => [f.rule, f.vaddr])).toEqual([['OM013', A]]);
    expect(findings[0]?.message).toContain('IllegalOperation under mine');
  });
});

describe('OM902 recording and model disagree', () => {
  it('tells the first disagreement, follows the recording, and marks what comes after', async () => {
    const { findings, summary } = await audit(
      trace([map(20, A), map(21, A, { ret: 'DeleteFirst' }), unmap(20), map(22, B), map(23, B)]),
    );
    expect(findings.map((f) => [f.rule, f.confidence])).toEqual([
      ['OM902', undefined],
      ['OM001', 'after-divergence'],
      ['OM003', undefined],
    ]);
    expect(findings[0]?.message).toContain('--from strict');
    expect(summary).toMatchObject({ divergences: 1, assumed: 0 });
  });
  it('follows an over-map that the model refuses', async () => {
    const { findings, summary } = await audit(trace([map(20, A), map(21, A), unmap(20)], { policy: 'strict' }), {
      to: 'exact',
    });
    expect(findings.map((f) => f.rule)).toEqual(['OM902', 'OM001', 'OM004']);
    expect(summary.sel4?.overmaps).toBe(1);
  });
});

describe('the rules as data', () => {
  it('have distinct ids, a severity, and texts', () => {
    expect(new Set(RULES.map((rule) => rule.id)).size).toBe(RULES.length);
    for (const rule of RULES) {
      expect(rule.detects.length).toBeGreaterThan(20);
      expect(rule.why.length).toBeGreaterThan(20);
    }
  });
  it('can be left out, or chosen', async () => {
    const path = trace([map(20, A), map(21, A), unmap(20)]);
    expect((await audit(path, { off: new Set(['OM001']) })).fired.map((f) => f.slice(0, 5))).toEqual(['OM004']);
    const only = await audit(path, { only: new Set(['OM001']) });
    expect(only.fired.map((f) => f.slice(0, 5))).toEqual(['OM001']);
    expect(only.summary.severities).toEqual({ note: 0, warning: 0, error: 1 });
  });
  it('list a thousand findings of a rule in one test, and count the rest', async () => {
    const lines = [map(20, A)];
    for (let n = 0; n < 1100; n++) lines.push(map(n % 2 === 0 ? 21 : 20, A));
    const { findings, summary } = await audit(trace(lines));
    expect(findings.filter((f) => f.rule === 'OM002')).toHaveLength(1000);
    expect(summary.truncated).toEqual({ OM002: 99 });
    expect(summary.findings.OM002).toBe(1099);
  });
  it('say nothing of a finding that is not listed', async () => {
    const rule = RULES.find(({ id }) => id === 'OM002');
    if (rule === undefined) throw new Error('there is no OM002');
    const say = vi.spyOn(rule, 'say');
    const lines = [map(20, A)];
    for (let n = 0; n < 1100; n++) lines.push(map(n % 2 === 0 ? 21 : 20, A));
    await audit(trace(lines));
    expect(say).toHaveBeenCalledTimes(1000);
    await audit(trace(lines), { off: new Set(['OM002']) });
    expect(say).toHaveBeenCalledTimes(1000);
    say.mockRestore();
  });
});

describe('what a reviewer once broke', () => {
  it('counts a capability that is stale again after a copy had made its place good', async () => {
    const { summary } = await audit(
      trace([
        map(20, A),
        { op: 'unmap_table', cap: 12, ret: 'ok' },
        mark('T1', 'start'),
        { op: 'map_table', cap: 12, vspace: 2, vaddr: A, attr: 0, ret: 'ok' },
        { op: 'copy', src: 20, cap: 30, rights: 'rw', ret: 'ok' },
        map(30, A),
        mark('T1', 'end'),
        unmap(30),
        mark('T2', 'start'),
        mark('T2', 'end'),
      ]),
    );
    expect(summary.sel4).toMatchObject({ staleAtTestEnd: 1, staleAtNextStart: 2, staleAtEnd: 1 });
  });
  it('tells size and frame of a deleted capability', async () => {
    const large: Line = { op: 'retype', obj: 'page', bits: 21, cap: 50, n: 1, ret: 'ok', paddr: '0x60000000' };
    const lines = [
      large,
      { op: 'unmap_table', cap: 12, ret: 'ok' },
      map(50, A),
      { op: 'copy', src: 50, cap: 51, rights: 'rw', ret: 'ok' },
      map(51, A),
    ];
    const { findings } = await audit(trace([...lines, { op: 'delete', cap: 50, ret: 'ok' }]));
    const alias = findings.find((f) => f.rule === 'OM005');
    expect(alias).toMatchObject({ bits: 21, vaddr: A });
    expect(alias?.message).toContain('Deleting capability 50');
    expect(alias?.message).toContain('frame 0x60000000');
  });
  it('goes on after an object that the architecture does not have', async () => {
    const { summary, fired } = await audit(
      trace([
        { op: 'retype', obj: 'page', bits: 16, cap: 50, n: 1, ret: 'ok', paddr: '0x60000000' },
        map(20, A),
        map(21, A),
      ]),
    );
    expect(fired.map((f) => f.slice(0, 5))).toEqual(['OM902', 'OM001', 'OM003']);
    expect(summary.divergences).toBe(1);
  });
  it('refuses a header that describes no kernel as malformed', async () => {
    await expect(audit(traceFile({ arch: 'riscv64', config: { ptLevels: 4 } }, []))).rejects.toThrow(
      'describes a kernel that there is not',
    );
  });
  it("judges a loader's capabilities under drift, too", async () => {
    const path = traceFile({ arch: 'x86_64', config: {} }, [map(20, '0x10000000'), map(21, '0x10000000'), unmap(20)]);
    const { findings, summary } = await audit(path, { drift: true });
    expect(findings[0]?.message).toContain('strict answers DeleteFirst');
    expect(summary.sel4?.outcomeChanges).toBe(1);
  });
});
