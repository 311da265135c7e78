import { EXEC, MODEL, type PcuabiRule, READ_WRITE } from './rule.ts';

/** There is no brk. */
export const OP003: PcuabiRule = {
  id: 'OP003',
  severity: 'warning',
  title: 'uses brk, which does not exist',
  detects: 'A process calls brk. Told once for each process; its range is treated as one mapping from then on.',
  why: 'brk has no place for a capability: it is not there. Allocators of the C library fall back to mmap; a program with an allocator of its own may not.',
  promise: 'ENOSYS.',
  answers: [{ columns: ['call', 'Linux', 'PCuABI', 'CheriBSD'], rows: [['brk', 'the break', 'ENOSYS', 'EOPNOTSUPP']] }],
  bad: {
    about: 'The heap grows:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      '100 brk(NULL)                         = 0x555555559000',
      '100 brk(0x55555557a000)               = 0x55555557a000',
    ],
  },
  good: { about: 'Memory comes from mmap:', to: 'pcuabi', language: 'strace', lines: [EXEC, READ_WRITE] },
  fix: { kind: 'mmap', text: 'Use malloc of a C library that was ported, or mmap.' },
  source: MODEL,
  say: (f) =>
    `The first brk of ${f.who} would fail with ${f.error}, as every one: PCuABI has none. Its range, from ${f.at} on, is taken for one mapping here.`,
};
