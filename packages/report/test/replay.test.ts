import { type Divergence, type ReplayReport, replayJson, replayTable } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { hostile, UNSAFE } from './samples.ts';

const divergence: Divergence = {
  input: 'a.jsonl',
  event: 10,
  line: 12,
  field: 'ret',
  expected: 'ok',
  actual: 'DeleteFirst',
};
const report = (divergences: readonly Divergence[], skipped = {}): ReplayReport => ({
  events: 1_234_567,
  states: 8,
  skipped,
  divergences,
});

describe('replayJson', () => {
  it('is the report on one line', () => {
    const of = report([divergence], { other: 2 });
    expect(replayJson(of)).toBe(`${JSON.stringify(of)}\n`);
  });

  it('counts what it does not list', () => {
    expect(JSON.parse(replayJson(report([divergence]), 5))).toMatchObject({ truncated: 4 });
  });
});

describe('replayTable', () => {
  it('ends with a line for scripts, in plain digits', () => {
    expect(replayTable(report([]))).toBe('1234567 events, 8 states, 0 divergences\n');
  });

  it('shows the divergences and what was not compared', () => {
    const second = { ...divergence, field: 'lookup', expected: undefined, actual: { bits: 21 } };
    const text = replayTable(report([divergence, second], { other: 1200, none: 0 }), {
      divergenceCount: 3,
      hint: 'ask',
    });
    expect(text).toBe(`a.jsonl:12 event 10 ret
  expected ok
       got DeleteFirst
a.jsonl:12 event 10 lookup
  expected nothing
       got {"bits":21}
and 1 more divergence (ask)

not compared: other 1,200
1234567 events, 8 states, 3 divergences
`);
  });

  it('lets nothing through that a terminal acts on, and cuts long texts', () => {
    for (const bad of Object.values(hostile)) {
      const text = replayTable(
        report([{ ...divergence, input: bad, field: bad, expected: bad, actual: [bad] }], { [bad]: 1 }),
      );
      expect(text).not.toMatch(UNSAFE);
      expect(text.length).toBeLessThan(2000);
      expect(text.split('\n').at(-2)).toBe('1234567 events, 8 states, 1 divergences');
    }
  });
});
