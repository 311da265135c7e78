import type { AuditSummary, Finding } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { type AuditOptions, auditTrace, PCUABI_RULES, WrongTargetError } from '../src/index.ts';
import { recording } from './recorded.ts';
import { textFile, traceFile } from './small-trace.ts';

const EXEC = '100 execve("/bin/a", ["a"], 0x7ffd25a1ff40 /* 39 vars */) = 0';
const ANON = 'MAP_PRIVATE|MAP_ANONYMOUS, -1, 0';
const FIXED = 'MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0';
const RW = 'PROT_READ|PROT_WRITE';
const BASE = 0x7f0000000000;
const at = (page: number): string => `0x${(BASE + page * 4096).toString(16)}`;

/** A mapping whose place the kernel chose. */
const chosen = (page: number, pages: number, prot = RW, pid = 100): string =>
  `${pid} mmap(NULL, ${pages * 4096}, ${prot}, ${ANON}) = ${at(page)}`;
const fixed = (page: number, pages: number, prot = RW, pid = 100): string =>
  `${pid} mmap(${at(page)}, ${pages * 4096}, ${prot}, ${FIXED}) = ${at(page)}`;
const unmap = (page: number, pages: number, pid = 100): string => `${pid} munmap(${at(page)}, ${pages * 4096}) = 0`;
const protect = (page: number, pages: number, prot: string): string =>
  `100 mprotect(${at(page)}, ${pages * 4096}, ${prot}) = 0`;

/** Audit the lines of a program. */
const audit = (lines: readonly string[]) => auditFile(textFile(`${[EXEC, ...lines].join('\n')}\n`));

async function auditFile(path: string, options: Partial<AuditOptions> = {}) {
  const findings: Finding[] = [];
  let summary: AuditSummary | null = null;
  await auditTrace(
    path,
    { version: '0', linuxTo: 'pcuabi', ...options },
    { begin() {}, finding: (one) => findings.push(one), end: (last) => (summary = last) },
  );
  const last = summary as AuditSummary | null;
  if (last?.pcuabi === undefined) throw new Error('no summary');
  return { findings, fired: findings.map(({ rule, line }) => `${rule}@${line}`), counts: last.pcuabi };
}

describe('calls that only name a range', () => {
  const call = (name: string, page: number, pages: number, rest = ''): string =>
    `100 ${name}(${at(page)}, ${pages * 4096}${rest}) = 0`;

  it('must show the capability of all of it', async () => {
    const calls = [
      ['madvise', ', MADV_DONTNEED'],
      ['mlock', ''],
      ['mlock2', ', MLOCK_ONFAULT'],
      ['munlock', ''],
      ['msync', ', MS_SYNC'],
    ] as const;
    const two = [chosen(0, 4), chosen(4, 4)];
    const { fired, findings, counts } = await audit([...two, ...calls.map(([name, rest]) => call(name, 2, 4, rest))]);
    expect(fired).toEqual(calls.map((_, i) => `OP001@${i + 4}`));
    expect(findings[1].message).toMatch(/^The mlock of thread 100 at .*: it leaves the 16 KiB .* mapped at line 2 /);
    expect(counts).toMatchObject({ replayed: 7, refused: 5, refusedBy: { 'out-of-bounds': 5 } });
    const within = await audit([...two, ...calls.map(([name, rest]) => call(name, 1, 3, rest))]);
    expect([within.fired, within.counts.replayed]).toEqual([[], 7]);
  });

  it('mincore asks for an access; what is not to be forked is gone in the child', async () => {
    const asked = await audit([chosen(0, 4, 'PROT_NONE'), call('mincore', 0, 4, ', [1, 0, 0, 0]')]);
    expect(asked.fired).toEqual(['OP004@3']);
    const forked = (advice: string) =>
      audit([chosen(0, 4), call('madvise', 0, 4, `, ${advice}`), '100 fork() = 101', `101 munmap(${at(0)}, 4096) = 0`]);
    expect((await forked('MADV_DONTFORK')).fired).toEqual(['OP008@5']);
    expect((await forked('MADV_WIPEONFORK')).fired).toEqual([]);
  });

  it('follow from the refusal of their memory, and pass where the log shows none', async () => {
    const refused = `100 mmap(NULL, 4096, ${RW}, MAP_PRIVATE|MAP_ANONYMOUS|MAP_GROWSDOWN, -1, 0) = ${at(0)}`;
    const { fired, counts } = await audit([refused, call('mlock', 0, 1), call('mlock', 64, 1)]);
    expect(fired).toEqual(['OP008@2', 'OP009@3']);
    expect(counts).toMatchObject({ refused: 1, consequences: 1, assumed: 1 });
  });
});

