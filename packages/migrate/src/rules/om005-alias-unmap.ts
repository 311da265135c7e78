import { type Rule, since } from './rule.ts';

/** Alias unmap. */
export const OM005: Rule = {
  id: 'OM005',
  severity: 'warning',
  title: 'alias unmap',
  detects: 'A capability cleared the mapping that another capability had made of the same frame.',
  why: "Unmap compares ASID, address, size and frame, never the capability. Two capabilities of one frame that record the same place remove each other's page. The other capability now records a mapping that is gone.",
  promise: 'Page Unmap removes an existing mapping; whose, the manual does not say. The recorded answer is `ok`.',
  answers: ['ok, on every architecture and under every policy. The same happens when the capability is deleted.'],
  bad: {
    about: 'Capability 12, a copy, made the entry that the unmap of 10 clears:',
    lines: [
      '{"op":"copy","src":10,"cap":12,"rights":"rw","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":12,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
    ],
  },
  good: {
    about: 'Unmapped through the capability that made the mapping:',
    lines: [
      '{"op":"copy","src":10,"cap":12,"rights":"rw","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":12,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":12,"ret":"ok"}',
    ],
  },
  fix: { kind: 'unmap-owner', text: 'Unmap through the capability that made the mapping.' },
  notes: [
    'See holes H5 and H6 in [holes.md](../sel4/holes.md). The second map in both sequences is an [OM014](OM014.md).',
  ],
  source: 'unmapPage of each architecture: what it compares. See [sources.md](../sel4/sources.md).',
  say: (f) =>
    `${f.op === 'delete' ? 'Deleting' : 'Unmapping'} capability ${f.cap} cleared the page at ${f.vaddr} that another capability of frame ${f.frame} had made${since(f)}.`,
};
