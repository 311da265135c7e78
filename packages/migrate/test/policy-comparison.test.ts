import { writeFileSync } from 'node:fs';
import { POLICIES, type PolicyName, type SlotRule } from '@overmap/core';
import type { TargetCounts, TargetSummary } from '@overmap/report';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CONFIGURATIONS } from '../../core/test/sel4/configurations.ts';
import { auditTrace, migrateTrace, type PolicyChoice } from '../src/index.ts';
import { PolicyComparison } from '../src/policy-comparison.ts';
import { clientTrace, randomTrace, type Recorded } from './legacy-client.ts';
import { clientTraces, kernelTraces, recording } from './recorded.ts';
import { type Audited, audit, type Line, map, mark, smallWorld, textFile, traceFile, unmap } from './small-trace.ts';

const strictRule: SlotRule = ({ entry, records }) => (entry !== null && records === null ? 'DeleteFirst' : 'ok');
const exactRule: SlotRule = ({ entry, records }) =>
  entry === null || (records !== null && entry.holdsThisFrame) ? 'ok' : 'DeleteFirst';
const never: SlotRule = () => 'IllegalOperation';
const NAMES = Object.keys(POLICIES) as PolicyName[];
const ALL: readonly PolicyChoice[] = [
  ...NAMES,
  { name: 'strict rule', rule: strictRule },
  { name: 'exact rule', rule: exactRule },
  { name: 'never', rule: never },
];
const nameOf = (choice: PolicyChoice): string => (typeof choice === 'string' ? choice : choice.name);

async function compare(path: string, choices: readonly PolicyChoice[] = ALL, from?: PolicyName): Promise<Audited> {
  const [to, ...also] = choices;
  return audit(path, { ...(to === undefined ? {} : { to }), also, ...(from === undefined ? {} : { from }) });
}

function targetOf({ summary }: Audited, name: string): TargetSummary {
  const target = summary.targets?.[name];
  if (target === undefined) throw new Error(`no target ${name}`);
  return target;
}

const changes = ({ refused, newlyAccepted, otherError }: TargetCounts): number => refused + newlyAccepted + otherError;
const aarch64 = (lines: readonly Line[], policy = 'legacy'): string =>
  traceFile({ arch: 'aarch64', policy }, [...smallWorld('aarch64', 6), ...lines]);

/**
 * A comparison is held against the audits of each policy alone, which know nothing of it.
 *
 * @returns the comparison
 */
async function expectLikeAlone(path: string, choices: readonly PolicyChoice[]): Promise<Audited> {
  const together = await compare(path, choices);
  for (const [n, choice] of choices.entries()) {
    const alone = await audit(path, { to: choice });
    const target = targetOf(together, nameOf(choice));
    const { sel4 } = alone.summary;
    if (sel4 === undefined) throw new Error('no counts');
    expect(changes(target)).toBe(sel4.outcomeChanges);
    for (const [test, counts] of Object.entries(sel4.byTest)) {
      const mine = target.byTest[test];
      expect(mine === undefined ? 0 : changes(mine)).toBe(counts.outcomeChanges);
    }
    if (n > 0) continue;
    // Nothing else of the audit may notice that there are others.
    expect(together.summary).toEqual({ ...alone.summary, targets: expect.anything() });
    expect(together.findings).toEqual(alone.findings);
  }
  return together;
}

