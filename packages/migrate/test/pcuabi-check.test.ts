import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { replayTrace } from '../src/index.ts';
import { furtherOf, recording } from './recorded.ts';
import { textFile } from './small-trace.ts';

const path = recording('pcuabi/scenarios.jsonl.gz');
const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
type Scenario = Record<string, unknown> & { steps: Record<string, unknown>[] };
const scenario = (id: string): Scenario =>
  JSON.parse(lines.find((line) => line.includes(`"${id}"`)) ?? '{}') as Scenario;
const checked = (...scenarios: object[]) =>
  replayTrace(textFile(scenarios.map((one) => `${JSON.stringify(one)}\n`).join('')), { check: true });
const fields = async (one: object): Promise<string[]> =>
  (await checked(one)).report.divergences.map(({ field }) => field);

describe('derived scenarios', () => {
  it('are all reproduced: results, capabilities, reservations and mappings', async () => {
    const { report, badLines } = await replayTrace(path, { check: true });
    expect(report).toEqual({ events: 191, states: 191, skipped: {}, divergences: [] });
    expect(badLines).toBe(0);
  });

  it('differ where an expectation is changed', async () => {
    const one = scenario('pcuabi-create-null');
    const [step, ...rest] = one.steps;
    const cap = step.cap as Record<string, unknown>;
    const after = step.after as { reservations: object[]; mappings: object[] };
    const edited = async (change: object): Promise<string[]> =>
      fields({ ...one, steps: [{ ...step, ...change }, ...rest] });
    expect(await edited({})).toEqual([]);
    expect(await edited({ result: 'EINVAL' })).toEqual(['steps[0].result']);
    expect(await edited({ cap: { ...cap, tag: false } })).toEqual(['steps[0].cap.tag']);
    expect(await edited({ cap: { ...cap, len: '0x1000' } })).toEqual(['steps[0].cap.len']);
    expect(await edited({ cap: { ...cap, perms: ['VMem'] } })).toEqual(['steps[0].cap.perms']);
    expect(await edited({ after: { ...after, reservations: [{ ...after.reservations[0], perms: [] }] } })).toEqual([
      'steps[0].after.reservations',
    ]);
    expect(await edited({ after: { ...after, mappings: [{ ...after.mappings[0], prot: 'r' }] } })).toEqual([
      'steps[0].after.mappings',
    ]);
    expect(await edited({ after: { reservations: [], mappings: [] } })).toHaveLength(2);
  });

  it('may have their own addresses where the kernel chooses, if these could be chosen', async () => {
    const text = JSON.stringify(scenario('pcuabi-create-null'));
    const moved = (start: string, end: string): Scenario =>
      JSON.parse(text.replaceAll('0x7efffffe0000', start).replaceAll('0x7f0000000000', end)) as Scenario;
    expect(await fields(moved('0x7e0000020000', '0x7e0000040000'))).toEqual([]);
    // Not whole pages, and below what may be mapped.
    expect(await fields(moved('0x7e0000020008', '0x7e0000040008'))).not.toEqual([]);
    expect(await fields(moved('0x1000', '0x21000'))).not.toEqual([]);
  });

  it('join runs of pages that show the same', async () => {
    const one = scenario('pcuabi-create-null');
    const [step, ...rest] = one.steps;
    const after = step.after as { reservations: object[]; mappings: object[] };
    const halves = [
      { ...after.mappings[0], end: '0x7effffff0000' },
      { ...after.mappings[0], start: '0x7effffff0000' },
    ];
    expect(await fields({ ...one, steps: [{ ...step, after: { ...after, mappings: halves } }, ...rest] })).toEqual([]);
    const apart = [halves[0]];
    expect(await fields({ ...one, steps: [{ ...step, after: { ...after, mappings: apart } }, ...rest] })).toEqual([
      'steps[0].after.mappings',
    ]);
  });

  it('name the tree that they were read from where the order of mremap differs', async () => {
    const dead = {
      ...scenario('pcuabi-dead-reservation'),
      source: 'bluebandit21/morello_ebpf@2b54f3011e98 mm/mremap.c sys_mremap',
    };
    const [map, unmap] = dead.steps;
    const mremap = (result: string): object => ({
      call: 'mremap',
      args: { addr: { ref: 'p' }, oldLen: '0x1000', newLen: '0x1000' },
      result,
    });
    expect(await fields({ ...dead, steps: [map, unmap, mremap('EFAULT')] })).toEqual([]);
    const source = 'ziuziakowska/linux@de29f060974b mm/mremap.c';
    expect(await fields({ ...dead, source, steps: [map, unmap, mremap('ERESERVATION')] })).toEqual([]);
  });
});

