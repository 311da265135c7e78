import type { Rule } from './rule.ts';

/** The trace does not tell the state. */
export const OM901: Rule = {
  id: 'OM901',
  severity: 'note',
  title: 'unknown state',
  detects: 'In a partial trace, a recorded answer does not follow from what is known.',
  why: 'Something happened that the trace does not show. The state of that address is unknown from here on, and what rests on it cannot be judged.',
  promise: 'Nothing: this is about the trace, and not about the kernel.',
  answers: ['The recorded answer is believed. The model changes what contradicts it, and goes on from there.'],
  bad: {
    about: 'Capability 20 is mapped at a second address without an unmap, which the kernel would refuse:',
    lines: [
      '{"trace":"overmap","version":1,"system":"sel4","arch":"aarch64","policy":"legacy","source":"by hand","config":{}}',
      '{"op":"map","cap":20,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":20,"vspace":2,"vaddr":"0x10001000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  good: {
    about: 'With the unmap in the trace, everything follows:',
    lines: [
      '{"trace":"overmap","version":1,"system":"sel4","arch":"aarch64","policy":"legacy","source":"by hand","config":{}}',
      '{"op":"map","cap":20,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":20,"ret":"ok"}',
      '{"op":"map","cap":20,"vspace":2,"vaddr":"0x10001000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  fix: {
    kind: 'record-more',
    text: 'Record from the start, and every component that holds capabilities to these frames.',
  },
  source: 'How partial traces are followed. See [trace.md](../formats/trace.md#partial-traces).',
  say: (f) =>
    `The recorded answer ${f.fromAnswer} does not follow from what the trace has shown: the state of ${f.vaddr === '' ? `capability ${f.cap}` : f.vaddr} is unknown.`,
};
