import { describe, expect, it } from 'vitest';
import { LINUX_RULES, WrongTargetError } from '../../src/index.ts';
import { at, auditLines, auditLog, logFile, mmap } from './strace-log.ts';

const EXEC = '1 execve("/bin/a", ["a"], NULL) = 0';
const LIBRARY = { prot: 'PROT_READ', flags: 'MAP_PRIVATE', fd: '3</lib/a.so>' };
const SEGMENT = { ...LIBRARY, fixed: true, flags: 'MAP_PRIVATE|MAP_FIXED' };

it('a fork copies what its process had when it was entered, whatever other threads do meanwhile', async () => {
  const { linux, fired } = await auditLines([
    EXEC,
    mmap(0, 4),
    '1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 2',
    '1 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
    `2 munmap(${at(0)}, 16384) = 0`,
    mmap(8, 4, { pid: 2 }),
    mmap(0, 4, { fixed: true, pid: 3 }),
    mmap(8, 4, { fixed: true, pid: 3 }),
    '1 <... clone resumed>) = 3',
    mmap(0, 4, { fixed: true, pid: 2 }),
  ]);
  expect(fired).toEqual(['OL001@7', 'OL008@8', 'OL008@10']);
  expect(linux).toMatchObject({ replacing: 1, forks: 1, vmClones: 1 });
});

describe('calls that never returned', () => {
  it('are counted by their flags, and change nothing', async () => {
    const cut = ' <unfinished ...>';
    const fixed = (flags: string): string =>
      `mmap(${at(0)}, 4096, PROT_NONE, MAP_PRIVATE|${flags}|MAP_ANONYMOUS, -1, 0`;
    const { linux, summary } = await auditLines([
      EXEC,
      mmap(0, 4),
      `2 ${fixed('MAP_FIXED')}${cut}`,
      '2 +++ killed by SIGKILL +++',
      `3 ${fixed('MAP_FIXED_NOREPLACE')} <detached ...>`,
      `4 mremap(${at(0)}, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, ${at(9)}${cut}`,
      `5 ${fixed('MAP_FIXED')} <unfinished ...>) = ?`,
      `6 ${fixed('MAP_FIXED')}${cut}`,
      `6 <... mmap resumed> <unfinished ...>) = ?`,
      `7 ${fixed('MAP_FIXED')}${cut}`,
    ]);
    expect(summary.badLines).toBe(0);
    expect(linux).toMatchObject({ mmap: 6, mapFixed: 4, mapFixedOk: 0, noReplace: 1, mremap: 1, mremapFixed: 1 });
    expect(linux.replacing).toBe(0);
  });
});

