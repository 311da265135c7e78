import { Atomicity, Batched, Flag, Op } from '@overmap/core';
import { describe, expect, it } from 'vitest';
import { type BadLine, eventAt, formatEvent, TraceScanner } from '../src/index.ts';

const HEADER = { trace: 'overmap', version: 2, system: 'sel4', arch: 'aarch64', policy: 'legacy', config: {} };

/** Scan lines; what each record says again, and what is bad. */
function scan(
  lines: readonly string[],
  header: object = HEADER,
): { out: string[]; bad: BadLine[]; scanner: TraceScanner } {
  const out: string[] = [];
  const bad: BadLine[] = [];
  const scanner = new TraceScanner({
    name: 'a.jsonl',
    onBadLine: (line) => bad.push(line),
    onBatch: (columns, of) => {
      for (let i = 0; i < columns.count; i++) out.push(formatEvent(eventAt(columns, i, of)));
    },
  });
  const bytes = new TextEncoder().encode(`${[JSON.stringify(header), ...lines].join('\n')}\n`);
  scanner.feed(bytes, bytes.length);
  scanner.end();
  return { out, bad, scanner };
}

describe('records of batches', () => {
  it('are read and written again', () => {
    const lines = [
      '{"op":"batch","kind":"map","mode":"prefix","n":2,"ret":"ok"}',
      '{"op":"map","cap":20,"vspace":2,"vaddr":"0x400000","rights":"rw","attr":0,"ret":"ok","part":true}',
      '{"op":"map","cap":21,"vspace":2,"vaddr":"0x401000","rights":"rw","attr":0,"ret":"ok","part":true}',
      '{"op":"batch","kind":"protect","mode":"atomic","n":0,"ret":"FailedLookup","lookup":{"failedForSource":false,"type":"missing_capability","bits":21}}',
      '{"op":"batch","kind":"unmap","mode":"prefix","n":1,"ret":"ok","seq":7}',
      '{"op":"unmap","cap":20,"ret":"ok","part":true}',
    ];
    expect(scan(lines)).toMatchObject({ out: lines, bad: [] });
  });

  it('stand in columns', () => {
    let seen: unknown;
    const scanner = new TraceScanner({
      name: 'a.jsonl',
      onBatch: (c) => {
        seen = [c.op[0], c.obj[0], c.bits[0], c.n[0], c.flags[1] & Flag.part];
      },
    });
    const text = `${JSON.stringify(HEADER)}\n{"op":"batch","kind":"unmap","mode":"atomic","n":1,"ret":"ok"}\n{"part":true,"op":"unmap","cap":3,"ret":"ok"}\n`;
    const bytes = new TextEncoder().encode(text);
    scanner.feed(bytes, bytes.length);
    scanner.end();
    expect(seen).toEqual([Op.batch, Batched.unmap, Atomicity.atomic, 1, Flag.part]);
  });

  it.each([
    ['{"op":"batch","kind":"copy","mode":"prefix","n":2,"ret":"ok"}', 'kind'],
    ['{"op":"batch","kind":"none","mode":"prefix","n":2,"ret":"ok"}', 'kind'],
    ['{"op":"batch","kind":"map","mode":"some","n":2,"ret":"ok"}', 'mode'],
    ['{"op":"batch","kind":"map","mode":"prefix","n":2048,"ret":"ok"}', 'at most 2047 parts'],
    ['{"op":"batch","kind":"map","n":2,"ret":"ok"}', 'mode'],
    ['{"op":"unmap","cap":3,"ret":"ok","part":1}', 'part'],
  ])('%s is a bad line', (line, says) => {
    const { bad, out } = scan([line]);
    expect(out).toEqual([]);
    expect(JSON.stringify(bad[0])).toContain(says);
  });

  it('a trace of version 3 is refused, with the versions that can be read', () => {
    expect(() => scan([], { ...HEADER, version: 3 })).toThrow(
      'this trace is version 3, this program reads versions 1 to 2',
    );
    expect(scan([], { ...HEADER, version: 1 }).scanner.header?.version).toBe(1);
  });
});
