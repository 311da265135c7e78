import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { clientTraces, furtherTraces, recording } from './recorded.ts';
import { audit } from './small-trace.ts';

/** What a client recording itself says: the kernel saw these with its own eyes. */
function recordedTruth(path: string): { replaced: string[]; deadUnmaps: number; deadDeletes: number; remaps: number } {
  const truth = { replaced: [] as string[], deadUnmaps: 0, deadDeletes: 0, remaps: 0 };
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  let test: string | null = null;
  let line = 0;
  for (let from = 0; from < text.length; ) {
    const to = text.indexOf('\n', from);
    const end = to < 0 ? text.length : to;
    line++;
    const isMark = text.startsWith('{"op":"mark"', from);
    const record = text.slice(from, Math.min(end, from + 600));
    if (isMark) {
      const mark = JSON.parse(text.slice(from, end)) as { name: string };
      if (mark.name !== 'suite') test = mark.name;
    } else if (record.startsWith('{"op":"map"')) {
      if (record.includes('"replaced":')) truth.replaced.push(`${line} ${test}`);
      if (record.includes('"remap":true')) truth.remaps++;
    } else if (record.includes('"cleared":false')) {
      if (record.startsWith('{"op":"unmap"')) truth.deadUnmaps++;
      else if (record.startsWith('{"op":"delete"')) truth.deadDeletes++;
    }
    from = end + 1;
  }
  return truth;
}

describe.each([...clientTraces(), ...furtherTraces().filter((path) => path.includes('sel4test'))])('%s', (path) => {
  it('has exactly the over-maps, dead unmaps and dead deletes that the kernel saw, each under its test', async () => {
    const truth = recordedTruth(path);
    for (const to of ['strict', 'exact'] as const) {
      const { findings, summary } = await audit(path, { to });
      const displaced = findings.filter((f) => f.rule === 'OM001' || f.rule === 'OM002');
      expect(displaced.map((f) => `${f.line} ${f.test}`)).toEqual(truth.replaced);
      expect(summary.sel4).toMatchObject({
        deadUnmaps: truth.deadUnmaps,
        deadDeletes: truth.deadDeletes,
        remaps: truth.remaps,
      });
      // A healthy client swallows nothing and leaves nothing behind; PT0002 fails on strict, and does not notice at once.
      // (What may be how a client mends a refusal is a note.)
      const taken = findings
        .filter((f) => ['OM009', 'OM010', 'OM011'].includes(f.rule) && f.severity !== 'note')
        .map((f) => [f.rule, f.line]);
      expect(taken).toEqual(path.includes('slice-aarch32-strict-PT0002') ? [['OM009', 5724]] : []);
      expect(summary.divergences).toBe(0);
      // No true remap is refused: every change of outcome is one of the displacements.
      expect(summary.sel4?.outcomeChanges).toBe(truth.replaced.length);
    }
  }, 60_000);
});

describe('sel4test on aarch32, audited to strict', () => {
  it('has the four over-maps of PT0002 and nothing else that is an error', async () => {
    const { findings, summary } = await audit(recording('sel4test/sel4test-aarch32.jsonl.gz'));
    expect(
      findings.filter((f) => f.severity === 'error').map((f) => [f.rule, f.line, f.test, f.vaddr, f.bits]),
    ).toEqual([
      ['OM001', 393720, 'PT0002', '0x13000000', 24],
      ['OM001', 393730, 'PT0002', '0x13000000', 20],
      ['OM001', 393744, 'PT0002', '0x11020000', 16],
      ['OM001', 393754, 'PT0002', '0x11002000', 12],
    ]);
    expect(summary).toMatchObject({ events: 1_277_990, states: 1_604 });
    const ownTest = summary.sel4?.byTest.PT0002;
    expect(ownTest).toMatchObject({ overmaps: 4, deadUnmaps: 4, outcomeChanges: 4 });
  }, 60_000);
});
