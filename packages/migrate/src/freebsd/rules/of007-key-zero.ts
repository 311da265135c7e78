import { type FreebsdRule, KEYED, MODEL, scenario, sequence } from './rule.ts';

const ZERO = [...KEYED.slice(0, 2), ['set', 16, 20, 0]] as const;

/** A range with key 0 goes: nothing is opened by that. */
export const OF007: FreebsdRule = {
  id: 'OF007',
  severity: 'note',
  title: 'a range with key 0 is lost',
  detects: 'The same as [OF001](OF001.md) and [OF002](OF002.md), of pages with key 0.',
  why: 'A page without a key is entered with key 0, so that no protection is lost. But the range is gone: an exclusive key, which it kept away, can be set there now.',
  promise: 'Key 0 is a key like others, also for EXCL.',
  answers: ['The table of [OF001](OF001.md).'],
  bad: sequence(
    'Pages with key 0 are swapped out:',
    'every_pmap_remove:pmap_map_delete',
    scenario('key 0 swapped out', [...ZERO, ['swapout']]),
  ),
  good: sequence(
    'Nothing is resident but what is wired, and stays:',
    'every_pmap_remove:pmap_map_delete',
    scenario('key 0, wired', [...ZERO, ['wire', 16, 17], ['swapout']]),
  ),
  fix: { kind: 'persist', text: 'Set the key with AMD64_PKRU_PERSIST, if it is there to keep others away.' },
  source: MODEL,
  say: (f) =>
    `The ${f.operation} takes ${f.key} from ${f.whose}${f.pages} under ${f.without}, and the mapping stays; under ${f.with} the key stays. Pages without a key have key 0 as well: access is the same.`,
};
