import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { replayTrace } from '../../src/index.ts';
import { linuxRecordings, recording } from '../recorded.ts';
import { textFile } from '../small-trace.ts';

async function replayAll(paths: readonly string[]) {
  const all = { events: 0, states: 0, badLines: 0, skipped: 0, divergences: [] as unknown[] };
  for (const path of paths) {
    const { report, badLines } = await replayTrace(path, { check: true, keep: 1 });
    all.events += report.events;
    all.states += report.states;
    all.badLines += badLines;
    all.skipped += Object.keys(report.skipped).length;
    all.divergences.push(...report.divergences);
  }
  return all;
}

const { bundled, further } = linuxRecordings();

describe('the model of Linux against recordings of a live kernel', () => {
  it('reproduces results, maps and contents of the bundled ones', async () => {
    expect(bundled.length).toBe(5);
    expect(await replayAll(bundled)).toEqual({
      events: 1_608,
      states: 195,
      badLines: 0,
      skipped: 0,
      divergences: [],
    });
  });

  it.runIf(further.length > 0)(
    'reproduces those in OVERMAP_RECORDINGS',
    async () => {
      const { events, states, ...rest } = await replayAll(further);
      expect(rest).toEqual({ badLines: 0, skipped: 0, divergences: [] });
      expect(events).toBeGreaterThan(300 * further.length);
      expect(states).toBeGreaterThan(30 * further.length);
    },
    300_000,
  );
});

/** The bundled recording of memory that is written, some of its lines changed. */
const changed = (change: (line: string, n: number) => string): string => {
  const lines = gunzipSync(readFileSync(recording('linux/224.jsonl.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  return textFile(`${lines.map(change).join('\n')}\n`, 'changed.jsonl');
};

const differences = async (path: string) => {
  const { report, badLines } = await replayTrace(path, { check: true });
  expect(badLines).toBe(0);
  return report.divergences.map(({ line, field, expected, actual }) => ({ line, field, expected, actual }));
};

/** Changes the first line that a pattern fits, and tells which that was. */
function once(
  pattern: RegExp,
  replacement: string,
): { change: (line: string, n: number) => string; line: () => number } {
  let at = -1;
  const change = (line: string, n: number): string => {
    if (at >= 0 || !pattern.test(line)) return line;
    at = n + 1;
    return line.replace(pattern, replacement);
  };
  return { change, line: () => at };
}

describe('a recording of Linux that disagrees', () => {
  it.each([
    ['a result', /"ret":"EEXIST"/, '"ret":"EINVAL"', { field: 'ret', expected: 'EINVAL', actual: 'EEXIST' }],
    [
      'an unmapping',
      /("op":"munmap".*)"ret":"ok"/,
      '$1"ret":"EINVAL"',
      { field: 'ret', expected: 'EINVAL', actual: 'ok' },
    ],
    ['a touch', /("op":"touch".*)"ret":"ok"/, '$1"ret":"EFAULT"', { field: 'ret', expected: 'EFAULT', actual: 'ok' }],
    ['flags of a VMA', /("op":"state".*) ac"/, '$1 nr"', { field: 'maps' }],
    ['permissions', /("op":"state".*)"rw-p"/, '$1"r--p"', { field: 'maps' }],
    ['what a page holds', /("op":"tags".*),2000000019\]/, '$1,2000000018]', { field: 'pages' }],
    ['a result inside instead of outside', /"outside":true/, '"inside":true', { field: 'ret' }],
  ])('is told where: %s', async (_, pattern, replacement, difference) => {
    const { change, line } = once(pattern, replacement);
    const found = await differences(changed(change));
    expect(line()).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ line: line(), ...difference });
  });

  it('shows of states and contents only what differs', async () => {
    const { change } = once(/("op":"tags".*),2000000019\]/, '$1,2000000018]');
    expect(await differences(changed(change))).toMatchObject([
      { expected: [['0x20000008a000', 2_000_000_018]], actual: [['0x20000008a000', 2_000_000_019]] },
    ]);
  });

  it('is compared by value: addresses may be upper case, with leading zeros', async () => {
    const spelled = changed((line, n) =>
      n === 0
        ? line
        : line.replaceAll(/"0x([0-9a-f]+)"/g, (_, hex: string) => `"0x${hex.toUpperCase().padStart(16, '0')}"`),
    );
    expect(await differences(spelled)).toEqual([]);
  });

  it('has bad lines told, with what was expected', async () => {
    const lines = [
      '{"trace":"overmap","version":1,"system":"linux","config":{"files":[]}}',
      '{"op":"mmap","addr":"0x0","len":-1,"prot":"rw-","flags":["PRIVATE","ANONYMOUS"],"off":"0x0","backing":"anon","ret":"ok"}',
      '{"op":"mmap","addr":"0x0","len":1,"prot":"rwz","flags":[],"off":"0x0","backing":"anon","ret":"ok"}',
      '{"op":"mmap","addr":"0x0","len":1,"prot":"rw-","flags":["MAP_FIXED"],"off":"0x0","backing":"anon","ret":"ok"}',
      '{"op":"mmap","addr":"0x0","len":1,"prot":"rw-","flags":[],"off":"0x0","backing":"file:9","ret":"ok"}',
      '{"op":"munmap","addr":"0x0","len":1}',
      '{"op":"state","maps":[["0x1","0x2","r--p","0x0","anon","rd"]]}',
    ];
    const told: string[] = [];
    await replayTrace(textFile(`${lines.join('\n')}\n`, 'bad.jsonl'), {
      check: true,
      onBadLine: ({ line, expected }) => told.push(`${line}: ${expected}`),
    });
    expect(told).toEqual([
      '2: expected "len" to be a word of 64 bits: a whole number, or "0x…"',
      '3: expected "prot" as in "r-x"',
      '4: expected names of flags, without MAP_ or MREMAP_',
      '5: expected a "backing" that is among the header\'s files',
      '6: expected "ret" to be a string',
      '7: expected "maps" to be the address of a page',
    ]);
  });

  it('is exact where lengths are beyond 2^53', async () => {
    const call = (len: string, ret: string) =>
      `{"op":"mmap","addr":"0x0","len":${len},"prot":"---","flags":["PRIVATE","ANONYMOUS"],"off":"0x0","backing":"anon","ret":"${ret}"}`;
    const lines = [
      '{"trace":"overmap","version":1,"system":"linux","config":{}}',
      // As a number of JavaScript it would be 2^64, that is 0: EINVAL.
      call('18446744073709551615', 'ENOMEM'),
      call('"0xffffffffffffffff"', 'ENOMEM'),
      '{"op":"mprotect","addr":"0xfffffffffffff000","len":18446744073709547521,"prot":"---","ret":"ENOMEM"}',
      // The end is 2^64 - 4096, above the start, so the protection is looked at.
      '{"op":"mprotect","addr":"0x1000","len":18446744073709543424,"prot":"---","protx":"0x100","ret":"EINVAL"}',
      '{"op":"mprotect","addr":"0x1000","len":18446744073709547520,"prot":"---","protx":"0x100","ret":"ENOMEM"}',
    ];
    expect(await differences(textFile(`${lines.join('\n')}\n`, 'wide.jsonl'))).toEqual([]);
  });
});
