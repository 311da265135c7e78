import { EXEC, HEAPLIKE, type LinuxRule } from './rule.ts';

/** Replaces memory that held data. */
export const OL010: LinuxRule = {
  id: 'OL010',
  severity: 'error',
  title: 'replaces memory whose contents are wanted',
  detects:
    'A MAP_FIXED or MREMAP_FIXED call took the place of memory of which the log itself tells that its contents are wanted: the heap (brk), memory that was made read-only after it had been writable, or memory that mremap had moved, which is done to keep what is in it.',
  why: 'What was written there is gone, and whoever holds a pointer to it reads something else from now on. In the heap that is the allocator itself.',
  promise:
    'mmap(2): the overlapped part of existing mappings is discarded. The manual warns that this may corrupt a process.',
  answers: ['The address. With MAP_FIXED_NOREPLACE it would be EEXIST.'],
  bad: {
    about: 'A mapping is put into the heap:',
    language: 'strace',
    lines: [
      EXEC,
      '100 brk(NULL)                         = 0x55bf0d6a2000',
      '100 brk(0x55bf0d6c3000)               = 0x55bf0d6c3000',
      '100 mmap(0x55bf0d6b0000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x55bf0d6b0000',
    ],
  },
  good: {
    about: 'Memory of which nobody knows whether it was written is replaced, which is an [OL001](OL001.md):',
    language: 'strace',
    lines: [
      EXEC,
      HEAPLIKE,
      '100 mmap(0x7f0000004000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000004000',
    ],
  },
  fix: {
    kind: 'noreplace',
    text: 'Use MAP_FIXED_NOREPLACE, or no fixed address at all: let the kernel choose, or reserve a range with PROT_NONE.',
  },
  notes: [
    'The brk range is kept apart from mappings: a call that hits the heap alone counts among `mapFixedOk` and not among `replacing`.',
  ],
  source: 'mmap_region of mm/vma.c. See [decision 0024](../decisions/0024-what-replaces.md).',
  say: (f) =>
    `The ${f.call} of ${f.who} put ${f.made} at ${f.at} (${f.size}) over ${f.heap === '' ? f.was : `${f.heap} of the heap${f.was === '' ? '' : `, and ${f.was}`}`}. ${f.detail}`,
};
