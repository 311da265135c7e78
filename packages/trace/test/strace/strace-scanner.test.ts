import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Advice, inputKind, MalformedInputError } from '../../src/index.ts';
import { readCalls } from './read-calls.ts';

const MMAP =
  'mmap(0x7fa59b2e9000, 110592, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3</lib/libc.so.6>, 0x7000) = 0x7fa59b2e9000';
const ONE = {
  name: 'mmap',
  address: 0x7fa59b2e9000,
  length: 110592,
  prot: 5,
  flags: 0x12,
  file: '/lib/libc.so.6',
  ok: true,
  result: 0x7fa59b2e9000,
};

describe('what stands in front of a call', () => {
  it.each([
    ['nothing', MMAP, 0, Number.NaN],
    ['a number', `9609  ${MMAP}`, 9609, Number.NaN],
    ['[pid]', `[pid  9609] ${MMAP}`, 9609, Number.NaN],
    ['-t', `9609  12:00:01 ${MMAP}`, 9609, 43201],
    ['-tt', `12:00:01.250000 ${MMAP}`, 0, 43201.25],
    ['-ttt', `9609 1795275670.250000 ${MMAP}`, 9609, 1795275670.25],
    ['whole seconds since 1970', `9609 1795275670 ${MMAP}`, 9609, 1795275670],
    ['-r', `     0.250000 ${MMAP}`, 0, 0.25],
    ['-r with a number', `9609       0.250000 ${MMAP}`, 9609, 0.25],
    ['-tt -r', `12:00:01.250000 (+     0.000149) ${MMAP}`, 0, 43201.25],
    ['-n', `[   9] ${MMAP}`, 0, Number.NaN],
    ['[pid] -n -i', `[pid 9609] [   9] [00007f623254f9b3] ${MMAP}`, 9609, Number.NaN],
    ['an unknown instruction pointer', `[????????????????] ${MMAP}`, 0, Number.NaN],
    ['names of processes', `9609<a b> 12:00:01 ${MMAP}`, 9609, 43201],
    ['names of processes in brackets', `[pid 9609<t>] 12:00:01 ${MMAP}`, 9609, 43201],
    ['-T behind it', `9609  ${MMAP} <0.000057>`, 9609, Number.NaN],
    ['a carriage return behind it', `9609  ${MMAP}\r`, 9609, Number.NaN],
  ])('%s', (_, text, pid, time) => {
    const { calls, bad, scanner } = readCalls(`${text}\n`);
    expect(bad).toEqual([]);
    expect(calls).toMatchObject([{ ...ONE, pid, time, line: 1, entry: 1, event: 0 }]);
    expect(scanner.otherLines).toBe(0);
    expect(inputKind(new TextEncoder().encode(`${text}\n`))).toBe('strace');
  });

  it('a clock that passes midnight goes on', () => {
    const { calls } = readCalls('23:59:59 brk(NULL) = 0x1000\n00:00:01 brk(NULL) = 0x1000\n');
    expect(calls.map(({ time }) => time)).toEqual([86399, 86401]);
  });

  it('relative times add up', () => {
    const { calls } = readCalls('     0.500000 brk(NULL) = 0x1000\n     0.250000 brk(NULL) = 0x1000\n');
    expect(calls.map(({ time }) => time)).toEqual([0.5, 0.75]);
  });
});

