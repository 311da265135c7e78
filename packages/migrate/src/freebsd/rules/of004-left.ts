import { type FreebsdRule, KEYED, MODEL, scenario, sequence } from './rule.ts';

/** A key over nothing. */
export const OF004: FreebsdRule = {
  id: 'OF004',
  severity: 'note',
  title: 'a key is left where nothing is mapped',
  detects:
    'Addresses without a mapping that keep a key under one of the two policies after an operation, and lose it under the other.',
  why: 'Nothing is lost yet. The next mapping there takes the key over ([OF003](OF003.md)), and an exclusive key is refused ([OF006](OF006.md)).',
  promise: 'As for [OF003](OF003.md).',
  answers: [
    'Under `pmap_map_delete`, the rule that was adopted, memory that nobody has touched keeps its key across munmap: the pmap is called only for entries with an object.',
  ],
  bad: sequence(
    'Memory with a key is unmapped:',
    'explicit_only:pmap_map_delete',
    scenario('unmapped', [...KEYED, ['munmap', 16, 20]]),
  ),
  good: sequence(
    'The key is cleared first:',
    'explicit_only:pmap_map_delete',
    scenario('cleared, then unmapped', [...KEYED, ['clear', 16, 20], ['munmap', 16, 20]]),
  ),
  fix: { kind: 'clear-first', text: 'Clear the key (AMD64_CLEAR_PKRU) before the memory is unmapped.' },
  source: MODEL,
  say: (f) =>
    `After the ${f.operation} nothing is mapped at ${f.whose}${f.pages}; ${f.key} stays there under ${f.with}, and is gone under ${f.without}.`,
};
