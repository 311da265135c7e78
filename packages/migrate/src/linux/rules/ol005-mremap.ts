import { EXEC, HEAPLIKE, type LinuxRule } from './rule.ts';

/** mremap onto live memory. */
export const OL005: LinuxRule = {
  id: 'OL005',
  severity: 'warning',
  title: 'mremap onto live memory',
  detects: 'An mremap with MREMAP_FIXED moved a mapping to where another one was, which is no reservation.',
  why: 'What was there is taken away without a word, and mremap has no flag that would refuse.',
  promise: 'mremap(2): with MREMAP_FIXED, any previous mapping at the new address is unmapped.',
  answers: [
    'The target is unmapped first, also when the move itself fails afterwards. There is no MREMAP_FIXED_NOREPLACE: `--to noreplace` changes nothing here.',
  ],
  bad: {
    about: 'A buffer is moved onto another one:',
    language: 'strace',
    lines: [
      EXEC,
      HEAPLIKE,
      '100 mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000100000',
      '100 mremap(0x7f0000100000, 65536, 65536, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f0000000000) = 0x7f0000000000',
    ],
  },
  good: {
    about: 'It is moved into a reservation:',
    language: 'strace',
    lines: [
      EXEC,
      '100 mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000',
      '100 mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000100000',
      '100 mremap(0x7f0000100000, 65536, 65536, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f0000000000) = 0x7f0000000000',
    ],
  },
  fix: { kind: 'reserve', text: 'Reserve the target with PROT_NONE, and move into that.' },
  source: 'mremap_to of mm/mremap.c.',
  say: (f) =>
    `The ${f.call} of ${f.who} moved ${f.made} to ${f.at} (${f.size}) over ${f.was}.${f.writable === '' ? '' : ` ${f.writable} of it had been writable: what was written there, if anything was, is gone.`}`,
};
