import { EXEC, type LinuxRule } from './rule.ts';

/** A fixed address, and the log does not say what was there. */
export const OL008: LinuxRule = {
  id: 'OL008',
  severity: 'note',
  title: 'fixed address, cannot know what was there',
  detects: 'A MAP_FIXED call without NOREPLACE went to where the log shows nothing mapped.',
  why: 'It may have been free. It may also have held what no log shows: the program and its loader, the stack, memory mapped before the recording began. Then it was replaced.',
  promise: 'mmap(2): the overlapped part of existing mappings is discarded; nothing tells whether there was one.',
  answers: ['The address, whether something was there or not.'],
  bad: {
    about: 'An address that nobody had asked for before:',
    language: 'strace',
    lines: [
      EXEC,
      '100 mmap(0x200000000000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x200000000000',
    ],
  },
  good: {
    about: 'With NOREPLACE the answer tells that nothing was there:',
    language: 'strace',
    lines: [
      EXEC,
      '100 mmap(0x200000000000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = 0x200000000000',
    ],
  },
  fix: {
    kind: 'noreplace',
    text: 'Use MAP_FIXED_NOREPLACE, and compare the result with the address: kernels before 4.17 take it for a hint.',
  },
  source: 'What strace shows. See [decision 0024](../decisions/0024-what-replaces.md).',
  say: (f) =>
    `The ${f.call} of ${f.who} put ${f.made} at ${f.at} (${f.size}), where the log shows nothing mapped: whether something was replaced cannot be known.`,
};
