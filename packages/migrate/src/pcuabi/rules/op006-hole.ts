import { EXEC, MODEL, type PcuabiRule, READ_WRITE, refused } from './rule.ts';

/** A hole is mapped again. */
export const OP006: PcuabiRule = {
  id: 'OP006',
  severity: 'error',
  title: 'maps a hole of an earlier mapping again',
  detects: 'MAP_FIXED, or MREMAP_FIXED, through the pointer of a mapping of which munmap has taken that part away.',
  why: 'The hole stays reserved, so that nobody else gets it; but mmap replaces pages only that are mapped.',
  promise:
    'An owning capability with MAP_FIXED over a range that is not mapped all through: ENOMEM. mremap may grow into the hole.',
  answers: [
    {
      columns: ['through the pointer of the mapping', 'Linux', 'PCuABI'],
      rows: [
        ['over mapped pages', 'the address', 'the same pointer'],
        ['into a hole', 'the address', 'ENOMEM'],
      ],
    },
  ],
  bad: {
    about: 'A part is unmapped, and mapped again:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      READ_WRITE,
      '100 munmap(0x7f0000004000, 16384)     = 0',
      '100 mmap(0x7f0000004000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000004000',
    ],
  },
  good: {
    about: 'It is closed, and mapped over:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      READ_WRITE,
      '100 mmap(0x7f0000004000, 16384, PROT_NONE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x7f0000004000',
      '100 mmap(0x7f0000004000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000004000',
    ],
  },
  fix: { kind: 'keep-mapped', text: 'Keep the range mapped by PROT_NONE instead of unmapping it.' },
  source: MODEL,
  say: (f) => `${refused(f)}: it is a hole in ${f.mapping}.${f.detail}`,
};
