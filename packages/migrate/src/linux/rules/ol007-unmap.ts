import { EXEC, HEAPLIKE, type LinuxRule } from './rule.ts';

/** More was unmapped than was mapped. */
export const OL007: LinuxRule = {
  id: 'OL007',
  severity: 'note',
  title: 'unmap of more than was mapped',
  detects: 'A munmap took away mappings and reached across memory in which the log shows nothing mapped.',
  why: 'The kernel does not mind holes. But a length that is too large takes away what happens to lie there, in this run or in another.',
  promise: 'munmap(2): it is no error if the range does not contain any mapped pages.',
  answers: ['0, whether pages of the range were mapped or not.'],
  bad: {
    about: 'A buffer of 64 KiB is unmapped with twice its length:',
    language: 'strace',
    lines: [EXEC, HEAPLIKE, '100 munmap(0x7f0000000000, 131072)    = 0'],
  },
  good: {
    about: 'It is unmapped with its own length, in two steps:',
    language: 'strace',
    lines: [EXEC, HEAPLIKE, '100 munmap(0x7f0000000000, 32768)     = 0', '100 munmap(0x7f0000008000, 32768)     = 0'],
  },
  fix: { kind: 'own-length', text: 'Unmap what was mapped, with the length with which it was.' },
  notes: ['What execve maps (program, loader, stack, vdso) is in no log: the rest of the range may have been that.'],
  source: 'do_vmi_munmap of mm/vma.c.',
  say: (f) =>
    `The munmap of ${f.who} at ${f.at} (${f.size}) took away ${f.bytes}; in the other ${f.detail} the log shows nothing mapped.`,
};
