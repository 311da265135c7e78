import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventAt, formatEvent, TraceScanner } from '../src/index.ts';
import { anyEvent } from './events.ts';
import { rowOfEvent, scanLines } from './lines.ts';

const recordings = new URL('../../../recordings/', import.meta.url).pathname;

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl.gz'))
    .map((name) => join(folder, name))
    .sort();
}

/** Reads a recording, writes each record again, and compares it with the line that it came from. */
function roundTrip(path: string): { records: number; slow: number } {
  const text = gunzipSync(readFileSync(path)).toString();
  const lines = text.split('\n');
  let at = 1;
  const scanner = new TraceScanner({
    name: path,
    truth: true,
    states: true,
    strictInput: true,
    onBatch(c) {
      for (let i = 0; i < c.count; i++) {
        const written = formatEvent(eventAt(c, i, scanner));
        const line = lines[at++] ?? '';
        // The two differ in the order of keys only, and seldom in that.
        if (written !== line && !isDeepStrictEqual(JSON.parse(written), JSON.parse(line))) {
          throw new Error(`${path}:${at}: ${line} came back as ${written}`);
        }
      }
    },
  });
  scanner.feed(Buffer.from(text));
  scanner.end();
  expect(lines[at]).toBe('');
  return { records: scanner.records, slow: scanner.slowLines };
}

describe('reading and writing again', () => {
  it('gives any event back', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { rows, bad, scanner } = scanLines([formatEvent(event)], { truth: true });
        expect(bad).toEqual([]);
        expect(rows).toEqual([rowOfEvent(event)]);
        expect(scanner.records).toBe(1);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the object of any event back, but for what columns do not hold', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        let got: unknown;
        const scanner = new TraceScanner({
          name: 'a.jsonl',
          truth: true,
          onBatch: (c) => {
            got = eventAt(c, 0, scanner);
          },
        });
        scanner.feed(
          new TextEncoder().encode(
            `{"trace":"overmap","version":1,"system":"sel4","arch":"ia32","policy":"legacy"}\n${formatEvent(event)}\n`,
          ),
        );
        scanner.end();
        expect(got).toEqual({ ...event });
      }),
      { numRuns: 1000 },
    );
  });

  const oracle = filesUnder(join(recordings, 'sel4'));
  it.runIf(oracle.length > 0)(
    `gives every record of the ${oracle.length} oracle recordings back`,
    { timeout: 300_000 },
    () => {
      let slow = 0;
      for (const path of oracle) slow += roundTrip(path).slow;
      expect(slow).toBe(0);
    },
  );

  const slices = filesUnder(join(recordings, 'sel4test/slices'));
  it.runIf(slices.length > 0)(`gives every record of the ${slices.length} slices back`, { timeout: 300_000 }, () => {
    for (const path of slices) expect(roundTrip(path).slow).toBe(0);
  });

  const whole = filesUnder(join(recordings, 'sel4test')).filter((path) => !path.includes('slices'));
  it.runIf(whole.length > 0).each(whole)('gives every record of %s back', { timeout: 300_000 }, (path) => {
    const { records, slow } = roundTrip(path);
    expect(records).toBeGreaterThan(10_000);
    // `make_pool` with `"cap":null`.
    expect(slow).toBeLessThan(5);
  });
});
