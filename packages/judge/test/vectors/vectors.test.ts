import { type Columns, check, Follower, Kernel, Op, POLICIES } from '@overmap/core';
import { readTrace } from '@overmap/trace';
import { describe, expect, it } from 'vitest';
import { BUILD_NAMES, BUILDS, type BuildName } from '../../src/builds.ts';
import { dense, POOL } from '../../src/operation.ts';
import { engineRule } from '../../src/rule.ts';
import { makeVectors } from '../../src/vectors/make-vectors.ts';
import { mapSituation, sayMapSituation } from '../../src/vectors/situation.ts';
import { Script, Subject } from '../../src/vectors/subject.ts';
import { suiteTrace } from '../../src/vectors/suite-trace.ts';
import { recordingsOf } from '../recorded.ts';

const kernelOf = (build: BuildName): Kernel =>
  new Kernel({ ...BUILDS[build], asidPoolSlot: dense(POOL), rootTaskAssigned: true });

/** What the recorded kernel answered to Page_Map in each situation. */
async function recordedAnswers(build: BuildName, policy: 'legacy' | 'strict'): Promise<Map<string, Set<number>>> {
  const answers = new Map<string, Set<number>>();
  for (const path of recordingsOf(build, policy)) {
    const kernel = kernelOf(build);
    const follower = new Follower(kernel);
    const event = (columns: Columns, i: number): void => {
      if (columns.op[i] === Op.state || columns.op[i] === Op.mark) return;
      if (columns.op[i] === Op.map) {
        const situation = sayMapSituation(mapSituation(kernel, columns, i));
        const known = answers.get(situation);
        if (known === undefined) answers.set(situation, new Set([columns.outcome[i]]));
        else known.add(columns.outcome[i]);
      }
      const outcome = check(kernel, columns, i, POLICIES[policy]);
      follower.follow(columns, i, outcome, columns.outcome[i], POLICIES[policy]);
    };
    await readTrace(path, {
      onBatch: (columns) => {
        for (let i = 0; i < columns.count; i++) event(columns, i);
      },
    });
  }
  return answers;
}

describe('the expectations of the vectors', () => {
  it.each([
    ['aarch64', 'strict'],
    ['aarch32', 'strict'],
    ['x86_64', 'legacy'],
    ['ia32', 'strict'],
    ['riscv64', 'strict'],
  ] as const)('%s, %s: are what the kernel answered in the same situation', async (build, policy) => {
    const recorded = await recordedAnswers(build, policy);
    // A situation that decides an answer is all that the checks look at.
    for (const [situation, answers] of recorded) expect([...answers], situation).toHaveLength(1);
    const subject = new Subject(build, engineRule(policy));
    let same = 0;
    let all = 0;
    for (const { tried } of makeVectors(build, policy).vectors) {
      const script = new Script(tried.candidate);
      subject.run(script, undefined, (row, answer) => {
        if (script.columns.op[row] !== Op.map) return;
        all++;
        const situation = sayMapSituation(mapSituation(subject.kernel, script.columns, row));
        const answers = recorded.get(situation);
        if (answers === undefined) return;
        same++;
        expect([...answers], situation).toEqual([answer]);
      });
    }
    expect(same / all).toBeGreaterThan(0.3);
  });
});

describe('a suite', () => {
  it.each(BUILD_NAMES)('%s: has no vector that could be left out, and refutes the other policies', (build) => {
    const { vectors, mutants, equal } = makeVectors(build, 'strict');
    expect(vectors.length).toBeGreaterThan(50);
    for (const { alone, tried } of vectors) expect(alone.length, tried.candidate.name).toBeGreaterThan(0);
    const refuted = new Set(vectors.flatMap(({ tried }) => tried.kills));
    expect(refuted.size).toBe(mutants.length - equal.length);
    const others = ['exact', 'permissive', 'permissive-aware', ...(build.startsWith('riscv') ? [] : ['legacy'])];
    for (const other of others)
      expect(
        vectors.some(({ tried }) => tried.kills.some((i) => mutants[i]?.id === `policy-${other}`)),
        other,
      ).toBe(true);
  });

  it('is the same every time', () => {
    expect(suiteTrace(makeVectors('ia32', 'exact'))).toEqual(suiteTrace(makeVectors('ia32', 'exact')));
  });

  it('begins every vector with empty slots, between two marks', () => {
    const { events } = suiteTrace(makeVectors('riscv32', 'strict'));
    const used = new Set<number>();
    let open = '';
    for (const event of events) {
      if (event.op === 'mark') {
        if (event.at === 'start') expect(used).toEqual(new Set());
        expect(open).toBe(event.at === 'start' ? '' : event.name);
        open = event.at === 'start' ? event.name : '';
      } else if ('cap' in event && event.cap != null && 'ret' in event && event.ret === 'ok') {
        if (event.op === 'delete') used.delete(event.cap);
        else if (event.op === 'move') used.delete(event.src);
        if (event.op === 'retype' || event.op === 'copy' || event.op === 'make_pool' || event.op === 'move')
          used.add(event.cap);
        // The copies of what is revoked go.
        if (event.op === 'revoke') for (const slot of used) if (slot > event.cap) used.delete(slot);
      }
    }
  });
});
