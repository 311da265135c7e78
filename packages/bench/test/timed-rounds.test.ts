import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureInIsolates } from '../src/timed-rounds.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-rounds-'));
const worker = pathToFileURL(join(folder, 'timed-worker.mjs'));
const module = pathToFileURL(join(folder, 'tasks.mjs')).href;
const limits = { samples: 3, warmupMilliseconds: 0, warmupIterations: 1, seed: 1, worker };

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('../src/timed-worker.ts', import.meta.url))],
    outfile: fileURLToPath(worker),
    bundle: true,
    format: 'esm',
    platform: 'node',
  });
  // A module's state is fresh in a fresh isolate, so its counter tells whether an isolate was used twice.
  writeFileSync(
    fileURLToPath(module),
    `let made = 0;
    export function spin({ name, spins }) {
      if (++made > 1) throw new Error('made twice in one isolate');
      let sum = 0;
      return { name, pages: 10, prepare() {}, run() { for (let i = 0; i < spins; i++) sum = (sum * 31 + i) | 0; } };
    }
    export function failing() {
      return { name: 'map/bad', pages: 1, prepare() {}, run() { throw new Error('7 of 8 pages'); } };
    }
    export function hanging() {
      return { name: 'hang', pages: 1, prepare() { for (;;); }, run() {} };
    }
    export function leaving() { process.exit(3); }
    export const notOne = 1;`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = (name: string, argument: unknown = null) => ({ module, export: name, argument });

describe('measureInIsolates', () => {
  it('measures every task in as many isolates as told, in turns', async () => {
    const progress: string[] = [];
    const ends = await measureInIsolates(
      [source('spin', { name: 'a', spins: 40_000 }), source('spin', { name: 'b', spins: 80_000 })],
      { ...limits, rounds: 2, onProgress: (done, total) => void progress.push(`${done}/${total}`) },
    );
    expect(progress).toEqual(['1/4', '2/4', '3/4', '4/4']);
    const results = ends.flatMap((end) => (end.state === 'done' ? [end.result] : []));
    expect(results.map(({ name }) => name)).toEqual(['a', 'b']);
    for (const { rounds, samples, referenceSamples, perPage } of results) {
      expect(rounds).toBe(2);
      expect(samples.map(({ length }) => length)).toEqual([3, 3]);
      expect(referenceSamples.map(({ length }) => length)).toEqual([3, 3]);
      expect(perPage.min).toBeGreaterThan(0);
    }
  });

  it.each([
    ['failing', 'map/bad: 7 of 8 pages'],
    ['notOne', 'exports no function notOne'],
    ['leaving', 'the isolate that measured leaving ended with 3 and no answer'],
  ])('says what went wrong: %s', async (name, message) => {
    const good = source('spin', { name: 'a', spins: 1000 });
    const [first, second] = await measureInIsolates([source(name), good], { ...limits, rounds: 1 });
    expect(first).toEqual({ state: 'failed', reason: expect.stringContaining(message) });
    expect(second?.state).toBe('done');
  });

  it('gives a hanging round up', async () => {
    const [end] = await measureInIsolates([source('hanging')], { ...limits, rounds: 1, limit: 1500 });
    expect(end).toEqual({
      state: 'failed',
      reason: expect.stringContaining('a round of hanging took longer than 1.5 s'),
    });
  });

  it('begins no further round when aborted', async () => {
    const controller = new AbortController();
    const measuring = measureInIsolates([source('spin', { name: 'a', spins: 1000 })], {
      ...limits,
      rounds: 50,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('no more')),
    });
    const [end] = await measuring;
    expect(end).toMatchObject({ state: 'done', result: { rounds: 1 } });
  });
});
