import { expect, it } from 'vitest';
import { wantsColour } from '../src/runs/colours.ts';

it.each<[boolean, Record<string, string>, boolean]>([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  [false, { CI: 'true' }, false],
])('terminal %s, %o: %s', (terminal, environment, colour) => {
  expect(wantsColour(terminal, environment)).toBe(colour);
});
