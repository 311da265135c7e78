import type { RuleCard } from '@overmap/report';

/** NOREPLACE without the comparison, in source. */
export const OL102: RuleCard = {
  id: 'OL102',
  severity: 'warning',
  title: 'NOREPLACE, and the result is not compared',
  detects:
    'A call of mmap in source has MAP_FIXED_NOREPLACE, and its function never compares the result with the address that it asked for.',
  why: 'Kernels before 4.17 do not know the flag, ignore it, and take the address for a hint. Where the range is taken they map somewhere else, and the call succeeds: the program goes on with memory that is not where it believes.',
  promise:
    'mmap(2): older kernels that do not recognise the flag fall back to behaviour without MAP_FIXED, and return an address that differs; backward-compatible software should compare the two.',
  answers: [
    {
      columns: ['the range is taken', 'answer'],
      rows: [
        ['Linux 4.17 and later', 'EEXIST'],
        ['before', 'another address, and no error'],
      ],
    },
  ],
  bad: {
    about: 'Only MAP_FAILED is looked for:',
    language: 'c',
    lines: [
      'int place(void *at, size_t bytes)',
      '{',
      '    void *p = mmap(at, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);',
      '    if (p == MAP_FAILED) {',
      '        return -1;',
      '    }',
      '    return 0;',
      '}',
    ],
  },
  good: {
    about: 'The result is compared, and what came by the way is unmapped:',
    language: 'c',
    lines: [
      'int place(void *at, size_t bytes)',
      '{',
      '    void *p = mmap(at, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);',
      '    if (p != MAP_FAILED && p != at) {',
      '        munmap(p, bytes);',
      '        errno = EEXIST;',
      '        p = MAP_FAILED;',
      '    }',
      '    return p == MAP_FAILED ? -1 : 0;',
      '}',
    ],
  },
  fix: {
    kind: 'compare-result',
    text: 'Compare the result with the address; where they differ, unmap what the kernel gave and fail with EEXIST.',
  },
  notes: [
    '`overmap migrate source --to noreplace` adds the comparison where it can; on kernels from 4.17 on it changes nothing.',
    'A program that never runs on an older kernel may suppress it with that reason.',
  ],
  source: 'The analysis of source; do_mmap of mm/mmap.c. See [source.md](../formats/source.md#linux).',
};
