import { describe, expect, it } from 'vitest';
import { type CasePoolOptions, runCases } from '../src/case-pool.ts';

const worker = new URL('fixtures/unruly-worker.mjs', import.meta.url);
const run = (cases: readonly string[], options: Partial<CasePoolOptions> = {}) =>
  runCases<string, string>(cases, { worker, workers: 2, ...options });
const names = Array.from({ length: 23 }, (_, i) => `case ${i}`);
const done = (name: string) => ({ state: 'done', result: `${name} done` });

describe('the pool', () => {
  it.each([1, 2, 3])('answers in the order of the cases with %i workers', async (workers) => {
    expect(await run(names, { workers })).toEqual(names.map(done));
  });

  it('runs nothing when there are no cases', async () => {
    expect(await run([])).toEqual([]);
  });

  it('fails the case whose worker crashes, and no other', async () => {
    const cases = [...names.slice(0, 5), 'crash', ...names.slice(5)];
    const ends = await run(cases);
    expect(ends[5]).toEqual({ state: 'failed', reason: expect.stringMatching(/worker.*exit|exit.*worker/i) });
    expect(ends.toSpliced(5, 1)).toEqual(names.map(done));
  });

  it('fails the case that throws, with what it said', async () => {
    const ends = await run(['a', 'throw', 'b', 'c']);
    expect(ends).toEqual([
      done('a'),
      { state: 'failed', reason: 'its worker failed: cannot do this one' },
      done('b'),
      done('c'),
    ]);
  });

  it('gives up the case that hangs, and goes on', async () => {
    const ends = await run(['a', 'hang', 'b', 'c', 'd'], { limit: 300 });
    expect(ends).toEqual([
      done('a'),
      { state: 'failed', reason: 'it took longer than 0.3 s and was given up' },
      done('b'),
      done('c'),
      done('d'),
    ]);
  });

  it('fails the case that eats up the memory', async () => {
    const ends = await run(['a', 'memory', 'b'], { memory: 64 });
    expect(ends).toEqual([done('a'), { state: 'failed', reason: expect.stringMatching(/memory/) }, done('b')]);
  });

  it('tells how far it is', async () => {
    const told: number[] = [];
    await run(names, { perTask: 5, onProgress: (n, total) => told.push(n / total) });
    expect(told).toHaveLength(5);
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  it('stops when it is aborted, and keeps what is done', async () => {
    const controller = new AbortController();
    const ends = await run([...names.slice(0, 4), 'hang', ...names.slice(4)], {
      workers: 1,
      perTask: 1,
      signal: controller.signal,
      onProgress: (n) => {
        if (n === 4) setTimeout(() => controller.abort(), 50);
      },
    });
    expect(ends.slice(0, 4)).toEqual(names.slice(0, 4).map(done));
    expect(ends.slice(4).every(({ state }) => state === 'aborted')).toBe(true);
  });
});
