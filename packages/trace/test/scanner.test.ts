import { Flag, Op } from '@overmap/core';
import { describe, expect, it } from 'vitest';
import { type BadLine, TraceScanner } from '../src/index.ts';
import { HEADER, scanBytes, scanLines, scanText } from './lines.ts';

const UNMAP = '{"op":"unmap","cap":7,"ret":"ok"}';
const STATE = `{"op":"state","vspace":9,"root":"0x1000","entries":[${Array.from({ length: 40 }, (_, k) => `["0x${(k * 4096).toString(16)}",12,"0x${(k * 4096 + 5).toString(16)}"]`).join(',')}],"tables":[["0x0",21,"0x3"]]}`;
const MARK = '{"op":"mark","name":"PT0002","at":"end","result":"failed"}';

describe('TraceScanner', () => {
  it('gives the same records wherever the input is cut', () => {
    const lines = [UNMAP, STATE, '', MARK, '{"op":"unmap", "cap":8,"ret":"InvalidCapability","arg":0}', 'oops', UNMAP];
    const text = [HEADER, ...lines].join('\r\n');
    for (const states of [false, true]) {
      const whole = scanText(text, { states });
      expect(whole.rows.map((row) => [row['op'], row['event'], row['line']])).toEqual([
        [Op.unmap, 0, 2],
        [Op.state, 1, 3],
        [Op.mark, 2, 5],
        [Op.unmap, 3, 6],
        [Op.unmap, 4, 8],
      ]);
      expect(whole.bad).toMatchObject([{ line: 7, offset: text.indexOf('oops') }]);
      for (let piece = 1; piece < 140; piece++) {
        const { rows, bad } = scanText(text, { states }, piece);
        expect(rows).toEqual(whole.rows);
        expect(bad).toEqual(whole.bad);
      }
      // Cut once, at each byte in turn.
      const bytes = new TextEncoder().encode(text);
      for (let cut = 1; cut < bytes.length; cut++) {
        const { rows, bad } = scanBytes(bytes, { states }, cut);
        expect(rows).toEqual(whole.rows);
        expect(bad).toEqual(whole.bad);
      }
    }
  });

  it('keeps the text of states only when asked', () => {
    expect(scanLines([STATE], { states: true }).rows[0]).toMatchObject({
      op: Op.state,
      vspace: 10,
      outcome: -1,
      states: STATE,
    });
    expect(scanLines([STATE]).rows[0]).not.toHaveProperty('states');
    const { rows, scanner } = scanLines([STATE.replaceAll(',', ', ')], { states: true });
    expect(rows[0]?.['states']).toBe(STATE);
    expect(scanner).toMatchObject({ states: 1, records: 1, slowLines: 1 });
  });

  it('reads a state line much longer than any buffer', () => {
    const entries = Array.from(
      { length: 30_000 },
      (_, k) => `["0x${(k * 4096).toString(16)}",12,"0x${k.toString(16)}"]`,
    );
    const line = `{"op":"state","vspace":9,"entries":[${entries.join(',')}],"tables":[]}`;
    const { rows, scanner } = scanLines([UNMAP, line, UNMAP], { states: true }, 4096);
    expect(rows.map((row) => row['op'])).toEqual([Op.unmap, Op.state, Op.unmap]);
    expect(rows[1]?.['states']).toBe(line);
    expect(scanner.slowLines).toBe(0);
  });

  it('reads ground truth only when asked', () => {
    const line =
      '{"op":"map","cap":1,"vspace":2,"vaddr":"0x1000","rights":"rw","attr":0,"ret":"ok","entry":"0x123456789","was":"0x5","replaced":"0x9","wasValid":16}';
    const truth = Flag.entry | Flag.was | Flag.replaced | Flag.wasValid;
    expect(scanLines([line], { truth: true }).rows[0]).toMatchObject({
      flags: truth,
      entryHi: 1,
      entryLo: 0x23456789,
      wasLo: 5,
      replacedLo: 9,
      wasValid: 16,
    });
    expect(scanLines([line]).rows[0]).toMatchObject({
      flags: 0,
      entryHi: 0,
      entryLo: 0,
      wasLo: 0,
      replacedLo: 0,
      wasValid: 0,
    });
  });

  it('leaves nothing of one batch in the next', () => {
    const rich =
      '{"op":"map","cap":1,"vspace":2,"vaddr":"0x1000","rights":"rw","attr":3,"ret":"ok","entry":"0x5","thread":"t","seq":4}';
    const { rows } = scanLines([rich, UNMAP, UNMAP, UNMAP, UNMAP], { truth: true, capacity: 1 });
    expect({ ...rows[1], event: 0, line: 0 }).toEqual({ ...scanLines([UNMAP]).rows[0], event: 0, line: 0 });
  });

  it('tolerates CRLF, blank lines, a byte order mark and a missing newline at the end', () => {
    const { rows, bad } = scanText(`\uFEFF${HEADER}\r\n\r\n  \n${UNMAP}\r\n\n${UNMAP}`);
    expect(rows.map((row) => row['line'])).toEqual([4, 6]);
    expect(bad).toEqual([]);
  });

  it('numbers hostile slots densely', () => {
    const big = [2 ** 31, 2 ** 53 - 1, 2 ** 18, 2 ** 31].map((cap) => `{"op":"unmap","cap":${cap},"ret":"ok"}`);
    const { rows, scanner } = scanLines(big);
    expect(rows.map((row) => row['cap'])).toEqual([2 ** 18 + 1, 2 ** 18 + 2, 2 ** 18 + 3, 2 ** 18 + 1]);
    expect(scanner.slotName(2 ** 18 + 2)).toBe(`${2 ** 53 - 1}`);
    expect(scanner.slotName(8)).toBe('7');
  });

  it('keeps the slots of several CSpaces apart', () => {
    const line = (cap: number, cspace: string): string => `{"op":"unmap","cap":${cap},"ret":"ok","cspace":${cspace}}`;
    const { rows, scanner } = scanLines([line(7, '"a"'), line(7, '"b"'), line(7, '"a"'), UNMAP, line(7, '3')]);
    expect(rows.map((row) => row['cap'])).toEqual([2 ** 18 + 1, 2 ** 18 + 2, 2 ** 18 + 1, 8, 2 ** 18 + 3]);
    expect(scanner.slotName(2 ** 18 + 2)).toBe('7 of cspace "b"');
    expect(scanner.slowLines).toBe(0);
  });

  it('lists the slots of a retype that are not consecutive', () => {
    const retype = (cap: number, n: number): string => `{"op":"retype","obj":"table","cap":${cap},"n":${n},"ret":"ok"}`;
    const { rows } = scanLines([retype(2_000_001, 1), retype(2_000_000, 3), retype(10, 3), retype(3_000_000, 3)]);
    expect(rows.map((row) => row['slotLists'])).toEqual([
      undefined,
      Int32Array.of(2 ** 18 + 2, 2 ** 18 + 1, 2 ** 18 + 3),
      undefined,
      undefined,
    ]);
  });

  it('notes an error without its details, and details that do not fit', () => {
    const { rows, bad } = scanLines([
      '{"op":"unmap","cap":1,"ret":"InvalidCapability"}',
      '{"op":"unmap","cap":1,"ret":"RangeError","min":0,"max":65535}',
      '{"op":"unmap","cap":1,"ret":"RangeError","min":1,"max":256}',
    ]);
    expect(bad).toEqual([]);
    expect(rows.map((row) => (row['flags'] as number) & Flag.bareError)).toEqual([Flag.bareError, Flag.bareError, 0]);
  });

  it('takes a make_pool that failed, whose slot the recorder could not see', () => {
    expect(scanLines(['{"op":"make_pool","cap":null,"ret":"DeleteFirst"}']).rows).toMatchObject([
      { op: Op.make_pool, cap: 0 },
    ]);
    expect(scanLines(['{"op":"make_pool","cap":null,"ret":"ok"}']).bad).toHaveLength(1);
  });
});

