import { EXEC, MODEL, type PcuabiRule, READ_WRITE, RESERVED } from './rule.ts';

/** Follows from an earlier refusal. */
export const OP009: PcuabiRule = {
  id: 'OP009',
  severity: 'note',
  title: 'follows from an earlier refusal',
  detects:
    'A call works on memory that an earlier call would not have got, or is refused for the same reason through the same mapping.',
  why: 'The program would have gone another way from the first refusal on: what it did on Linux says little. The first refusal is the one to look at.',
  promise: 'Nothing of its own: it names its cause.',
  answers: ['Whatever the program would do then.'],
  bad: {
    about: 'A reservation is opened in two steps, each refused:',
    to: 'pcuabi',
    language: 'strace',
    lines: [
      EXEC,
      RESERVED,
      '100 mprotect(0x7f0000000000, 65536, PROT_READ|PROT_WRITE) = 0',
      '100 mprotect(0x7f0000010000, 65536, PROT_READ|PROT_WRITE) = 0',
    ],
  },
  good: {
    about: 'Nothing was refused before:',
    to: 'pcuabi',
    language: 'strace',
    lines: [EXEC, READ_WRITE, '100 mprotect(0x7f0000000000, 4096, PROT_READ) = 0'],
  },
  fix: null,
  source: MODEL,
  say: (f) => `The ${f.call} of ${f.who} at ${f.at} (${f.size}) follows from ${f.detail}.`,
};
