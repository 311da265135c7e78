import type { Rule } from './rule.ts';

/** Swallowed refusal. */
export const OM009: Rule = {
  id: 'OM009',
  severity: 'warning',
  title: 'swallowed refusal',
  detects:
    'A map was refused (other than with FailedLookup), and the client goes on as if it had not been: it unmaps the capability, or the next map at the address is of another one, and it does not try again before. Where that may be how the client mends the refusal, it is a note.',
  why: 'The address does not show the frame that the client believes it to show: it reads or writes the page that was there before, or faults. It is what a client that relies on over-mapping does when a kernel refuses it.',
  promise: 'Whoever invokes Page Map gets the error. Nothing is mapped and nothing changes when it is refused.',
  answers: [
    'Recorded refusals only, whatever the target answers: under `strict` and `exact`, and on RISC-V also under `legacy`, mostly `DeleteFirst`. What the target would refuse beyond that is [OM001](OM001.md).',
    'An unmap of a capability that was never mapped is answered ok and clears nothing, so that it does not tell the client either.',
  ],
  bad: {
    about: 'A window at one address, under a kernel that refuses to replace its page; nobody looks at the answer:',
    lines: [
      '{"trace":"overmap","version":1,"system":"sel4","arch":"aarch64","policy":"strict","config":{"asidPool":1}}',
      '{"op":"retype","obj":"vspace","cap":2,"n":1,"paddr":"0x40000000","ret":"ok"}',
      '{"op":"assign","pool":1,"vspace":2,"ret":"ok"}',
      '{"op":"retype","obj":"table","cap":3,"n":3,"paddr":"0x40001000","ret":"ok"}',
      '{"op":"map_table","cap":3,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":4,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":5,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"retype","obj":"page","bits":12,"cap":10,"n":3,"paddr":"0x50000000","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"DeleteFirst"}',
      '{"op":"map","cap":12,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"DeleteFirst"}',
      '{"op":"unmap","cap":12,"ret":"ok"}',
    ],
  },
  good: {
    about: 'The client looks at the answer, and maps at another address:',
    lines: [
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000001","rights":"rw","attr":0,"ret":"AlignmentError"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10001000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":11,"ret":"ok"}',
    ],
  },
  fix: {
    kind: 'check-answer',
    text: 'Look at the answer of the map; unmap what holds the place first, then map again.',
  },
  notes: [
    'The finding stands where it becomes clear that the map was not tried again (the next use of the capability, the next map at the address, the next start mark, or the end), and names the call that was refused. A map of the same capability at the address is a retry.',
    'A note: the unmapped capability recorded another mapping when it was refused; it is unmapped and then mapped there again; a copy of it that was made before is mapped there; or another one is mapped there though nothing stood in the way (the error was another than `DeleteFirst`). The next map at the address tells nothing where it is of the frame that is in the way. Once the refused capability is deleted, mapped elsewhere or used otherwise without an unmap before, or a test begins, nothing is told.',
    'A trace does not show what a client looked at. One that is told of a refusal, gives the frame up with an unmap, and carries on knowingly, looks the same.',
  ],
  source: 'This rule judges what the client does, see [output.md](../formats/output.md#definitions).',
  say: (f) =>
    `Mapping capability ${f.cap} (${f.size}) at ${f.vaddr} was answered ${f.fromAnswer} at line ${f.mappedLine}, and ${f.detail}.`,
};