describe('calls', () => {
  it('addresses have any number of digits, wherever the buffer ends', () => {
    for (let digits = 1; digits <= 13; digits++) {
      const address = '123456789abcdef'.slice(0, digits);
      const { calls } = readCalls(`munmap(0x${address}, 0x${address}) = 0\nbrk(0x${address}) = 0x${address}\n`);
      const value = Number.parseInt(address, 16);
      expect(calls).toMatchObject([
        { address: value, length: value },
        { address: value, result: value },
      ]);
    }
  });

  it.each<[string, object]>([
    [
      'mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000',
      { name: 'mmap', address: 0, length: 8192, prot: 3, flags: 0x22, file: '' },
    ],
    ['mmap(NULL, 8192, 0x3, 0x22, -1, 0)      = 0x7fcdcddaf000', { prot: 3, flags: 0x22 }],
    [
      'mmap(0x1000, 4096, 0x3 /* PROT_READ|PROT_WRITE */, 0x100032 /* MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE */, -1, 0) = 0x1000',
      { prot: 3, flags: 0x100032 },
    ],
    [
      'mmap(0x10000, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|16<<MAP_HUGE_SHIFT, -1, 0) = 0x10000',
      { prot: 0, flags: 0x22 },
    ],
    [
      'mmap(0x1000, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED|0x8000000, -1, 0) = 0x1000',
      { flags: 0x8000032 },
    ],
    [
      'mmap(NULL, 4096, PROT_READ, MAP_SHARED, 4</memfd:f1>(deleted), 0x1000) = 0x7f0000000000',
      { file: '/memfd:f1 (deleted)', flags: 1, ok: true },
    ],
    [
      'mmap(NULL, 4096, PROT_READ, MAP_SHARED, 4</a\\76\\74 b, (c) = 0x5>, 0x1000) = 0x7f0000000000',
      { file: '/a\\76\\74 b, (c) = 0x5', result: 0x7f0000000000 },
    ],
    [
      'mmap(NULL, 4096, PROT_READ, MAP_SHARED, 4</dev/dri/card0<char 226:0>>, 0) = 0x7f0000000000',
      { file: '/dev/dri/card0<char 226:0>' },
    ],
    ['mmap(NULL, 4096, PROT_READ, MAP_SHARED, 4, 0) = 0x7f0000000000', { file: 'fd 4' }],
    ['mmap2(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0x1000) = 0xf7f00000', { name: 'mmap', result: 0xf7f00000 }],
    [
      'old_mmap({addr=NULL, len=4096, prot=PROT_READ, flags=MAP_PRIVATE|MAP_ANONYMOUS, fd=-1, offset=0}) = 0xf7f00000',
      { name: 'mmap', length: 4096, prot: 1, flags: 0x22, file: '' },
    ],
    [
      'mmap(NULL, 18446744073709551615, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 ENOMEM (Cannot allocate memory)',
      { ok: false, error: 'ENOMEM' },
    ],
    ['mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ?', { ok: false, error: '' }],
    [
      'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
      { ok: false },
    ],
    [
      'munmap(0x7fa59b310000, 40355)     = 0',
      { name: 'munmap', address: 0x7fa59b310000, length: 40355, ok: true, result: 0 },
    ],
    ['munmap(0x7fa59b310000, 4*1024)    = 0', { length: 4096 }],
    [
      'mprotect(0x7fa59b2cf000, 16384, PROT_READ|PROT_GROWSDOWN) = -1 EINVAL (Invalid argument)',
      { name: 'mprotect', prot: 0x1000001, ok: false, error: 'EINVAL' },
    ],
    ['pkey_mprotect(0x7fa59b2cf000, 16384, PROT_READ, 1) = 0', { name: 'mprotect', prot: 1, ok: true }],
    [
      'mremap(0x1000, 4096, 8192, MREMAP_MAYMOVE) = 0x9000',
      { name: 'mremap', flags: 1, more: [8192, 0], result: 0x9000 },
    ],
    ['mremap(0x1000, 4096, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x9000) = 0x9000', { flags: 3, more: [8192, 0x9000] }],
    ['mremap(0x1000, 4096, 8192, 0x8 /* MREMAP_??? */) = -1 EINVAL (Invalid argument)', { flags: 8, ok: false }],
    ['brk(NULL)                         = 0x55bf0d6a2000', { name: 'brk', address: 0, result: 0x55bf0d6a2000 }],
    [
      'execve("/bin/a) = 5\\"", ["a", "b) = 7"], 0x7ffd /* 39 vars */) = 0',
      { name: 'execve', ok: true, result: 0, more: '/bin/a) = 5\\"' },
    ],
    [
      'execveat(3</bin>, "a", ["a"], NULL, 0) = -1 ENOENT (No such file or directory)',
      { name: 'execve', ok: false, more: 'a' },
    ],
    ['fork() = 12', { name: 'clone', flags: 0, result: 12, more: [12, false] }],
    ['vfork() = 12', { flags: 0x100, result: 12 }],
    [
      'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7e10) = 12<t>',
      { flags: 0, result: 12 },
    ],
    ['clone(child_stack=0x7f, flags=CLONE_VFORK|SIGCHLD) = 12', { flags: 0, result: 12 }],
    [
      'clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD, stack=0x7f, stack_size=0x9000}, 88) = 12',
      { flags: 0x100 },
    ],
    ['clone(child_stack=NULL, flags=0x1200000|17, child_tidptr=0x7e10) = 12', { flags: 0x1200000 }],
    [
      "clone(child_stack=NULL, flags=CLONE_VM, child_tidptr=0x7e10) = 5 /* 31299 in strace's PID NS */",
      { result: 31299 },
    ],
  ])('%s', (text, expected) => {
    for (const pid of ['', '77 ']) {
      const { calls, bad } = readCalls(`${pid}${text}\n`);
      expect(bad).toEqual([]);
      expect(calls).toMatchObject([expected]);
    }
  });

  it('of other names are counted and passed over', () => {
    const { calls, log, bad } = readCalls(
      '5 openat(AT_FDCWD, "mmap(", O_RDONLY) = 3\n5 madvise(0x1000, 4096, MADV_DONTNEED) = 0\n5 brk(NULL) = 0x1000\n',
    );
    expect(calls).toHaveLength(1);
    expect(log.calls).toBe(3);
    expect(calls[0]).toMatchObject({ event: 2, line: 3 });
    expect(bad).toEqual([]);
  });

  it('that only name a range are told of where that is wanted', () => {
    const text = `5 madvise(0x1000, 4096, MADV_DONTFORK) = 0
5 madvise(0x1000, 4096, MADV_DOFORK) = 0
5 madvise(0x1000, 4*1024, 0x77 /* MADV_??? */) = -1 EINVAL (Invalid argument)
5 mincore(0x1000, 8192, [1, 0]) = 0
5 msync(0x1000, 4096 <unfinished ...>
6 mlock(0x1000, 4096) = ?
5 <... msync resumed>, MS_SYNC)  = 0 <0.000021>
5 mlock2(0x1000) = 0
5 munlock(0x2000, 4096) = 0
`;
    const { calls, bad } = readCalls(text, { rangeCalls: true });
    expect(calls.map(({ name, flags, ok, length }) => [name, flags, ok, length])).toEqual([
      ['madvise', Advice.dontFork, true, 4096],
      ['madvise', Advice.doFork, true, 4096],
      ['madvise', 0, false, 4096],
      ['mincore', 0, true, 8192],
      ['mlock', 0, false, 4096],
      ['msync', 0, true, 4096],
      ['munlock', 0, true, 4096],
    ]);
    expect(bad).toHaveLength(1);
  });
});

