import { OL001, OL002, OL003, OL010 } from './rules/index.ts';
import type { LinuxRule } from './rules/rule.ts';

/** What becomes of a program whose call is refused, by the rule that the replacement falls under. */
export const CONSEQUENCES: ReadonlyMap<LinuxRule, string> = new Map([
  [OL002, 'The reservation could not be filled: the program relies on the replacement.'],
  [OL003, 'The segment would be missing: a loader relies on the replacement, and the program would not start.'],
  [OL001, 'What was there would stay; whether the program can go on without the new mapping is not in the log.'],
  [OL010, 'What was there would stay, which the program needs.'],
]);
