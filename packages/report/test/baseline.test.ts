import { type AuditSink, Baseline, JsonAuditWriter, JsonlAuditWriter } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { Collected, finding, head, summaryOf } from './samples.ts';

const summary = summaryOf({}, {}, { truncated: { OM004: 7 } });

function written(make: (out: Collected) => AuditSink, inputs: Readonly<Record<string, readonly string[]>>): string {
  const out = new Collected();
  const writer = make(out);
  for (const [input, fingerprints] of Object.entries(inputs)) {
    writer.begin({ ...head, input });
    for (const fingerprint of fingerprints) writer.finding({ ...finding, fingerprint });
    writer.end(summary);
  }
  return out.text;
}
const json = (out: Collected): AuditSink => new JsonAuditWriter(out);
const jsonl = (out: Collected): AuditSink => new JsonlAuditWriter(out);

describe('a baseline', () => {
  it.each([
    ['json', json],
    ['jsonl', jsonl],
  ] as const)('of %s knows the findings of each input', (_, make) => {
    const baseline = new Baseline(written(make, { 'a.jsonl': ['1', '2'], 'b.jsonl': ['3'] }));
    expect(baseline.of('a.jsonl')).toEqual({ fingerprints: new Set(['1', '2']), truncated: { OM004: 7 } });
    expect(baseline.of('b.jsonl').fingerprints).toEqual(new Set(['3']));
    // An input that was not there may have another name now.
    expect(baseline.of('c.jsonl')).toEqual({ fingerprints: new Set(['1', '2', '3']), truncated: { OM004: 14 } });
  });

  it('may be laid out anew', () => {
    const laidOut = JSON.stringify(JSON.parse(written(json, { 'a.jsonl': ['1'] })), null, 2);
    expect(new Baseline(laidOut).of('a.jsonl').fingerprints).toEqual(new Set(['1']));
    expect(new Baseline(`[\n${laidOut}\n]`).of('a.jsonl').fingerprints).toEqual(new Set(['1']));
  });

  it('may come from a run that ended early', () => {
    const out = new Collected();
    const writer = new JsonAuditWriter(out);
    writer.begin(head);
    writer.finding({ ...finding, fingerprint: '1' });
    writer.fail('broken');
    expect(new Baseline(out.text).of(head.input)).toEqual({ fingerprints: new Set(['1']), truncated: {} });
  });

  it.each([
    ['', 'it has no audit in it'],
    ['hello', 'its line 1 is no JSON'],
    [`${written(jsonl, { a: ['1'] })}{"kind":`, 'its line 4 is no JSON'],
    ['{"events":1}', 'it holds something else than audits'],
    ['[1]', 'it holds something else than audits'],
    [JSON.stringify({ ...head, findings: [finding] }), 'without a fingerprint'],
  ])('%j is none', (text, why) => {
    expect(() => new Baseline(text)).toThrow(why);
  });
});