describe('a comparison of policies', () => {
  it('counts what each would refuse, let through, and leave stale', async () => {
    const [v, w] = ['0x400000', '0x401000'];
    const path = aarch64([
      mark('replace', 'start'),
      map(20, v),
      map(21, v), // over-map: 20 is stale
      mark('replace', 'end'),
      mark('take back', 'start'),
      map(20, v), // stale remap: 21 is stale
      map(20, v, { rights: 'r' }), // a remap
      mark('take back', 'end'),
      mark('alias', 'start'),
      map(22, w),
      { op: 'copy', src: 22, cap: 30, rights: 'rw', ret: 'ok' },
      map(30, w), // alias map
      mark('alias', 'end'),
    ]);
    const compared = await compare(path, ['strict', 'exact', 'legacy', { name: 'never', rule: never }]);
    expect(targetOf(compared, 'strict')).toEqual({
      refused: 2,
      refusedOnlyHere: 0,
      newlyAccepted: 0,
      otherError: 0,
      displacing: 1,
      windows: 2,
      // Of 20 at the first end, which the over-map caused, nothing is left; 21 is there at the second and at the third.
      staleAtTestEnd: 2,
      staleAtNextStart: 1,
      staleAtEnd: 1,
      byTest: {
        replace: expect.objectContaining({ refused: 1, windows: 1, staleAtTestEnd: 0 }),
        'take back': expect.objectContaining({ refused: 0, displacing: 1, staleAtTestEnd: 1, staleAtNextStart: 1 }),
        alias: expect.objectContaining({ refused: 1, windows: 1, displacing: 0, staleAtTestEnd: 1, staleAtEnd: 1 }),
      },
    });
    expect(targetOf(compared, 'exact')).toMatchObject({ refused: 3, displacing: 0, windows: 3, staleAtEnd: 0 });
    expect(targetOf(compared, 'legacy')).toMatchObject({ refused: 0, displacing: 2, staleAtTestEnd: 3, staleAtEnd: 1 });
    // Of six maps it is alone with those into empty places and the remap, and the former need no unmap.
    expect(targetOf(compared, 'never')).toMatchObject({ refused: 6, refusedOnlyHere: 3, displacing: 0, windows: 4 });
  });

  it('counts what the recording refused and a policy accepts, or refuses otherwise', async () => {
    const path = aarch64(
      [map(20, '0x400000'), map(21, '0x400000', { ret: 'DeleteFirst' }), map(21, '0x401000')],
      'strict',
    );
    const compared = await compare(path, ['strict', 'permissive', { name: 'never', rule: never }]);
    expect(targetOf(compared, 'strict')).toMatchObject({ refused: 0, newlyAccepted: 0, otherError: 0, displacing: 0 });
    expect(targetOf(compared, 'permissive')).toMatchObject({ newlyAccepted: 1, displacing: 1, windows: 0 });
    expect(targetOf(compared, 'never')).toMatchObject({ refused: 2, refusedOnlyHere: 2, otherError: 1, windows: 0 });
  });

  it('knows who took a page, whoever shares it, and wherever its capability has gone', async () => {
    const v = '0x400000';
    const copy = { op: 'copy', src: 20, cap: 30, rights: 'rw', ret: 'ok' };
    const strictStale = async (lines: readonly Line[]): Promise<number[]> => {
      const compared = await compare(aarch64(lines), ['strict', 'legacy']);
      return ['strict', 'legacy'].map((name) => targetOf(compared, name).staleAtEnd);
    };
    // Both capabilities of a frame lose it to a map that strict refuses.
    expect(await strictStale([copy, map(20, v), map(30, v), map(21, v)])).toEqual([0, 2]);
    // One of them unmaps: that took the page from the other, and no policy has a say in it.
    expect(await strictStale([copy, map(20, v), map(30, v), unmap(30)])).toEqual([1, 1]);
    expect(await strictStale([copy, map(20, v), map(30, v), unmap(30), map(21, v)])).toEqual([1, 1]);
    expect(await strictStale([copy, map(20, v), map(30, v), map(20, v), map(21, v)])).toEqual([0, 2]);
    const move = { op: 'move', src: 20, cap: 31, ret: 'ok' };
    expect(await strictStale([map(20, v), map(21, v), move])).toEqual([0, 1]);
    expect(await strictStale([map(20, v), move, map(21, v)])).toEqual([0, 1]);
    // A table that goes is no map.
    expect(await strictStale([map(20, v), { op: 'unmap_table', cap: 12, ret: 'ok' }])).toEqual([1, 1]);
    // Strict lets the stale remap through.
    expect(await strictStale([map(20, v), map(21, v), map(20, v)])).toEqual([1, 1]);
  });

  it('remembers no more than living capabilities record, however often pages are taken', async () => {
    const lines: Line[] = [map(20, '0x400000'), map(22, '0x401000'), map(23, '0x401000')];
    for (let n = 0; n < 5000; n++) lines.push(map(21, '0x400000'), map(20, '0x400000'));
    const ended = vi.spyOn(PolicyComparison.prototype, 'stale');
    const compared = await compare(aarch64(lines), ['strict', 'legacy', 'exact']);
    const taken: unknown = Reflect.get(ended.mock.contexts[0] ?? {}, 'taken');
    ended.mockRestore();
    expect(taken).toBeInstanceOf(Map);
    expect((taken as Map<number, number>).size).toBeLessThan(4096);
    // 22 was taken long ago, by a map that strict refuses; the last to be taken was 21, which strict allows.
    expect(targetOf(compared, 'strict')).toMatchObject({ refused: 2, displacing: 9999, staleAtEnd: 1 });
    expect(targetOf(compared, 'legacy')).toMatchObject({ displacing: 10_001, staleAtEnd: 2 });
    expect(targetOf(compared, 'exact')).toMatchObject({ refused: 10_001, displacing: 0, staleAtEnd: 0 });
  });

  it('leaves what a partial trace does not tell unjudged, under every policy', async () => {
    const path = traceFile({ arch: 'aarch64' }, [
      { op: 'map', cap: 5, vspace: 6, vaddr: '0x400000', rights: 'rw', attr: 0, ret: 'ok' },
      { op: 'map', cap: 7, vspace: 6, vaddr: '0x401000', rights: 'rw', attr: 0, ret: 'DeleteFirst' },
    ]);
    const compared = await expectLikeAlone(path, ALL);
    expect(compared.summary.sel4?.undecidable['OM013']).toBe(1);
  });

  it('takes a recording that no policy explains as it is', async () => {
    const odd = [map(20, '0x400000', { ret: 'DeleteFirst' }), map(20, '0x401000', { ret: 'IllegalOperation' })];
    const compared = await expectLikeAlone(aarch64(odd), ALL);
    expect(compared.summary.divergences).toBe(2);
    expect(targetOf(compared, 'legacy')).toMatchObject({ newlyAccepted: 0, otherError: 0 });
    expect(targetOf(compared, 'strict')).toMatchObject({ newlyAccepted: 2 });
  });

  it('is of policies with names of their own, and without drift', async () => {
    const path = aarch64([]);
    await expect(compare(path, ['strict', 'exact', 'strict'])).rejects.toThrow('strict is to be compared with itself');
    await expect(audit(path, { to: 'strict', also: ['exact'], drift: true })).rejects.toThrow('one target alone');
  });

  it('is told with the names of all, and findings are about the first', async () => {
    let to = '';
    const lines = [map(20, '0x400000'), map(21, '0x400000')];
    const findings: string[] = [];
    await auditTrace(
      aarch64(lines),
      { version: 'test', to: 'exact', also: ['strict', 'legacy'] },
      {
        begin: (head) => (to = head.to),
        finding: ({ rule, message }) => void (rule === 'OM001' && findings.push(message)),
        end() {},
      },
    );
    expect(to).toBe('exact,strict,legacy');
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain('exact');
  });
});

