import { EXEC, MODEL, type PcuabiRule, READ_WRITE, RESERVED } from './rule.ts';

/** Access that no pointer can use. */
export const OP005: PcuabiRule = {
  id: 'OP005',
  severity: 'note',
  title: 'gives pages access that their capability cannot use',
  detects:
    'MAP_FIXED puts pages into an earlier mapping with more access than that one was made for. The call succeeds and returns the pointer it was given, whose permissions do not grow.',
  why: 'The pages may be written, but not through the pointer that the program has: the access faults. Loaders that map a library whole and then its segments do this for each one.',
  promise:
    'No tree that was read compares PROT with the permissions here; the capability passed is returned unchanged.',
  answers: [
    {
      columns: ['over memory mapped PROT_READ', 'Linux', 'PCuABI'],
      rows: [['MAP_FIXED, PROT_READ and PROT_WRITE', 'can be written', 'the call succeeds; a write faults']],
    },
  ],
  bad: {
    about: 'A part of a reservation is filled:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      RESERVED,
      '100 mmap(0x7f0000000000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000',
    ],
  },
  good: {
    about: 'Fresh memory takes the place of such with the same access:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      READ_WRITE,
      '100 mmap(0x7f0000000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000',
    ],
  },
  fix: { kind: 'prot-max', text: 'Give the first mmap the access that is wanted later as PROT_MAX.' },
  source: MODEL,
  say: (f) =>
    `The ${f.call} of ${f.who} at ${f.at} (${f.size}) succeeds, but ${f.detail} is more than the capability of ${f.mapping} allows: through it such an access faults.`,
};
