import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { replayTrace } from '../src/index.ts';
import { furtherOf, recording } from './recorded.ts';
import { textFile } from './small-trace.ts';

const path = recording('cheri/bounds.jsonl.gz');
const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
const first = (start: string): string => lines.find((line) => line.includes(start)) ?? '';

const checked = (...text: string[]) => replayTrace(textFile(`${text.join('\n')}\n`), { check: true });

describe('recorded bounds', () => {
  it('are all reproduced, the untagged ones as well', async () => {
    const { report, badLines } = await replayTrace(path, { check: true });
    expect(report).toEqual({ events: 7048, states: 0, skipped: {}, divergences: [] });
    expect(badLines).toBe(0);
  });

  it.each(['setbounds', 'setaddr', 'derive', 'reserv-range'])(
    'of %s: each recorded result is compared',
    async (kind) => {
      const line = first(`"kind":"${kind}"`);
      const record = JSON.parse(line) as Record<string, unknown>;
      const inputs = /^(id|kind|fmt|cat|pesbt|base|len|newAddr|parentReqBase|parentReqLen|addr|start)$/;
      const changed = (value: unknown): unknown =>
        typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : '0x1234567';
      for (const [key, value] of Object.entries(record)) {
        if (inputs.test(key)) continue;
        const parts = typeof value === 'object' && value !== null ? Object.keys(value) : [''];
        for (const part of parts) {
          const inner =
            part === '' ? {} : { ...(value as object), [part]: changed((value as Record<string, unknown>)[part]) };
          const edited = { ...record, [key]: part === '' ? changed(value) : inner };
          const { report } = await checked(JSON.stringify(edited));
          const field = part === '' ? key : `${key}.${part}`;
          expect(report.divergences.map((one) => one.field)).toEqual([field]);
        }
      }
    },
  );
});

describe('what the model does not cover', () => {
  it('is counted by kind and reason, never passed', async () => {
    const line = first('"kind":"setbounds"');
    const { report, badLines } = await checked(
      line,
      line.replace('"setbounds"', '"sealing"'),
      line.replace('morello128"', 'morello256"'),
      line.replace('{', '{"otype":3,'),
      '{"kind":"setbounds","fmt":"morello128","base":"0x0","len":"0x1"}',
      first('"kind":"reserv-range"').replace('"covers"', '"depth":1,"covers"'),
    );
    expect(badLines).toBe(0);
    expect(report.events).toBe(1);
    expect(report.skipped).toEqual({
      'sealing: unknown kind': 1,
      'setbounds: unknown format morello256': 1,
      'setbounds: unknown key otype': 1,
      'setbounds: no result recorded': 1,
      'reserv-range: unknown key orig.depth': 1,
    });
  });

  it('is a bad line where a value is none', async () => {
    const line = first('"kind":"setbounds"');
    const { report, badLines } = await checked(
      line,
      line.replace('"len":"0x1"', '"len":"one"'),
      line.replace('"len":"0x1"', '"len":"0x20000000000000000"'),
      line.replace('"exact":true', '"exact":"yes"'),
      line.replace('"crrl":"0x1"', '"crrl":1'),
    );
    expect({ events: report.events, badLines, divergences: report.divergences }).toEqual({
      events: 1,
      badLines: 4,
      divergences: [],
    });
  });
});

it.runIf(furtherOf('cheri').length > 0)('further recordings are reproduced as well', async () => {
  for (const further of furtherOf('cheri')) {
    const { report, badLines } = await replayTrace(further, { check: true, keep: 3 });
    expect([report.divergences, badLines]).toEqual([[], 0]);
  }
});
