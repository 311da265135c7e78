import { describe, expect, it } from 'vitest';
import { HEADER, scanText, type Scanned } from './lines.ts';

const UNMAP = '{"op":"unmap","cap":7,"ret":"ok"}';
const scanLog = (lines: readonly string[], name = 'serial.log'): Scanned => scanText(lines.join('\r\n'), { name });

describe('a serial log', () => {
  it('has records between other output, with prefixes and text behind them', () => {
    const { rows, bad, scanner } = scanLog([
      'U-Boot 2024.01',
      '',
      `[    0.1] \u001b[32m${HEADER}\u001b[0m`,
      'Booting all finished, dropped to user space',
      UNMAP,
      `[cpu0] ${UNMAP}`,
      `12:00:01.5 ä ${UNMAP} <<FAULT>>`,
      `[cpu1] {"cap":8,"op":"unmap","ret":"ok"}`,
      'free text with { and } and "quotes"',
    ]);
    expect(bad).toEqual([]);
    expect(rows.map((row) => [row['line'], row['cap']])).toEqual([
      [5, 8],
      [6, 8],
      [7, 8],
      [8, 9],
    ]);
    expect(scanner).toMatchObject({ isLog: true, otherLines: 3, records: 4, slowLines: 2 });
  });

  it('has bad lines too: what looks like a record and is none', () => {
    const { rows, bad } = scanLog([
      HEADER,
      '{"op":"map","ca[ kernel ] oops',
      '[cpu0] {"op":"unmap","cap":',
      `[cpu0] {"op":"unmap","ret":"ok"}`,
      UNMAP,
    ]);
    expect(rows).toHaveLength(1);
    expect(bad.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(bad[2]).toMatchObject({ expected: 'expected the key "cap", which "unmap" needs' });
  });

  it('is one by its name, or because the header is not on its first line', () => {
    const other = [HEADER, 'other output', UNMAP];
    expect(scanLog(other).bad).toEqual([]);
    expect(scanLog(other, 'serial.log.gz').bad).toEqual([]);
    for (const name of ['a.jsonl', 'a.jsonl.gz', 'a.JSON', 'a.ndjson'])
      expect(scanLog(other, name).bad).toHaveLength(1);
    expect(scanLog(['first', ...other], 'a.jsonl').bad).toEqual([]);
    expect(scanText(other.join('\n'), { name: 'a.jsonl' }).scanner.isLog).toBe(false);
  });

  it('may begin anew: the same header again is told, another one is a bad line', () => {
    const again = scanLog([HEADER, UNMAP, 'reset', HEADER, UNMAP]);
    expect(again.rows.map((row) => row['event'])).toEqual([0, 1]);
    expect(again.scanner.repeatedHeaders).toBe(1);
    expect(again.warnings).toMatchObject([{ kind: 'repeated-header', line: 4 }]);
    const other = scanLog([HEADER, UNMAP, HEADER.replace('legacy', 'strict'), UNMAP]);
    expect(other.bad).toMatchObject([{ line: 3, expected: expect.stringContaining('a different header') as string }]);
    expect(other.rows).toHaveLength(2);
  });

  it('may have been cut at its beginning: records before the header are bad lines', () => {
    const { rows, bad } = scanLog([UNMAP, HEADER, UNMAP]);
    expect(rows).toHaveLength(1);
    expect(bad).toMatchObject([{ line: 1, expected: expect.stringContaining('before the first record') as string }]);
  });

  const DELETE = '{"op":"delete","cap":8,"ret":"ok"}';
  const MAP =
    '{"op":"map","cap":9,"vspace":2,"vaddr":"0x1000","rights":"rw","attr":0,"ret":"FailedLookup","lookup":{"failedForSource":false,"type":"missing_capability","bits":21}}';
  const STATE = '{"op":"state","vspace":2,"entries":[["0x1000",12,"0x5"]],"tables":[]}';
  /** Line and slot of each record. */
  const places = ({ rows }: Scanned): unknown[] => rows.map((row) => [row['line'], row['cap'] || row['vspace']]);

  it.each([
    ['nothing', UNMAP + DELETE],
    ['a space', `${UNMAP} ${DELETE}`],
    ['text', `${UNMAP}[  0.2] cpu1: ${DELETE} fault`],
    ['a prefix and text with braces', `[0.1] } ${UNMAP} {x} ${DELETE} {`],
    ['a record that broke off', `${UNMAP}{"op":"map","ca[0.2] "${DELETE}`],
    ["a logger's object", `{"level":"info"} ${UNMAP} {"level":"info","of":{"n":[1]}} ${DELETE}`],
    ['another order of keys', `${UNMAP} {"ret":"ok","cap":8,"op":"delete"}`],
  ])('may have two records on one line with %s between them', (_, line) => {
    const scanned = scanLog([HEADER, MAP, line, UNMAP]);
    expect(places(scanned)).toEqual([
      [2, 10],
      [3, 8],
      [3, 9],
      [4, 8],
    ]);
    expect(scanned.rows.map((row) => row['event'])).toEqual([0, 1, 2, 3]);
    expect(scanned.bad).toHaveLength(line.includes('"ca[') ? 1 : 0);
  });

  it('may have any number of records on one line, more than a batch holds', () => {
    const line = [MAP, UNMAP, STATE, DELETE, STATE, STATE, MAP].join('');
    for (const states of [false, true]) {
      const { rows, bad } = scanText([HEADER, line, UNMAP].join('\n'), { name: 'a.log', states, capacity: 2 });
      expect(rows.map((row) => [row['line'], row['event']])).toEqual(
        [0, 1, 2, 3, 4, 5, 6, 7].map((k) => [k < 7 ? 2 : 3, k]),
      );
      expect(rows.map((row) => row['states'])).toEqual(
        [2, 4, 5].reduce<unknown[]>((list, k) => list.with(k, states ? STATE : undefined), Array(8).fill(undefined)),
      );
      expect(bad).toEqual([]);
    }
  });

  it('may have two states on one line, which JSON Lines may not', () => {
    expect(places(scanLog([HEADER, STATE + STATE, UNMAP]))).toEqual([
      [2, 3],
      [2, 3],
      [3, 8],
    ]);
    const strict = scanLog([HEADER, STATE + STATE, UNMAP], 'a.jsonl');
    expect(strict.bad).toMatchObject([
      { line: 2, expected: expect.stringContaining('expected the end of the line, found "{') as string },
    ]);
    expect(strict.rows).toHaveLength(1);
  });

  it('may have records on the line of its header, before (bad) and behind it', () => {
    expect(places(scanLog([HEADER + UNMAP, DELETE]))).toEqual([
      [1, 8],
      [2, 9],
    ]);
    const before = scanLog([UNMAP + HEADER + DELETE]);
    expect(places(before)).toEqual([[1, 9]]);
    expect(before.bad).toMatchObject([
      { line: 1, expected: expect.stringContaining('before the first record') as string },
    ]);
    const again = scanLog([HEADER, UNMAP, UNMAP + HEADER + DELETE]);
    expect(places(again)).toEqual([
      [2, 8],
      [3, 8],
      [3, 9],
    ]);
    expect(again.warnings).toMatchObject([{ kind: 'repeated-header', line: 3 }]);
    expect(scanLog([HEADER + UNMAP, DELETE], 'a.jsonl').bad).toMatchObject([
      { line: 1, expected: 'expected the end of the line behind the header' },
    ]);
  });

  it('counts foreign objects as other lines, which JSON Lines may not have', () => {
    const foreign = [
      '{"level":"info","msg":"x"}',
      '{}',
      '{"level":30} text',
      '{"msg":"{\\"op\\":1}"}',
      '{"a":{"op":"read"}}',
    ];
    const log = scanLog([foreign[0] ?? '', HEADER, ...foreign, UNMAP]);
    expect(log.bad).toEqual([]);
    expect(log.scanner).toMatchObject({ otherLines: 6, records: 1 });
    const strict = scanLog([HEADER, ...foreign, UNMAP], 'a.jsonl');
    expect(strict.bad.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
    expect(strict.bad[0]?.expected).toContain('found no "op"');
  });

  it('does not take a record out of another object, and says so', () => {
    const { bad, rows } = scanLog([HEADER, `x {"level":"info","record":${UNMAP}}`]);
    expect(rows).toEqual([]);
    expect(bad).toMatchObject([
      { line: 2, column: 2, expected: expect.stringContaining('inside of another object') as string },
    ]);
  });

  it.each([
    [`${UNMAP}{"op":"map","cap":`, 1, 51, 'expected a value, found the end of the line'],
    [`[0.1] {"cap":7,"op":"unm[0.2] ${UNMAP}`, 1, 32, 'expected'],
    [`{"level":"info"} {"op":"ma`, 0, 23, 'expected'],
    [`${UNMAP}{"op":"unmap","ret":"ok"}`, 1, 34, 'expected the key "cap"'],
    [`${UNMAP} "op": lost`, 1, undefined, 'expected a record, an object that begins {"op":'],
    ['{"cap":7,"op":"unmap","ret":', 0, 28, 'expected a value'],
  ])('has what was meant for a record and is none: %s', (line, records, column, expected) => {
    const { rows, bad } = scanLog([HEADER, line]);
    expect(rows).toHaveLength(records);
    expect(bad).toMatchObject([{ line: 2, expected: expect.stringContaining(expected) as string }]);
    expect(bad[0]?.column).toBe(column);
  });

  it('bears lines of megabytes of what is nearly an object', () => {
    for (const part of ['{"', '{}', '{"op":', '{"a":{', '"op":{']) {
      const { rows } = scanLog([HEADER, part.repeat(1_000_000), UNMAP]);
      expect(rows).toHaveLength(1);
    }
  });
});