describe('calls that are interrupted', () => {
  it('take effect where they are resumed', () => {
    const text = `1 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0 <unfinished ...>
2 munmap(0x1000, 4096 <unfinished ...>
1 <... mmap resumed>)               = 0x7000
2 <... munmap resumed> )           = 0
`;
    const { calls, log, bad } = readCalls(text);
    expect(bad).toEqual([]);
    expect(log.calls).toBe(2);
    expect(calls).toMatchObject([
      { name: 'mmap', pid: 1, entry: 1, line: 3, event: 0, result: 0x7000, length: 8192 },
      { name: 'munmap', pid: 2, entry: 2, line: 4, event: 1, ok: true },
    ]);
  });

  it('tell of a clone before it has returned, as its child may speak first', () => {
    const { calls, told } = readCalls(
      '1 vfork( <unfinished ...>\n2 execve("/bin/a", ["a"], NULL) = 0\n1 <... vfork resumed>)  = 2\n2 +++ exited with 0 +++\n',
    );
    expect(told).toEqual(['appeared 1 1', 'cloning 1 1', 'appeared 2 2', 'ended 2 4']);
    expect(calls.map(({ name }) => name)).toEqual(['execve', 'clone']);
    expect(calls[1]).toMatchObject({ more: [2, true], flags: 0x100 });
  });

  it('may be broken by a message in the middle of their line', () => {
    const text = `clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLDstrace: Process 31243 attached
, child_tidptr=0x7fbbde1d7a10) = 31243
[pid 31242] brk(NULL) = 0x1000
[pid 31243] brk(NULL) = 0x2000
[pid 31243] +++ exited with 0 +++
brk(NULL) = 0x3000
`;
    const { calls, told, bad, scanner } = readCalls(text);
    expect(bad).toEqual([]);
    expect(scanner.otherLines).toBe(0);
    expect(told).toEqual(['appeared 0 1', 'cloning 0 1', 'appeared 31243 1', 'ended 31243 5']);
    expect(calls.map(({ name, pid }) => `${name} ${pid}`)).toEqual(['clone 0', 'brk 31242', 'brk 31243', 'brk 31242']);
    expect(calls[0]).toMatchObject({ result: 31243, more: [31243, true] });
  });

  it.each([
    ['clone3({flags=CLONE_VM}', ' => {parent_tid=[9]}, 88) = 9', ['clone', 9]],
    ['clone(child_stack=NULL, flags=SIGCHLD', ') = 9', ['clone', 9]],
    ['mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0', ') = 0x7000', ['mmap', 0x7000]],
    ['read(3, ', '"abc", 3) = 3', undefined],
  ])('%s… goes on behind a message, or behind two', (head, tail, expected) => {
    for (const messages of ['strace: Process 9 attached', 'strace: Process 9 attached\nstrace: Process 8 attached']) {
      const { calls, bad, scanner } = readCalls(`[pid 7] brk(NULL) = 0x1000\n[pid 7] ${head}${messages}\n${tail}\n`);
      expect({ bad, other: scanner.otherLines }).toEqual({ bad: [], other: 0 });
      expect(calls.slice(1).map(({ name, result }) => [name, result])).toEqual(
        expected === undefined ? [] : [expected],
      );
    }
  });

  it('break off behind a message, and what the program itself says is no rest of a call', () => {
    const head = '[pid 7] mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0';
    const end = '[pid 7] <... mmap resumed>) = 0x7000\n';
    const off = readCalls(`${head}strace: Process 9 attached\n <unfinished ...>\n[pid 9] brk(NULL) = 0x1\n${end}`);
    expect(off.bad).toEqual([]);
    expect(off.calls.map(({ name, entry, line }) => [name, entry, line])).toEqual([
      ['brk', 3, 3],
      ['mmap', 1, 4],
    ]);
    const said = readCalls(`${head}strace: Process 9 attached\n <unfinished ...>\n) hello\n${end}`);
    expect(said.bad.map(({ line }) => line)).toEqual([3]);
    expect(said.calls).toHaveLength(1);
  });

  it.each(['<detached ...>', ' <detached ...>', ' <unfinished ...>'])('%s is no malformed line', (end) => {
    const { bad, told } = readCalls(`7 brk(NULL${end}\n7 read(3, ${end}\n${end}\n`);
    expect(bad).toEqual([]);
    expect(told).toContain('unreturned brk 7 3 0');
  });

  it('have no result where their thread was gone', () => {
    const text =
      '7 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED, -1, 0 <unfinished ...>)    = ?\n7 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>\n7 <... clone resumed> <unfinished ...>) = ?\n';
    const { calls, bad, told } = readCalls(text);
    expect(bad).toEqual([]);
    expect(calls.map(({ name, ok, flags }) => [name, ok, flags])).toEqual([
      ['mmap', false, 0x12],
      ['clone', false, 0],
    ]);
    expect(told.filter((one) => one.startsWith('unreturned'))).toEqual([]);
  });

  it('go over to the first thread when another one calls execve', () => {
    const { calls, told } = readCalls(
      '1 brk(NULL) = 0x1000\n2 execve("/bin/a", ["a"], NULL <unfinished ...>\n1 +++ superseded by execve in pid 2 +++\n1 <... execve resumed>) = 0\n',
    );
    expect(told).toContain('superseded 1 by 2');
    expect(calls[1]).toMatchObject({ name: 'execve', pid: 1, ok: true, more: '/bin/a', entry: 2, line: 4 });
  });
});

