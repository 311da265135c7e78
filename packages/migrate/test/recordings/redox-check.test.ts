import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { redox } from '@overmap/core';
import { inputKind } from '@overmap/trace';
import { describe, expect, test } from 'vitest';
import { RECORDING_CHECKS } from '../../src/recordings/index.ts';
import { AspaceLines } from '../../src/recordings/redox/aspace-lines.ts';
import { redoxCheck } from '../../src/recordings/redox-check.ts';
import { recording } from '../recorded.ts';

const bytes = gunzipSync(readFileSync(recording('redox/vectors.jsonl.gz')));
type Line = Record<string, unknown> & {
  kind: string;
  in?: Record<string, unknown>;
  out?: unknown;
  changed?: Record<string, unknown>;
};
const lines = bytes
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Line);

/** Fields that diverge, and the counts, of some lines. */
function check(some: readonly Record<string, unknown>[]) {
  const fields: string[] = [];
  const run = redoxCheck((_place, field) => fields.push(field));
  const problems = some.map((record, event) => run.record(record, { event, line: event + 1 }));
  return { fields, problems: problems.filter((problem) => problem !== undefined), counts: run.end() };
}

/** A copy of a session's lines until a step, the step changed. */
function changedSession(session: number, step: number, change: (line: Line) => void): Line[] {
  const some = lines.filter(
    (line) => line.session === session && (line.kind === 'aspace-session' || Number(line.step) <= step),
  );
  const copy = JSON.parse(JSON.stringify(some)) as Line[];
  const last = copy.at(-1);
  if (last !== undefined) change(last);
  return copy;
}

describe('the bundled recording of Redox', () => {
  test('is recognised by its content', () => {
    expect(inputKind(bytes.subarray(0, 4096))).toBe('redox');
    expect(RECORDING_CHECKS.redox).toBe(redoxCheck);
  });

  test('has no divergence; what is not compared is counted with its reason', () => {
    const { fields, problems, counts } = check(lines);
    expect(fields).toEqual([]);
    expect(problems).toEqual([]);
    const skipped = Object.values(counts.skipped).reduce((sum, count) => sum + count, 0);
    expect(counts.events).toBe(lines.length);
    expect(counts.states + skipped).toBe(lines.length);
    expect(counts.skipped).toEqual({
      'aspace-op: after_hazard': 2814,
      'aspace-op: hazards': 76,
      'aspace-session-end: after_hazard': 76,
      'entry-errors: capture is not in the model': 4,
      'entry-errors: memory-fmap is not in the model': 2,
      'entry-errors: provide-mmap is not in the model': 7,
    });
  });

  test('flushes, frames and messages agree in each step, and so do the steps with hazards', () => {
    const aspace = new AspaceLines(redox.REDOX_POLICIES.asIs);
    for (const line of lines) {
      if (line.kind === 'aspace-session') aspace.begin(line);
      if (line.kind === 'aspace-op') aspace.step(line, () => {});
      if (line.kind === 'aspace-session-end') aspace.end(line, () => {});
    }
    const free = { agreed: 2593, compared: 2593 };
    expect(aspace.agreement).toEqual({
      tlb: free,
      framesDelta: free,
      events: free,
      hazardous: { agreed: 2890, compared: 2890 },
    });
  });

  test('the kernel as intended does not agree with it', () => {
    let different = 0;
    const aspace = new AspaceLines(redox.REDOX_POLICIES.intended);
    for (const line of lines) {
      if (line.kind === 'aspace-session') aspace.begin(line);
      if (line.kind === 'aspace-op')
        aspace.step(line, (_field, expected, actual) => {
          if (JSON.stringify(expected) !== JSON.stringify(actual)) different++;
        });
    }
    expect(different).toBeGreaterThan(10);
  });
});

