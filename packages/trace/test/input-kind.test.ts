import { describe, expect, it } from 'vitest';
import { type InputKind, inputKind } from '@overmap/trace';
import { tellsKind } from '../src/input-kind.ts';

const kind = (text: string): InputKind => inputKind(new TextEncoder().encode(text));

describe('inputKind', () => {
  it.each<[InputKind, string]>([
    ['sel4', '{"trace":"overmap","version":1,"system":"sel4","arch":"ia32","policy":"legacy"}\n'],
    ['linux', '{"trace":"overmap","version":1,"system":"linux","arch":"x86_64","policy":"linux"}\n{"op":"state"}\n'],
    ['cheri-bounds', '{"id":"m-0","kind":"setbounds","fmt":"morello128","cat":"pow2","base":"0x0","len":"0x1"}\n'],
    ['pcuabi', '{"id":"x","derived":true,"basis":"kselftest","bounds":"morello128","placement":"any","steps":[]}\n'],
    ['pcuabi', '{"id":"mine","pageSize":"0x1000","bounds":"morello128","steps":[]}\n'],
    ['freebsd-keys', '{"seq": 3, "i": 7, "op": "clear", "ret": "ok", "ranges": [], "ptes": []}\n'],
    ['freebsd-keys', '{"seq": 0, "op": "new", "base": "0x10000000", "pages": 48, "pku": true}\n'],
    ['freebsd-keys', '{"id": 0, "derived": true, "name": "swapout", "keyRangeAfter": {}}\n'],
    ['redox', '{"kind":"const","origin":"recorded","name":"RC_MAX","hex":"0x2000000000000000"}\n'],
  ])('knows %s by its first line', (expected, text) => {
    expect(kind(text)).toBe(expected);
    expect(kind(`\n${text}`)).toBe(expected);
    expect(kind(`\ufeff${text}`)).toBe(expected);
  });

  it('knows a recording whose first line is longer than what is there', () => {
    expect(kind(`{"kind":"aspace-op","origin":"recorded","in":{"x":"${'a'.repeat(20_000)}`)).toBe('redox');
  });

  it.each([
    'execve("/bin/ls", ["ls"], 0x7ffe /* 39 vars */) = 0',
    '9979  brk(NULL)                         = 0x560b7d240000',
    '[pid  9979] munmap(0x7f9493062000, 40355 <unfinished ...>',
    '9979  <... munmap resumed>)             = 0',
    '12:00:01 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f949306c000',
    '9979 12:00:01.123456 brk(NULL) = 0x1000',
    '1700000000.123456 brk(NULL) = 0x1000',
    '     0.000123 brk(NULL) = 0x1000',
    '--- SIGCHLD {si_signo=SIGCHLD} ---',
    '9979  +++ exited with 0 +++',
  ])('knows a line of strace: %s', (line) => {
    expect(kind(`${line}\n`)).toBe('strace');
    expect(kind(`strace: Process 12 attached\n${line}\n`)).toBe('strace');
  });

  it('takes a log with records of seL4 for what it is, whatever else it prints', () => {
    const header = '{"trace":"overmap","version":1,"system":"sel4","arch":"ia32","policy":"legacy"}';
    expect(kind(`main() = started\nboot: ${header}\n{"op":"map"}\n`)).toBe('sel4');
  });

  it('answers sel4 for everything else, so that its reader says what is wrong', () => {
    for (const text of ['', '\n\n', 'hello\n', '{"a":1}\n', '[1]\n', '\0\u0001']) expect(kind(text)).toBe('sel4');
  });

  it('is told by a first line of JSON, or by a header behind other output, and by nothing less', () => {
    const told = (text: string): boolean => tellsKind(new TextEncoder().encode(text));
    const header = '{"trace":"overmap","version":1,"system":"sel4","arch":"ia32","policy":"legacy"}';
    expect([told(`${header}\n`), told(`\n{"a":1}\n`), told(`boot\nlog: ${header}\n`)]).toEqual([true, true, true]);
    expect([told(header), told('boot\n'), told('1 brk(NULL) = 0x1000\n'), told('')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