describe('stacks', () => {
  it('tell who called, outside of the C library', () => {
    const { calls } = readCalls(`1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7000
 > /usr/lib/x86_64-linux-gnu/libc.so.6(mmap64+0x33) [0xf9133]
 > /opt/app(reserve+0xc6) [0x123f]
 > /opt/app(main+0xc6) [0x133f]
1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x8000
 > /usr/lib/ld-linux-x86-64.so.2() [0x1]
1 brk(NULL) = 0x1000
`);
    expect(calls.map(({ more }) => more)).toEqual([
      { module: '/opt/app', function: 'reserve' },
      { module: '/usr/lib/ld-linux-x86-64.so.2', function: null },
      null,
    ]);
  });

  it('of -kk tell the line in the source, and a program may have a + in its name', () => {
    const { calls } = readCalls(`1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7000
 > /usr/lib/libc.so.6(mmap64+0x33) [0xf9133] ../sysdeps/unix/sysv/linux/mmap64.c:58
 > /opt/c++/app(reserve+0xc6) [0x123f] /src/my app/arena.c:12
1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x8000
 > /opt/c++/app(reserve+0xd6) [0x124f] /src/my app/arena.c:13
1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x9000
 > /opt/c++/app(main+0x6) [0x134f]
`);
    expect(calls.map(({ more }) => more)).toEqual([
      { module: '/opt/c++/app', function: 'reserve', source: { file: '/src/my app/arena.c', line: 12 } },
      { module: '/opt/c++/app', function: 'reserve', source: { file: '/src/my app/arena.c', line: 13 } },
      { module: '/opt/c++/app', function: 'main' },
    ]);
  });
});

