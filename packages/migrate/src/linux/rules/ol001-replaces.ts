import { EXEC, HEAPLIKE, type LinuxRule } from './rule.ts';

/** Replaces live memory of another origin. */
export const OL001: LinuxRule = {
  id: 'OL001',
  severity: 'warning',
  title: 'replaces live memory of another origin',
  detects:
    'A MAP_FIXED call put something else where memory was mapped that may hold what nobody else has: it had been writable, and it is no reservation that the process fills or gives back. Or it put one file over another.',
  why: 'MAP_FIXED takes away what is there without a word. What was written there is gone, and whoever holds a pointer to it reads something else from now on.',
  promise:
    'mmap(2): if the range overlaps pages of existing mappings, the overlapped part is discarded. With MAP_FIXED_NOREPLACE (Linux 4.17) the call fails with EEXIST instead.',
  answers: [
    {
      columns: ['', 'MAP_FIXED', 'MAP_FIXED_NOREPLACE'],
      rows: [
        ['nothing is mapped there', 'the address', 'the address'],
        ['one page is mapped there', 'the address; it is replaced', 'EEXIST'],
      ],
    },
  ],
  bad: {
    about: 'A buffer is replaced by another one:',
    language: 'strace',
    lines: [
      EXEC,
      HEAPLIKE,
      '100 mmap(0x7f0000004000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000004000',
    ],
  },
  good: {
    about: 'It is unmapped first, so that the replacement is meant:',
    language: 'strace',
    lines: [
      EXEC,
      HEAPLIKE,
      '100 munmap(0x7f0000004000, 16384)     = 0',
      '100 mmap(0x7f0000004000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = 0x7f0000004000',
    ],
  },
  fix: {
    kind: 'noreplace',
    text: 'Use MAP_FIXED_NOREPLACE and handle EEXIST. Where the replacement is meant, reserve the range with PROT_NONE and fill that, or unmap it first.',
  },
  notes: [
    'An strace log shows no writes: it tells that something could be written there, and not that it was. A program that knows its memory to be empty loses nothing. Guard pages that a thread puts onto the bottom of its own fresh stack are of this kind.',
    'Where there is evidence that the contents are wanted, the finding is an [OL010](OL010.md).',
  ],
  source: 'mmap_region of mm/vma.c. See [decision 0024](../decisions/0024-what-replaces.md).',
  say: (f) =>
    f.writable === ''
      ? `The ${f.call} of ${f.who} put ${f.made} at ${f.at} (${f.size}) over ${f.was}. The file still has what was there; whoever used it at this address finds something else.`
      : `The ${f.call} of ${f.who} put ${f.made} at ${f.at} (${f.size}) over ${f.was}. ${f.writable} of it had been writable: what was written there, if anything was, is gone.`,
};
