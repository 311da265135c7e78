import type { RuleCard } from '@overmap/report';

/** A refused address is forced, in source. */
export const OL103: RuleCard = {
  id: 'OL103',
  severity: 'note',
  title: 'refused, then forced',
  detects:
    'A function of source asks for an address as a hint, or with MAP_FIXED_NOREPLACE, and then for the same address with MAP_FIXED.',
  why: 'The kernel gives a hint if the range is free. If it did not, something is there, and the second call takes its place: this replaces exactly when there is something to lose.',
  promise:
    'mmap(2): without MAP_FIXED the kernel takes the address for a hint, and picks another one if a mapping exists there.',
  answers: ['The address. What was there is gone.'],
  bad: {
    about: 'The second call insists:',
    language: 'c',
    lines: [
      'void *place(void *at, size_t bytes)',
      '{',
      '    void *p = mmap(at, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);',
      '    if (p != at) {',
      '        munmap(p, bytes);',
      '        p = mmap(at, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);',
      '    }',
      '    return p;',
      '}',
    ],
  },
  good: {
    about: 'It takes no for an answer:',
    language: 'c',
    lines: [
      'void *place(void *at, size_t bytes)',
      '{',
      '    void *p = mmap(at, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);',
      '    if (p != MAP_FAILED && p != at) {',
      '        munmap(p, bytes);',
      '        return MAP_FAILED;',
      '    }',
      '    return p;',
      '}',
    ],
  },
  fix: {
    kind: 'noreplace',
    text: 'Fail, or go elsewhere. Where the replacement is meant, reserve the range with PROT_NONE and fill that.',
  },
  source: 'The analysis of source. See [source.md](../formats/source.md#linux).',
};
