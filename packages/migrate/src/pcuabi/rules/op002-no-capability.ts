import { EXEC, MODEL, type PcuabiRule, READ_WRITE, refused } from './rule.ts';

/** An address without a capability. */
export const OP002: PcuabiRule = {
  id: 'OP002',
  severity: 'error',
  title: 'needs a capability that the program does not hold',
  detects:
    'A call names an address that comes from no mapping of the program, and its range touches a live reservation: MAP_FIXED over it, or munmap, mprotect, mremap of it.',
  why: 'What an integer becomes may take free addresses only. Whoever wants to change a mapping must show the capability that it returned.',
  promise:
    'A null-derived address over any part of a reservation, holes and padding included: ERESERVATION. In calls that change mappings: EINVAL.',
  answers: [
    {
      columns: ['MAP_FIXED at a number', 'Linux', 'PCuABI'],
      rows: [
        ['free addresses', 'the address', 'a new reservation'],
        ['any part of a live reservation', 'the address; it is replaced', 'ERESERVATION'],
      ],
    },
  ],
  bad: {
    about: 'A fixed range begins below memory of the program, and covers it:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      '100 mmap(0x20000000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x20000000',
      '100 mmap(0x1fff0000, 131072, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x1fff0000',
    ],
  },
  good: {
    about: 'It keeps clear of that:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      READ_WRITE,
      '100 mmap(0x1fff0000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x1fff0000',
    ],
  },
  fix: {
    kind: 'keep-pointer',
    text: 'Keep the pointer that mmap returned, and derive the address from it. Or leave the address to the kernel.',
  },
  source: MODEL,
  say: (f) =>
    `${refused(f)}: the address comes from no mapping of the program, and the range touches ${f.mapping === '' ? 'what is reserved' : f.mapping}.${f.detail}`,
};
