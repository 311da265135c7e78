import { answer, type Rule, since } from './rule.ts';

/** Alias map. */
export const OM014: Rule = {
  id: 'OM014',
  severity: 'warning',
  title: 'alias map',
  detects: 'An unmapped copy of a frame is mapped over its own frame.',
  why: 'The page stays the same frame, perhaps with other rights. But afterwards two capabilities record it, and either unmap removes it ([OM005](OM005.md)). A strict kernel answers DeleteFirst, since the copy is not mapped.',
  promise:
    'Both that a page which is already mapped at the address has its attributes updated, and `DeleteFirst` where a mapping exists. It does not say which holds for a copy. The recorded answer is `ok` on x86 and Arm, and `DeleteFirst` on RISC-V.',
  answers: [
    {
      columns: ['architecture', 'legacy', 'strict', 'exact', 'permissive, permissive-aware'],
      rows: [
        ['ia32, x86_64, aarch32, aarch64', 'ok', 'DeleteFirst', 'DeleteFirst', 'ok'],
        ['riscv32, riscv64', 'DeleteFirst', 'DeleteFirst', 'DeleteFirst', 'ok'],
      ],
    },
  ],
  bad: {
    about: 'The copy is mapped where the original is:',
    lines: [
      '{"op":"copy","src":10,"cap":12,"rights":"rw","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":12,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
    ],
  },
  good: {
    about: 'Rights changed through the same capability:',
    lines: [
      '{"op":"copy","src":10,"cap":12,"rights":"rw","ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"rw","attr":0,"ret":"ok"}',
      '{"op":"map","cap":10,"vspace":2,"vaddr":"0x10000000","rights":"r","attr":0,"ret":"ok"}',
    ],
  },
  fix: {
    kind: 'same-capability',
    text: 'Change rights through the capability that made the mapping, or unmap that one first.',
  },
  source: 'The checks of Page_Map, and unmapPage. See [sources.md](../sel4/sources.md).',
  say: (f) =>
    `Capability ${f.cap}, an unmapped copy, was mapped at ${f.vaddr} over its own frame ${f.frame}${since(f)}. ${answer(f)}`,
};
