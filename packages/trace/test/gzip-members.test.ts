import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputUnreadableError, readTrace, type TraceWarning } from '../src/index.ts';
import { HEADER } from './lines.ts';

const COUNT = 20_000;
/** Slots that gzip cannot make small, so that a file has several chunks. */
const line = (k: number): string => `{"op":"unmap","cap":${(k * 2654435761) % 1000003},"ret":"ok"}\n`;
const TEXT = `${HEADER}\n${Array.from({ length: COUNT }, (_, k) => line(k)).join('')}`;
const ZIPPED = gzipSync(TEXT);
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'overmap-gzip-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Read {
  readonly records: number;
  readonly warnings: readonly TraceWarning[];
  readonly error?: Error;
}
/** Read bytes as a file, or, in pieces of so many bytes, as standard input. */
async function read(bytes: Uint8Array, piece?: number): Promise<Read> {
  let records = 0;
  const warnings: TraceWarning[] = [];
  const path = join(folder, 'a.jsonl.gz');
  writeFileSync(path, bytes);
  const pieces = function* (size: number): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const options = piece === undefined ? {} : { stdin: Readable.from(pieces(piece)) };
  const onBatch = (c: { count: number }): void => void (records += c.count);
  const onWarning = (warning: TraceWarning): void => void warnings.push(warning);
  try {
    await readTrace(piece === undefined ? path : '-', { ...options, onBatch, onWarning });
    return { records, warnings };
  } catch (error) {
    return { records, warnings, error: error as Error };
  }
}
const ways = [undefined, 100, 4099, ZIPPED.length, ZIPPED.length + 1];

describe('a gzip file', () => {
  it('is read to the end of its last member, and what follows it is a warning', async () => {
    const garbage = ['garbage', '\n', '\u001f', '\0\0\0x', 'x'.repeat(300_000), HEADER];
    for (const rest of garbage)
      for (const way of ways.slice(0, rest.length > 1000 ? 2 : 5)) {
        const { records, warnings, error } = await read(Buffer.concat([ZIPPED, Buffer.from(rest)]), way);
        expect(error).toBe(undefined);
        expect(records).toBe(COUNT);
        const at = ZIPPED.length + (/[^\0]/.exec(rest)?.index ?? 0);
        expect(warnings).toMatchObject([{ kind: 'trailing-garbage', line: COUNT + 1 }]);
        expect(warnings[0]?.message).toBe(`what follows byte ${at} of the file is no gzip data and was left out`);
      }
  });

  it('may be padded with zeros', async () => {
    for (const zeros of [1, 511, 600_000]) {
      const padded = Buffer.concat([ZIPPED, Buffer.alloc(zeros)]);
      expect(await read(padded, zeros > 1000 ? undefined : 4099)).toEqual({ records: COUNT, warnings: [] });
    }
  });

  it('may have several members, with all parts of a header, cut anywhere', async () => {
    const half = Math.floor(TEXT.length / 2);
    // FEXTRA, FNAME, FCOMMENT and FHCRC, whose 16 bits nobody checks.
    const first = gzipSync(TEXT.slice(0, half));
    const named = Buffer.concat([
      Uint8Array.of(0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 4, 0, 1, 0, 2, 3),
      Buffer.from('trace.jsonl\0a comment\0'),
      Uint8Array.of(0, 0),
      first.subarray(10),
    ]);
    const members = [named, gzipSync(''), gzipSync(TEXT.slice(half, half + 1)), gzipSync(TEXT.slice(half + 1))];
    for (const way of [undefined, 1, 7, 4099])
      expect(await read(Buffer.concat(members), way)).toEqual({ records: COUNT, warnings: [] });
  });

  it('gives every line of what it holds where it was truncated', async () => {
    for (const bytes of [ZIPPED.length - 1, ZIPPED.length - 8, ZIPPED.length - 9, 50_001, 40_000]) {
      const cut = ZIPPED.subarray(0, bytes);
      const text = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
      for (const way of [undefined, 100]) {
        const { records, error } = await read(cut, way);
        expect(error?.message).toMatch(
          /the gzip stream ends in the middle, at about byte \d+ of the file, after \d+ bytes/,
        );
        expect(records).toBe(text.split('\n').length - 2);
        expect(error?.message).toContain(`after ${text.length} bytes`);
      }
    }
    // In the header, or in that of a second member.
    for (let bytes = 2; bytes < 10; bytes++)
      expect((await read(ZIPPED.subarray(0, bytes), bytes)).error?.message).toContain('ends in the middle');
    const second = await read(Buffer.concat([ZIPPED, ZIPPED.subarray(0, 5)]));
    expect(second).toMatchObject({
      records: COUNT,
      error: { message: expect.stringContaining('ends in the middle') as string },
    });
  });

  it('is corrupt when its checks fail, after all of its data', async () => {
    for (const [from, words] of [
      [8, 'incorrect data check'],
      [4, 'incorrect length check'],
    ] as const) {
      const wrong = Buffer.from(ZIPPED);
      wrong[wrong.length - from] = (wrong[wrong.length - from] ?? 0) ^ 1;
      const { records, error } = await read(wrong);
      expect(error?.message).toContain(`the gzip stream is corrupt (${words})`);
      expect(records).toBe(COUNT);
    }
    for (const [at, words] of [
      [2, 'unknown compression method'],
      [3, 'unknown flags'],
    ] as const) {
      const second = Buffer.from(ZIPPED);
      second[at] = 0xff;
      const { records, error } = await read(Buffer.concat([ZIPPED, second]));
      expect(error?.message).toContain(words);
      expect(records).toBe(COUNT);
    }
  });

  it('is unreadable when its input fails, after what was read', async () => {
    for (const [bytes, least] of [
      [ZIPPED.subarray(0, 60_000), 1000],
      [Buffer.from(TEXT.slice(0, 60_000)), 1000],
      [ZIPPED.subarray(0, 2), 0],
    ] as const) {
      let turn = 0;
      const failing = new Readable({
        read() {
          if (turn++ === 0) this.push(bytes);
          else this.destroy(new Error('cable out'));
        },
      });
      let records = 0;
      const reading = readTrace('-', { stdin: failing, onBatch: (c) => void (records += c.count) });
      await expect(reading).rejects.toThrow(InputUnreadableError);
      await expect(reading).rejects.toThrow('cannot read standard input: cable out');
      expect(records).toBeGreaterThanOrEqual(least);
    }
  });
});
