import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BadLine, MalformedInputError, RecordLines } from '@overmap/trace';

interface Seen {
  readonly records: { record: unknown; line: number }[];
  readonly bad: BadLine[];
  readonly reader: RecordLines;
}

function read(text: string, cuts: readonly number[] = [], strictInput = false): Seen {
  const bytes = new TextEncoder().encode(text);
  const records: Seen['records'] = [];
  const bad: BadLine[] = [];
  const reader = new RecordLines({
    name: 'r.jsonl',
    strictInput,
    onBadLine: (line) => bad.push(line),
    onRecord: (record, line) => {
      if ('wrong' in record) return { expected: 'expected nothing wrong', key: 'wrong' };
      records.push({ record, line });
      return undefined;
    },
  });
  let from = 0;
  for (const cut of [...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    const piece = bytes.slice(from, cut);
    reader.feed(piece, piece.length);
    piece.fill(0);
    from = cut;
  }
  reader.end();
  return { records, bad, reader };
}

describe('RecordLines', () => {
  it('gives each object with its line, blank lines counted and left out', () => {
    const { records, bad, reader } = read('{"a":1}\n\n  {"b":"é"}\r\n{"c":3}');
    expect(records).toEqual([
      { record: { a: 1 }, line: 1 },
      { record: { b: 'é' }, line: 3 },
      { record: { c: 3 }, line: 4 },
    ]);
    expect(bad).toEqual([]);
    expect(reader).toMatchObject({ lines: 4, badLines: 0, bytes: 30 });
  });

  it('names the line and byte of what is no record, and goes on', () => {
    const { records, bad } = read('{"a":1}\n{"b":\n[1]\n{"wrong":1}\n{"c":3}\n');
    expect(records.map(({ line }) => line)).toEqual([1, 5]);
    expect(bad.map(({ line, offset, expected }) => ({ line, offset, expected }))).toEqual([
      { line: 2, offset: 8, expected: expect.any(String) },
      { line: 3, offset: 14, expected: 'expected a record, a JSON object' },
      { line: 4, offset: 18, expected: 'expected nothing wrong' },
    ]);
  });

  it('ends at the first bad line where it is asked to', () => {
    const strict = (): Seen => read('{"a":1}\n{"wrong":1}\n', [], true);
    expect(strict).toThrow(MalformedInputError);
    expect(strict).toThrow('r.jsonl: line 2: expected nothing wrong');
  });

  it('reads the same wherever the input is cut', () => {
    const text = '{"a":"ü"}\n{"b":\n\n[1]\r\n{"wrong":1}\n{"c":3}';
    const whole = read(text);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (cuts) => {
        const { records, bad, reader } = read(text, cuts);
        expect({ records, bad, lines: reader.lines, bytes: reader.bytes }).toEqual({
          records: whole.records,
          bad: whole.bad,
          lines: whole.reader.lines,
          bytes: whole.reader.bytes,
        });
      }),
    );
  });
});