describe('policies side by side are what each is alone', () => {
  const some = kernelTraces().filter((path) => /\/(9000|9004|0007)\.jsonl/.test(path));

  it.each([...some, ...clientTraces().filter((path) => path.includes('slices'))])('%s', async (path) => {
    const compared = await expectLikeAlone(
      path,
      ALL.filter((choice) => choice !== 'legacy' && choice !== 'permissive'),
    );
    // A rule that says the same counts the same.
    for (const name of ['strict', 'exact'])
      expect(targetOf(compared, `${name} rule`)).toEqual({ ...targetOf(compared, name) });
  });

  const policies: fc.Arbitrary<Recorded> = fc.record({
    policy: fc.constantFrom<PolicyName>('legacy', 'legacy', 'strict', 'permissive-aware'),
    truth: fc.boolean(),
  });
  it.each(CONFIGURATIONS)('random clients on $name', { timeout: 60_000 }, async (configuration) => {
    let differ = 0;
    let displaced = 0;
    let stale = 0;
    const traces = policies.chain((recorded) =>
      fc.oneof(clientTrace(configuration, recorded), randomTrace(configuration, recorded)),
    );
    await fc.assert(
      fc.asyncProperty(traces, fc.shuffledSubarray([...ALL], { minLength: 2 }), async (text, choices) => {
        const path = textFile(text, 'random.jsonl');
        writeFileSync(path, text);
        const compared = await expectLikeAlone(path, choices);
        const { sel4 } = compared.summary;
        for (const choice of choices) {
          const target = targetOf(compared, nameOf(choice));
          expect(target.refusedOnlyHere).toBeLessThanOrEqual(target.refused);
          expect(target.windows).toBeLessThanOrEqual(target.refused);
          expect(target.staleAtEnd).toBeLessThanOrEqual(sel4?.staleAtEnd ?? 0);
          const exact = nameOf(choice).startsWith('exact');
          if (exact || choice === 'strict') differ += changes(target);
          displaced += exact ? target.displacing : 0;
          stale += (sel4?.staleAtEnd ?? 0) - target.staleAtEnd;
        }
        // Under the policy that recorded it, a trace leaves and displaces what it left and displaced.
        const from = (JSON.parse(text.slice(0, text.indexOf('\n'))) as { policy: PolicyName }).policy;
        const same = compared.summary.targets?.[from];
        if (same === undefined) return;
        expect(changes(same)).toBe(0);
        expect(same.staleAtEnd).toBe(sel4?.staleAtEnd);
        expect(same.displacing).toBe((sel4?.overmaps ?? 0) + (sel4?.staleRemaps ?? 0));
      }),
      { numRuns: 16, seed: 11 },
    );
    expect(displaced).toBe(0);
    expect(differ).toBeGreaterThan(0);
    expect(stale).toBeGreaterThan(0);
  });
});

