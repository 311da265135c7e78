import { EXEC, MODEL, type PcuabiRule, READ_WRITE, refused } from './rule.ts';

/** A hint where the program has memory. */
export const OP007: PcuabiRule = {
  id: 'OP007',
  severity: 'error',
  title: 'gives a hint where it has memory already',
  detects:
    'mmap without MAP_FIXED names an address in an earlier mapping of the program, or in what that has reserved.',
  why: 'On Linux a hint that cannot be taken is passed over. Here a capability without MAP_FIXED is an error, and so is a number inside of a reservation.',
  promise:
    'An owning capability without MAP_FIXED: EINVAL. A null-derived hint wholly inside of a reservation: ERESERVATION; in part: passed over.',
  answers: [
    {
      columns: ['hint', 'Linux', 'PCuABI'],
      rows: [
        ['free', 'the address', 'a new reservation there'],
        ['a pointer into own memory', 'another address', 'EINVAL'],
        ['a number inside of a reservation', 'another address', 'ERESERVATION'],
      ],
    },
  ],
  bad: {
    about: 'The next mapping is wanted where one is:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      READ_WRITE,
      '100 mmap(0x7f0000008000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7efff0000000',
    ],
  },
  good: {
    about: 'Without a hint:',
    to: 'pcuabi',
    language: 'strace',
    lines: [EXEC, READ_WRITE, '100 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7efff0000000'],
  },
  fix: { kind: 'no-hint', text: 'Leave the address to the kernel, or give a number that is free.' },
  notes: ['The trees that were read answer this; the specification was not, and may want the hint passed over.'],
  source: MODEL,
  say: (f) =>
    `${refused(f)}: its hint is in ${f.mapping === '' ? 'what is reserved' : f.mapping}, and it has no MAP_FIXED.`,
};