describe('what is no call', () => {
  it('signals, exits and messages of strace are none, other output is counted', () => {
    const { calls, bad, scanner } = readCalls(`strace: Process 7 attached
--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---
total 8
drwxr-xr-x 2 root root
+++ exited with 0 +++

`);
    expect(calls).toEqual([]);
    expect(bad).toEqual([]);
    expect(scanner.otherLines).toBe(2);
  });

  it.each([
    ['1 brk(NULL) = 0x1\n1 !garbage\n', 2, 2, 'expected a call'],
    ['1 brk(NULL) =\n1 brk(NULL) = 0x1\n', 1, 12, 'expected "=" and the result'],
    ['1 mmap(NULL, x, PROT_READ, MAP_PRIVATE, -1, 0) = 0x1\n', 1, 13, 'the length'],
    ['1 mmap(NULL, 1, WHAT EVER, MAP_PRIVATE, -1, 0) = 0x1\n', 1, 16, 'flags'],
    ['1 mmap(NULL, 1, PROT_READ, MAP_PRIVATE, -1, 0) 0x1\n', 1, 47, '"="'],
    ['1 mmap(NULL, 1, PROT_READ, MAP_PRIVATE, -1, 0) = zero\n', 1, 49, 'the result'],
    ['1 munmap(0x1000\n', 1, 15, '", "'],
    ['1 <... mmap resumed>) = 0x1\n', 1, 2, 'whose beginning is in the log'],
    ['1 execve("/bin/a"\n', 1, 17, '" = "'],
  ])('%s is told with its line and byte', (text, line, column, expected) => {
    const { bad, scanner } = readCalls(text);
    expect(bad).toHaveLength(1);
    expect(bad[0]).toMatchObject({ line, column });
    expect(bad[0]?.expected).toContain(expected);
    expect(scanner.badLines).toBe(1);
    expect(() => readCalls(text, { strictInput: true, name: 'x' })).toThrow(MalformedInputError);
  });

  it('says where a bad line starts, and escapes what it shows', () => {
    const { bad } = readCalls('1 brk(NULL) = 0x1\n1 \u001b[31m\u202e<b>\n');
    expect(bad[0]).toMatchObject({ offset: 18, line: 2 });
    expect(bad[0]?.text).toBe('1 \\u{1b}[31m\\u{202e}<b>');
  });

  it('a line of 10 MB is read, and one that is longer than any is told', { timeout: 30_000 }, () => {
    const long = `1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3</${'a'.repeat(10_000_000)}>, 0) = 0x7000\n1 brk(NULL) = 0x1\n`;
    const { calls, bad } = readCalls(long, {}, [4_000_000]);
    expect(bad).toEqual([]);
    expect(calls.map(({ name, line }) => `${name} ${line}`)).toEqual(['mmap 1', 'brk 2']);
  });
});

describe('any cut', () => {
  const text = [
    '7 execve("/bin/a", ["a"], 0x7ffd /* 39 vars */) = 0',
    `7 ${MMAP} <0.000057>`,
    '7 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD <unfinished ...>',
    '8 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0 <unfinished ...>',
    '7 <... clone resumed>, child_tidptr=0x7fbbde1d7a10) = 8',
    '8 <... mmap resumed>)               = 0x7f0000000000',
    ' > /opt/app(main+0x1) [0x1]',
    '8 12:00:01.5 mprotect(0x7f0000000000, 4096, PROT_NONE) = -1 ENOMEM (Cannot allocate memory)',
    '8 nonsense',
    '8 +++ exited with 0 +++',
    '7 munmap(0x7f0000000000, 4096) = 0',
  ].join('\n');

  it('of the bytes gives the same calls', () => {
    const { calls, told, bad, scanner } = readCalls(text);
    expect(calls).toHaveLength(6);
    expect(bad).toHaveLength(1);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 12 }), (cuts) => {
        const cut = readCalls(text, {}, cuts);
        expect(cut.calls).toEqual(calls);
        expect(cut.told).toEqual(told);
        expect(cut.bad).toEqual(bad);
        expect(cut.scanner.bytes).toBe(scanner.bytes);
        expect(cut.scanner.lines).toBe(scanner.lines);
      }),
    );
  });

  it('and any damage breaks nothing', () => {
    const bytes = new TextEncoder().encode(`${text}\n`);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const damaged = bytes.slice();
          for (const [at, byte] of changes) damaged[at] = byte;
          const { scanner } = readCalls(damaged);
          expect(scanner.bytes).toBe(bytes.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