describe('what a call replaces', () => {
  it('memory that had been writable: OL001, with who mapped it', async () => {
    const { findings, fired, linux } = await auditLines([EXEC, mmap(0, 16), mmap(4, 4, { fixed: true, pid: 1 })]);
    expect(fired).toEqual(['OL001@3', 'OL004@3']);
    expect(findings[0]).toMatchObject({
      severity: 'warning',
      vaddr: at(4),
      length: 16384,
      process: 'process 1 (/bin/a)',
      confidence: 'writes-not-traced',
      related: [{ event: 1, line: 2, role: 'mapped' }],
    });
    expect(findings[0]?.message).toContain('16 KiB of anonymous memory (rw-, mapped at line 2 by thread 1)');
    expect(findings[1]?.message).toContain('16 KiB of the mapping below it and 32 KiB of the mapping above it');
    expect(linux).toMatchObject({ replacing: 1, bytesReplaced: 16384, bytesAtRisk: 16384, kinds: { anonOverAnon: 1 } });
  });

  it('memory that is no more writable is a loss all the same, and one that was sealed an error', async () => {
    const sealed = [EXEC, mmap(0, 4), `1 mprotect(${at(0)}, 16384, PROT_READ) = 0`, mmap(0, 4, { fixed: true })];
    expect((await auditLines(sealed)).fired).toEqual(['OL010@4']);
    const moved = [
      EXEC,
      mmap(0, 4),
      `1 mremap(${at(0)}, 16384, 32768, MREMAP_MAYMOVE) = ${at(100)}`,
      mmap(100, 8, { fixed: true }),
    ];
    expect((await auditLines(moved)).fired).toEqual(['OL010@4']);
  });

  it('a reservation of which a piece is of a file, and closed as well', async () => {
    const { linux } = await auditLines([
      EXEC,
      mmap(0, 4, { prot: 'PROT_NONE' }),
      mmap(4, 4, { prot: 'PROT_NONE', flags: 'MAP_PRIVATE', fd: '3</lib/a.so>' }),
      mmap(0, 8, { fixed: true }),
    ]);
    expect(linux).toMatchObject({ replacing: 1, kinds: { overReserved: 1, anonOverAnon: 0 } });
  });

  it('nothing, where a line is hostile or strace did not see the call', async () => {
    const { linux, summary } = await auditLines([
      EXEC,
      `1 mmap(${'4*'.repeat(100_000)}4, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x1000`,
      `1 mmap(${'a='.repeat(100_000)}4, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x1000`,
      '1 ????( <unfinished ...>',
      '1 <... ???? resumed>) = ?',
      '1 +++ exited with 0 +++',
    ]);
    expect(linux).toMatchObject({ execs: 1, replacing: 0 });
    expect(summary.badLines).toBeLessThanOrEqual(2);
  });

  it('the heap, which is no mapping: OL010', async () => {
    const { fired, linux, findings } = await auditLines([
      EXEC,
      `1 brk(NULL) = ${at(0)}`,
      `1 brk(${at(16)}) = ${at(16)}`,
      mmap(15, 4, { fixed: true }),
      mmap(20, 4, { fixed: true }),
    ]);
    expect(fired).toEqual(['OL010@4', 'OL008@5']);
    expect(findings[0]?.message).toContain('4 KiB of the heap');
    expect(linux).toMatchObject({ mapFixedOk: 2, replacing: 0, unseen: 1 });
  });

  it('a reservation: OL002, and so is giving back what it held', async () => {
    const { fired, linux } = await auditLines([
      EXEC,
      mmap(0, 64, { prot: 'PROT_NONE' }),
      mmap(0, 8, { fixed: true }),
      mmap(0, 8, { fixed: true, prot: 'PROT_NONE' }),
      mmap(0, 4, { fixed: true }),
      // In use again, and replaced by something else that is in use.
      mmap(0, 4, { fixed: true }),
    ]);
    expect(fired).toEqual(['OL002@3', 'OL002@4', 'OL002@5', 'OL001@6']);
    expect(linux.kinds).toMatchObject({ overReserved: 2, anonOverAnon: 2 });
    expect(linux.bytesAtRisk).toBe(16384);
    expect(linux.bytesGivenBack).toBe(32768);
  });

  it('what had been written is told where it is given back', async () => {
    const { findings } = await auditLines([
      EXEC,
      mmap(0, 64, { prot: 'PROT_NONE' }),
      mmap(0, 8, { fixed: true }),
      mmap(0, 8, { fixed: true, prot: 'PROT_NONE' }),
    ]);
    expect(findings.map(({ confidence }) => confidence)).toEqual([undefined, 'writes-not-traced']);
    expect(findings[1]?.message).toContain('32 KiB of it had been writable');
  });

  it('PROT_NONE over memory in use of two reservations, or over written pages of a file: OL001', async () => {
    const { fired, linux } = await auditLines([
      EXEC,
      mmap(0, 8, { prot: 'PROT_NONE' }),
      mmap(8, 8, { prot: 'PROT_NONE' }),
      mmap(4, 4, { fixed: true }),
      mmap(8, 4, { fixed: true }),
      // Half of it is the other reservation's.
      mmap(4, 8, { fixed: true, prot: 'PROT_NONE' }),
      mmap(0, 4, { fixed: true, flags: 'MAP_PRIVATE|MAP_FIXED', fd: '3</lib/a.so>' }),
      mmap(0, 4, { fixed: true, prot: 'PROT_NONE' }),
    ]);
    expect(fired.filter((one) => !one.startsWith('OL004'))).toEqual([
      'OL002@4',
      'OL002@5',
      'OL001@6',
      'OL002@7',
      'OL001@8',
    ]);
    expect(linux).toMatchObject({ bytesAtRisk: 49152, bytesGivenBack: 0 });
  });

  it('memory put over two reservations is one of its own', async () => {
    const { fired } = await auditLines([
      EXEC,
      mmap(0, 8, { prot: 'PROT_NONE' }),
      mmap(8, 8, { prot: 'PROT_NONE' }),
      mmap(0, 16, { fixed: true }),
      mmap(4, 8, { fixed: true, prot: 'PROT_NONE' }),
    ]);
    expect(fired).toEqual(['OL002@4', 'OL002@5']);
  });

  it('a reservation that mprotect filled is one still', async () => {
    const lines = [
      EXEC,
      mmap(0, 64, { prot: 'PROT_NONE' }),
      `1 mprotect(${at(0)}, 32768, PROT_READ|PROT_WRITE) = 0`,
      mmap(0, 8, { fixed: true, prot: 'PROT_NONE' }),
    ];
    expect((await auditLines(lines)).fired).toEqual(['OL002@4']);
  });

  it("a segment over its own file's mapping: OL003; anonymous memory behind one, too", async () => {
    const { fired, linux } = await auditLines([
      EXEC,
      mmap(0, 16, LIBRARY),
      mmap(4, 8, SEGMENT),
      mmap(12, 4, { fixed: true }),
    ]);
    expect(fired).toEqual(['OL003@3', 'OL003@4']);
    expect(linux.kinds).toMatchObject({ sameFile: 1, anonOverFile: 1 });
  });

  it('another file over it, or memory that does not follow one: OL001', async () => {
    const other = { ...SEGMENT, fd: '4</lib/b.so>' };
    const { fired, findings } = await auditLines([
      EXEC,
      mmap(0, 16, LIBRARY),
      mmap(4, 8, other),
      mmap(0, 4, { fixed: true }),
    ]);
    expect(fired).toEqual(['OL001@3', 'OL004@3', 'OL001@4']);
    expect(findings[0]?.message).toContain('The file still has what was there');
  });

  it('data of a file that is private and writable: OL001; shared with the file: no data is lost', async () => {
    const data = { ...LIBRARY, prot: 'PROT_READ|PROT_WRITE' };
    expect((await auditLines([EXEC, mmap(0, 4, data), mmap(0, 4, SEGMENT)])).fired).toEqual(['OL001@3']);
    const shared = { ...data, flags: 'MAP_SHARED' };
    expect((await auditLines([EXEC, mmap(0, 4, shared), mmap(0, 4, SEGMENT)])).fired).toEqual(['OL003@3']);
  });

  it('nothing that the log shows: cannot know', async () => {
    const { findings, linux } = await auditLines([EXEC, mmap(0, 4, { fixed: true })]);
    expect(findings).toMatchObject([{ rule: 'OL008', confidence: 'cannot-know', severity: 'note' }]);
    expect(linux).toMatchObject({ mapFixedOk: 1, replacing: 0, unseen: 1 });
  });

  it('nothing at all: a failed call, NOREPLACE, a hint', async () => {
    const { fired, linux } = await auditLines([
      EXEC,
      mmap(0, 4),
      `1 mmap(${at(0)}, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = -1 ENOMEM (Cannot allocate memory)`,
      `1 mmap(${at(0)}, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = -1 EEXIST (File exists)`,
      `1 mmap(${at(0)}, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${at(50)}`,
    ]);
    expect(fired).toEqual([]);
    expect(linux).toMatchObject({ mmap: 4, mapFixed: 1, mapFixedOk: 0, noReplace: 1, replacing: 0 });
  });
});

