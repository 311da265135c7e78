import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputError, type TraceEvent, TraceWriter } from '../src/index.ts';
import { HEADER } from './lines.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overmap-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const EVENT: TraceEvent = {
  op: 'map',
  cap: 7,
  vspace: 9,
  vaddr: '0x1000',
  rights: 'rw',
  attr: 3,
  ret: 'ok',
  entry: '0x5',
};
const LINE = '{"op":"map","cap":7,"vspace":9,"vaddr":"0x1000","rights":"rw","attr":3,"ret":"ok","entry":"0x5"}';

describe('TraceWriter', () => {
  it('keeps what it was given, whatever becomes of the buffer that it was given in', async () => {
    const path = join(folder, 'out.jsonl');
    for (const buffer of [Buffer.alloc(4), new Uint8Array(4)]) {
      const writer = new TraceWriter(path);
      for (const text of ['abc\n', 'def\n']) {
        buffer.set(Buffer.from(text));
        writer.writeBytes(buffer);
      }
      buffer.fill(0);
      await writer.close();
      expect(readFileSync(path, 'utf8')).toBe('abc\ndef\n');
    }
  });

  it('writes a file that appears only when it is complete', async () => {
    const path = join(folder, 'out.jsonl');
    writeFileSync(path, 'old');
    const writer = new TraceWriter(path);
    writer.writeHeader(JSON.parse(HEADER) as Record<string, unknown>);
    writer.write(EVENT);
    expect(readFileSync(path, 'utf8')).toBe('old');
    await writer.close();
    await writer.close();
    expect(readFileSync(path, 'utf8')).toBe(`${HEADER}\n${LINE}\n`);
    expect(readdirSync(folder)).toEqual(['out.jsonl']);
  });

  it('compresses by the name, in pieces', async () => {
    const path = join(folder, 'out.jsonl.gz');
    const writer = new TraceWriter(path);
    for (let k = 0; k < 40_000; k++) writer.write(EVENT);
    await writer.close();
    expect(gunzipSync(readFileSync(path)).toString()).toBe(`${LINE}\n`.repeat(40_000));
  });

  it('leaves nothing behind when it is aborted', () => {
    const path = join(folder, 'out.jsonl');
    const writer = new TraceWriter(path);
    writer.write(EVENT);
    writer.abort();
    writer.abort();
    expect(readdirSync(folder)).toEqual([]);
    expect(() => writer.write(EVENT)).toThrow(OutputError);
  });

  it('says what cannot be written', async () => {
    expect(() => new TraceWriter(join(folder, 'no', 'out.jsonl'))).toThrow(OutputError);
    expect(() => new TraceWriter(join(folder, 'no', 'out.jsonl'))).toThrow(/cannot write .*out\.jsonl: ENOENT/);
    mkdirSync(join(folder, 'taken'));
    const writer = new TraceWriter(join(folder, 'taken'));
    writer.write(EVENT);
    await expect(writer.close()).rejects.toThrow(OutputError);
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it('writes to a stream, which tells when it is full and stays open', async () => {
    const got: Buffer[] = [];
    const stream = new Writable({
      highWaterMark: 1000,
      write(chunk: Buffer, _, done) {
        got.push(chunk);
        setImmediate(done);
      },
    });
    const writer = new TraceWriter(stream);
    let waits = 0;
    for (let k = 0; k < 30_000; k++) {
      if (writer.write(EVENT)) continue;
      waits++;
      await writer.drained();
    }
    await writer.close();
    expect(waits).toBeGreaterThan(0);
    expect(Buffer.concat(got).toString()).toBe(`${LINE}\n`.repeat(30_000));
    expect(stream.writableEnded).toBe(false);
  });

  it('reports a stream that breaks', async () => {
    const stream = new Writable({ write: (_, __, done) => done(new Error('EPIPE')) });
    const writer = new TraceWriter(stream);
    writer.write(EVENT);
    await expect(writer.close()).rejects.toThrow('cannot write the output: EPIPE');
  });

  it('writes to a device directly', async () => {
    const writer = new TraceWriter('/dev/null');
    writer.write(EVENT);
    await writer.close();
    expect(existsSync('/dev/null')).toBe(true);
  });
});
