import { EXEC, HEAPLIKE, type LinuxRule } from './rule.ts';

/** mprotect stopped in the middle. */
export const OL006: LinuxRule = {
  id: 'OL006',
  severity: 'warning',
  title: 'mprotect stopped in the middle',
  detects: 'An mprotect failed after it had changed the first part of its range.',
  why: 'A caller that takes the error for "nothing was done" has memory with another protection than it believes.',
  promise: 'mprotect(2): on an error the protection of some pages may have been changed already.',
  answers: [
    'The kernel goes upward, mapping by mapping. At a hole it stops with ENOMEM, at a mapping that must not get such rights with EACCES. What lies below keeps the new protection.',
  ],
  bad: {
    about: 'The range ends behind the mapping:',
    language: 'strace',
    lines: [EXEC, HEAPLIKE, '100 mprotect(0x7f0000000000, 131072, PROT_READ) = -1 ENOMEM (Cannot allocate memory)'],
  },
  good: {
    about: 'The range begins in a hole, and nothing is changed:',
    language: 'strace',
    lines: [EXEC, HEAPLIKE, '100 mprotect(0x7f0000010000, 65536, PROT_READ) = -1 ENOMEM (Cannot allocate memory)'],
  },
  fix: { kind: 'set-again', text: 'After an error, set the protection of the whole range again, mapping by mapping.' },
  notes: [
    'Where the log shows no hole (a limit was hit, or the mapping was made by execve), how far the call came cannot be known, and there is no finding.',
  ],
  source: 'do_mprotect_pkey of mm/mprotect.c.',
  say: (f) =>
    `The mprotect of ${f.who} at ${f.at} (${f.size}) failed with ${f.detail}; the first ${f.bytes} of its range, as far as the log shows what is mapped, have the new protection all the same.`,
};
