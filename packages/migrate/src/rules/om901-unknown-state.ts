import type { Rule } from './rule.ts';

/** The trace does not tell the state. */
export const OM901: Rule = {
  id: 'OM901',
  severity: 'note',
  title: 'unknown state',
  detects: 'In a partial trace, a recorded answer does not follow from what is known.',
  why: 'Something happened that the trace does not show. The state of that address is unknown from here on, and what rests on it cannot be judged.',
  fix: {
    kind: 'record-more',
    text: 'Record from the start, and every component that holds capabilities to these frames.',
  },
  say: (f) =>
    `The recorded answer ${f.fromAnswer} does not follow from what the trace has shown: the state of ${f.vaddr === '' ? `capability ${f.cap}` : f.vaddr} is unknown.`,
};