/** The same test of the same client, on the kernel as shipped and on the strict one. */
const PAIRS = ['aarch32-?-PT0011', 'aarch32-?-PT0012', 'aarch32-?-PT0013', 'aarch32-?-PT0014'].concat([
  'aarch64-?-PT0011',
  'aarch64-?-PT0012',
  'x86_64-?-PT0011',
  'x86_64-?-PT0012',
]);

describe('what the model says of the strict kernel', () => {
  it.each(PAIRS)('is what the strict kernel did: %s', async (pair) => {
    const path = (policy: string): string =>
      recording(`sel4test/slices/slice-pr148-${pair.replace('?', policy)}.jsonl.gz`);
    const modelled = await compare(path('legacy'), ['strict', 'legacy']);
    const recorded = await compare(path('strict'), ['strict', 'legacy']);
    const strict = targetOf(modelled, 'strict');
    expect(strict.refused).toBe(1);
    // The strict kernel refused what legacy would have accepted, and left as many capabilities stale.
    expect(targetOf(recorded, 'legacy').newlyAccepted).toBe(strict.refused);
    expect(recorded.summary.sel4?.staleAtTestEnd).toBe(strict.staleAtTestEnd);
    expect(modelled.summary.sel4?.staleAtTestEnd).toBe(strict.staleAtTestEnd + 1);
  });
});

describe('windows', () => {
  it.each(clientTraces().filter((path) => /slices.*-PT/.test(path) && !path.includes('strict')))(
    'are those that a migration makes: %s',
    async (path) => {
      const compared = await compare(path, ['strict', 'exact']);
      for (const to of ['strict', 'exact'] as const) {
        const { planner } = await migrateTrace(path, textFile(''), { to });
        expect(targetOf(compared, to).windows).toBe(planner.notes.windowCount);
      }
    },
  );
});
