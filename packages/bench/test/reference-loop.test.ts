import { expect, it } from 'vitest';
import { referenceLoop } from '../src/reference-loop.ts';

it('does what it should, again and again', () => {
  const loop = referenceLoop();
  loop.prepare();
  for (let i = 0; i < 5; i++) loop.run();
  expect(loop.pages).toBe(3072);
});

it('notices that its entries are wrong', () => {
  // Without its records, every frame is 0, and the entry of frame 0 is none that it could tell from its neighbours'.
  expect(() => referenceLoop().run()).toThrow('operations did what they should');
});
