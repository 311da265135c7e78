import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { inputKind } from '@overmap/trace';
import { describe, expect, test } from 'vitest';
import { freebsdCheck } from '../../src/recordings/freebsd-check.ts';
import { RECORDING_CHECKS } from '../../src/recordings/index.ts';
import { furtherOf, recording } from '../recorded.ts';

type Line = Record<string, unknown>;

const textOf = (file: string): Buffer => gunzipSync(readFileSync(file));
const linesOf = (file: string): Line[] =>
  textOf(file)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Line);

const recorded = recording('freebsd/pkru-recorded.jsonl.gz');
const derived = recording('freebsd/policies-derived.jsonl.gz');
const steps = linesOf(recorded);
const scenarios = linesOf(derived);

function check(some: readonly Line[]) {
  const fields: string[] = [];
  const run = freebsdCheck((_place, field) => fields.push(field));
  const problems = some.map((record, event) => run.record(record, { event, line: event + 1 }));
  return { fields, problems: problems.filter((problem) => problem !== undefined), counts: run.end() };
}

const copyOf = (lines: readonly Line[]): Line[] => JSON.parse(JSON.stringify(lines)) as Line[];

describe('the recordings of keys', () => {
  test.each([recorded, derived, ...furtherOf('freebsd')])('%s has no divergence', (file) => {
    expect(inputKind(textOf(file).subarray(0, 4096))).toBe('freebsd-keys');
    expect(RECORDING_CHECKS['freebsd-keys']).toBe(freebsdCheck);
    const { fields, problems, counts } = check(linesOf(file));
    expect({ fields, problems, skipped: counts.skipped }).toEqual({ fields: [], problems: [], skipped: {} });
  });

  test('each step and each scenario is compared', () => {
    expect(check(steps).counts.states).toBe(steps.filter(({ op }) => op !== 'new').length);
    expect(check(scenarios).counts.states).toBe(5 * scenarios.length);
  });
});

describe('a line that was changed is found', () => {
  test.each(['set', 'clear', 'enter', 'remove_keep', 'map_delete', 'fork', 'exec_or_exit'])('%s', (op) => {
    const last = steps.findLastIndex((line) => line.op === op && line.seq === 9);
    const some = copyOf(steps.slice(0, last + 1).filter(({ seq }) => seq === 9));
    const line = some.at(-1) as Line;
    expect(check(some).fields).toEqual([]);
    line.ret = line.ret === 'ok' ? 'EBUSY' : 'ok';
    line.ranges = [['0x1000', '0x2000', 3, false]];
    line.ptes = [['0x1000', 3]];
    if (op === 'fork') line.child = { ranges: [['0x1000', '0x2000', 3, false]], ptes: [['0x1000', 0]] };
    const more = op === 'fork' ? ['child.ranges', 'child.ptes'] : [];
    expect(check(some).fields).toEqual([...more, 'ret', 'ranges', 'ptes']);
  });

  test('how many pages were resident', () => {
    const last = steps.findIndex((line) => line.op === 'map_delete' && line.seq === 9);
    const some = copyOf(steps.slice(0, last + 1).filter(({ seq }) => seq === 9));
    Object.assign(some.at(-1) as Line, { residentBefore: 99 });
    expect(check(some).fields).toEqual(['residentBefore']);
  });

  test('the keys of one policy', () => {
    const [line] = copyOf(scenarios);
    (line.keyRangeAfter as Record<string, unknown[]>).entry_owned[3] = 6;
    expect(check([line]).fields).toEqual(['keyRangeAfter.entry_owned']);
  });
});