describe('null', () => {
  it.each([
    ['{"op":"unmap","cap":7,"ret":"ok"', ['thread', 'cspace', 'site', 'seq', 'boot', 'synth', 'assume', 'part'], true],
    ['{"op":"unmap","cap":7,"ret":"InvalidCapability"', ['arg'], true],
    ['{"op":"unmap","cap":7,"ret":"RangeError"', ['min', 'max'], true],
    ['{"op":"unmap","cap":7,"ret":"FailedLookup"', ['lookup'], true],
    ['{"op":"unmap","cap":7,"ret":"NotEnoughMemory"', ['avail'], true],
    ['{"op":"unmap","cap":7,"ret":"ok"', ['cleared', 'why', 'found'], false],
    ['{"op":"retype","obj":"table","cap":7,"n":1,"ret":"ok"', ['bits', 'paddr'], false],
    ['{"op":"move","src":6,"cap":7,"ret":"ok"', ['via'], true],
    ['{"op":"mark","name":"T","at":"start"', ['result'], true],
    ['{"op":"other"', ['name', 'cap', 'vspace', 'vaddr', 'ret'], false],
    ['{"op":"state","vspace":7,"entries":[],"tables":[]', ['root'], false],
  ])('is as good as the absence of a key that may be absent: %s', (start, keys, fast) => {
    for (const key of keys) {
      const { rows, bad, scanner } = scanLines([`${start}}`, `${start},"${key}":null}`], { truth: true, states: true });
      expect(bad).toEqual([]);
      expect({ ...rows[1], event: 0, line: 2 }).toEqual(rows[0]);
      expect(scanner.slowLines).toBeLessThanOrEqual(fast ? 0 : 1);
    }
  });

  it('may stand in a call site, and in the header', () => {
    const site = (more: string): string => `{"op":"unmap","cap":7,"ret":"ok","site":{"file":"a.c","line":3${more}}}`;
    const { rows } = scanLines([site(''), site(',"function":null')]);
    expect(rows[1]?.['site']).toEqual(rows[0]?.['site']);
    const header =
      '{"trace":"overmap","version":1,"system":"sel4","arch":"aarch64","policy":"legacy","source":null,"config":';
    expect(scanText(`${header}null}`).scanner.header).toMatchObject({ source: '', config: {} });
    expect(scanText(`${header}{"asidPool":null,"hyp":null}}`).scanner.header).toMatchObject({
      config: {},
      asidPoolSlot: 0,
    });
  });

  it('is no value of a key that must be there, and the last of several counts', () => {
    expect(scanLines(['{"op":"unmap","cap":null,"ret":"ok"}']).bad[0]?.expected).toContain('in "cap", found null');
    expect(scanLines(['{"op":"mark","name":null,"at":"start"}']).bad[0]?.expected).toContain('in "name", found null');
    expect(scanLines(['{"op":"mint","src":1,"cap":2,"rights":"r","badge":null,"ret":"ok"}']).bad).toHaveLength(1);
    const twice = (a: string, b: string): unknown =>
      scanLines([`{"op":"unmap","cap":7,"ret":"ok","thread":${a},"thread":${b}}`]).rows[0]?.['thread'];
    expect(twice('"a"', 'null')).toBe(undefined);
    expect(twice('null', '"a"')).toBe('a');
  });
});

