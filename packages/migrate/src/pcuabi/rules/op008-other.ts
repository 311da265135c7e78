import { EXEC, MODEL, type PcuabiRule, READ_WRITE, refused } from './rule.ts';

/** Refused for another reason. */
export const OP008: PcuabiRule = {
  id: 'OP008',
  severity: 'error',
  title: 'asks for what PCuABI does not have',
  detects:
    'A call that succeeded on Linux would fail for a reason of its own: MAP_GROWSDOWN, growing in place beyond a reservation, no free addresses.',
  why: 'The program gets an error where it has seen none before.',
  promise:
    'MAP_GROWSDOWN: EOPNOTSUPP. mremap beyond the reservation without MREMAP_MAYMOVE: ENOMEM, however much is free behind it.',
  answers: [
    {
      columns: ['call', 'Linux', 'PCuABI'],
      rows: [
        ['mmap with MAP_GROWSDOWN', 'the address', 'EOPNOTSUPP'],
        ['mremap, larger, may not move, free behind', 'the address', 'ENOMEM'],
      ],
    },
  ],
  bad: {
    about: 'A mapping grows where it is:',
    to: 'pcuabi',
    language: 'strace',
    lines: [EXEC, READ_WRITE, '100 mremap(0x7f0000000000, 65536, 131072, 0) = 0x7f0000000000'],
  },
  good: {
    about: 'It may move:',
    to: 'pcuabi',
    language: 'strace',
    lines: [EXEC, READ_WRITE, '100 mremap(0x7f0000000000, 65536, 131072, MREMAP_MAYMOVE) = 0x7f0000000000'],
  },
  fix: { kind: 'allow', text: 'Let mremap move; ask for as much as will be needed at first; leave MAP_GROWSDOWN out.' },
  source: MODEL,
  say: (f) => `${refused(f)}: ${f.detail}${f.mapping === '' ? '' : `, in ${f.mapping}`}.`,
};