describe('what is not known is counted', () => {
  const NEW = { seq: 'a', op: 'new', base: '0x0', pages: 4, pku: false, maxUser: '0x800000000000' };
  const state = { ranges: [['0x1000', '0x3000', 5, true]], ptes: [['0x2000', 5]] };
  const empty = { ret: 'ok', ranges: [], ptes: [] };

  test('an operation: the steps behind it go on from its state', () => {
    const next = { seq: 'a', i: 1, op: 'remove_keep', addr: '0x2000', len: '0x1000', ret: 'ok', ...state, ptes: [] };
    const { fields, counts } = check([
      { ...NEW, pku: true },
      { seq: 'a', i: 0, op: 'same', ret: 'ok', ...state },
      next,
    ]);
    expect(fields).toEqual([]);
    expect(counts).toEqual({ events: 1, states: 1, skipped: { 'operation "same" is not known': 1 } });
  });

  test('a key, a flag, a sequence without its beginning, a step out of order', () => {
    const set = { seq: 'a', op: 'set', addr: '0x0', len: '0x1000', key: 1, flags: [], ...empty };
    const { counts, fields } = check([
      { ...set, i: 0 },
      { ...NEW, pku: true },
      { ...set, i: 0, numa: 1 },
      { ...set, i: 1, flags: ['SHADOW'] },
      { ...set, i: 0 },
      { ...set, i: 2 },
      { kind: 'x' },
    ]);
    expect(fields).toEqual([]);
    expect(counts.skipped).toEqual({
      'step of a sequence whose beginning is not there': 1,
      'set: unknown key "numa"': 1,
      'set: flag "SHADOW" is not known': 1,
      'step that is out of order': 1,
      'step behind one that could not be followed': 1,
      'a record that is neither a step of a sequence nor a scenario': 1,
    });
  });

  test('a step, an argument, a policy of a scenario', () => {
    const base = { id: 0, derived: true, name: 'x', pages: [16], keyRangeAfter: { explicit_only: [null] } };
    const { counts } = check([
      { ...base, ops: [['mremap', 16, 20]] },
      { ...base, ops: [['mmap', 16, 20, 'shared']] },
      { ...base, ops: [['mmap', 16, 16]] },
      { ...base, ops: [], keyRangeAfter: { mine: [null] } },
      { ...base, ops: [], kernel: 14 },
    ]);
    expect(counts.skipped).toEqual({
      'scenario: operation "mremap" is not known': 1,
      'scenario: mmap: other arguments than are known': 1,
      'scenario: mmap: an empty range': 1,
      'scenario: policy "mine" is not known': 1,
      'scenario: unknown key "kernel"': 1,
    });
  });

  test('a processor without keys answers so, by either name of the error, after the other checks', () => {
    const call = { seq: 'a', addr: '0x1000', len: '0x1000', ranges: [], ptes: [] };
    const { fields, problems } = check([
      NEW,
      { ...call, i: 0, op: 'set', key: 1, flags: [], ret: 'ENOTSUP' },
      { ...call, i: 1, op: 'clear', ret: 'EOPNOTSUPP' },
      { ...call, i: 2, op: 'set', key: 16, flags: [], ret: 'EINVAL' },
      { ...call, i: 3, op: 'set', key: 1, len: '0x0', flags: [], ret: 'EFAULT' },
    ]);
    expect({ fields, problems }).toEqual({ fields: [], problems: [] });
  });

  test('malformed records are told with the key to blame', () => {
    const set = { seq: 'a', i: 0, op: 'set', addr: '0x0', len: '0x1000', key: 1, flags: [], ...empty };
    const wrong: Line[] = [
      { ...set, addr: 12 },
      { ...set, key: 'x' },
      { ...set, ret: 'fine' },
      { ...set, ptes: [['0x1000']] },
      { ...set, ranges: null },
      { ...set, i: 'x' },
    ];
    const keys = wrong.map((line) => check([{ ...NEW, pku: true }, line]).problems[0]?.key);
    expect(keys).toEqual(['addr', 'key', 'ret', 'ptes', 'ranges', 'i']);
    const { problems } = check([
      { ...scenarios[0], pages: [1] },
      { ...NEW, pku: 'yes' },
    ]);
    expect(problems.map((problem) => problem?.key)).toEqual(['keyRangeAfter', 'pku']);
  });
});
