import type { Rule } from './rule.ts';

/** Cross-size collision. */
export const OM007: Rule = {
  id: 'OM007',
  severity: 'warning',
  title: 'cross-size collision',
  detects: 'A map is refused because a page of another size, or a page table, holds the place.',
  why: 'The answer depends on the architecture, and under pull request 1526 on aarch64 also on what the first entry of the table holds. Portable clients cannot tell from it whether a table is missing or the place is taken.',
  promise:
    '`FailedLookup` where a paging structure is missing, `DeleteFirst` where a mapping exists. Which one is recorded for a collision depends on the architecture.',
  answers: [
    {
      columns: ['in the way', 'x86', 'aarch32', 'aarch64 legacy', 'aarch64 strict, exact', 'RISC-V'],
      rows: [
        ['small page below a larger page', 'FailedLookup', 'see below', 'FailedLookup', 'DeleteFirst', 'FailedLookup'],
        [
          'large page over a table whose first entry holds a page',
          'DeleteFirst',
          'DeleteFirst',
          'FailedLookup',
          'DeleteFirst',
          'FailedLookup',
        ],
        [
          'large page over a table whose first entry is empty',
          'DeleteFirst',
          'DeleteFirst',
          'FailedLookup',
          'FailedLookup',
          'FailedLookup',
        ],
      ],
    },
    'On aarch32, pages of one level collide with DeleteFirst (4 KiB and 64 KiB; 1 MiB and 16 MiB, with hyp 2 MiB and 32 MiB), and a page of a table below a section with FailedLookup, since there is no table.',
    '"First entry" on aarch64 means the entry for the address that is mapped. For a capability that is already mapped at that address, strict does not make its test, and aarch64 answers FailedLookup.',
  ],
  bad: {
    about: 'A 2 MiB page meets a table with a 4 KiB page at that address:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"retype","obj":"page","bits":21,"cap":13,"n":1,"paddr":"0x50200000","ret":"ok"}',
      '{"op":"map","cap":13,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"FailedLookup","lookup":{"failedForSource":false,"type":"missing_capability","bits":12}}',
    ],
  },
  good: {
    about: 'A place that is free:',
    lines: [
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"retype","obj":"page","bits":21,"cap":13,"n":1,"paddr":"0x50200000","ret":"ok"}',
      '{"op":"map","cap":13,"vspace":2,"vaddr":"0x10200000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  fix: {
    kind: 'unmap-first',
    text: 'Unmap the pages (and the page table) that cover the range before mapping another size there.',
  },
  notes: ['See hole H8 in [holes.md](../sel4/holes.md).'],
  source:
    'createSafeMappingEntries… on x86 and aarch32, lookupPTSlot on aarch64 and RISC-V. See [sources.md](../sel4/sources.md).',
  say: (f) =>
    `Mapping capability ${f.cap} (${f.size}) at ${f.vaddr} met ${f.obstacle}${f.mappedLine > 0 ? `, mapped at line ${f.mappedLine},` : ''} and was answered ${f.fromAnswer}${f.toAnswer === f.fromAnswer ? '' : `; ${f.to} answers ${f.toAnswer}`}.`,
};
