import { type FreebsdRule, KEYED, MODEL, scenario, sequence } from './rule.ts';

/** A call that one policy refuses. */
export const OF006: FreebsdRule = {
  id: 'OF006',
  severity: 'warning',
  title: 'an exclusive key is refused under one policy',
  detects:
    'A call that sets a key with EXCL fails with EBUSY under one of the two policies and succeeds under the other.',
  why: 'An older key is in the way that the other policy has dropped. A program that takes EBUSY for "somebody else’s" goes another way.',
  promise: 'EXCL sets a key only where none is.',
  answers: [
    'The kernel looks at one range only, the last that starts at or below the end: one just above is in the way.',
  ],
  bad: sequence(
    'The key of memory that is gone is in the way:',
    'explicit_only:pmap_map_delete',
    scenario('set again', [...KEYED, ['munmap', 16, 20], ['mmap', 16, 20], ['set_excl', 16, 20, 6]]),
  ),
  good: sequence(
    'It is cleared first:',
    'explicit_only:pmap_map_delete',
    scenario('cleared', [...KEYED, ['clear', 16, 20], ['munmap', 16, 20], ['mmap', 16, 20], ['set_excl', 16, 20, 6]]),
  ),
  fix: { kind: 'clear-first', text: 'Clear the key before the memory is unmapped; or set it without EXCL.' },
  source: MODEL,
  say: (f) => `The ${f.operation} for ${f.whose}${f.pages} is refused under ${f.without}, and done under ${f.with}.`,
};
