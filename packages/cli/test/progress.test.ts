import { expect, it } from 'vitest';
import { Progress } from '../src/runs/progress.ts';

function make() {
  const world = { now: 0, written: [] as string[] };
  const progress = new Progress({ write: (text) => world.written.push(text), now: () => world.now, columns: 80 });
  progress.input('trace.jsonl');
  return { world, progress };
}

it('shows nothing of a short run', () => {
  const { world, progress } = make();
  world.now = 999;
  progress.update(50, 100);
  progress.erase();
  expect(world.written).toEqual([]);
});

it('shows how far it is and estimates the rest', () => {
  const { world, progress } = make();
  world.now = 2000;
  progress.update(25, 100);
  expect(world.written).toEqual([`\rtrace.jsonl ${'█'.repeat(6)}${'░'.repeat(18)}  25 %  6 s left\u001b[K`]);
});

it('is drawn ten times a second at most', () => {
  const { world, progress } = make();
  for (world.now = 1000; world.now < 2000; world.now += 1) progress.update(world.now, 4000);
  expect(world.written).toHaveLength(10);
});

it('counts what it reads where the end is not known', () => {
  const { world, progress } = make();
  world.now = 1500;
  progress.update(12_345_678, undefined);
  expect(world.written[0]).toBe('\rtrace.jsonl 12.3 MB read\u001b[K');
});

it('names minutes, and never more than is there', () => {
  const { world, progress } = make();
  world.now = 10_000;
  progress.update(1, 21);
  expect(world.written[0]).toContain('3 min 20 s left');
  world.now = 20_000;
  progress.update(30, 21);
  expect(world.written[1]).toContain('100 %  0 s left');
});

it('is erased once, and comes again', () => {
  const { world, progress } = make();
  world.now = 2000;
  progress.update(1, 2);
  progress.erase();
  progress.erase();
  world.now = 3000;
  progress.update(1, 2);
  expect(world.written.map((text) => text === '\r\u001b[K')).toEqual([false, true, false]);
});

it('stays on its line', () => {
  const { world, progress } = make();
  progress.input('x'.repeat(200));
  world.now = 2000;
  progress.update(1, 2);
  expect(world.written[0]?.length).toBe(1 + 79 + 3);
});
