import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuickCalls } from '../../src/strace/quick-calls.ts';
import { RecentTexts } from '../../src/strace/recent-texts.ts';
import { Call, emptyCall } from '../../src/strace/strace-call.ts';
import { StraceThread } from '../../src/strace/strace-threads.ts';
import { readCalls } from './read-calls.ts';

/** Lines of the commonest shapes, and of some that look like them. */
const LINES = [
  '71 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f9493046000',
  '71 mmap(0x7f9493048000, 77824, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3</lib/libz.so.1>, 0x3000) = 0x7f9493048000',
  '71 mmap(0x7f9493048000, 77824, PROT_READ, MAP_PRIVATE|MAP_FIXED, 3</tmp/a, b>(deleted), 0xffffffffffff000) = 0x7f9493048000 <0.000011>',
  '71 mmap(0x10000, 4096, PROT_NONE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x10000',
  '71 munmap(0x7f9493046000, 4096)            = 0',
  '71 munmap(0x400000, 16*4096) = 0',
  '71 mprotect(0x7f9493046000, 12288, PROT_READ) = 0 <0.000123>',
  '71 mprotect(0x7f9493046000, 12288, PROT_READ|PROT_WRITE|PROT_EXEC) = -1 ENOMEM (Cannot allocate memory)',
  '71 brk(NULL)                               = 0x55d0c1a3b000',
  '71 brk(0x1c0ffee000) = 0x1c0ffee000',
  '71 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3</lib/libz.so.1>, 0 <unfinished ...>',
  '71 <... mmap resumed>) = 0x7f9493060000',
];
/** So far from the end of the buffer that calls are read the quick way. */
const REST = `${'71 madvise(0x7f9493046000, 4096, MADV_DONTNEED) = 0\n'.repeat(24)}`;

const line = fc.constantFrom(...LINES);
const damaged = fc
  .tuple(line, fc.nat(160), fc.constantFrom('', ' ', '0', '9', 'f', 'g', 'x', ',', ')', '<', '|', '=', 'N', '\r', '\0'))
  .map(([text, at, by]) => text.slice(0, at % text.length) + by + text.slice((at % text.length) + 1));

describe('calls that are read the quick way', () => {
  it('are what the whole parser makes of them, damaged or not', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(line, damaged), { minLength: 4, maxLength: 40 }), (some) => {
        // Twice: what recurs is what is read quickly.
        const text = `${[...LINES, ...some, ...some].join('\n')}\n`;
        const ends = [...text.matchAll(/\n/g)].map(({ index }) => index + 1);
        const quick = readCalls(text + REST);
        // Each line in a buffer of its own is too near to the end of that.
        const slow = readCalls(text + REST, {}, ends);
        expect(quick.calls).toEqual(slow.calls);
        expect(quick.told).toEqual(slow.told);
        expect(quick.bad).toEqual(slow.bad);
      }),
      { numRuns: 300 },
    );
  });

  it('tell a file from one whose name goes on behind an angle bracket and a comma', () => {
    const call = (name: string): string => `mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3<${name}>, 0) = 0x7f9493060000\n`;
    const { calls, bad } = readCalls(call('/tmp/a') + call('/tmp/a') + call('/tmp/a>,b') + REST);
    expect(bad).toEqual([]);
    expect(calls.map(({ file }) => file)).toEqual(['/tmp/a', '/tmp/a', '/tmp/a>,b']);
  });

  const reader = () => {
    const texts = { prots: new RecentTexts(4), flags: new RecentTexts(4), names: new RecentTexts(4), stale: false };
    const call = emptyCall(new StraceThread(1, 0, 0));
    const quick = new QuickCalls(call, texts);
    const read = (kind: (typeof Call)[keyof typeof Call], text: string): number => {
      const bytes = new TextEncoder().encode(`${text}\n${' '.repeat(2000)}`);
      return quick.read(kind, bytes, new DataView(bytes.buffer), 0);
    };
    return { texts, call, read };
  };

  it('are most of them', () => {
    const { call, read } = reader();
    expect(read(Call.munmap, '0x7f9493046000, 4096)            = 0')).toBe(36);
    expect(call).toMatchObject({ kind: Call.munmap, ok: true, address: 0x7f9493046000, length: 4096, result: 0 });
    expect(read(Call.brk, 'NULL) = 0x55d0c1a3b000')).toBe(22);
    expect(call).toMatchObject({ kind: Call.brk, ok: true, address: 0, result: 0x55d0c1a3b000 });
    expect(read(Call.brk, '0x1c0ffee) = 0x1c0ffee')).toBe(22);
    expect(call.result).toBe(0x1c0ffee);
  });

  it('are none that have a text which did not come before, an error, or a number of another shape', () => {
    const { read } = reader();
    expect(read(Call.mprotect, '0x7f9493046000, 4096, PROT_READ) = 0')).toBe(-1);
    expect(read(Call.munmap, '0x7f9493046000, 4096) = -1 EINVAL (Invalid argument)')).toBe(-1);
    expect(read(Call.munmap, '0x7f9493046000, 2*4096) = 0')).toBe(-1);
    expect(read(Call.munmap, '0x7f9493046000, 1234567890123456) = 0')).toBe(-1);
    expect(read(Call.brk, 'NULL) = ?')).toBe(-1);
    expect(read(Call.brk, '0x7f94930460001111) = 0x7f94930460001111')).toBe(-1);
  });

  it('do not trust names once their numbers were given out again', () => {
    const { texts, call, read } = reader();
    const remember = (recent: RecentTexts, text: string, value: number): void => {
      const bytes = new TextEncoder().encode(text.padEnd(200));
      recent.add(new DataView(bytes.buffer), 0, text.length, value);
    };
    remember(texts.prots, 'PROT_READ,', 1);
    remember(texts.flags, 'MAP_PRIVATE,', 2);
    remember(texts.names, '3</lib/libz.so.1>,', 9);
    const text = 'NULL, 4096, PROT_READ, MAP_PRIVATE, 3</lib/libz.so.1>, 0) = 0x7f9493060000';
    expect(read(Call.mmap, text)).toBe(text.length);
    expect(call).toMatchObject({ prot: 1, flags: 2, file: 9, offset: 0, result: 0x7f9493060000 });
    texts.stale = true;
    expect(read(Call.mmap, text)).toBe(-1);
  });
});

describe('texts that came last', () => {
  it('are found whatever follows, the longest number of them at a time', () => {
    const recent = new RecentTexts(4);
    const at = (text: string) => {
      const bytes = new TextEncoder().encode(text.padEnd(400, '#'));
      return new DataView(bytes.buffer);
    };
    for (let n = 0; n < 9; n++) recent.add(at(`MAP_PRIVATE_${n},`), 0, 14, n);
    const found = Array.from({ length: 9 }, (_, n) => recent.match(at(`MAP_PRIVATE_${n}, 3`), 0));
    expect(found.filter((length) => length === 14)).toHaveLength(4);
    expect(found.every((length) => length === 14 || length === 0)).toBe(true);
    recent.clear();
    expect(recent.match(at('MAP_PRIVATE_8,'), 0)).toBe(0);
  });

  it('are none with bytes that a floating-point number would not tell apart', () => {
    const recent = new RecentTexts(4);
    const bytes = new Uint8Array(400);
    recent.add(new DataView(bytes.buffer), 0, 16, 5);
    expect(recent.match(new DataView(bytes.buffer), 0)).toBe(0);
    bytes.fill(0xff);
    recent.add(new DataView(bytes.buffer), 0, 16, 5);
    expect(recent.match(new DataView(bytes.buffer), 0)).toBe(0);
  });
});
