import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputUnreadableError, MalformedInputError, type ReadOptions, readTrace } from '../src/index.ts';
import { HEADER } from './lines.ts';

const COUNT = 30_000;
const TEXT = `${HEADER}\n${Array.from({ length: COUNT }, (_, k) => `{"op":"unmap","cap":${k},"ret":"ok"}\n`).join('')}`;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'overmap-read-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
/** Sum of the slots, and what `readTrace` answers. */
async function sum(path: string, options: ReadOptions = {}): Promise<[number, Awaited<ReturnType<typeof readTrace>>]> {
  let total = 0;
  const summary = await readTrace(path, {
    ...options,
    onBatch(c) {
      for (let i = 0; i < c.count; i++) total += (c.cap[i] ?? 0) - 1;
    },
  });
  return [total, summary];
}
const SUM = (COUNT * (COUNT - 1)) / 2;
const SUMMARY = {
  bytes: TEXT.length,
  lines: COUNT + 1,
  records: COUNT,
  events: COUNT,
  states: 0,
  marks: 0,
  badLines: 0,
  otherLines: 0,
  slowLines: 0,
  stopped: false,
};
/** Bytes that gzip cannot make small, so that a compressed file has many buffers. */
const noisy = Array.from(
  { length: COUNT },
  (_, k) => `{"op":"unmap","cap":${(k * 2654435761) % 1000003},"ret":"ok"}\n`,
).join('');

describe('readTrace', () => {
  it('reads a plain file, a gzip file whatever its name, and both from standard input', async () => {
    const zipped = gzipSync(TEXT);
    expect(await sum(put('a.jsonl', TEXT))).toEqual([SUM, SUMMARY]);
    expect(await sum(put('b.jsonl', zipped))).toEqual([SUM, SUMMARY]);
    // Two members, as writers that append make.
    expect(await sum(put('c.gz', Buffer.concat([gzipSync(TEXT.slice(0, 5000)), gzipSync(TEXT.slice(5000))])))).toEqual([
      SUM,
      SUMMARY,
    ]);
    const pieces = (bytes: Uint8Array): Readable =>
      Readable.from(
        (function* () {
          yield bytes.subarray(0, 1);
          for (let at = 1; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007);
        })(),
      );
    expect(await sum('-', { stdin: pieces(Buffer.from(TEXT)) })).toEqual([SUM, SUMMARY]);
    expect(await sum('-', { stdin: pieces(zipped) })).toEqual([SUM, SUMMARY]);
    await expect(sum('-', { stdin: pieces(Buffer.from('')) })).rejects.toThrow('standard input: no trace: expected');
  });

  it('delivers what a truncated gzip file holds, then says where it ends', async () => {
    const zipped = gzipSync(HEADER + '\n' + noisy);
    const path = put('cut.jsonl.gz', zipped.subarray(0, Math.floor(zipped.length / 2)));
    let records = 0;
    const reading = readTrace(path, { onBatch: (c) => (records += c.count) });
    await expect(reading).rejects.toThrow(MalformedInputError);
    await expect(reading).rejects.toThrow(
      /cut\.jsonl\.gz: the gzip stream ends in the middle, at about byte \d+ of the file, after \d+ bytes/,
    );
    expect(records).toBeGreaterThan(1000);
    expect(records).toBeLessThan(COUNT);
  });

  it('says so when a gzip file is corrupt, or holds no trace', async () => {
    const zipped = gzipSync(HEADER + '\n' + noisy);
    zipped.fill(0x55, zipped.length / 2, zipped.length / 2 + 64);
    await expect(readTrace(put('bad.gz', zipped))).rejects.toThrow(/the gzip stream is corrupt \(.+\), at about byte/);
    await expect(readTrace(put('no.gz', gzipSync('hello')))).rejects.toThrow('the input begins "hello"');
    await expect(readTrace(put('empty', ''))).rejects.toThrow('the input is empty');
  });

  it('says why a file cannot be read', async () => {
    await expect(readTrace(join(folder, 'missing'))).rejects.toThrow(InputUnreadableError);
    await expect(readTrace(join(folder, 'missing'))).rejects.toThrow(/cannot read .*missing: there is no such file/);
    await expect(readTrace(folder)).rejects.toThrow(/is a directory, not a trace/);
    const failing = new Readable({
      read() {
        this.destroy(new Error('cable out'));
      },
    });
    await expect(readTrace('-', { stdin: failing })).rejects.toThrow('cannot read standard input: cable out');
  });

  it('stops when asked, and tells how far it is', async () => {
    const big = HEADER + '\n' + noisy.repeat(2);
    for (const path of [put('s.jsonl', big), put('s.gz', gzipSync(big))]) {
      const progress: [number, number | undefined][] = [];
      const [, summary] = await sum(path, {
        stop: () => progress.length === 1,
        onProgress: (read, all) => progress.push([read, all]),
      });
      expect(progress).toHaveLength(1);
      expect(summary.stopped).toBe(true);
      expect(summary.records).toBeGreaterThan(1000);
      expect(summary.records).toBeLessThan(2 * COUNT);
      expect(progress[0]?.[1]).toBe(readFileSync(path).length);
    }
  });

  it('passes on what a handler throws', async () => {
    const path = put('t.gz', gzipSync(TEXT));
    const onBatch = (): void => {
      throw new RangeError('mine');
    };
    await expect(readTrace(path, { onBatch })).rejects.toThrow('mine');
    await expect(readTrace(put('t.jsonl', TEXT), { onBatch })).rejects.toThrow('mine');
  });
});