describe('mremap, mprotect and munmap', () => {
  const FIXED = 'MREMAP_MAYMOVE|MREMAP_FIXED';
  it('mremap onto live memory: OL005; into a reservation: OL002', async () => {
    const { fired, linux } = await auditLines([
      EXEC,
      mmap(0, 4),
      mmap(10, 8),
      mmap(30, 8, { prot: 'PROT_NONE' }),
      `1 mremap(${at(0)}, 16384, 16384, ${FIXED}, ${at(10)}) = ${at(10)}`,
      `1 mremap(${at(14)}, 16384, 16384, ${FIXED}, ${at(30)}) = ${at(30)}`,
    ]);
    expect(fired).toEqual(['OL005@5', 'OL004@5', 'OL002@6']);
    expect(linux).toMatchObject({ mremap: 2, mremapFixed: 2, replacing: 0 });
  });

  it('an mprotect that met a hole has changed what is below: OL006', async () => {
    const { findings, fired } = await auditLines([
      EXEC,
      mmap(0, 4),
      mmap(4, 4),
      `1 mprotect(${at(0)}, ${16 * 4096}, PROT_NONE) = -1 ENOMEM (Cannot allocate memory)`,
      // It is closed now: whoever gives it back loses nothing that can be read.
      mmap(0, 8, { fixed: true, prot: 'PROT_NONE' }),
    ]);
    expect(fired).toEqual(['OL006@4', 'OL002@5']);
    expect(findings[0]?.message).toContain('the first 32 KiB');
  });

  it('a munmap of more than was mapped: OL007; of nothing that is known, silence', async () => {
    const lines = [EXEC, mmap(0, 4), `1 munmap(${at(0)}, 32768) = 0`, `1 munmap(${at(40)}, 4096) = 0`];
    const { fired, findings } = await auditLines(lines);
    expect(fired).toEqual(['OL007@3']);
    expect(findings[0]?.message).toContain('took away 16 KiB; in the other 16 KiB the log shows nothing mapped');
  });
});

