import type { RuleCard } from '@overmap/report';

/** Cannot tell, in source of Linux. */
export const OL190: RuleCard = {
  id: 'OL190',
  severity: 'note',
  title: 'cannot tell what MAP_FIXED replaces',
  detects:
    'A call of mmap in source has MAP_FIXED, and where its address comes from is not seen; or it has MAP_FIXED_NOREPLACE, and its answer goes where it is not followed.',
  why: 'It may fill a reservation of the program, which is right, or take the place of whatever is there.',
  promise: 'mmap(2): if the range overlaps pages of existing mappings, the overlapped part is discarded.',
  answers: ['The address, whether something was there or not.'],
  bad: {
    about: 'The address comes from outside:',
    language: 'c',
    lines: [
      'void *place(void *at, size_t bytes)',
      '{',
      '    return mmap(at, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);',
      '}',
    ],
  },
  good: {
    about: 'It comes from a reservation:',
    language: 'c',
    lines: [
      'void *place(size_t bytes)',
      '{',
      '    void *at = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);',
      '    if (at == MAP_FAILED) {',
      '        return NULL;',
      '    }',
      '    return mmap(at, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);',
      '}',
    ],
  },
  fix: null,
  notes: ['A recorded run with stacks (`--evidence`) tells what it replaced in that run.'],
  source: 'The analysis of source. See [source.md](../formats/source.md#linux).',
};
