import { EXEC, type LinuxRule } from './rule.ts';

/** What the sequences share: the loader maps a library as a whole. */
const LIBRARY = '100 mmap(NULL, 1974096, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 3</lib/libc.so.6>, 0) = 0x7f0000000000';

/** A loader places a segment. */
export const OL003: LinuxRule = {
  id: 'OL003',
  severity: 'note',
  title: 'segment of a file placed',
  detects:
    'A MAP_FIXED call put a part of a file, or anonymous memory right behind one, over a mapping of that file which never was writable.',
  why: 'It loses nothing: the file still has what was there. Every dynamic loader does this: it maps a library as a whole, to get a range of addresses, and then each segment over that.',
  promise: 'mmap(2): the overlapped part of existing mappings is discarded.',
  answers: [
    {
      columns: ['over the mapping of the whole file', 'answer'],
      rows: [
        ['MAP_FIXED', 'the address; that part of the mapping is replaced'],
        ['MAP_FIXED_NOREPLACE', 'EEXIST: the program does not start'],
      ],
    },
  ],
  bad: {
    about: 'The text of a library is placed:',
    language: 'strace',
    lines: [
      EXEC,
      LIBRARY,
      '100 mmap(0x7f0000026000, 1400832, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3</lib/libc.so.6>, 0x26000) = 0x7f0000026000',
    ],
  },
  good: {
    about: 'Another file is put there, which is an [OL001](OL001.md):',
    language: 'strace',
    lines: [
      EXEC,
      LIBRARY,
      '100 mmap(0x7f0000026000, 1400832, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 4</tmp/other>, 0x26000) = 0x7f0000026000',
    ],
  },
  fix: null,
  advice: 'Leave it alone.',
  notes: [
    'Without -y a log names descriptors and no files, and two files that had the same descriptor one after the other look like one: record with `strace -f -y`.',
  ],
  source:
    'mmap_region of mm/vma.c, and how dynamic loaders use it. See [decision 0024](../decisions/0024-what-replaces.md).',
  say: (f) => `The ${f.call} of ${f.who} placed ${f.made} at ${f.at} (${f.size}) over ${f.was}.`,
};
