import type { Mapping } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { TraceEventsAuditWriter } from '../src/trace-events.ts';
import { Collected, finding, head, summaryOf } from './samples.ts';

const mapping: Mapping = {
  event: 8,
  line: 10,
  vspace: 1,
  vspaceName: 'vspace 2 (ASID 1)',
  vaddr: '0x400000',
  frame: '0x1000',
  bits: 12,
  cap: '8',
  site: { file: 'a.c', line: 3, function: null },
};

interface Log {
  readonly traceEvents: readonly Readonly<Record<string, unknown>>[];
  readonly otherData: Readonly<Record<string, string>>;
}
function log(write: (writer: TraceEventsAuditWriter) => void): Log {
  const out = new Collected();
  const writer = new TraceEventsAuditWriter(out);
  write(writer);
  writer.close();
  return JSON.parse(out.text) as Log;
}

describe('TraceEventsAuditWriter', () => {
  it('has a process for each input, a thread for each vspace, a slice for each mapping', () => {
    const { traceEvents } = log((writer) => {
      writer.begin(head);
      writer.mapping(mapping, 10, 12, 'replaced');
      writer.mapping({ ...mapping, event: 10, vspace: 2, vspaceName: 'vspace 3 (ASID 2)' }, 99, 101, null);
      writer.end(summaryOf({}));
      writer.begin({ ...head, input: 'other.jsonl' });
      writer.mapping(mapping, 9, 11, 'cleared');
      writer.end(summaryOf({}));
    });
    const name = (pid: number, tid: number): unknown =>
      traceEvents.find((e) => e['name'] === 'thread_name' && e['pid'] === pid && e['tid'] === tid)?.['args'];
    expect(name(1, 1)).toEqual({ name: 'vspace 2 (ASID 1)' });
    expect(name(1, 2)).toEqual({ name: 'vspace 3 (ASID 2)' });
    expect(name(2, 1)).toEqual({ name: 'vspace 2 (ASID 1)' });
    const slices = traceEvents.filter(({ ph }) => ph === 'b' || ph === 'e');
    expect(slices.map(({ ph, pid, tid, id, ts }) => [ph, pid, tid, id, ts])).toEqual([
      ['b', 1, 1, 1, 8],
      ['e', 1, 1, 1, 10],
      ['b', 1, 2, 2, 10],
      ['e', 1, 2, 2, 99],
      ['b', 2, 1, 3, 8],
      ['e', 2, 1, 3, 9],
    ]);
    expect(slices[0]).toMatchObject({
      name: 'vspace 2 (ASID 1) 0x400000',
      args: { frame: '0x1000', size: '4 KiB', cap: '8', event: 8, line: 10, site: 'a.c:3' },
    });
    expect(slices[1]?.['args']).toEqual({ ended: 'replaced', event: 10, line: 12 });
    expect(slices[3]?.['args']).toMatchObject({ ended: 'not ended' });
    expect(traceEvents).toContainEqual(expect.objectContaining({ ph: 'i', s: 't', name: 'replaced 0x400000', ts: 10 }));
  });

  it('shows findings as instants of the process, at their events', () => {
    const { traceEvents } = log((writer) => {
      writer.begin(head);
      writer.finding(finding);
      writer.end(summaryOf({}));
    });
    expect(traceEvents.at(-1)).toMatchObject({
      ph: 'i',
      s: 'p',
      pid: 1,
      tid: 0,
      name: 'OM001',
      ts: 10,
      args: { severity: 'error', message: finding.message, line: 12, vaddr: '0x400000', test: 'PT0002' },
    });
  });

  it('says what its axis is, and that an audit failed', () => {
    const { traceEvents, otherData } = log((writer) => {
      writer.begin(head);
      writer.fail('broken');
    });
    expect(otherData['time axis']).toMatch(/one microsecond is one event/);
    expect(traceEvents.at(-1)).toMatchObject({ name: 'process_labels', args: { labels: 'broken' } });
  });

  it('is nothing where no input could be read', () => {
    const out = new Collected();
    const writer = new TraceEventsAuditWriter(out);
    writer.fail('no such file');
    writer.close();
    expect(out.text).toBe('');
  });
});
