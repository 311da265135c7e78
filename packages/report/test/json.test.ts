import { type AuditHead, JsonAuditWriter, JsonlAuditWriter } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { Collected, finding, head, hostile, note, summaryOf, UNSAFE } from './samples.ts';

const summary = summaryOf({ maps: 2 });

describe('JsonAuditWriter', () => {
  it('writes one object for each input, each on one line', () => {
    const out = new Collected();
    const writer = new JsonAuditWriter(out);
    writer.begin(head);
    writer.finding(finding);
    writer.finding(note);
    writer.end(summary);
    writer.begin({ ...head, input: 'other.jsonl' });
    writer.end(summary);

    const lines = out.text.split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('');
    expect(JSON.parse(lines[0] ?? '')).toEqual({ ...head, findings: [finding, note], summary });
    expect(JSON.parse(lines[1] ?? '')).toEqual({ ...head, input: 'other.jsonl', findings: [], summary });
  });

  it('writes each finding as it comes', () => {
    const out = new Collected();
    const writer = new JsonAuditWriter(out);
    writer.begin(head);
    expect(out.text).toMatch(/"findings":\[$/);
    writer.finding(finding);
    expect(out.text.endsWith(JSON.stringify(finding))).toBe(true);
    writer.finding(note);
    expect(out.text.endsWith(`},${JSON.stringify(note)}`)).toBe(true);
  });

  it('closes an audit that failed, so that the line can be parsed', () => {
    const out = new Collected();
    const writer = new JsonAuditWriter(out);
    writer.fail('no header'); // before it began: there is nothing to close
    expect(out.text).toBe('');
    writer.begin(head);
    writer.finding(finding);
    writer.fail('broken');
    expect(JSON.parse(out.text)).toEqual({ ...head, findings: [finding], summary: null, error: 'broken' });
  });

  it('is safe on a terminal, and loses nothing', () => {
    const out = new Collected();
    const writer = new JsonAuditWriter(out);
    const bad: AuditHead = { ...head, input: Object.values(hostile).join(' '), header: hostile };
    writer.begin(bad);
    writer.end(summary);
    expect(out.text).not.toMatch(UNSAFE);
    expect(out.text.trimEnd()).not.toContain('\n');
    expect(JSON.parse(out.text)).toEqual({ ...bad, findings: [], summary });
  });
});

describe('JsonlAuditWriter', () => {
  it('writes a line for the head, each finding and the summary', () => {
    const out = new Collected();
    const writer = new JsonlAuditWriter(out);
    writer.begin(head);
    writer.finding(finding);
    writer.end(summary);
    expect(out.pieces.map((line) => JSON.parse(line) as unknown)).toEqual([
      head,
      { kind: 'finding', input: 'trace.jsonl', ...finding },
      { kind: 'summary', input: 'trace.jsonl', ...summary },
    ]);
    expect(out.pieces.every((line) => line.endsWith('}\n'))).toBe(true);
  });

  it('says why an audit failed', () => {
    const out = new Collected();
    const writer = new JsonlAuditWriter(out);
    writer.fail('no header');
    writer.begin(head);
    writer.fail('broken');
    expect(out.pieces.map((line) => JSON.parse(line) as unknown)).toEqual([
      head,
      { kind: 'error', input: 'trace.jsonl', message: 'broken' },
    ]);
  });
});
