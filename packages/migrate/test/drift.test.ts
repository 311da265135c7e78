import { describe, expect, it } from 'vitest';
import { recording } from './recorded.ts';
import { audit, map, smallWorld, traceFile, unmap } from './small-trace.ts';

const A = '0x400000';
const lines = smallWorld('aarch64');
const base = lines.length;

describe('an audit with drift', () => {
  it('makes a consequence a note that names its cause', async () => {
    // Refused under strict: 21 is not mapped then, so mapping it elsewhere is a fresh map there, and recorded as IA0.
    const path = traceFile({ arch: 'aarch64' }, [
      ...lines,
      map(20, A),
      map(21, A),
      map(21, '0x401000', { ret: 'InvalidArgument', arg: 0 }),
    ]);
    const plain = await audit(path);
    expect(plain.fired).toEqual([`OM001@${base + 1}`, `OM003@${base + 2}`]);
    const drift = await audit(path, { drift: true });
    expect(drift.findings.map((f) => [f.rule, f.severity, f.cause])).toEqual([
      ['OM001', 'error', undefined],
      ['OM013', 'note', base + 1],
      ['OM003', 'note', undefined],
    ]);
  });

  it('keeps differences that stand on their own as errors', async () => {
    const { findings } = await audit(recording('sel4test/slices/slice-aarch32-PT0002.jsonl.gz'), { drift: true });
    expect(findings.filter((f) => f.severity === 'error').map((f) => f.rule)).toEqual([
      'OM001',
      'OM001',
      'OM001',
      'OM001',
    ]);
  });

  it('says nothing new about a trace that the target accepts', async () => {
    const path = traceFile({ arch: 'aarch64' }, [...lines, map(20, A), unmap(20), map(21, A)]);
    expect((await audit(path, { drift: true })).fired).toEqual([]);
  });
});
