import { describe, expect, it } from 'vitest';
import { replayTrace } from '../src/index.ts';
import { clientTraces, furtherTraces, kernelTraces } from './recorded.ts';

async function replayAll(
  paths: readonly string[],
): Promise<{ events: number; states: number; divergences: unknown[]; assumed: number }> {
  const all = { events: 0, states: 0, divergences: [] as unknown[], assumed: 0 };
  for (const path of paths) {
    const { report, assumed } = await replayTrace(path, { check: true, keep: 3 });
    all.events += report.events;
    all.states += report.states;
    all.assumed += assumed;
    all.divergences.push(...report.divergences);
  }
  return all;
}

describe('the model against recordings of the real kernels', () => {
  it('reproduces every result, error detail and page-table state of random and directed invocations', async () => {
    const { events, states, divergences, assumed } = await replayAll(kernelTraces());
    expect(divergences).toEqual([]);
    expect({ events, states, assumed }).toEqual({ events: 573_892, states: 18_825, assumed: 0 });
  }, 120_000);

  it("reproduces client runs with the kernel's own view of each map, unmap and deletion", async () => {
    const { states, divergences, assumed } = await replayAll(clientTraces());
    expect(divergences).toEqual([]);
    expect(states).toBeGreaterThan(2000);
    expect(assumed).toBe(0);
  }, 120_000);

  it.runIf(furtherTraces().length > 0)(
    'reproduces the recordings in OVERMAP_RECORDINGS',
    async () => {
      const { divergences, assumed } = await replayAll(furtherTraces());
      expect(divergences).toEqual([]);
      expect(assumed).toBe(0);
    },
    600_000,
  );
});

describe('a recording that disagrees', () => {
  it('is told where, and in which key', async () => {
    const { gunzipSync } = await import('node:zlib');
    const { readFileSync } = await import('node:fs');
    const { textFile } = await import('./small-trace.ts');
    const { recording } = await import('./recorded.ts');
    const lines = gunzipSync(readFileSync(recording('sel4/aarch64/strict/9000.jsonl.gz')))
      .toString()
      .trimEnd()
      .split('\n');
    const at = lines.findIndex((line) => line.startsWith('{"op":"map"') && line.includes('"ret":"ok"'));
    const stateAt = lines.findIndex(
      (line, n) => n > at && line.startsWith('{"op":"state"') && line.includes('"entries":[['),
    );
    const changed = lines.map((line, n) =>
      n === at
        ? line.replace('"ret":"ok"', '"ret":"AlignmentError"')
        : n === stateAt
          ? line.replace(/"entries":\[\["0x/, '"entries":[["0x1')
          : line,
    );
    const { report, divergenceCount } = await replayTrace(textFile(`${changed.join('\n')}\n`, 'changed.jsonl'), {
      check: true,
    });
    expect(divergenceCount).toBeGreaterThanOrEqual(2);
    expect(report.divergences[0]).toMatchObject({
      event: at - 1,
      line: at + 1,
      field: 'ret',
      expected: 'AlignmentError',
      actual: 'ok',
    });
    expect(report.divergences.some((d) => d.field === 'entries')).toBe(true);
  });

  it('is compared by value: digits may be upper case, numbers may have leading zeros', async () => {
    const { gunzipSync } = await import('node:zlib');
    const { readFileSync } = await import('node:fs');
    const { textFile } = await import('./small-trace.ts');
    const { recording } = await import('./recorded.ts');
    for (const name of ['sel4/riscv64/strict/9000.jsonl.gz', 'sel4/aarch64/strict/9000.jsonl.gz']) {
      const text = gunzipSync(readFileSync(recording(name))).toString();
      const spelled = (line: string): string =>
        line.replaceAll(/"0x([0-9a-f]+)"/g, (_, digits: string) => `"0x${digits.toUpperCase().padStart(16, '0')}"`);
      const states = text.split('\n').map((line) => (line.startsWith('{"op":"state"') ? spelled(line) : line));
      const { report } = await replayTrace(textFile(states.join('\n'), 'upper.jsonl'), { check: true });
      expect(report.divergences).toEqual([]);
      expect(report.states).toBeGreaterThan(0);
      // One digit of one entry makes a difference all the same.
      const at = states.findIndex((line) => line.includes('"entries":[["0x'));
      const other = states.with(
        at,
        (states[at] ?? '').replace(
          /(\[\["0x[0-9A-F]+",\d+,"0x)([0-9A-F])/,
          (_, before: string, digit: string) => before + (Number.parseInt(digit, 16) ^ 1).toString(16),
        ),
      );
      const wrong = await replayTrace(textFile(other.join('\n'), 'wrong.jsonl'), { check: true });
      expect(wrong.report.divergences.map((d) => d.field)).toEqual(['entries']);
    }
  });
});