describe('bad lines', () => {
  const bad = (line: string): BadLine | undefined => {
    const found = scanLines([UNMAP, line, UNMAP]);
    expect(found.rows).toHaveLength(2);
    expect(found.bad).toHaveLength(1);
    expect(found.bad[0]).toMatchObject({ line: 3, offset: HEADER.length + UNMAP.length + 2 });
    return found.bad[0];
  };

  it.each([
    ['{"op":"unmap","cap":7,"ret":"ok"', "expected ',' or '}', found the end of the line", 32],
    ['{"op":"unmap","cap":7,,"ret":"ok"}', 'expected a key in double quotes, found ","ret":"ok"}"', 22],
    ['{"op":"unmap","cap":07,"ret":"ok"}', "expected ',' or '}', found", 21],
    ['{"op":"unmap","cap":7,"ret":"ok"} x', 'expected the end of the line, found "x"', 34],
    ['{"op":"ünmap","cap":7,"ret":"ok",}', 'expected a key in double quotes, found "}"', 34],
    ['{"op":"unmapp","cap":7,"ret":"ok"}', 'in "op", found "unmapp"', 1],
    ['{"cap":7,"ret":"ok"}', 'found no "op"', undefined],
    ['{"op":"unmap","ret":"ok"}', 'expected the key "cap", which "unmap" needs', 1],
    ['{"op":"unmap","cap":7}', 'expected the key "ret", which "unmap" needs', 1],
    [
      '{"op":"unmap","cap":-1,"ret":"ok"}',
      'expected a slot number (an integer from 0 to 2^53 - 1) in "cap", found -1',
      14,
    ],
    ['{"op":"unmap","cap":1.5,"ret":"ok"}', 'in "cap", found 1.5', 14],
    ['{"op":"unmap","cap":"7","ret":"ok"}', 'in "cap", found "7"', 14],
    ['{"op":"unmap","cap":9007199254740993,"ret":"ok"}', 'in "cap", found', 14],
    ['{"op":"unmap","cap":7,"ret":"Okay"}', 'expected one of "ok", "InvalidArgument"', 22],
    ['{"op":"address","cap":7,"ret":"ok","paddr":"0x11112222333344445"}', 'an address of up to 64 bits', 35],
    ['{"op":"address","cap":7,"ret":"ok","paddr":4096}', 'an address of up to 64 bits', 35],
    ['{"op":"copy","src":1,"cap":7,"rights":"rx","ret":"ok"}', 'the letters r, w, g, G', 29],
    ['{"op":"retype","obj":"page","cap":7,"n":1,"ret":"ok"}', 'expected the key "bits"', 15],
    ['{"op":"retype","obj":"table","cap":7,"n":1025,"ret":"ok"}', 'expected at most 1024 objects', 37],
    ['{"op":"retype","obj":"table","cap":7,"n":4294967296,"ret":"RangeError"}', 'in "n", found 4294967296', 37],
    ['{"op":"unmap","cap":7,"ret":"ok","site":{"file":3}}', 'expected an object {"file"', 33],
    ['[1,2]', 'expected a record, a line that begins {"op":', undefined],
    ['{}', 'found no "op"', undefined],
    [HEADER, 'expected one header, found it again', undefined],
    ['0x00', 'expected a record, a line that begins {"op":', undefined],
  ])('%s', (line, expected, column) => {
    const found = bad(line);
    expect(found?.expected).toContain(expected);
    expect(found?.column).toBe(column);
  });

  it('shows nothing that a terminal would obey', () => {
    const shown = bad('{"op":"\u001b[31m\u202e\u0000","cap":7,"ret":"ok"}');
    expect(JSON.stringify(shown)).not.toMatch(/\p{C}|\\u00/u);
    expect(shown?.text).toContain('\\u{1b}[31m\\u{202e}\\u{0}');
    const second = bad(`{"op":"${'\\u001b'.repeat(9)}\u2066","cap":7,"ret":"ok"}`);
    expect(JSON.stringify(second)).not.toMatch(/\p{C}/u);
  });

  it('bears lines of ten megabytes, of anything', () => {
    const long = 'x'.repeat(10_000_000);
    expect(bad(`{"op":"${long}"}`)?.expected.length).toBeLessThan(400);
    expect(bad(long)?.text.length).toBeLessThan(100);
    expect(bad('['.repeat(10_000_000))?.expected).toBeTruthy();
    expect(bad(`{"op":"unmap","cap":${'9'.repeat(1_000_000)},"ret":"ok"}`)?.expected).toContain('in "cap"');
  });

  it('passes over a line that is too long, and goes on behind it', () => {
    for (const piece of [64, 700, 5000]) {
      const { rows, bad: lines } = scanLines(
        [UNMAP, `{"op":"${'y'.repeat(3000)}"}`, UNMAP],
        { longestLine: 1000 },
        piece,
      );
      expect(rows.map((row) => row['line'])).toEqual([2, 4]);
      expect(lines).toMatchObject([{ line: 3, offset: HEADER.length + UNMAP.length + 2 }]);
    }
  });

  it('reads short lines behind long ones, and long ones without end', () => {
    const long = `{"op":"unmap","cap":8,"ret":"ok","x":"${'y'.repeat(3_000_000)}"}`;
    for (const piece of [4096, 1_500_000]) {
      const { rows, bad: lines } = scanLines([UNMAP, long, UNMAP, 'x'.repeat(2_000_000), long, long], {}, piece);
      expect(rows.map((row) => [row['line'], row['cap']])).toEqual([
        [2, 8],
        [3, 9],
        [4, 8],
        [6, 9],
        [7, 9],
      ]);
      expect(lines.map(({ line }) => line)).toEqual([5]);
      expect(scanText(`${HEADER}\n${UNMAP}\n${long}`, {}, piece).rows).toHaveLength(2);
    }
    const noise = `${'z'.repeat(100_000)} "${UNMAP}`;
    expect(scanLines([UNMAP, noise], { name: 'a.log' }).rows).toHaveLength(2);
  });

  it('ends the run at the first one when the input must be right, after what was read before', () => {
    let records = 0;
    const scanner = new TraceScanner({ name: 'a.jsonl', strictInput: true, onBatch: (c) => (records += c.count) });
    const run = (): void =>
      scanner.feed(new TextEncoder().encode([HEADER, UNMAP, UNMAP, '{', UNMAP, UNMAP, UNMAP, ''].join('\n')));
    expect(run).toThrow(
      expect.objectContaining({
        name: 'MalformedInputError',
        message: 'a.jsonl: line 4: expected a key in double quotes, found the end of the line',
        badLine: expect.objectContaining({ line: 4 }) as object,
      }) as Error,
    );
    expect(records).toBe(2);
  });
});