describe('a recorded program', () => {
  it('java: each refusal names the call that made the mapping, and both addresses', async () => {
    const { findings, counts } = await auditFile(recording('strace/java.strace.gz'));
    expect(counts).toMatchObject({
      replayed: 440,
      refused: 24,
      consequences: 214,
      refusedBy: { 'above-permissions': 18, 'owning-without-fixed': 6 },
    });
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors).toHaveLength(24);
    for (const { related, message, line } of errors) {
      expect(message).toMatch(/at 0x[0-9a-f]+ in the log, 0xffff[0-9a-f]+ on PCuABI/);
      const [mapped] = related.filter(({ role }) => role === 'mapped');
      expect(mapped.line).toBeLessThan(line);
      expect(message).toContain(`mapped at line ${mapped.line} `);
    }
    for (const { cause } of findings.filter(({ rule }) => rule === 'OP009'))
      expect(errors.map(({ event }) => event)).toContain(cause);
  });

  it('ls: nothing is refused but brk', async () => {
    const { findings, counts } = await auditFile(recording('strace/ls.strace.gz'));
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(['OP003', 'OP005']));
    expect(counts.refused).toBe(0);
  });
});

describe('the cards', () => {
  it.each(PCUABI_RULES)('$id: the bad sequence is found, the good one is not', async ({ id, bad, good, severity }) => {
    const inBad = await audit(bad.lines.slice(1));
    expect(inBad.findings.filter(({ rule }) => rule === id).map((one) => one.severity)).toEqual([severity]);
    const inGood = await audit(good.lines.slice(1));
    expect(inGood.fired.filter((one) => one.startsWith(id))).toEqual([]);
  });
});

describe('places and pointers', () => {
  it('a finding names both addresses, and both calls', async () => {
    const { findings } = await audit([chosen(0, 4, 'PROT_NONE'), protect(1, 1, RW)]);
    const [one] = findings;
    expect(one).toMatchObject({ rule: 'OP004', line: 3, event: 2, vaddr: at(1), length: 4096 });
    expect(one.related).toEqual([{ event: 1, line: 2, role: 'mapped' }]);
    expect(one.message).toMatch(
      /at 0x7f0000001000 in the log, 0xffffbfffd000 on PCuABI \(4 KiB\) would be refused with EINVAL: .* mapped at line 2 \(0x7f0000000000 in the log, 0xffffbfffc000 on PCuABI\)/,
    );
  });

  it('a pointer keeps its mapping through holes, and loses it with the last page', async () => {
    const { fired } = await audit([chosen(0, 4), unmap(1, 1), fixed(1, 1), unmap(2, 2), unmap(0, 1), fixed(0, 4)]);
    // The hole cannot be filled; once all is gone the address is a number again, and free.
    expect(fired).toEqual(['OP006@4']);
    const { findings } = await audit([chosen(0, 4), unmap(1, 1), fixed(1, 1)]);
    expect(findings[0].related).toEqual([
      { event: 1, line: 2, role: 'mapped' },
      { event: 2, line: 3, role: 'cleared' },
    ]);
  });

  it('neighbours on Linux are none here; over-mapping within one is allowed', async () => {
    const across = [chosen(0, 4), chosen(4, 4), protect(2, 4, 'PROT_READ'), fixed(2, 4), unmap(0, 8)];
    const { fired, findings } = await audit(across);
    expect(fired.slice(0, 2)).toEqual(['OP001@4', 'OP001@5']);
    expect(findings[0].related.map(({ line }) => line)).toEqual([2, 3]);
    expect((await audit([chosen(0, 4), fixed(1, 2), protect(0, 4, 'PROT_READ'), unmap(0, 4)])).fired).toEqual([]);
  });

  it('the recorded kernel may give a hole to another mapping', async () => {
    const { fired } = await audit([
      chosen(0, 8),
      unmap(4, 4),
      chosen(4, 4, 'PROT_NONE'),
      fixed(4, 4, 'PROT_NONE'),
      protect(4, 1, RW),
    ]);
    expect(fired).toEqual(['OP004@6']);
  });

  it('a fixed number that meets what a fixed number made', async () => {
    const low = '100 mmap(0x20000000, 65536, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x20000000';
    const under = '100 mmap(0x1fff0000, 131072, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x1fff0000';
    const { findings } = await audit([low, under]);
    expect(findings).toMatchObject([{ rule: 'OP002', line: 3, related: [{ line: 2, role: 'mapped' }] }]);
  });

  it('what execve mapped is never refused', async () => {
    const { fired, counts } = await audit([
      '100 mprotect(0x555555558000, 4096, PROT_READ) = 0',
      '100 munmap(0x7ffff7fc0000, 16384) = 0',
      '100 mremap(0x7ffff7fd0000, 4096, 8192, MREMAP_MAYMOVE) = 0x7ffff7fe0000',
    ]);
    expect(fired).toEqual([]);
    expect(counts).toMatchObject({ assumed: 3, replayed: 0 });
  });

  it('what failed on Linux is left out', async () => {
    expect(
      (await audit(['100 mmap(NULL, 0, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 EINVAL (Invalid argument)']))
        .counts.replayed,
    ).toBe(0);
  });
});

