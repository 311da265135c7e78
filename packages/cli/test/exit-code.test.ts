import { expect, it } from 'vitest';
import { Exit, type ExitCode, worst } from '../src/exit-code.ts';

it('is 0 when nothing applies', () => {
  expect(worst([])).toBe(Exit.clean);
});

it('keeps the precedence 130, 70, 6, 3, 8, 4, 5, 1, 0', () => {
  const order: ExitCode[] = [130, 70, 6, 3, 8, 4, 5, 1, 0];
  for (const [i, code] of order.entries()) {
    for (const lesser of order.slice(i)) {
      expect(worst([lesser, code])).toBe(code);
      expect(worst([code, lesser])).toBe(code);
    }
  }
  expect(worst(order)).toBe(130);
});

it('has a place for every code', () => {
  for (const code of Object.values(Exit)) expect(worst([code])).toBe(code);
});