describe('interrupted calls', () => {
  const replaces = mmap(0, 4, { fixed: true, pid: 2 });
  it('an mmap takes effect where it is resumed', async () => {
    const [head, tail] = replaces.split(') = ');
    const { findings } = await auditLines([
      EXEC,
      '1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 2',
      `${head} <unfinished ...>`,
      mmap(0, 4),
      `2 <... mmap resumed>) = ${tail}`,
    ]);
    expect(findings).toMatchObject([{ rule: 'OL001', line: 5, event: 2, related: [{ line: 4 }] }]);
  });

  it.each([
    ['munmap', `munmap(${at(0)}, 16384`, '0'],
    ['mremap', `mremap(${at(0)}, 16384, 16384, MREMAP_MAYMOVE|MREMAP_FIXED, ${at(50)}`, at(50)],
    ['mprotect', `mprotect(${at(0)}, 16384, PROT_NONE`, '0'],
  ])('%s leaves alone what was mapped after it had been entered', async (name, head, result) => {
    const { linux } = await auditLines([
      EXEC,
      '1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 2',
      mmap(0, 2),
      `1 ${head} <unfinished ...>`,
      mmap(2, 2, { pid: 2 }),
      `1 <... ${name} resumed>) = ${result}`,
      mmap(0, 4, { fixed: true, pid: 2 }),
    ]);
    expect(linux.kinds).toMatchObject({ overReserved: 0, anonOverAnon: 1 });
    expect(linux.bytesReplaced).toBe(name === 'mprotect' ? 16384 : 8192);
  });
});

