import { answer, type Rule, since } from './rule.ts';

/** Stale remap. */
export const OM002: Rule = {
  id: 'OM002',
  severity: 'error',
  title: 'stale remap',
  detects: 'A capability that records this address, whose place another frame now holds, takes it back.',
  why: 'The kernel takes a map for a remap when the capability records this ASID and this address. It never looks at the entry. So a stale capability replaces another frame silently, under pull request 1526 and on RISC-V too. Only a rule that compares the entry with the frame refuses it: `exact`.',
  promise:
    '`DeleteFirst` where a mapping already exists at the address. The recorded answer is `ok` on every architecture, RISC-V included.',
  answers: [
    {
      columns: ['architecture', 'legacy', 'strict', 'exact'],
      rows: [['all, entry of the same size', 'ok', 'ok', 'DeleteFirst']],
    },
    'Where a page of another size or a table holds the place by now, the map is refused as any cross-size collision: FailedLookup on aarch64 and RISC-V, DeleteFirst on aarch32, and on x86 FailedLookup below a large page and DeleteFirst over a table.',
  ],
  bad: {
    about: 'The page table goes and comes back, frame 11 takes the place, and capability 10 still records it:',
    to: 'exact',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap_table","cap":5,"ret":"ok"}',
      '{"op":"map_table","cap":5,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  good: {
    about: 'Unmapped before its table, capability 10 records nothing:',
    to: 'exact',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"unmap","cap":10,"ret":"ok"}',
      '{"op":"unmap_table","cap":5,"ret":"ok"}',
      '{"op":"map_table","cap":5,"vspace":2,"vaddr":"0x10000000","attr":0,"ret":"ok"}',
      '{"op":"map","cap":11,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  fix: {
    kind: 'unmap-both',
    text: 'Unmap the stale capability when its mapping goes, and unmap the one that holds the place before mapping again.',
  },
  notes: ['See holes H1 and H2 in [holes.md](../sel4/holes.md).'],
  source:
    'The same checks: a remap is recognised by ASID and address of the invoked capability. See [sources.md](../sel4/sources.md).',
  say: (f) =>
    `Capability ${f.cap} still recorded ${f.vaddr}, where frame ${f.held} had been mapped meanwhile${since(f)}; mapping it again put frame ${f.frame} back in its place. ${answer(f)}`,
};
