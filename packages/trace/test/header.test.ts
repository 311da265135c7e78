import { describe, expect, it } from 'vitest';
import { type TraceHeader, MalformedInputError } from '../src/index.ts';
import { HEADER, scanBytes, scanText } from './lines.ts';

const header = (change: object): string => JSON.stringify({ ...(JSON.parse(HEADER) as object), ...change });
const read = (line: string): TraceHeader => {
  const { header: found } = scanText(`${line}\n`).scanner;
  if (found === undefined) throw new Error('no header');
  return found;
};

describe('the header', () => {
  it('has its known configuration typed, and the pool as a dense slot', () => {
    const config = {
      asidPool: 1,
      kernel: 'abc',
      hugePage: true,
      hyp: false,
      paBits: 44,
      ptLevels: 3,
      userTop: '0x7fffe0000000',
      smp: true,
      pcid: true,
      slots: 9,
    };
    expect(read(header({ config, source: 'a machine' }))).toMatchObject({
      version: 1,
      system: 'sel4',
      arch: 'aarch64',
      policy: 'legacy',
      source: 'a machine',
      config: { ...config, userTop: { hi: 0x7fff, lo: 0xe0000000 } },
      asidPoolSlot: 2,
      raw: { config },
    });
    expect(read(header({ config: undefined }))).toMatchObject({ config: {}, asidPoolSlot: 0, source: '' });
  });

  it('may be spelled in any way', () => {
    expect(
      read('{ "version": 1, "policy": "exact", "arch": "ia32", "system": "sel4", "trace": "overmap" }'),
    ).toMatchObject({ policy: 'exact' });
  });

  it('warns of a configuration key that it does not know', () => {
    const { warnings } = scanText(header({ config: { 'kol\u001bor': 1 } }));
    expect(warnings).toEqual([
      {
        kind: 'unknown-config-key',
        line: 1,
        message: 'the header\'s config has the key "kol\\u{1b}or", which this program does not know',
      },
    ]);
  });

  it.each([
    [{ version: 99 }, 'this trace is version 99, this program reads version'],
    [{ version: '1' }, 'expected a version number in the trace\'s header, found "1"'],
    [{ system: 'linux' }, 'expected the system "sel4" in the trace\'s header, found "linux"'],
    [{ arch: 'arm' }, 'expected an architecture ("ia32", "x86_64"'],
    [{ policy: undefined }, 'expected a policy ("legacy", "strict"'],
    [{ config: [] }, 'expected an object in "config"'],
    [{ config: { paBits: 'x' } }, 'expected an integer from 32 to 52 in config.paBits'],
    [{ source: 3 }, 'expected text in "source"'],
  ])('is refused with %j', (change, message) => {
    expect(() => read(header(change))).toThrow(MalformedInputError);
    expect(() => read(header(change))).toThrow(`test.jsonl: line 1: ${message}`);
  });

  it.each([
    ['', 'the input is empty'],
    ['\n\r\n\n', 'the input has only blank lines'],
    ['{"op":"unmap","cap":7,"ret":"ok"}\n', 'the input begins "{"op":"unmap","cap":7,"ret":"ok"}"'],
    [
      'mmap(NULL, 8192, PROT_READ\u001b[0m) = 0x7f\nmore\n',
      'the input begins "mmap(NULL, 8192, PROT_READ\\u{1b}[0m) = 0x7f"',
    ],
    ['\u007fELF\u0000\u0001\n', 'the input begins with binary data: "\\u{7f}ELF\\u{0}\\u{1}"'],
  ])('is missed in %j', (text, message) => {
    expect(() => scanText(text)).toThrow(MalformedInputError);
    expect(() => scanText(text)).toThrow(`no trace: expected a trace's header, a line that begins {"trace":"overmap"`);
    expect(() => scanText(text)).toThrow(message);
    expect(() => scanText(text, { name: 'serial.log' })).toThrow(message);
  });

  it('is missed in bytes that are no text', () => {
    expect(() => scanBytes(Uint8Array.from({ length: 4096 }, (_, k) => (k * 7919) & 0xff))).toThrow(
      MalformedInputError,
    );
  });
});
