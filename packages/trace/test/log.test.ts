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
});
