import { EXEC, MODEL, type PcuabiRule, RESERVED, READ_WRITE, refused } from './rule.ts';

/** More access than the capability has. */
export const OP004: PcuabiRule = {
  id: 'OP004',
  severity: 'error',
  title: 'wants more access than the mapping was made for',
  detects: 'mprotect asks for access that the capability of the mapping has no permission for.',
  why: 'The permissions of a reservation are those of the protection that it was mapped with, and never grow. Memory that was reserved by PROT_NONE cannot be opened by mprotect.',
  promise: 'PROT above the permissions of the capability passed: EINVAL. PROT_MAX, in mmap, says what is wanted later.',
  answers: [
    {
      columns: ['mapped', 'mprotect to', 'Linux', 'PCuABI'],
      rows: [
        ['PROT_NONE', 'read, write', '0', 'EINVAL'],
        ['PROT_NONE, PROT_MAX read and write', 'read, write', '0', '0'],
        ['read, write', 'read', '0', '0'],
      ],
    },
  ],
  bad: {
    about: 'A range is reserved, and its first part opened:',
    to: 'pcuabi',
    language: 'strace',
    lines: [EXEC, RESERVED, '100 mprotect(0x7f0000000000, 65536, PROT_READ|PROT_WRITE) = 0'],
  },
  good: {
    about: 'Access is taken away only:',
    to: 'pcuabi',
    language: 'strace',
    lines: [EXEC, READ_WRITE, '100 mprotect(0x7f0000000000, 4096, PROT_READ) = 0'],
  },
  fix: { kind: 'prot-max', text: 'Give mmap the access that is wanted later as PROT_MAX.' },
  source: MODEL,
  say: (f) => `${refused(f)}: ${f.detail} is more than the capability of ${f.mapping} allows.`,
};
