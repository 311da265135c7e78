import type { Rule } from './rule.ts';

/** The outcome changes for another reason. */
export const OM013: Rule = {
  id: 'OM013',
  severity: 'error',
  title: 'outcome changes',
  detects: 'The target answers an invocation differently, for a reason that no other rule names.',
  why: 'A client that depends on the recorded answer goes another way. Typical: the recording comes from a kernel that refuses over-mapping, and the target allows it; or a rule of your own refuses what every kernel allows.',
  promise:
    'That depends on the two answers. The manual lists the errors of Page Map for each architecture in the same words; where kernels differ, it cannot be right for all.',
  answers: ['Whatever the two policies answer: the message names both.'],
  bad: {
    about: 'A recorded refusal that `permissive` would not give:',
    to: 'permissive',
    lines: [
      '{"trace":"overmap","version":1,"system":"sel4","arch":"aarch64","policy":"strict","source":"by hand","config":{"asidPool":1}}',
      '{"op":"retype","obj":"vspace","cap":2,"n":1,"paddr":"0x40000000","ret":"ok"}',
      '{"op":"assign","pool":1,"vspace":2,"ret":"ok"}',
      '{"op":"retype","obj":"table","cap":3,"n":3,"paddr":"0x40001000","ret":"ok"}',
      '{"op":"map_table","cap":3,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":4,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":5,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"retype","obj":"page","bits":12,"cap":10,"n":2,"paddr":"0x50000000","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"DeleteFirst"}',
    ],
  },
  good: {
    about: 'Both answer the same:',
    to: 'permissive',
    lines: [
      '{"trace":"overmap","version":1,"system":"sel4","arch":"aarch64","policy":"strict","source":"by hand","config":{"asidPool":1}}',
      '{"op":"retype","obj":"vspace","cap":2,"n":1,"paddr":"0x40000000","ret":"ok"}',
      '{"op":"assign","pool":1,"vspace":2,"ret":"ok"}',
      '{"op":"retype","obj":"table","cap":3,"n":3,"paddr":"0x40001000","ret":"ok"}',
      '{"op":"map_table","cap":3,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":4,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":5,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"retype","obj":"page","bits":12,"cap":10,"n":2,"paddr":"0x50000000","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  fix: null,
  advice: 'Decide which of the two answers the client is written for.',
  notes: [
    "Under `--drift` also calls other than maps can differ, since the target's state is its own; those that follow from an earlier difference are notes and name their `cause`.",
  ],
  source: 'The comparison of two policies on one state. See [design.md](../design.md).',
  say: (f) =>
    `The ${f.op} of capability ${f.cap}${f.vaddr === '' ? '' : ` at ${f.vaddr}`} answers ${f.fromAnswer} under ${f.from} and ${f.toAnswer} under ${f.to}${f.detail}.`,
};
