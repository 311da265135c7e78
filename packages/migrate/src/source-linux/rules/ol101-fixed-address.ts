import type { RuleCard } from '@overmap/report';

/** A fixed address, in source. */
export const OL101: RuleCard = {
  id: 'OL101',
  severity: 'note',
  title: 'fixed address without NOREPLACE',
  detects:
    'A call of mmap in source has MAP_FIXED, and its address is a number of the code, or was unmapped just before. Nothing in the code shows that the range is free.',
  why: 'MAP_FIXED takes away what is there without a word. Where libraries, stacks and the heap lie changes with every run; what another thread maps, too.',
  promise:
    'mmap(2): if the range overlaps pages of existing mappings, the overlapped part is discarded. With MAP_FIXED_NOREPLACE (Linux 4.17) the call fails with EEXIST instead.',
  answers: [
    {
      columns: ['', 'MAP_FIXED', 'MAP_FIXED_NOREPLACE'],
      rows: [
        ['nothing is mapped there', 'the address', 'the address'],
        ['one page is mapped there', 'the address; it is replaced', 'EEXIST'],
        ['before Linux 4.17', 'the same', 'a hint: perhaps another address'],
      ],
    },
  ],
  bad: {
    about: 'A heap at an address of its own:',
    language: 'c',
    lines: [
      'void *heap(size_t bytes)',
      '{',
      '    return mmap((void *)0x200000000000, bytes, PROT_READ | PROT_WRITE,',
      '                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);',
      '}',
    ],
  },
  good: {
    about: 'It is told when the place is taken, on old kernels too:',
    language: 'c',
    lines: [
      'void *heap(size_t bytes)',
      '{',
      '    void *const at = (void *)0x200000000000;',
      '    void *p = mmap(at, bytes, PROT_READ | PROT_WRITE,',
      '                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);',
      '    if (p != MAP_FAILED && p != at) {',
      '        munmap(p, bytes);',
      '        errno = EEXIST;',
      '        return MAP_FAILED;',
      '    }',
      '    return p;',
      '}',
    ],
  },
  fix: {
    kind: 'noreplace',
    text: 'Use MAP_FIXED_NOREPLACE, and compare the result with the address. Or reserve the range with PROT_NONE first, where the kernel chooses, and fill that.',
  },
  notes: [
    'Without a recorded run it is a note. With one (`--evidence`, an audit of an strace log with stacks) a call that took away live memory is an error, and one that never replaced anything is likely safe to harden; one run is no proof.',
    '`overmap migrate source --to noreplace` rewrites what a recorded run calls likely safe.',
    'Reserve, then commit, is no finding: replacing the reservation is what MAP_FIXED is for.',
  ],
  source: 'The analysis of source. See [source.md](../formats/source.md#linux).',
};
