import { type FreebsdRule, KEYED, MODEL, scenario, sequence } from './rule.ts';

/** Two keys for one page. */
export const OF005: FreebsdRule = {
  id: 'OF005',
  severity: 'warning',
  title: 'two policies leave different keys',
  detects: 'Pages that have a key under both policies after an operation, and not the same one.',
  why: 'What follows from an earlier difference: a call was refused under one policy and set its key under the other.',
  promise: 'The key that was set last holds.',
  answers: ['EXCL is refused (EBUSY) only where an older key is still there.'],
  bad: sequence(
    'Behind a loss, an exclusive key succeeds under one policy only:',
    'every_pmap_remove:pmap_map_delete',
    scenario('set anew', [...KEYED, ['swapout'], ['set_excl', 16, 20, 6]]),
  ),
  good: sequence(
    'It is set whatever is there:',
    'every_pmap_remove:pmap_map_delete',
    scenario('set anew', [...KEYED, ['swapout'], ['set', 16, 20, 6]]),
  ),
  fix: null,
  source: MODEL,
  say: (f) =>
    `After the ${f.operation} ${f.whose}${f.pages} have ${f.key} under ${f.with}, and ${f.other} under ${f.without}.`,
};
