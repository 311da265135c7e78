import { EXEC, HEAPLIKE, type LinuxRule } from './rule.ts';

/** NOREPLACE would refuse. */
export const OL009: LinuxRule = {
  id: 'OL009',
  severity: 'error',
  title: 'NOREPLACE refuses',
  detects: 'Under `--to noreplace`: a MAP_FIXED call that replaced something would fail with EEXIST.',
  why: 'A program that is changed to MAP_FIXED_NOREPLACE throughout gets an error here that it had never seen. Where it relies on the replacement (a loader, a reservation) it does not work any more; where the replacement was a mistake, the error is what it should have got.',
  promise: 'mmap(2): MAP_FIXED_NOREPLACE never clobbers an existing mapped range, and fails with EEXIST.',
  answers: [
    {
      columns: ['', 'MAP_FIXED', 'MAP_FIXED_NOREPLACE'],
      rows: [
        ['one page of the range is mapped', 'the address', 'EEXIST, nothing changed'],
        ['before Linux 4.17', 'the address', 'a hint: another address'],
      ],
    },
  ],
  bad: {
    about: 'A mapping is replaced:',
    to: 'noreplace',
    language: 'strace',
    lines: [
      EXEC,
      HEAPLIKE,
      '100 mmap(0x7f0000000000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000',
    ],
  },
  good: {
    about: 'It is unmapped first:',
    to: 'noreplace',
    language: 'strace',
    lines: [
      EXEC,
      HEAPLIKE,
      '100 munmap(0x7f0000000000, 65536)     = 0',
      '100 mmap(0x7f0000000000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000',
    ],
  },
  fix: {
    kind: 'keep-fixed',
    text: 'Keep MAP_FIXED where replacing is meant, or unmap the range first; use NOREPLACE everywhere else.',
  },
  notes: [
    'Each call is held against the memory as it was recorded. What a program would do after the refusal is not in the log.',
    'mremap has no such flag: MREMAP_FIXED replaces under both.',
  ],
  source: 'do_mmap of mm/mmap.c.',
  say: (f) =>
    `With MAP_FIXED_NOREPLACE the ${f.call} of ${f.who} at ${f.at} (${f.size}) would fail with EEXIST, as it takes the place of ${f.was}. ${f.detail}`,
};