describe('address spaces', () => {
  const [FORK, SHARE] = ['fork() = 2', 'clone(child_stack=0x1, flags=CLONE_VM|SIGCHLD) = 2'];
  it.each([
    ['a fork copies', FORK, [0, 8192]],
    ['CLONE_VM shares', SHARE, [0, 0]],
    ['vfork shares', 'vfork() = 2', [0, 0]],
  ])('%s', async (_, clone, [child, parent]) => {
    const { linux } = await auditLines([
      EXEC,
      mmap(0, 2),
      `1 ${clone}`,
      `2 munmap(${at(0)}, 8192) = 0`,
      mmap(0, 2, { fixed: true, pid: 1 }),
    ]);
    expect(linux.bytesReplaced).toBe((child ?? 0) + (parent ?? 0));
  });

  it('execve empties what a vfork shared, for the child alone', async () => {
    const { linux } = await auditLines([
      EXEC,
      mmap(0, 2),
      '1 vfork( <unfinished ...>',
      '2 execve("/bin/b", ["b"], NULL) = 0',
      '1 <... vfork resumed>) = 2',
      mmap(0, 2, { fixed: true, pid: 2 }),
      mmap(0, 2, { fixed: true, pid: 1 }),
    ]);
    expect(linux).toMatchObject({ execs: 2, vmClones: 1, forks: 0, mapFixedOk: 2, replacing: 1, unseen: 1 });
    expect(linux.processes).toMatchObject([{ pid: 1, program: '/bin/a', replacing: 1 }]);
  });

  it('a child may speak before its fork returns, and has what its parent had', async () => {
    const { linux } = await auditLines([
      EXEC,
      mmap(0, 2),
      '1 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
      mmap(0, 1, { fixed: true, pid: 2 }),
      '1 <... clone resumed>) = 2',
      mmap(1, 1, { fixed: true, pid: 2 }),
    ]);
    expect(linux.bytesReplaced).toBe(8192);
    expect(linux.processes).toMatchObject([
      { pid: 2, parent: 1, program: '/bin/a', origins: [{ what: 'anonymous', inherited: true, bytes: 8192 }] },
    ]);
  });

  it('numbers are given out again', async () => {
    const { linux } = await auditLines([
      EXEC,
      '1 fork() = 2',
      mmap(0, 2, { pid: 2 }),
      '2 +++ exited with 0 +++',
      mmap(0, 2, { fixed: true, pid: 2 }),
      '1 fork() = 2',
      mmap(0, 2, { fixed: true, pid: 2 }),
    ]);
    expect(linux.replacing).toBe(0);
  });
});

describe('--to noreplace', () => {
  it('refuses what replaces, and says what that means', async () => {
    const lines = [EXEC, mmap(0, 16, LIBRARY), mmap(4, 8, SEGMENT), mmap(40, 4, { fixed: true })];
    const { fired, findings, linux, head } = await auditLines(lines, { linuxTo: 'noreplace' });
    expect(head).toMatchObject({ from: 'linux', to: 'noreplace' });
    expect(fired).toEqual(['OL003@3', 'OL009@3', 'OL008@4']);
    expect(findings[1]).toMatchObject({ severity: 'error' });
    expect(findings[1]?.message).toContain('the program would not start');
    expect(linux.outcomeChanges).toBe(1);
  });

  it('and nothing of seL4 fits a log, nor the other way round', async () => {
    const log = logFile([EXEC]);
    await expect(auditLog(log, { to: 'strict' })).rejects.toThrow(WrongTargetError);
    await expect(auditLog(log, { from: 'legacy' })).rejects.toThrow(/strace log of Linux/);
    await expect(auditLog(log, { drift: true })).rejects.toThrow(/no --drift/);
    await expect(auditLog(logFile('{"trace":"overmap"}\n'), { linuxTo: 'noreplace' })).rejects.toThrow(
      /is no strace log/,
    );
  });
});

describe('the timeline', () => {
  it('has every mapping from its beginning to its end, on the clock of the log', async () => {
    const stamped = [EXEC, mmap(0, 4), mmap(1, 1, { fixed: true }), `1 munmap(${at(0)}, 4096) = 0`].map((line, i) =>
      line.replace('1 ', `1 12:00:0${i}.5 `),
    );
    const { ranges } = await auditLines(stamped);
    const noon = (12 * 3600 + 0.5) * 1e6;
    expect(
      ranges.map(({ vaddr, length, from, to, how }) => [vaddr, length, (from - noon) / 1e6, (to - noon) / 1e6, how]),
    ).toEqual([
      [at(1), 4096, 1, 2, 'replaced'],
      [at(0), 4096, 1, 3, 'unmapped'],
      [at(1), 4096, 2, 3, null],
      [at(2), 8192, 1, 3, null],
    ]);
    const lines = await auditLines([EXEC, mmap(0, 4), `1 munmap(${at(0)}, 16384) = 0`]);
    expect(lines.ranges).toMatchObject([{ from: 2, to: 3, how: 'unmapped', space: 1, access: 'rw-' }]);
  });
});

