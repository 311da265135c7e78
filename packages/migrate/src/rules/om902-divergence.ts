import type { Rule } from './rule.ts';

/** Recording and model disagree. */
export const OM902: Rule = {
  id: 'OM902',
  severity: 'warning',
  title: 'recording and model disagree',
  detects: 'The first event whose recorded answer is not the one that the policy of the recording gives.',
  why: 'The trace comes from another kernel than its header says, or lacks lines. Later findings rest on a state that followed the recording as far as it could; they carry `"confidence":"after-divergence"`.',
  promise: 'Nothing: this is about the trace, and not about the kernel.',
  answers: [
    'The recorded answer and the one of the model stand in the message, with the likely cause. Only the first disagreement is a finding; `summary.divergences` counts all.',
  ],
  bad: {
    about: 'The header says legacy, and a refusal is recorded that only a strict kernel gives:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"DeleteFirst"}',
    ],
  },
  good: {
    about: 'With the right policy in the header they agree:',
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
  fix: {
    kind: 'check-header',
    text: 'Check the header (architecture, policy, configuration), or name the policy with --from.',
  },
  notes: ['In a partial trace a disagreement is an [OM901](OM901.md) instead.'],
  source: 'How a recording is followed. See [design.md](../design.md#following-a-recording).',
  say: (f) => `The recording answers ${f.toAnswer} and the model of ${f.from} answers ${f.fromAnswer}. ${f.detail}`,
};