describe('mremap', () => {
  const mremap = (from: number, old: number, now: number, to: number, flags = 'MREMAP_MAYMOVE'): string =>
    `100 mremap(${at(from)}, ${old * 4096}, ${now * 4096}, ${flags}) = ${at(to)}`;

  it('moves here what grew in place there, and the pointer goes along', async () => {
    const { fired, counts } = await audit([chosen(0, 4), mremap(0, 4, 8, 0), protect(4, 4, 'PROT_READ'), unmap(0, 8)]);
    expect(fired).toEqual([]);
    expect(counts.placedAnew).toBe(2);
  });

  it('must not grow beyond its reservation where it may not move', async () => {
    expect((await audit([chosen(0, 4), mremap(0, 4, 8, 0, '0'), unmap(0, 8)])).fired).toEqual(['OP008@3', 'OP009@4']);
  });

  it('fixed, onto memory of its own', async () => {
    const onto = `100 mremap(${at(0)}, 16384, 16384, MREMAP_MAYMOVE|MREMAP_FIXED, ${at(16)}) = ${at(16)}`;
    const { fired } = await audit([chosen(0, 4), chosen(16, 4), onto, protect(16, 4, 'PROT_READ'), fixed(0, 4)]);
    expect(fired).toEqual([]);
  });
});

describe('what follows from a refusal', () => {
  it('is a note that names it', async () => {
    const { findings, counts } = await audit([
      chosen(0, 16, 'PROT_NONE'),
      protect(0, 1, RW),
      protect(1, 1, RW),
      unmap(8, 1),
      fixed(8, 1),
      protect(8, 1, 'PROT_READ'),
      unmap(8, 1),
      unmap(0, 16),
    ]);
    expect(findings.map(({ rule, line, severity, cause }) => [rule, line, severity, cause])).toEqual([
      ['OP004', 3, 'error', undefined],
      ['OP009', 4, 'note', 2],
      ['OP006', 6, 'error', undefined],
      ['OP009', 7, 'note', 5],
      ['OP009', 8, 'note', 5],
    ]);
    expect(counts).toMatchObject({ refused: 2, consequences: 3, refusedBy: { 'above-permissions': 1, hole: 1 } });
  });
});

describe('brk', () => {
  it('is told once for each process, and its range is one mapping', async () => {
    const { fired, counts } = await audit([
      '100 brk(NULL) = 0x555555559000',
      '100 brk(0x55555557a000) = 0x55555557a000',
      '100 brk(0x55555559b000) = 0x55555559b000',
      '100 mprotect(0x555555559000, 4096, PROT_READ) = 0',
      '100 mmap(0x55555556a000, 4096, PROT_NONE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x55555556a000',
      '100 munmap(0x555555599000, 12288) = 0',
      '100 execve("/bin/b", ["b"], 0x7ffd25a1ff40 /* 39 vars */) = 0',
      '100 brk(NULL) = 0x555555559000',
    ]);
    expect(fired).toEqual(['OP003@2', 'OP001@7', 'OP003@9']);
    expect(counts).toMatchObject({ brk: 2, execs: 2, processes: 2 });
  });
});

describe('processes', () => {
  it('a fork has copies; what one unmaps the other still has', async () => {
    const { fired } = await audit([
      chosen(0, 4),
      '100 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f4f2f1a1a10) = 101',
      unmap(0, 4, 101),
      fixed(0, 4, RW, 101),
      protect(0, 4, 'PROT_READ'),
      unmap(1, 1, 101),
      fixed(0, 4),
    ]);
    expect(fired).toEqual([]);
  });

  it('threads share', async () => {
    const { fired } = await audit([
      chosen(0, 4),
      '100 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, child_tid=0x7f94918de990, exit_signal=0} => {parent_tid=[101]}, 88) = 101',
      unmap(1, 1, 101),
      fixed(0, 4),
    ]);
    expect(fired).toEqual(['OP006@5']);
  });
});

it('is about strace logs, and has no policies', async () => {
  const writer = { begin() {}, finding() {}, end() {} };
  const options = { version: '0', linuxTo: 'pcuabi' } as const;
  await expect(auditTrace(traceFile({ arch: 'aarch64' }, []), options, writer)).rejects.toThrow(WrongTargetError);
  const log = textFile(`${EXEC}\n`);
  await expect(auditTrace(log, { ...options, from: 'legacy' }, writer)).rejects.toThrow(WrongTargetError);
});
