import { EXEC, HEAPLIKE, type LinuxRule } from './rule.ts';

/** A neighbour shrinks or splits. */
export const OL004: LinuxRule = {
  id: 'OL004',
  severity: 'note',
  title: 'shrinks or splits a neighbour',
  detects:
    'A call that [OL001](OL001.md), [OL005](OL005.md) or [OL010](OL010.md) tells of took a part of a mapping only.',
  why: 'Who made that mapping still counts on all of it. A munmap of its old range takes away the newcomer, too.',
  promise: 'mmap(2): the overlapped part is discarded; the rest stays.',
  answers: ['The kernel splits the mapping; the parts outside of the new range stay as they were.'],
  bad: {
    about: 'The middle of a buffer is replaced:',
    language: 'strace',
    lines: [
      EXEC,
      HEAPLIKE,
      '100 mmap(0x7f0000004000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000004000',
    ],
  },
  good: {
    about: 'All of it is replaced, and nothing is left:',
    language: 'strace',
    lines: [
      EXEC,
      HEAPLIKE,
      '100 mmap(0x7f0000000000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000',
    ],
  },
  fix: { kind: 'whole-range', text: 'Replace whole mappings, or unmap by the ranges that are left.' },
  source: '__split_vma of mm/vma.c.',
  say: (f) => `The ${f.call} of ${f.who} at ${f.at} (${f.size}) left ${f.detail}.`,
};
