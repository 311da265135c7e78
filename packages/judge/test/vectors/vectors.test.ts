import { type Columns, check, Follower, Kernel, Op, POLICIES } from '@overmap/core';
import { readTrace } from '@overmap/trace';
import { describe, expect, it, vi } from 'vitest';
import { BUILDS, type BuildName } from '../../src/builds.ts';
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
  // The ones made for the checks, and some random ones.
  const recordings = recordingsOf(build, policy).filter((path) => /\/(9\d+|000\d)\.jsonl/.test(path));
  for (const path of recordings) {
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

// Searches and suites take seconds each; a busy machine needs its time.
vi.setConfig({ testTimeout: 180_000 });

describe('the expectations of the vectors', () => {
  it.each([
    ['aarch64', 'strict'],
    ['ia32', 'legacy'],
    ['riscv32', 'strict'],
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
  it.each(['ia32', 'aarch64', 'riscv32'] as const)(
    '%s: has no vector that could be left out, and refutes the other policies',
    (build) => {
      const { vectors, mutants, equal } = makeVectors(build, 'strict');
      expect(vectors.length).toBeGreaterThan(50);
      for (const { alone, tried } of vectors) expect(alone.length, tried.candidate.name).toBeGreaterThan(0);
      const refuted = new Set(vectors.flatMap(({ tried }) => tried.kills));
      expect(refuted.size).toBe(mutants.length - equal.length);
      // On RISC-V strict is legacy.
      const others = ['exact', 'permissive', 'permissive-aware', ...(build === 'riscv32' ? [] : ['legacy'])];
      for (const other of others)
        expect(
          vectors.some(({ tried }) => tried.kills.some((i) => mutants[i]?.id === `policy-${other}`)),
          other,
        ).toBe(true);
    },
  );

  it('is the same every time', () => {
    expect(suiteTrace(makeVectors('ia32', 'exact'))).toEqual(suiteTrace(makeVectors('ia32', 'exact')));
  });

  it('begins every vector with empty slots, between two marks', () => {
    const { events } = suiteTrace(makeVectors('riscv32', 'strict'));
    const used = new Set<number>();
    const usedAtStart: number[] = [];
    const marks: string[] = [];
    for (const event of events) {
      if (event.op === 'mark') {
        marks.push(`${event.name} ${event.at}`);
        if (event.at === 'start') usedAtStart.push(used.size);
      } else if ('cap' in event && event.cap != null && 'ret' in event && event.ret === 'ok') {
        const { op, cap } = event;
        if (op === 'delete') used.delete(cap);
        if (op === 'move') used.delete(event.src);
        if (['retype', 'copy', 'make_pool', 'move'].includes(op)) used.add(cap);
        // The copies of what is revoked go.
        if (op === 'revoke') for (const slot of used) if (slot > cap) used.delete(slot);
      }
    }
    expect(usedAtStart.filter((size) => size > 0)).toEqual([]);
    expect(marks.filter((_, i) => i % 2 === 1)).toEqual(
      marks.filter((_, i) => i % 2 === 0).map((mark) => mark.replace(/start$/, 'end')),
    );
  });
});