describe('hostile logs', () => {
  it('names are escaped, sizes beyond all bounds left out, and memory is bounded by what lives', async () => {
    const evil = '3</\u001b[31m\u202e<script>>';
    const { findings, summary } = await auditLines([
      '1 execve("/bin/\u001b]0;x\u0007", ["a"], NULL) = 0',
      mmap(0, 4, { ...LIBRARY, fd: evil }),
      mmap(0, 4, { ...SEGMENT, fd: '4</b>' }),
      '1 mmap(NULL, 99999999999999999999, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0xffffffffffff0000',
      '1 munmap(0xffffffffffffffffff, 18446744073709551615) = 0',
      '1 mremap(0x1000, 99999999999999999999, 99999999999999999999, MREMAP_MAYMOVE|MREMAP_FIXED, 0x5) = 0x5',
      '1 mprotect(0, 18446744073709551615, PROT_NONE) = -1 ENOMEM (Cannot allocate memory)',
      '1 brk(0xffffffffffffffff) = 0xffffffffffffffff',
      mmap(2, 1, { fixed: true }),
    ]);
    const unsafe = [...JSON.stringify(findings)].filter((c) => c < ' ' || c === '\u202e');
    expect(unsafe).toEqual([]);
    expect(findings[0]?.message).toContain('\\u{1b}[31m\\u{202e}');
    expect(summary.badLines).toBe(0);
  });

  it('files by the thousand are forgotten again', async () => {
    const lines = [EXEC, mmap(100_000, 4, LIBRARY)];
    for (let n = 0; n < 40_000; n++) {
      lines.push(mmap(0, 4, { ...LIBRARY, fd: `3</tmp/${n}>` }), `1 munmap(${at(0)}, 16384) = 0`);
    }
    lines.push(mmap(100_000, 4, SEGMENT));
    const { linux } = await auditLines(lines);
    expect(linux.kinds.sameFile).toBe(1);
  });
});

describe('call sites', () => {
  const frame = (name: string, source = ''): string => ` > /opt/app(${name}+0x12) [0x1234]${source}`;

  it('of MAP_FIXED are counted by what they did, whatever that was, and by process', async () => {
    const { linux } = await auditLines([
      EXEC,
      mmap(0, 16),
      frame('reserve'),
      mmap(4, 4, { fixed: true }),
      frame('take'),
      mmap(100, 4, { fixed: true }),
      frame('take'),
      mmap(200, 4, { prot: 'PROT_NONE' }),
      mmap(200, 4, { fixed: true }),
      frame('commit', ' /src/arena.c:7'),
      `1 fork() = 2`,
      mmap(300, 4, { fixed: true, pid: 2 }),
      frame('take'),
      mmap(400, 4, { fixed: true }),
    ]);
    expect(linux.sites).toEqual([
      { file: '/opt/app', line: 0, function: 'take', fixed: 3, clean: 2, meant: 0, lost: 1, processes: 2 },
      { file: '/src/arena.c', line: 7, function: 'commit', fixed: 1, clean: 0, meant: 1, lost: 0, processes: 1 },
    ]);
    expect(linux.moreSites).toBe(0);
  });

  it('are none in a log without stacks', async () => {
    const { linux } = await auditLines([EXEC, mmap(0, 16), mmap(4, 4, { fixed: true })]);
    expect(linux).not.toHaveProperty('sites');
  });
});

describe('the rules as data', () => {
  it('are known by their ids', () => {
    expect(LINUX_RULES.map(({ id }) => id)).toEqual(LINUX_RULES.map((_, n) => `OL${String(n + 1).padStart(3, '0')}`));
  });
});
