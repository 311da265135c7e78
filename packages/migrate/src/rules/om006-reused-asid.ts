import { type Rule, since } from './rule.ts';

/** A capability acts through an ASID that has changed hands. */
export const OM006: Rule = {
  id: 'OM006',
  severity: 'error',
  title: 'reused ASID',
  detects: 'A capability maps, or clears a page, through an ASID that belonged to another vspace when it was mapped.',
  why: "A deleted vspace's ASID is given out again, lowest first. Frame capabilities that were left mapped then count as mapped in the new vspace, at the same addresses: their map is a remap there, and their unmap clears a page if the same frame is mapped there.",
  promise:
    '`InvalidCapability` for a capability that is already mapped in a different vspace. The recorded answer is `ok` on every architecture: the kernel compares numbers of ASIDs, and the number is the same.',
  answers: [
    {
      columns: ['invocation', 'legacy, strict', 'exact'],
      rows: [
        ['map, place empty', 'ok', 'ok'],
        ['map, place holds another frame of this size', 'ok, replaced', 'DeleteFirst'],
        ['unmap', 'ok', 'ok'],
      ],
    },
    'The same on every architecture.',
  ],
  bad: {
    about: 'Capability 10 is left mapped while its vspace goes; the next vspace gets the same ASID:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"delete","cap":2,"ret":"ok"}',
      '{"op":"retype","obj":"vspace","cap":6,"n":1,"paddr":"0x40010000","ret":"ok"}',
      '{"op":"assign","pool":1,"vspace":6,"ret":"ok"}',
      '{"op":"unmap_table","cap":3,"ret":"ok"}',
      '{"op":"unmap_table","cap":4,"ret":"ok"}',
      '{"op":"unmap_table","cap":5,"ret":"ok"}',
      '{"op":"map_table","cap":3,"vspace":6,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":4,"vspace":6,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":5,"vspace":6,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map","cap":10,"vspace":6,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  good: {
    about: 'Unmapped first, the capability records nothing:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
      '{"op":"delete","cap":2,"ret":"ok"}',
      '{"op":"retype","obj":"vspace","cap":6,"n":1,"paddr":"0x40010000","ret":"ok"}',
      '{"op":"assign","pool":1,"vspace":6,"ret":"ok"}',
      '{"op":"unmap_table","cap":3,"ret":"ok"}',
      '{"op":"unmap_table","cap":4,"ret":"ok"}',
      '{"op":"unmap_table","cap":5,"ret":"ok"}',
      '{"op":"map_table","cap":3,"vspace":6,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":4,"vspace":6,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map_table","cap":5,"vspace":6,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map","cap":10,"vspace":6,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  fix: { kind: 'unmap', text: 'Unmap or delete every frame capability of a vspace before the vspace itself.' },
  notes: ['See hole H2 in [holes.md](../sel4/holes.md).'],
  source:
    'Assign in decode…MMUInvocation (the lowest free ASID), deleteASID, and the checks of Page_Map. See [sources.md](../sel4/sources.md).',
  say: (f) =>
    `Capability ${f.cap} was mapped at ${f.vaddr} in a vspace that is gone${since(f)}; its ASID ${f.asid} has been given to another vspace since, and ${f.detail} there.`,
};