describe('what the model does not cover', () => {
  const one = scenario('pcuabi-create-null');
  const [map, unmap] = one.steps;
  const skipped = async (change: object): Promise<[number, Readonly<Record<string, number>>]> => {
    const { report, badLines } = await checked({ ...one, ...change });
    expect(badLines).toBe(0);
    expect(report.divergences).toEqual([]);
    return [report.events, report.skipped];
  };

  it('is counted with what hangs on it', async () => {
    const behind = { 'step behind one that is not covered': 1 };
    const step = (change: object): object => ({ steps: [{ ...map, ...change }, unmap] });
    const args = map.args as object;
    expect(await skipped(step({ call: 'userfaultfd' }))).toEqual([0, { 'userfaultfd: unknown call': 1, ...behind }]);
    expect(await skipped(step({ args: { ...args, hugetlb: true } }))).toEqual([
      0,
      { 'mmap: unknown key hugetlb': 1, ...behind },
    ]);
    expect(await skipped(step({ args: { ...args, prot: 'rs' } }))).toEqual([0, { 'mmap: protection s': 1, ...behind }]);
    expect(await skipped(step({ args: { ...args, addr: { null: '0x0', color: 1 } } }))).toEqual([
      0,
      { 'mmap: unknown key color': 1, ...behind },
    ]);
    expect(await skipped(step({ when: 3 }))).toEqual([0, { 'mmap: unknown key when': 1, ...behind }]);
    expect(await skipped(step({ cap: { ...(map.cap as object), otype: 1 } }))).toEqual([
      0,
      { 'mmap: unknown key cap.otype': 1, ...behind },
    ]);
    const advice = { call: 'madvise', args: { addr: { ref: 'p' }, len: '0x1000', advice: 'hwpoison' }, result: 'ok' };
    expect(await skipped({ steps: [map, advice, unmap] })).toEqual([1, { 'madvise: advice hwpoison': 1, ...behind }]);
    expect(await skipped({ hybrid: true })).toEqual([0, { 'scenario: unknown key hybrid': 2 }]);
    const other = await checked(one, { kind: 'vma', start: '0x1000' });
    expect([other.badLines, other.report.events]).toEqual([0, 2]);
    expect(other.report.skipped).toEqual({ 'a record that is no scenario': 1 });
    expect(await skipped({ bounds: 'riscv64-isav9' })).toEqual([0, { 'scenario: bounds of riscv64-isav9': 2 }]);
  });

  it('is a bad line where it is malformed: nothing of it is run', async () => {
    const wrong = [
      { ...one, pageSize: '0x1234' },
      { ...one, steps: 3 },
      { ...one, steps: [map, 4] },
      { ...one, steps: [unmap] },
      { ...one, steps: [{ ...map, args: { len: 4096 } }] },
      { ...one, steps: [{ ...map, result: undefined }] },
      { ...one, steps: [{ ...map, args: { len: '0x1000', fixed: 1 } }] },
      {
        ...one,
        steps: [{ ...map, after: { reservations: [], mappings: [{ start: '0x0', end: '0x1', reservation: 0 }] } }],
      },
      { ...one, steps: [{ ...map, after: { reservations: [{}], mappings: [] } }] },
      { ...one, steps: [{ ...map, cap: { base: 1 } }] },
    ];
    const { report, badLines } = await checked(one, ...wrong);
    expect({ badLines, events: report.events, divergences: report.divergences }).toEqual({
      badLines: wrong.length,
      events: 2,
      divergences: [],
    });
  });
});

it.runIf(furtherOf('pcuabi').length > 0)('further recordings are reproduced as well', async () => {
  for (const further of furtherOf('pcuabi')) {
    const { report, badLines } = await replayTrace(further, { check: true, keep: 3 });
    expect([report.divergences, badLines]).toEqual([[], 0]);
  }
});
