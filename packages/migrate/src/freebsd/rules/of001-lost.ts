import { type FreebsdRule, KEYED, MODEL, scenario, sequence } from './rule.ts';

/** The audited policy takes the key of a mapping that stays. */
export const OF001: FreebsdRule = {
  id: 'OF001',
  severity: 'error',
  title: 'protection key lost while the mapping stays',
  detects:
    'Pages whose mapping is the same before and after an operation, and whose protection key is gone after it under the policy that is audited, but not under the one it is held against.',
  why: 'Nobody asked for the key to go, and nothing tells that it went. The next fault enters the page with key 0, which every thread may access: what the key kept apart is open.',
  promise:
    'pkru(3): a key stays until it is cleared, or its range is unmapped. Before commit 1e0e335b0f0d it went with every removal of page-table entries.',
  answers: [
    {
      columns: ['operation', '`every_pmap_remove`', '`pmap_remove_swapout`', '`pmap_map_delete`'],
      rows: [
        ['process is swapped out', 'lost', 'kept', 'kept'],
        ['`mprotect(PROT_NONE)`', 'lost', 'lost', 'kept'],
        ['`msync(MS_INVALIDATE)`', 'lost', 'lost', 'kept'],
        ['`munmap`', 'goes with the pages', 'goes with the pages', 'goes with the pages'],
      ],
    },
    'A key with PERSIST is never lost.',
  ],
  bad: sequence(
    'Four pages with key 5 are swapped out, and come back without it:',
    'every_pmap_remove:pmap_map_delete',
    scenario('swapped out', [...KEYED, ['swapout'], ['swapin'], ['touch', 16, 16, 20]]),
  ),
  good: sequence(
    'The key is persistent:',
    'every_pmap_remove:pmap_map_delete',
    scenario('swapped out, persistent', [...KEYED.slice(0, 2), ['set', 16, 20, 5, true], ['swapout'], ['swapin']]),
  ),
  fix: {
    kind: 'persist',
    text: 'Set the key with AMD64_PKRU_PERSIST, and clear it before the memory is given back; or set it again after mprotect and msync. On the kernel: commit 1e0e335b0f0d.',
  },
  source: MODEL,
  say: (f) =>
    `The ${f.operation} takes ${f.key} from ${f.whose}${f.pages} under ${f.without}, and the mapping stays: its protection is silently lost. Under ${f.with} the key stays.`,
};