describe('a line that was changed is found', () => {
  const first = lines.findIndex(
    (line) => line.kind === 'aspace-op' && line.in?.op === 'mmap_anon' && 'ok' in Object(line.out),
  );
  const { session, step } = lines[first] as unknown as { session: number; step: number };
  const diverges = (change: (line: Line) => void): string[] => check(changedSession(session, step, change)).fields;

  test('its result', () => {
    expect(diverges(() => {})).toEqual([]);
    expect(diverges((line) => (line.out = { err: 'ENOMEM' }))).toEqual(['out']);
  });

  test.each(['grants', 'holes', 'ptes'])('its %s', (key) => {
    const fields = diverges((line) => {
      const [state] = Object.values(line.changed ?? {}) as Record<string, unknown[]>[];
      state[key] = state[key].slice(1);
    });
    expect(fields).toEqual([expect.stringMatching(/^changed\.\d+$/)]);
  });

  test('the least address, and a space that is not there', () => {
    const least = diverges((line) => {
      const [state] = Object.values(line.changed ?? {}) as Record<string, unknown>[];
      state.mmap_min = 33;
    });
    expect(least).toHaveLength(1);
    const more = diverges((line) => {
      line.changed = { ...line.changed, 99: Object.values(line.changed ?? {})[0] };
    });
    expect(more).toContain('changed.99');
  });

  test('frames are compared as classes: other names are no difference, another class is', () => {
    const at = lines.findIndex(
      (line) =>
        line.kind === 'aspace-op' &&
        JSON.stringify(line.changed ?? '').includes('F1 ') &&
        !line.hazards &&
        !line.after_hazard,
    );
    const { session, step } = lines[at] as unknown as { session: number; step: number };
    const rename = (from: RegExp, to: string) =>
      check(
        changedSession(
          session,
          step,
          (line) => (line.changed = JSON.parse(JSON.stringify(line.changed).replace(from, to))),
        ),
      ).fields;
    expect(rename(/:F1 /g, ':F9 ')).toEqual([]);
    expect(rename(/:F1 /g, ':F0 ')).not.toEqual([]);
  });

  // Each kind besides: the last line's answer is replaced by another.
  const others = [...new Set(lines.map(({ kind }) => kind))].filter((kind) => !kind.startsWith('aspace'));
  test.each(others)('%s', (kind) => {
    const some = lines.filter(
      (line) => line.kind === kind || (kind.startsWith('buddy') && line.kind.startsWith('buddy')),
    );
    const until = some.slice(0, some.findIndex((line) => line.kind === kind) + 1);
    const copy = JSON.parse(JSON.stringify(until)) as Line[];
    const last = copy.at(-1) as Line;
    const key = ['out', 'hex', 'validate', 'sections', 'heads', 'used'].find((name) => name in last) as string;
    last[key] = key === 'hex' ? '0x7' : 77;
    if (kind === 'grant-flags') last.out = ['LAZY'];
    if (kind === 'entry-errors') last.out = 'EIO';
    if (kind === 'sections' || kind === 'buddy-init') last[key] = [[4099, 3]];
    if (kind === 'buddy-end') last.used = 99;
    expect(check(copy).fields.length).toBeGreaterThan(0);
    expect(check(until).fields).toEqual([]);
  });
});

describe('what is not known', () => {
  test('a kind, an operation, an entry: counted, with what follows of the session', () => {
    const session = changedSession(0, 3, (line) => (line.in = { op: 'mlock', as: 0 }));
    const later = lines.filter((line) => line.session === 0 && line.step === 4);
    const { counts, fields } = check([
      ...session,
      ...later,
      { kind: 'numa' },
      { kind: 'const', name: 'X', hex: '0x1' },
    ]);
    expect(fields).toEqual([]);
    expect(counts.skipped).toEqual({
      'aspace-op: operation "mlock" is not known': 1,
      'aspace-op: step behind one that is not covered': 1,
      'const: constant "X" is not known': 1,
      'numa: the kind is not known': 1,
    });
  });

  test.each([
    ['a key', { op: 'munmap', as: 0, addr: 0, size: 4096, unpin: true }, 'munmap: key "unpin"'],
    ['a flag', { op: 'mprotect', as: 0, addr: 0, size: 4096, prot: 'PROT_READ|PROT_MTE' }, 'mprotect: prot "PROT_MTE"'],
    [
      'a type of memory',
      { op: 'physmap', as: 0, phys: 4096, size: 4096, flags: '', memtype: 'WriteThrough' },
      'physmap: memtype "WriteThrough"',
    ],
  ])('%s of an operation: the step is not run as if it were not there', (_what, input, reason) => {
    const { counts, fields, problems } = check(changedSession(0, 3, (line) => (line.in = input)));
    expect([fields, problems]).toEqual([[], []]);
    expect(counts.skipped).toEqual({ [`aspace-op: ${reason} is not known`]: 1 });
  });

  test('malformed records are told, with the key to blame', () => {
    const malformed: Record<string, unknown>[] = [
      { kind: 'add_ref', raw: 'x', ref_kind: 'Cow' },
      { kind: 'aspace-session', session: 0, remote_cpus: [] },
      {
        kind: 'usergrants',
        seq: 0,
        in: { op: 'insert', grant: { p: 1, n: 1, f: 'rw-', prov: 'Disk' } },
        grants: [],
        holes: [],
      },
      { kind: 'buddy-init', sections: [[1]] },
      { kind: 'range-tree', step: 0, in: { op: 'remove', range: [1] } },
    ];
    const { problems } = check(malformed);
    expect(problems.map((problem) => problem?.key)).toEqual(['raw', 'state', 'prov', 'sections', 'range']);
  });

  test('a space that is not there makes a step malformed', () => {
    const { problems } = check(changedSession(0, 3, (line) => (line.in = { op: 'read', as: 9, page: 1 })));
    expect(problems.map((problem) => problem?.key)).toEqual(['in']);
  });
});
