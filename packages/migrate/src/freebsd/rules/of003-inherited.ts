import { type FreebsdRule, KEYED, MODEL, scenario, sequence } from './rule.ts';

/** A new mapping takes over the key of what was there before. */
export const OF003: FreebsdRule = {
  id: 'OF003',
  severity: 'warning',
  title: 'a new mapping takes over an old key',
  detects:
    'A mapping is made over addresses that have a key from before under one of the two policies, and none under the other.',
  why: 'Keys belong to addresses. Who maps there next gets memory that a key guards which it never asked for, and faults; or, where it counted on the key of the range, memory that nothing guards.',
  promise: 'A key goes with the memory that it was given to; what the kernel does depends on the policy.',
  answers: [
    {
      columns: ['mapped over', '`pmap_map_delete`', '`entry_owned`', '`explicit_only`'],
      rows: [
        ['memory that was touched', 'no key', 'no key', 'old key'],
        ['memory that nobody touched', 'old key', 'no key', 'old key'],
        ['a hole with a key', 'old key', 'old key', 'old key'],
      ],
    },
  ],
  bad: sequence(
    'Memory with a key is mapped over:',
    'explicit_only:pmap_map_delete',
    scenario('mapped over', [...KEYED, ['mmap', 16, 20]]),
  ),
  good: sequence(
    'The key is cleared first:',
    'explicit_only:pmap_map_delete',
    scenario('cleared first', [...KEYED, ['clear', 16, 20], ['mmap', 16, 20]]),
  ),
  fix: { kind: 'clear-first', text: 'Clear the key (AMD64_CLEAR_PKRU) before the memory is unmapped or mapped over.' },
  source: MODEL,
  say: (f) =>
    `The ${f.operation} makes a mapping over ${f.whose}${f.pages} that takes over ${f.key} under ${f.with}, and has no key under ${f.without}.`,
};
