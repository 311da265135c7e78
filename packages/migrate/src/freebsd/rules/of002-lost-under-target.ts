import { type FreebsdRule, KEYED, MODEL, scenario, sequence } from './rule.ts';

/** The target would take the key of a mapping that stays. */
export const OF002: FreebsdRule = {
  id: 'OF002',
  severity: 'error',
  title: 'protection key would be lost under the target',
  detects:
    'The same as OF001 the other way round: under the policy that is audited the key stays with its mapping, and under the target it goes.',
  why: 'A program that relies on its keys today would lose them on a kernel with the target’s rule, and would not be told.',
  promise: 'As for [OF001](OF001.md).',
  answers: ['The table of [OF001](OF001.md), read the other way round.'],
  bad: sequence(
    'A program of today on the kernel before the commit:',
    'pmap_map_delete:every_pmap_remove',
    scenario('closed and opened', [...KEYED, ['mprotect', 16, 20, ''], ['mprotect', 16, 20, 'rw']]),
  ),
  good: sequence(
    'Write access alone is taken away, so that no entry is removed:',
    'pmap_map_delete:every_pmap_remove',
    scenario('read-only and back', [...KEYED, ['mprotect', 16, 20, 'r'], ['mprotect', 16, 20, 'rw']]),
  ),
  fix: { kind: 'persist', text: 'Set the key with AMD64_PKRU_PERSIST, or set it again after the operation.' },
  source: MODEL,
  say: (f) =>
    `The ${f.operation} would take ${f.key} from ${f.whose}${f.pages} under ${f.without}, and the mapping stays: its protection would silently be lost. Under ${f.with} the key stays.`,
};
