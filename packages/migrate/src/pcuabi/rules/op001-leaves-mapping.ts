import { EXEC, MODEL, type PcuabiRule, READ_WRITE, refused } from './rule.ts';

/** A range that leaves the mapping which its pointer comes from. */
export const OP001: PcuabiRule = {
  id: 'OP001',
  severity: 'error',
  title: 'leaves the mapping that its pointer comes from',
  detects:
    'A call succeeded on Linux whose range begins in one mapping and reaches beyond the bounds of the capability that this mapping returned.',
  why: 'A reservation is made by one mmap and never grows. Its capability holds for its own range alone: no pointer of the program holds for two mappings that happen to be neighbours.',
  promise: 'The capability must own all pages of the range: else EINVAL, before anything is changed.',
  answers: [
    {
      columns: ['range', 'Linux', 'PCuABI'],
      rows: [
        ['within one mapping', '0', '0'],
        ['across two neighbours', '0', 'EINVAL'],
      ],
    },
  ],
  bad: {
    about: 'Two mappings that the kernel put side by side are unmapped by one call:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      READ_WRITE,
      '100 mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000010000',
      '100 munmap(0x7f0000000000, 131072)    = 0',
    ],
  },
  good: {
    about: 'Each is unmapped for itself:',
    to: 'pcuabi',
    language: 'strace',
    lines: [EXEC, READ_WRITE, '100 munmap(0x7f0000000000, 65536)     = 0'],
  },
  fix: {
    kind: 'split',
    text: 'Make one call for each mapping, through its own pointer. Or map all of it by one mmap, and carve that up.',
  },
  source: MODEL,
  say: (f) => `${refused(f)}: it leaves ${f.mapping}.${f.detail}`,
};
